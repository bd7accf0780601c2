/* producer.h - sends records to Kafka: for services that publish reviews, and for our sinks.
 *
 * A producer may be used by several threads. Every message that it accepts gets exactly one
 * report: through the callback of the options, or in the caller's struct rs_delivery. Reports
 * are served inside rs_producer_send, _produce, _poll, _wait and _flush, in the thread that calls
 * (so a service calls one of them now and then, and the callback may run in any such thread).
 * When librdkafka gives up for good (a fatal error of the idempotent producer), what is queued is
 * reported as not delivered and a new handle is made; callers notice nothing else. */
#ifndef RS_KAFKA_PRODUCER_H
#define RS_KAFKA_PRODUCER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/decode.h"
#include "core/error.h"
#include "core/status.h"
#include "kafka/topics.h"

struct rs_settings;
struct rs_producer;

/* Both are idempotent with acks=all and the partition of Kafka's own clients (murmur2), and keep
 * one order per key whatever is retried. A message that was reported as failed has left that
 * order: send the review's current state, not the old one, after it. */
enum rs_profile {
    RS_ORDERED,    /* sent at once; a message waits for the brokers for as long as it takes */
    RS_THROUGHPUT, /* batches of up to 1 MB collected for 50 ms, lz4; given up after 2 minutes */
};

/* How a message ended; borrowed for the callback. */
struct rs_delivered {
    const char *topic;
    struct rs_bytes key; /* data NULL: none */
    int32_t partition;   /* -1 when unknown */
    int64_t offset;      /* -1 when unknown */
    const char *error;   /* NULL: the brokers have it; else librdkafka's name and text */
    void *tag;           /* of rs_producer_produce; NULL from rs_producer_send */
};

struct rs_producer_options {
    const char *brokers;         /* host:port, comma-separated */
    const char *const *settings; /* more of librdkafka's: name, value, …, NULL; may be NULL. They
                                  * win over the profile, except what config.h lists as ours */
    enum rs_profile profile;
    int64_t timeout_ms; /* a message is given up after it; 0: as the profile says */
    int64_t wait_ms;    /* how long a send waits for room in the local queue; 0: not at all */
    void (*delivered)(void *context, const struct rs_delivered *delivered); /* may be NULL */
    void *context;
};

/* Does not connect. NULL: a setting that librdkafka does not know or refuses. */
struct rs_producer *rs_producer_create(const struct rs_producer_options *options,
                                       struct rs_error *error);
/* Forgets what is not delivered yet (flush first) after reporting it. Accepts NULL; a shared
 * producer ends with its last user. */
void rs_producer_destroy(struct rs_producer *producer);

/* Publish the state of a review: `key` is its id, headers `type` (NULL: review) and `version`
 * are added; `value` NULL is an erasure. Everything is copied. Returns
 *   RS_OK      queued; the callback will say what became of it
 *   RS_RETRY   the local queue is full, also after wait_ms: try again later
 *   RS_REJECT  never: an empty or over-long key, a version below 1, larger than message.max.bytes
 *   RS_FATAL   until a person acts: no such topic, no rights, no handle; see rs_producer_reason
 * After other than RS_OK there is no callback for it. */
enum rs_status rs_producer_send(struct rs_producer *producer, const char *topic, const char *key,
                                const char *type, int64_t version, const void *value, size_t len);

/* A record of any kind. */
struct rs_message {
    const char *topic;
    struct rs_bytes key, value;      /* data NULL: null */
    const struct rs_header *headers; /* in their order; a value's data NULL: a null header */
    size_t header_count;
    const int32_t *partition; /* NULL: by the key (a null key: at random) */
    int64_t timestamp_ms;     /* of its making, since 1970; 0: now */
    void *tag;                /* for the callback; not with a delivery */
};

/* What became of one message. The caller's memory; zero it before. While `done` is false after
 * rs_producer_produce it belongs to the producer: it becomes true in any case, at the latest
 * shortly after the message's time-out. */
struct rs_delivery {
    atomic_bool done;
    const char *answer; /* librdkafka's name of the error, "NO_ERROR"; static */
    int32_t partition;
    int64_t offset;
    char reason[128]; /* "" when delivered */
};

/* Queue a record. With `delivery` (only of a producer without a callback) its end is written
 * there, on every path; without, as for rs_producer_send. Everything is copied. Returns as
 * rs_producer_send. */
enum rs_status rs_producer_produce(struct rs_producer *producer, const struct rs_message *message,
                                   struct rs_delivery *delivery);
/* Wait until all are done, at most `timeout_ms` (-1: until then). True: all are. */
bool rs_producer_wait(struct rs_producer *producer, struct rs_delivery *const *deliveries,
                      size_t count, int64_t timeout_ms);
/* Serve reports, waiting up to `timeout_ms` for the first. */
void rs_producer_poll(struct rs_producer *producer, int timeout_ms);
/* Send at once what lingers and wait for the reports. Returns how many messages are not
 * delivered yet (still queued: they may be, later); 0: every message was reported. */
size_t rs_producer_flush(struct rs_producer *producer, int timeout_ms);
/* The last error of the connection or of a message, "" if none. */
void rs_producer_reason(struct rs_producer *producer, struct rs_error *ret_reason);

/* As rs_topic_find, with the producer's own handle. */
enum rs_known rs_producer_topic(struct rs_producer *producer, const char *topic, int timeout_ms,
                                int32_t *ret_partitions, struct rs_error *reason);

/* The producer that all sinks of a process share, made from section "kafka" at the first call;
 * end each call with rs_producer_destroy. No handle, thread or connection before its first
 * use. Messages are given up after `RS_SINK_TIMEOUT_MS`, so a sink's wait ends. */
enum { RS_SINK_TIMEOUT_MS = 15000 };
struct rs_producer *rs_producer_shared(const struct rs_settings *settings, struct rs_error *error);

#endif
