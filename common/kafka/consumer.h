/* consumer.h - the source topic, read by a member of a consumer group.
 *
 * Owns the policy that librdkafka's defaults get wrong: offsets are committed for settled
 * prefixes only, no committed offset means the beginning, a committed offset outside the log
 * stops the partition with a named reason, and a partition is never skipped past an error.
 * Call order: create, then poll, pause, resume, commit, look_again from ONE thread (handler
 * functions run inside them), then close. The query functions may be called from any thread. */
#ifndef RS_KAFKA_CONSUMER_H
#define RS_KAFKA_CONSUMER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

/* Around a record, however small, librdkafka keeps about so much that its size does not count
 * (measured: 2.0.2). */
enum { RS_RECORD_BYTES = 336 };

struct rs_settings;

struct rs_consumer_handler {
    void *context;
    /* A partition is ours, starting behind `offset` (-1: the beginning). Before its records. */
    void (*assigned)(void *context, int32_t partition);
    /* It is taken away: from now on it may not be committed. Called after the settled prefix was
     * committed, or without that when the assignment was lost. */
    void (*revoked)(void *context, int32_t partition, bool lost);
    /* The offset to commit, -1 none. */
    int64_t (*position)(void *context, int32_t partition);
    /* A record, or NULL value and key as they are; borrowed. */
    void (*record)(void *context, rd_kafka_message_t *message);
    /* A batch that cannot be read, with skip_undecodable: `message` has the first offset, no record
     * and `err` says why; it reaches to `last`. Borrowed, and to be settled like a record. */
    void (*unreadable)(void *context, rd_kafka_message_t *message, int64_t last);
    /* The end of the log was reached: the next record would have this offset. */
    void (*at_end)(void *context, int32_t partition, int64_t offset);
    /* The partition does not go on: `code` is from a closed set, `text` says more. NULL code: it
     * goes on again. */
    void (*stopped)(void *context, int32_t partition, const char *code, const char *text);
    /* Something to log: level as of syslog, already cut to a line. */
    void (*log)(void *context, int level, const char *text);
};

struct rs_consumer_options {
    const char *group, *topic;
    int64_t prefetch_bytes;    /* of records that were fetched and not yet polled */
    bool restart_out_of_range; /* below the log's start: go on from there, not stop */
    bool skip_undecodable;     /* a batch that cannot be unpacked or is damaged: not stop */
};

struct rs_consumer;

/* Subscribes; the group is joined while polling. NULL: bad configuration, with the reason. */
struct rs_consumer *rs_consumer_create(const struct rs_settings *settings,
                                       const struct rs_consumer_options *options,
                                       const struct rs_consumer_handler *handler,
                                       struct rs_error *error);
/* Handle what has come, up to `max` records, waiting at most `timeout_ms` for the first. False:
 * the handle is dead (fatal error, `error` says which); close it and make a new one. */
bool rs_consumer_poll(struct rs_consumer *consumer, int timeout_ms, int max,
                      struct rs_error *error);
/* Stop and go on fetching a partition; each may be repeated without effect. */
void rs_consumer_pause(struct rs_consumer *consumer, int32_t partition);
void rs_consumer_resume(struct rs_consumer *consumer, int32_t partition);
/* Commit the positions that changed since the last successful commit; `wait` until the broker has
 * answered. */
void rs_consumer_commit(struct rs_consumer *consumer, bool wait);
/* Try stopped partitions again from where they stopped. */
void rs_consumer_look_again(struct rs_consumer *consumer);
/* Commit, leave the group, free. Accepts NULL. May take as long as the broker does. */
void rs_consumer_close(struct rs_consumer *consumer);

/* Whether an assignment (perhaps an empty one) has been received. Any thread. */
bool rs_consumer_joined(const struct rs_consumer *consumer);
/* A handle for questions; never to be destroyed. It fetches nothing: a broker answers a
 * connection's requests one after the other, so behind a fetch that waits for records a question
 * would wait for fetch.wait.max.ms too. Any thread. */
rd_kafka_t *rs_consumer_asker(struct rs_consumer *consumer);
/* The group's committed offsets of partitions 0 … count-1; -1 where there is none. */
bool rs_consumer_committed(struct rs_consumer *consumer, int64_t *offsets, int count,
                           int timeout_ms, struct rs_error *error);

#endif
