/* producer_client.h - inside of a producer: librdkafka's handle, made at first use, and made again
 * after a fatal error of the idempotent producer, which leaves a handle dead. For producer*.c only.
 *
 * A thread acquires the client for one call and releases it; the last user of a dead one destroys
 * it. No lock is held while callbacks run, so they may send. */
#ifndef RS_KAFKA_PRODUCER_CLIENT_H
#define RS_KAFKA_PRODUCER_CLIENT_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>

#include "kafka/producer.h"

struct rs_producer_client {
    rd_kafka_t *handle;
    unsigned users; /* under the producer's lock; the producer itself is one */
};

struct rs_producer {
    rd_kafka_conf_t *conf; /* copied for each handle */
    atomic_size_t outstanding;
    atomic_int trouble; /* code of a refused connection; 0 since the last delivery */
    int64_t wait_ms;
    void (*delivered)(void *context, const struct rs_delivered *delivered);
    void *context;

    pthread_mutex_t lock; /* of all below */
    struct rs_producer_client *current;
    struct rs_error reason; /* the last error */
    int64_t refreshed_ms;   /* when a missing topic was last looked for */
    bool polling;           /* a waiting thread is in librdkafka's poll */
    pthread_cond_t served;  /* reports came in, or nobody polls any more */

    /* Of a shared one, under the list's lock. */
    struct rs_producer *next;
    const struct rs_settings *settings;
    unsigned users;
};

/* Set the callbacks that write reports; their context is the producer. */
void rs_producer_client_callbacks(struct rs_producer *producer, rd_kafka_conf_t *conf);

/* The present client, alive, made if need be; NULL: it could not be made, the reason is noted. */
struct rs_producer_client *rs_producer_acquire(struct rs_producer *producer);
/* The same, but NULL where none was made yet. */
struct rs_producer_client *rs_producer_acquire_made(struct rs_producer *producer);
/* The last release reports what the client still holds as not delivered. */
void rs_producer_release(struct rs_producer *producer, struct rs_producer_client *client);

/* Write a delivery's end; `answer` is a static text. */
void rs_delivery_finish(struct rs_delivery *delivery, const char *answer, const char *reason);
/* Keep a reason for rs_producer_reason; code 0: something was delivered. */
void rs_producer_note(struct rs_producer *producer, int code, const char *text);

#endif
