#include "kafka/topics.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/admin.h"

#define BEFORE_MAX "message.timestamp.before.max.ms"
#define DIFFERENCE_MAX "message.timestamp.difference.max.ms"

enum rs_known rs_topic_find(rd_kafka_t *client, const char *name, int timeout_ms,
                            int32_t *ret_partitions, struct rs_error *reason)
{
    const rd_kafka_metadata_t *found = NULL;
    rd_kafka_topic_t *local = rd_kafka_topic_new(client, name, NULL);
    rd_kafka_resp_err_t code =
        local ? rd_kafka_metadata(client, 0, local, &found, timeout_ms) : rd_kafka_last_error();
    bool seen = code == RD_KAFKA_RESP_ERR_NO_ERROR && found && found->topic_cnt == 1;
    if (seen)
        code = found->topics[0].err;
    int32_t partitions = seen ? found->topics[0].partition_cnt : 0;
    if (found)
        rd_kafka_metadata_destroy(found);
    if (local)
        rd_kafka_topic_destroy(local);
    if (seen && code == RD_KAFKA_RESP_ERR_NO_ERROR && partitions > 0) {
        if (ret_partitions)
            *ret_partitions = partitions;
        return RS_KNOWN;
    }
    rs_error_set(reason, "topic %s: %s", name, rd_kafka_err2str(code));
    return seen && code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? RS_UNKNOWN : RS_UNREACHABLE;
}

/* --- describe --- */

static void read_config(struct rs_topic *topic, const char *name, const char *value)
{
    static const struct {
        const char *name;
        size_t offset;
    } numbers[] = {
        {"retention.ms", offsetof(struct rs_topic, retention_ms)},
        {"retention.bytes", offsetof(struct rs_topic, retention_bytes)},
        {"delete.retention.ms", offsetof(struct rs_topic, delete_retention_ms)},
        {"min.compaction.lag.ms", offsetof(struct rs_topic, min_compaction_lag_ms)},
        {"max.message.bytes", offsetof(struct rs_topic, max_message_bytes)},
        {"min.insync.replicas", offsetof(struct rs_topic, min_insync_replicas)},
        {BEFORE_MAX, offsetof(struct rs_topic, before_max_ms)},
    };
    if (strcmp(name, "cleanup.policy") == 0)
        (void)snprintf(topic->cleanup_policy, sizeof(topic->cleanup_policy), "%s", value);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            int64_t number = strtoll(value, NULL, 10);
            memcpy((char *)topic + numbers[i].offset, &number, sizeof(number));
        }
    }
}

static bool read_configs(rd_kafka_event_t *event, struct rs_topic *topic)
{
    size_t count = 0, entries = 0;
    const rd_kafka_ConfigResource_t **resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &count);
    if (count != 1 || rd_kafka_ConfigResource_error(resources[0]))
        return false;
    const rd_kafka_ConfigEntry_t **list = rd_kafka_ConfigResource_configs(resources[0], &entries);
    for (size_t i = 0; i < entries; i++) {
        const char *value = rd_kafka_ConfigEntry_value(list[i]);
        if (value)
            read_config(topic, rd_kafka_ConfigEntry_name(list[i]), value);
    }
    return true;
}

static int32_t replicas_of(rd_kafka_t *client, const char *name, int timeout_ms)
{
    const rd_kafka_metadata_t *found = NULL;
    int32_t replicas = 0;
    rd_kafka_topic_t *local = rd_kafka_topic_new(client, name, NULL);
    if (local && rd_kafka_metadata(client, 0, local, &found, timeout_ms) == 0 &&
        found->topic_cnt == 1 && found->topics[0].partition_cnt > 0)
        replicas = found->topics[0].partitions[0].replica_cnt;
    if (found)
        rd_kafka_metadata_destroy(found);
    if (local)
        rd_kafka_topic_destroy(local);
    return replicas;
}

enum rs_known rs_topic_describe(rd_kafka_t *client, const char *name, int timeout_ms,
                                struct rs_topic *ret_topic, struct rs_error *reason)
{
    struct rs_topic topic = {.retention_ms = -1, .retention_bytes = -1, .before_max_ms = -1};
    enum rs_known known = rs_topic_find(client, name, timeout_ms, &topic.partitions, reason);
    if (known != RS_KNOWN)
        return known;
    topic.replication = replicas_of(client, name, timeout_ms);
    struct rs_admin admin;
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
    rs_admin_init(&admin, client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
    rd_kafka_DescribeConfigs(client, &resource, 1, admin.options, admin.queue);
    topic.described = rs_admin_wait(&admin, NULL) && read_configs(admin.event, &topic);
    rs_admin_finish(&admin);
    rd_kafka_ConfigResource_destroy(resource);
    *ret_topic = topic;
    return RS_KNOWN;
}

bool rs_topic_bounds(rd_kafka_t *client, const char *name, int32_t partition, int timeout_ms,
                     int64_t *ret_first, int64_t *ret_next, struct rs_error *reason)
{
    rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(client, name, partition, ret_first, ret_next, timeout_ms);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           rs_error_set(reason, "topic %s partition %" PRId32 ": %s", name, partition,
                        rd_kafka_err2str(code));
}

/* --- create --- */

/* Names and values; the source's tombstones stay for a week, so that a full read has time. */
static const char *const configs[][12] = {
    [RS_TOPIC_SOURCE] = {"cleanup.policy", "compact", "delete.retention.ms", "604800000",
                         "max.message.bytes", "2097152", NULL},
    [RS_TOPIC_DEAD_LETTERS] = {"cleanup.policy", "delete", "retention.ms", "2592000000",
                               "max.message.bytes", "16777216", NULL},
    [RS_TOPIC_OUTPUT] = {"cleanup.policy", "compact", "max.message.bytes", "2097152", BEFORE_MAX,
                         "60000", NULL},
};

static rd_kafka_NewTopic_t *plan(const char *name, enum rs_topic_role role, int partitions,
                                 int replication, bool old_broker, struct rs_error *note)
{
    char text[256] = "";
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(name, partitions, replication, text, sizeof(text));
    if (!topic) {
        rs_error_set(note, "topic %s: %s", name, text);
        return NULL;
    }
    for (const char *const *config = configs[role]; *config; config += 2) {
        bool replaced = old_broker && strcmp(*config, BEFORE_MAX) == 0;
        (void)rd_kafka_NewTopic_set_config(topic, replaced ? DIFFERENCE_MAX : *config, config[1]);
    }
    return topic;
}

static enum rs_made read_made(const rd_kafka_event_t *event, const char *name,
                              struct rs_error *note)
{
    size_t count = 0;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)(uintptr_t)event), &count);
    rd_kafka_resp_err_t code =
        count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return RS_MADE;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return RS_EXISTED;
    const char *text = count == 1 ? rd_kafka_topic_result_error_string(results[0]) : NULL;
    rs_error_set(note, "topic %s: %s", name, text ? text : rd_kafka_err2str(code));
    return RS_NOT_MADE;
}

static enum rs_made create(rd_kafka_t *client, const char *name, rd_kafka_NewTopic_t *topic,
                           int timeout_ms, struct rs_error *note)
{
    struct rs_admin admin;
    enum rs_made made = RS_NOT_MADE;
    rs_admin_init(&admin, client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
    rd_kafka_CreateTopics(client, &topic, 1, admin.options, admin.queue);
    if (rs_admin_wait(&admin, note))
        made = read_made(admin.event, name, note);
    rs_admin_finish(&admin);
    rd_kafka_NewTopic_destroy(topic);
    return made;
}

enum rs_made rs_topic_create(rd_kafka_t *client, const char *name, enum rs_topic_role role,
                             int partitions, int replication, int timeout_ms, struct rs_error *note)
{
    enum rs_made made = RS_NOT_MADE;
    struct rs_error why = {{0}};
    rd_kafka_NewTopic_t *topic = plan(name, role, partitions, replication, false, &why);
    if (topic)
        made = create(client, name, topic, timeout_ms, &why);
    if (made == RS_NOT_MADE && strstr(why.text, BEFORE_MAX)) { /* brokers before Kafka 3.6 */
        topic = plan(name, role, partitions, replication, true, &why);
        if (topic)
            made = create(client, name, topic, timeout_ms, &why);
        if (made == RS_MADE)
            rs_error_set(&why, "topic %s: the brokers lack " BEFORE_MAX "; set " DIFFERENCE_MAX,
                         name);
    }
    if (note)
        *note = why;
    return made;
}
