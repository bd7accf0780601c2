#include "kafka/topics.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "support/mock_kafka.h"

static const struct rs_topic good = {
    .partitions = 4,
    .replication = 1,
    .described = true,
    .retention_ms = 604800000,
    .retention_bytes = -1,
    .delete_retention_ms = 86400000,
    .max_message_bytes = 2097152,
    .min_insync_replicas = 1,
    .before_max_ms = 60000,
};

struct change {
    size_t offset; /* of an int64_t; 0: none */
    int64_t value;
};
#define CHANGE(member, value)                                                                      \
    {                                                                                              \
        offsetof(struct rs_topic, member), value                                                   \
    }

static const struct {
    const char *name;
    enum rs_topic_role role;
    const char *policy;
    struct change changes[2]; /* of the good topic */
    size_t count;
    bool refuses;
    const char *want; /* in the first problem */
} rows[] = {
    {"a compacted source is good", RS_TOPIC_SOURCE, "compact", {{0, 0}}, 0, false, ""},
    {"compact,delete drops live reviews",
     RS_TOPIC_SOURCE,
     "compact,delete",
     {{0, 0}},
     1,
     true,
     "topic t: cleanup.policy is compact,delete"},
    {"finite retention drops live reviews",
     RS_TOPIC_SOURCE,
     "delete",
     {{0, 0}},
     1,
     true,
     "retention.ms 604800000"},
    {"a bound in bytes does too",
     RS_TOPIC_SOURCE,
     "delete",
     {CHANGE(retention_ms, -1), CHANGE(retention_bytes, 1000)},
     1,
     true,
     "retention.bytes 1000"},
    {"endless retention only grows",
     RS_TOPIC_SOURCE,
     "delete",
     {CHANGE(retention_ms, -1)},
     1,
     false,
     "grows for ever"},
    {"tombstones that go soon",
     RS_TOPIC_SOURCE,
     "compact",
     {CHANGE(delete_retention_ms, 60000)},
     1,
     false,
     "delete.retention.ms is 60000"},
    {"records too small for an event",
     RS_TOPIC_SOURCE,
     "compact",
     {CHANGE(max_message_bytes, 1000000)},
     1,
     false,
     "max.message.bytes is 1000000"},
    {"dead letters are deleted by age", RS_TOPIC_DEAD_LETTERS, "delete", {{0, 0}}, 0, false, ""},
    {"dead letters may have no key",
     RS_TOPIC_DEAD_LETTERS,
     "compact",
     {{0, 0}},
     1,
     true,
     "may have no key"},
    {"dead letters need room",
     RS_TOPIC_DEAD_LETTERS,
     "delete",
     {CHANGE(max_message_bytes, 1048588)},
     1,
     false,
     "will be cut"},
    {"dead letters must stay for a while",
     RS_TOPIC_DEAD_LETTERS,
     "delete",
     {CHANGE(retention_ms, 1000)},
     1,
     false,
     "less than a day"},
    {"a compacted output is good", RS_TOPIC_OUTPUT, "compact", {{0, 0}}, 0, false, ""},
    {"an output must refuse what is late",
     RS_TOPIC_OUTPUT,
     "compact",
     {CHANGE(before_max_ms, INT64_MAX)},
     1,
     false,
     "message.timestamp.before.max.ms"},
    {"an output with finite retention loses products",
     RS_TOPIC_OUTPUT,
     "delete",
     {{0, 0}},
     1,
     true,
     "drops live keys by age"},
};

static struct rs_topic changed(const struct change *changes)
{
    struct rs_topic topic = good;
    for (size_t i = 0; i < 2; i++)
        if (changes[i].offset)
            memcpy((char *)&topic + changes[i].offset, &changes[i].value, sizeof(int64_t));
    return topic;
}

Test(topics, judges_a_topic_by_its_role)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_topic_problem problems[RS_TOPIC_PROBLEMS] = {0};
        struct rs_topic topic = changed(rows[i].changes);
        (void)snprintf(topic.cleanup_policy, sizeof(topic.cleanup_policy), "%s", rows[i].policy);
        cr_expect_eq(rs_topic_judge(&topic, "t", rows[i].role, problems), rows[i].count, "%s",
                     rows[i].name);
        cr_expect_eq(problems[0].refuses, rows[i].refuses, "%s", rows[i].name);
        cr_expect(strstr(problems[0].text, rows[i].want), "%s: %s", rows[i].name, problems[0].text);
    }
}

Test(topics, warns_where_one_of_three_replicas_suffices)
{
    struct rs_topic_problem problems[RS_TOPIC_PROBLEMS] = {0};
    struct rs_topic topic = good;
    topic.replication = 3;
    strcpy(topic.cleanup_policy, "compact");
    cr_expect_eq(rs_topic_judge(&topic, "t", RS_TOPIC_SOURCE, problems), 1);
    cr_expect(strstr(problems[0].text, "min.insync.replicas is 1 of 3"));
}

Test(topics, says_when_it_may_not_look)
{
    struct rs_topic_problem problems[RS_TOPIC_PROBLEMS] = {0};
    const struct rs_topic topic = {.partitions = 4};
    cr_expect_eq(rs_topic_judge(&topic, "t", RS_TOPIC_SOURCE, problems), 1);
    cr_expect(strstr(problems[0].text, "cannot be read"));
    cr_expect(!problems[0].refuses);
}

Test(topics, tells_a_missing_topic_from_brokers_that_do_not_answer)
{
    struct mock_kafka mock;
    struct rs_error reason = {{0}};
    int32_t partitions = 0;
    int64_t first = -1, next = -1;
    char text[128];
    mock_kafka_start(&mock, 1);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", mock.brokers, text, sizeof(text));
    (void)rd_kafka_conf_set(conf, "log_level", "0", text, sizeof(text));
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    mock_kafka_topic(&mock, "here", 3);
    rd_kafka_mock_topic_set_error(mock.cluster, "gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    cr_expect_eq(rs_topic_find(client, "here", 5000, &partitions, &reason), RS_KNOWN);
    cr_expect_eq(partitions, 3);
    cr_expect(rs_topic_bounds(client, "here", 2, 5000, &first, &next, &reason));
    cr_expect_eq(first, 0);
    cr_expect_eq(next, 0);
    cr_expect_eq(rs_topic_find(client, "gone", 5000, NULL, &reason), RS_UNKNOWN);
    mock_kafka_down(&mock, true);
    cr_expect_eq(rs_topic_find(client, "here", 300, NULL, &reason), RS_UNREACHABLE);
    cr_expect(strstr(reason.text, "topic here"), "%s", reason.text);
    rd_kafka_destroy(client);
    mock_kafka_stop(&mock);
}
