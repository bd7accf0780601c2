/* What is wrong with a topic, by its role. Pure: no brokers. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kafka/topics.h"

enum { HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000, EVENT_BYTES = 1 << 20 };

struct list {
    struct rs_topic_problem *problems;
    size_t count;
};

static void add(struct list *list, bool refuses, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add(struct list *list, bool refuses, const char *format, ...)
{
    if (list->count == RS_TOPIC_PROBLEMS)
        return;
    struct rs_topic_problem *problem = &list->problems[list->count++];
    va_list values;
    va_start(values, format);
    problem->refuses = refuses;
    (void)vsnprintf(problem->text, sizeof(problem->text), format, values);
    va_end(values);
}

static bool has(const struct rs_topic *topic, const char *policy)
{
    return strstr(topic->cleanup_policy, policy) != NULL;
}

/* Where a record must stay until a newer one of its key replaces it. */
static void judge_kept(const struct rs_topic *topic, const char *name, struct list *list)
{
    if (has(topic, "compact") && has(topic, "delete"))
        add(list, true,
            "topic %s: cleanup.policy is %s, which drops live keys by age; set it to compact", name,
            topic->cleanup_policy);
    else if (!has(topic, "compact") && topic->retention_ms >= 0)
        add(list, true,
            "topic %s: cleanup.policy is %s with retention.ms %" PRId64
            ", which drops live keys by age; set cleanup.policy to compact",
            name, topic->cleanup_policy, topic->retention_ms);
    else if (!has(topic, "compact") && topic->retention_bytes >= 0)
        add(list, true,
            "topic %s: cleanup.policy is %s with retention.bytes %" PRId64
            ", which drops live keys by size; set cleanup.policy to compact",
            name, topic->cleanup_policy, topic->retention_bytes);
    else if (!has(topic, "compact"))
        add(list, false, "topic %s: cleanup.policy is %s, so it grows for ever; compact is meant",
            name, topic->cleanup_policy);
}

static void judge_source(const struct rs_topic *topic, const char *name, struct list *list)
{
    judge_kept(topic, name, list);
    if (has(topic, "compact") && topic->delete_retention_ms < HOUR_MS)
        add(list, false,
            "topic %s: delete.retention.ms is %" PRId64
            "; a processor that reads from the beginning must finish within it, or keeps reviews "
            "that were erased",
            name, topic->delete_retention_ms);
    if (topic->max_message_bytes < EVENT_BYTES)
        add(list, false, "topic %s: max.message.bytes is %" PRId64 "; an event may have %d", name,
            topic->max_message_bytes, EVENT_BYTES);
}

static void judge_dead_letters(const struct rs_topic *topic, const char *name, struct list *list)
{
    if (has(topic, "compact"))
        add(list, true,
            "topic %s: cleanup.policy is %s, but a dead letter may have no key and none replaces "
            "another; set it to delete",
            name, topic->cleanup_policy);
    if (topic->max_message_bytes <= EVENT_BYTES + EVENT_BYTES / 16)
        add(list, false,
            "topic %s: max.message.bytes is %" PRId64
            "; the largest dead letters will be cut, 16777216 leaves room",
            name, topic->max_message_bytes);
    if (!has(topic, "compact") && topic->retention_ms >= 0 && topic->retention_ms < 24 * HOUR_MS)
        add(list, false,
            "topic %s: retention.ms is %" PRId64 ", less than a day to look at a dead letter", name,
            topic->retention_ms);
}

static void judge_output(const struct rs_topic *topic, const char *name, struct list *list)
{
    judge_kept(topic, name, list);
    if (topic->before_max_ms < 0 || topic->before_max_ms > MINUTE_MS)
        add(list, false,
            "topic %s: message.timestamp.before.max.ms is not 60000; a record that a stopped "
            "member had queued may then replace a newer one",
            name);
}

size_t rs_topic_judge(const struct rs_topic *topic, const char *name, enum rs_topic_role role,
                      struct rs_topic_problem problems[RS_TOPIC_PROBLEMS])
{
    static void (*const judges[])(const struct rs_topic *, const char *, struct list *) = {
        [RS_TOPIC_SOURCE] = judge_source,
        [RS_TOPIC_DEAD_LETTERS] = judge_dead_letters,
        [RS_TOPIC_OUTPUT] = judge_output,
    };
    struct list list = {problems, 0};
    if (!topic->described) {
        add(&list, false,
            "topic %s: its configuration cannot be read; the right DescribeConfigs is needed to "
            "check it",
            name);
        return list.count;
    }
    judges[role](topic, name, &list);
    if (topic->replication >= 3 && topic->min_insync_replicas < 2)
        add(&list, false,
            "topic %s: min.insync.replicas is %" PRId64 " of %" PRId32
            " replicas; an acknowledged record may be lost with one broker",
            name, topic->min_insync_replicas, topic->replication);
    return list.count;
}
