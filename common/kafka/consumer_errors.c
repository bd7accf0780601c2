/* What an error of a partition means: stop it by name, go on, or skip a batch that cannot be read.
 * A partition is never read past an error unless an option says so. */
#include <inttypes.h>
#include <stdio.h>

#include "kafka/consumer_state.h"
#include "kafka/topics.h"

enum { ASK_MS = 5000, SEEK_MS = 5000 };

void rs_consumer_say(struct rs_consumer *consumer, int level, const char *text)
{
    consumer->handler.log(consumer->handler.context, level, text);
}

struct assigned *rs_consumer_find(struct rs_consumer *consumer, int32_t partition)
{
    for (int i = 0; i < consumer->count; i++)
        if (consumer->partitions[i].partition == partition)
            return &consumer->partitions[i];
    return NULL;
}

static void stop_partition(struct rs_consumer *consumer, int32_t partition, const char *code,
                           const char *text)
{
    struct assigned *found = rs_consumer_find(consumer, partition);
    if (!found)
        return;
    rs_consumer_pause(consumer, partition);
    found->stopped = found->named = true;
    consumer->handler.stopped(consumer->handler.context, partition, code, text);
}

/* The log may be another one: librdkafka knows a topic by its name only, and one that was deleted
 * and made again may be as long. */
static void doubt(struct assigned *found)
{
    found->looks_back = found->last_ms >= 0 && !found->unreadable;
}

static void stop_in_doubt(struct rs_consumer *consumer, struct assigned *found, const char *code,
                          const char *text)
{
    doubt(found);
    stop_partition(consumer, found->partition, code, text);
}

/* The record before `next` is gone or was not handed on: it tells nothing about the log. */
static void forget_last(struct assigned *found)
{
    found->last_ms = -1;
    found->looks_back = false;
}

/* The committed offset is outside of the log: below it (retention, deleted records) or behind
 * its end (the topic was made again). */
static void out_of_range(struct rs_consumer *consumer, int32_t partition)
{
    struct assigned *found = rs_consumer_find(consumer, partition);
    int64_t low = 0, high = 0;
    char text[224];
    if (!found)
        return;
    if (!rs_topic_bounds(consumer->handle, consumer->topic, partition, ASK_MS, &low, &high, NULL)) {
        stop_in_doubt(consumer, found, "offset_unknown",
                      "the log's first and last offsets cannot be read");
        return;
    }
    if (found->next <= low)
        forget_last(found);
    if (found->next >= low && found->next <= high) { /* it healed, or the error was another's */
        doubt(found);
        found->stopped = true;
        rs_consumer_look_again(consumer);
    } else if (found->next > high) {
        (void)snprintf(text, sizeof(text),
                       "offset %" PRId64 " is beyond the end %" PRId64
                       ": was the topic made again? rewind, or reindex under a new generation",
                       found->next, high);
        stop_in_doubt(consumer, found, "offset_beyond_end", text);
    } else if (consumer->options.restart_out_of_range) {
        (void)snprintf(text, sizeof(text),
                       "partition %d: offset %" PRId64 " is gone, going on from %" PRId64,
                       (int)partition, found->next, low);
        rs_consumer_say(consumer, 4, text);
        found->next = low;
        found->stopped = true;
        rs_consumer_look_again(consumer);
    } else {
        (void)snprintf(text, sizeof(text),
                       "offset %" PRId64 " is below the log's start %" PRId64
                       ": events were deleted before they were read; reindex, or set "
                       "offsets.out_of_range=beginning",
                       found->next, low);
        stop_partition(consumer, partition, "offset_below_start", text);
    }
}

void rs_consumer_look_back(struct rs_consumer *consumer, struct assigned *found,
                           const rd_kafka_message_t *message)
{
    char text[224];
    int64_t made_ms = rd_kafka_message_timestamp(message, NULL);
    if (message->err) { /* the end: the log is shorter than what was read of it */
        out_of_range(consumer, found->partition);
        return;
    }
    found->changed = made_ms >= 0 && made_ms != found->last_ms;
    found->looks_back = found->changed;
    if (!found->changed)
        return;
    (void)snprintf(text, sizeof(text),
                   "the record at offset %" PRId64 " was made at %" PRId64
                   " ms when it was read, at %" PRId64
                   " ms now: was the topic made again? rewind, or reindex under a new generation",
                   message->offset, found->last_ms, made_ms);
    stop_partition(consumer, found->partition, "log_changed", text);
}

/* --- batches that cannot be read --- */

static void go_to(struct rs_consumer *consumer, struct assigned *found, int64_t offset)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer->handle, consumer->topic, NULL);
    found->next = offset;
    forget_last(found);
    rd_kafka_resp_err_t failed =
        topic ? rd_kafka_seek(topic, found->partition, offset, SEEK_MS) : rd_kafka_last_error();
    if (failed) { /* from here again at the next look */
        rs_consumer_say(consumer, 4, rd_kafka_err2str(failed));
        stop_partition(consumer, found->partition, "undecodable_batch",
                       "a batch that cannot be read could not be skipped");
    }
    if (topic)
        rd_kafka_topic_destroy(topic);
}

/* Hand the batch on as one record that failed, or read at the next offset that tells more. */
static void look_for_end(struct rs_consumer *consumer, struct assigned *found)
{
    if (!rs_batch_end_is_known(&found->end)) {
        go_to(consumer, found, rs_batch_end_probe(&found->end));
        return;
    }
    rd_kafka_message_t *message = found->unreadable;
    found->unreadable = NULL;
    consumer->handler.unreadable(consumer->handler.context, message, found->end.bad);
    rd_kafka_message_destroy(message);
    go_to(consumer, found, found->end.good);
}

void rs_consumer_probed(struct rs_consumer *consumer, struct assigned *found)
{
    rs_batch_end_readable(&found->end, found->next);
    look_for_end(consumer, found);
}

/* Takes the message. */
static void skip_batch(struct rs_consumer *consumer, struct assigned *found,
                       rd_kafka_message_t *message)
{
    int64_t low, high;
    if (found->unreadable) {
        rs_batch_end_failed(&found->end, found->next, message->offset);
        rd_kafka_message_destroy(message);
    } else if (!rs_topic_bounds(consumer->handle, consumer->topic, found->partition, ASK_MS, &low,
                                &high, NULL)) {
        stop_partition(consumer, found->partition, "offset_unknown",
                       "the log's first and last offsets cannot be read");
        rd_kafka_message_destroy(message);
        return;
    } else {
        found->end = rs_batch_end_begin(message->offset, found->next, high);
        message->offset = found->end.bad;
        found->unreadable = message;
    }
    look_for_end(consumer, found);
}

/* --- which error means what --- */

static void stop_missing(struct rs_consumer *consumer, struct assigned *found,
                         rd_kafka_resp_err_t error)
{
    char text[224];
    (void)snprintf(text, sizeof(text), "the topic or partition is gone: %s",
                   rd_kafka_err2str(error));
    stop_in_doubt(consumer, found, "topic_missing", text);
}

void rs_consumer_missing(struct rs_consumer *consumer, rd_kafka_resp_err_t error)
{
    for (int i = 0; i < consumer->count; i++)
        if (!consumer->partitions[i].stopped)
            stop_missing(consumer, &consumer->partitions[i], error);
}

/* Each tells whether it keeps the message. */

static bool on_out_of_range(struct rs_consumer *consumer, struct assigned *found,
                            rd_kafka_message_t *message)
{
    (void)message;
    out_of_range(consumer, found->partition);
    return false;
}

static bool on_unreadable_batch(struct rs_consumer *consumer, struct assigned *found,
                                rd_kafka_message_t *message)
{
    char text[224];
    if (found->looks_back) { /* what was read cannot be read again: nothing can be said */
        forget_last(found);
        found->stopped = true;
        rs_consumer_look_again(consumer);
        return false;
    }
    if (consumer->options.skip_undecodable) {
        skip_batch(consumer, found, message);
        return true;
    }
    (void)snprintf(text, sizeof(text),
                   "the batch at offset %" PRId64
                   " cannot be read: %s; offsets.skip_undecodable=true skips it",
                   message->offset, rd_kafka_err2str(message->err));
    stop_partition(consumer, found->partition, "undecodable_batch", text);
    return false;
}

static bool on_denied(struct rs_consumer *consumer, struct assigned *found,
                      rd_kafka_message_t *message)
{
    (void)message;
    stop_in_doubt(consumer, found, "topic_denied",
                  "reading the topic is not allowed: give the group's user READ on it");
    return false;
}

static bool on_missing(struct rs_consumer *consumer, struct assigned *found,
                       rd_kafka_message_t *message)
{
    stop_missing(consumer, found, message->err);
    return false;
}

static bool on_unexpected(struct rs_consumer *consumer, struct assigned *found,
                          rd_kafka_message_t *message)
{
    char text[224];
    (void)snprintf(text, sizeof(text), "unexpected error at offset %" PRId64 ": %s",
                   message->offset, rd_kafka_err2str(message->err));
    stop_in_doubt(consumer, found, "fetch_error", text);
    return false;
}

static const struct {
    rd_kafka_resp_err_t error;
    bool (*act)(struct rs_consumer *consumer, struct assigned *found, rd_kafka_message_t *message);
} meanings[] = {
    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, on_out_of_range},
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, on_out_of_range},
    {RD_KAFKA_RESP_ERR__BAD_MSG, on_unreadable_batch},
    {RD_KAFKA_RESP_ERR__BAD_COMPRESSION, on_unreadable_batch},
    {RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, on_unreadable_batch},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, on_denied},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, on_missing},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, on_missing},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, on_missing},
    {RD_KAFKA_RESP_ERR_NO_ERROR, on_unexpected}, /* any other */
};

void rs_consumer_failed(struct rs_consumer *consumer, rd_kafka_message_t *message)
{
    struct assigned *found = rs_consumer_find(consumer, message->partition);
    size_t row = 0;
    while (meanings[row].error && meanings[row].error != message->err)
        row++;
    if (found->changed || !meanings[row].act(consumer, found, message))
        rd_kafka_message_destroy(message);
}
