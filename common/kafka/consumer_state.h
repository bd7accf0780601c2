/* consumer_state.h - inside of the consumer: what it knows of its partitions. For consumer*.c only.
 */
#ifndef RS_KAFKA_CONSUMER_STATE_H
#define RS_KAFKA_CONSUMER_STATE_H

#include <stdatomic.h>

#include "kafka/batch_end.h"
#include "kafka/consumer.h"

/* What we know of a partition while it is ours. librdkafka cannot be asked about pauses. */
struct assigned {
    int32_t partition;
    bool paused, stopped;
    bool at_end;       /* nothing came since the end of the log */
    bool named;        /* why it stopped was told, and it has not gone on since */
    int64_t next;      /* offset behind the last record handed on, or where reading began */
    int64_t committed; /* last offset that a commit confirmed; -1 none */
    int64_t last_ms;   /* timestamp of the record before `next`; -1 not known */
    bool looks_back;   /* that record is read again first: is this still the log that was read? */
    bool changed;      /* it is not: nothing is read until it is assigned anew */
    rd_kafka_message_t *unreadable; /* of a batch whose end is looked for; NULL: none */
    struct rs_batch_end end;        /* of that batch */
};

struct rs_consumer {
    rd_kafka_t *handle;
    rd_kafka_t *asker; /* of the same group, but never in it: neither a join nor a fetch holds up
                          its answers */
    struct rs_consumer_options options;
    struct rs_consumer_handler handler;
    struct assigned *partitions;
    int count;
    atomic_bool joined;
    bool closing;
    bool must_prod; /* librdkafka sleeps when it has fetched enough */
    int prodded;    /* partition, by place, that was asked about last */
    char *group, *topic;
};

void rs_consumer_say(struct rs_consumer *consumer, int level, const char *text);
/* NULL: the partition is not ours. */
struct assigned *rs_consumer_find(struct rs_consumer *consumer, int32_t partition);

/* An error that names a partition of ours: stop it, go on where that is safe, or look for the end
 * of a batch that is to be skipped. Takes the message. One that we do not know stops it. */
void rs_consumer_failed(struct rs_consumer *consumer, rd_kafka_message_t *message);
/* Our topic, or one of its partitions, is not there: stops all that go on. */
void rs_consumer_missing(struct rs_consumer *consumer, rd_kafka_resp_err_t error);
/* A record, or the end of the log, before `next`: stops the partition where the log is not the one
 * that was read. */
void rs_consumer_look_back(struct rs_consumer *consumer, struct assigned *found,
                           const rd_kafka_message_t *message);
/* While the end of a batch is looked for: reading at `next` gave a record or the end of the log. */
void rs_consumer_probed(struct rs_consumer *consumer, struct assigned *found);

/* Our own settings, into `conf`. */
bool rs_consumer_configure(rd_kafka_conf_t *conf, const struct rs_consumer *consumer,
                           struct rs_error *error);
/* Whether this librdkafka waits for a second once it has fetched enough. */
bool rs_consumer_sleeps_when_full(const rd_kafka_conf_t *conf);

#endif
