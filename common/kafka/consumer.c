#include "kafka/consumer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/config.h"
#include "kafka/consumer_state.h"
#include "kafka/topics.h"

enum { ASK_MS = 5000, STARVED_MS = 5, PROD_MS = 100 };

/* --- commits --- */

static void note_committed(struct rs_consumer *consumer,
                           const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        struct assigned *found = rs_consumer_find(consumer, list->elems[i].partition);
        if (found && !list->elems[i].err && list->elems[i].offset >= 0)
            found->committed = list->elems[i].offset;
    }
}

static void on_commit(rd_kafka_t *handle, rd_kafka_resp_err_t error,
                      rd_kafka_topic_partition_list_t *list, void *context)
{
    (void)handle;
    struct rs_consumer *consumer = context;
    if (!error)
        note_committed(consumer, list);
    else if (error != RD_KAFKA_RESP_ERR__NO_OFFSET) {
        char text[160];
        (void)snprintf(text, sizeof(text), "commit failed, will be repeated: %s",
                       rd_kafka_err2str(error));
        rs_consumer_say(consumer, 4, text);
    }
}

void rs_consumer_commit(struct rs_consumer *consumer, bool wait)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(consumer->count);
    for (int i = 0; i < consumer->count; i++) {
        const struct assigned *mine = &consumer->partitions[i];
        int64_t position = consumer->handler.position(consumer->handler.context, mine->partition);
        if (mine->looks_back) /* it may be an offset of a log that is no more */
            continue;
        if (position >= 0 && position != mine->committed)
            rd_kafka_topic_partition_list_add(list, consumer->topic, mine->partition)->offset =
                position;
    }
    if (list->cnt > 0) {
        /* The answer of an asynchronous one comes to on_commit; one that is lost is unknown, and
         * repeated with the next position. */
        rd_kafka_resp_err_t error = rd_kafka_commit(consumer->handle, list, !wait);
        if (wait && !error)
            note_committed(consumer, list);
        else if (error && error != RD_KAFKA_RESP_ERR__NO_OFFSET) {
            char text[160];
            (void)snprintf(text, sizeof(text), "commit failed: %s", rd_kafka_err2str(error));
            rs_consumer_say(consumer, 4, text);
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
}

/* --- assignment --- */

/* Ask for the committed offsets until the broker answers, the assignment is lost or we close. */
static bool read_committed(struct rs_consumer *consumer, rd_kafka_topic_partition_list_t *list)
{
    for (;;) {
        rd_kafka_resp_err_t error = rd_kafka_committed(consumer->handle, list, ASK_MS);
        if (!error) {
            bool all = true;
            for (int i = 0; i < list->cnt; i++)
                all &= !list->elems[i].err;
            if (all)
                return true;
        }
        if (consumer->closing || rd_kafka_assignment_lost(consumer->handle))
            return false;
        rs_consumer_say(consumer, 4, "committed offsets cannot be read, trying again");
        if (error && error != RD_KAFKA_RESP_ERR__TIMED_OUT) /* answered at once: do not spin */
            rd_kafka_poll(consumer->handle, 100);
    }
}

static void on_assign(struct rs_consumer *consumer, rd_kafka_topic_partition_list_t *list)
{
    struct assigned *partitions = calloc((size_t)list->cnt + 1, sizeof(*partitions));
    if (!partitions || !read_committed(consumer, list)) {
        free(partitions);
        rd_kafka_assign(consumer->handle, NULL);
        return;
    }
    free(consumer->partitions);
    consumer->partitions = partitions;
    consumer->count = list->cnt;
    for (int i = 0; i < list->cnt; i++) {
        rd_kafka_topic_partition_t *given = &list->elems[i];
        partitions[i] = (struct assigned){.partition = given->partition,
                                          .next = given->offset,
                                          .committed = given->offset,
                                          .last_ms = -1};
        if (given->offset < 0) {
            given->offset = RD_KAFKA_OFFSET_BEGINNING;
            partitions[i].next = RD_KAFKA_OFFSET_BEGINNING;
            partitions[i].committed = -1;
        }
        consumer->handler.assigned(consumer->handler.context, given->partition);
    }
    rd_kafka_assign(consumer->handle, list);
    atomic_store(&consumer->joined, true);
}

static void on_revoke(struct rs_consumer *consumer)
{
    bool lost = rd_kafka_assignment_lost(consumer->handle);
    if (!lost)
        rs_consumer_commit(consumer, true);
    for (int i = 0; i < consumer->count; i++) {
        consumer->handler.revoked(consumer->handler.context, consumer->partitions[i].partition,
                                  lost);
        if (consumer->partitions[i].unreadable)
            rd_kafka_message_destroy(consumer->partitions[i].unreadable);
    }
    consumer->count = 0;
    rd_kafka_assign(consumer->handle, NULL);
}

static void on_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t error,
                         rd_kafka_topic_partition_list_t *list, void *context)
{
    (void)handle;
    struct rs_consumer *consumer = context;
    char text[96];
    bool assign = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    (void)snprintf(text, sizeof(text), "%s %d partitions",
                   assign                                       ? "assigned"
                   : rd_kafka_assignment_lost(consumer->handle) ? "lost"
                                                                : "revoked",
                   list->cnt);
    rs_consumer_say(consumer, 6, text);
    if (assign)
        on_assign(consumer, list);
    else
        on_revoke(consumer);
}

/* --- polling --- */

static bool on_message(struct rs_consumer *consumer, rd_kafka_message_t *message,
                       struct rs_error *error)
{
    struct assigned *found = message->rkt ? rs_consumer_find(consumer, message->partition) : NULL;
    bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (!message->err || at_end) {
        if (!found || found->stopped) {
            /* of a partition that was just taken away, or that waits at an earlier offset */
            rd_kafka_message_destroy(message);
            return true;
        }
        if (found->looks_back && message->offset < found->next) {
            rs_consumer_look_back(consumer, found, message);
            rd_kafka_message_destroy(message);
            return true;
        }
        found->looks_back = false; /* the record was compacted away: nothing can be said */
        if (found->named)
            consumer->handler.stopped(consumer->handler.context, found->partition, NULL, NULL);
        found->named = false;
        found->at_end = at_end;
        if (found->unreadable) {
            rs_consumer_probed(consumer, found);
        } else if (at_end) {
            consumer->handler.at_end(consumer->handler.context, message->partition,
                                     message->offset);
        } else {
            found->next = message->offset + 1;
            found->last_ms = rd_kafka_message_timestamp(message, NULL);
            consumer->handler.record(consumer->handler.context, message);
        }
    } else if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
        char text[256];
        (void)rd_kafka_fatal_error(consumer->handle, text, sizeof(text));
        rd_kafka_message_destroy(message);
        return rs_error_set(error, "Kafka client: %s", text);
    } else if (found) {
        rs_consumer_failed(consumer, message);
        return true;
    } else {
        char text[256];
        (void)snprintf(text, sizeof(text), "Kafka: %s", rd_kafka_message_errstr(message));
        rs_consumer_say(consumer, 4, text);
    }
    rd_kafka_message_destroy(message);
    return true;
}

/* NULL: none of those that are read has more in the log. */
static const struct assigned *find_starved(struct rs_consumer *consumer)
{
    for (int i = 0; i < consumer->count; i++) {
        consumer->prodded = (consumer->prodded + 1) % consumer->count;
        const struct assigned *mine = &consumer->partitions[consumer->prodded];
        if (!mine->at_end && !mine->paused && !mine->stopped)
            return mine;
    }
    return NULL;
}

/* Any request to the partition's leader wakes the thread that would sleep before it fetches on. */
static void prod(struct rs_consumer *consumer)
{
    const struct assigned *starved = find_starved(consumer);
    int64_t low, high;
    if (starved)
        (void)rd_kafka_query_watermark_offsets(consumer->handle, consumer->topic,
                                               starved->partition, &low, &high, PROD_MS);
}

static rd_kafka_message_t *first_message(struct rs_consumer *consumer, int timeout_ms)
{
    if (!consumer->must_prod)
        return rd_kafka_consumer_poll(consumer->handle, timeout_ms);
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->handle, STARVED_MS);
    if (message)
        return message;
    prod(consumer);
    return rd_kafka_consumer_poll(consumer->handle, timeout_ms);
}

bool rs_consumer_poll(struct rs_consumer *consumer, int timeout_ms, int max, struct rs_error *error)
{
    rd_kafka_message_t *message = first_message(consumer, timeout_ms);
    for (int i = 0; message; i++) {
        if (!on_message(consumer, message, error))
            return false;
        message = i + 1 < max ? rd_kafka_consumer_poll(consumer->handle, 0) : NULL;
    }
    return true;
}

/* --- pause and resume --- */

static void switch_fetching(struct rs_consumer *consumer, int32_t partition, bool pause)
{
    struct assigned *found = rs_consumer_find(consumer, partition);
    if (!found || found->stopped || found->paused == pause)
        return; /* resuming one that is not paused would rewind it (librdkafka before 2.4.0) */
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, consumer->topic, partition);
    rd_kafka_resp_err_t error = pause ? rd_kafka_pause_partitions(consumer->handle, list)
                                      : rd_kafka_resume_partitions(consumer->handle, list);
    if (!error && !list->elems[0].err)
        found->paused = pause;
    rd_kafka_topic_partition_list_destroy(list);
}

void rs_consumer_pause(struct rs_consumer *consumer, int32_t partition)
{
    switch_fetching(consumer, partition, true);
}

void rs_consumer_resume(struct rs_consumer *consumer, int32_t partition)
{
    switch_fetching(consumer, partition, false);
}

/* A partition in an error state cannot be sought (`ERR__STATE`): the whole assignment is made
 * again, each partition from where it stands, or from the record before where it looks back. Not
 * while the topic is missing: then librdkafka 2.0.2 hangs when it is destroyed. */
void rs_consumer_look_again(struct rs_consumer *consumer)
{
    bool any = false;
    for (int i = 0; i < consumer->count; i++)
        any |= consumer->partitions[i].stopped && !consumer->partitions[i].changed;
    if (!any || rs_topic_find(consumer->handle, consumer->topic, ASK_MS, NULL, NULL) != RS_KNOWN)
        return;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(consumer->count);
    for (int i = 0; i < consumer->count; i++) {
        struct assigned *mine = &consumer->partitions[i];
        rd_kafka_topic_partition_list_add(list, consumer->topic, mine->partition)->offset =
            mine->next - mine->looks_back;
    }
    for (int i = 0; i < consumer->count; i++) {
        struct assigned *mine = &consumer->partitions[i];
        rs_consumer_pause(consumer, mine->partition); /* so that the resume below is no rewind */
        mine->stopped = mine->changed;                /* its reason stands until it has gone on */
    }
    if (!rd_kafka_assign(consumer->handle, NULL) && !rd_kafka_assign(consumer->handle, list))
        for (int i = 0; i < consumer->count; i++) {
            consumer->partitions[i].paused = true;
            rs_consumer_resume(consumer, consumer->partitions[i].partition);
            consumer->partitions[i].paused = false;
        }
    rd_kafka_topic_partition_list_destroy(list);
}

/* --- life --- */

static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    struct rs_consumer *consumer = rd_kafka_opaque(handle);
    char line[256];
    (void)snprintf(line, sizeof(line), "librdkafka %s: %s", facility, text);
    if (consumer && level <= 4)
        rs_consumer_say(consumer, level < 4 ? 4 : level, line);
}

/* Runs inside of a poll. It is told as text only which partition it is about. */
static void on_error(rd_kafka_t *handle, int error, const char *text, void *context)
{
    if (error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
        error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        rs_consumer_missing(context, error);
    else
        on_log(handle, 3, "ERROR", text);
}

/* What troubles it troubles the other handle too, which says so. */
static void keep_silent(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    (void)handle, (void)level, (void)facility, (void)text;
}

static bool subscribe(struct rs_consumer *consumer, struct rs_error *error)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, consumer->topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t failed = rd_kafka_subscribe(consumer->handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    return !failed || rs_error_set(error, "kafka.topic: cannot subscribe to \"%s\": %s",
                                   consumer->topic, rd_kafka_err2str(failed));
}

static void release(struct rs_consumer *consumer)
{
    if (consumer->asker)
        rd_kafka_destroy_flags(consumer->asker, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (consumer->handle)
        rd_kafka_destroy(consumer->handle);
    free(consumer->partitions);
    free(consumer->group);
    free(consumer->topic);
    free(consumer);
}

/* NULL, and why. Takes `conf`, which may be NULL. */
static rd_kafka_t *make_handle(rd_kafka_conf_t *conf, const struct rs_consumer *consumer,
                               struct rs_error *error)
{
    char text[256];
    if (conf && rs_consumer_configure(conf, consumer, error)) {
        rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
        if (handle)
            return handle;
        (void)rs_error_set(error, "kafka: %s", text);
    }
    if (conf)
        rd_kafka_conf_destroy(conf);
    return NULL;
}

static bool make_handles(struct rs_consumer *consumer, const struct rs_settings *settings,
                         struct rs_error *error)
{
    rd_kafka_conf_t *conf = rs_kafka_conf(settings, error);
    if (conf) {
        consumer->must_prod = rs_consumer_sleeps_when_full(conf);
        rd_kafka_conf_set_opaque(conf, consumer);
        rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
        rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
        rd_kafka_conf_set_log_cb(conf, on_log);
        rd_kafka_conf_set_error_cb(conf, on_error);
    }
    consumer->handle = make_handle(conf, consumer, error);
    if (!consumer->handle)
        return false;
    rd_kafka_poll_set_consumer(consumer->handle);
    conf = rs_kafka_conf(settings, error);
    if (conf)
        rd_kafka_conf_set_log_cb(conf, keep_silent);
    consumer->asker = make_handle(conf, consumer, error);
    return consumer->asker && subscribe(consumer, error);
}

struct rs_consumer *rs_consumer_create(const struct rs_settings *settings,
                                       const struct rs_consumer_options *options,
                                       const struct rs_consumer_handler *handler,
                                       struct rs_error *error)
{
    struct rs_consumer *consumer = calloc(1, sizeof(*consumer));
    if (!consumer) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    consumer->options = *options;
    consumer->handler = *handler;
    consumer->group = strdup(options->group);
    consumer->topic = strdup(options->topic);
    if (consumer->group && consumer->topic && make_handles(consumer, settings, error))
        return consumer;
    release(consumer);
    return NULL;
}

void rs_consumer_close(struct rs_consumer *consumer)
{
    if (!consumer)
        return;
    consumer->closing = true;
    rs_consumer_commit(consumer, true);
    (void)rd_kafka_consumer_close(consumer->handle); /* the revoke runs inside */
    release(consumer);
}

/* --- questions --- */

bool rs_consumer_joined(const struct rs_consumer *consumer)
{
    return atomic_load(&consumer->joined);
}

rd_kafka_t *rs_consumer_asker(struct rs_consumer *consumer)
{
    return consumer->asker;
}

bool rs_consumer_committed(struct rs_consumer *consumer, int64_t *offsets, int count,
                           int timeout_ms, struct rs_error *error)
{
    /* Not by the admin interface: librdkafka may abort when a broker goes away while such a request
     * to a coordinator is on its way (its issue 3663, open). */
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, consumer->topic, i);
    rd_kafka_resp_err_t failed = rd_kafka_committed(consumer->asker, list, timeout_ms);
    for (int i = 0; i < list->cnt && !failed; i++) {
        failed = list->elems[i].err;
        offsets[list->elems[i].partition] = list->elems[i].offset < 0 ? -1 : list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return !failed || rs_error_set(error, "the committed offsets of group %s: %s", consumer->group,
                                   rd_kafka_err2str(failed));
}
