#include "kafka/dead_letter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answers.h"
#include "core/settings.h"
#include "kafka/config.h"
#include "support/alloc.h"
#include "support/mock_kafka.h"

enum { HEADERS = 24 };

static const struct rs_header original[] = {
    {"type", {"review", 6}},
    {"empty", {"", 0}},
    {"null", {NULL, 0}},
    {"type", {"\xff\x00z", 3}}, /* a name twice, bytes that are no text */
};
static const struct rs_record record = {
    .topic = "moderated-reviews",
    .partition = 3,
    .offset = 1234567890123,
    .timestamp_ms = 1700000000123,
    .key = {"r-1", 3},
    .value = {"{\"no json", 9},
    .headers = original,
    .header_count = 4,
};
static const struct rs_dead_letter letter = {
    .processor = "cache",
    .generation = "g1",
    .class = "malformed",
    .reason = "not JSON",
    .attempts = 0,
    .at_ms = 1769851800007,
};
static const struct rs_header added[] = {
    {"dl-processor", {"cache", 5}},
    {"dl-generation", {"g1", 2}},
    {"dl-topic", {"moderated-reviews", 17}},
    {"dl-partition", {"3", 1}},
    {"dl-offset", {"1234567890123", 13}},
    {"dl-timestamp", {"1700000000123", 13}},
    {"dl-class", {"malformed", 9}},
    {"dl-reason", {"not JSON", 8}},
    {"dl-sink", {"", 0}},
    {"dl-attempts", {"0", 1}},
    {"dl-at", {"2026-01-31T09:30:00.007Z", 24}},
};

static void expect_bytes(struct rs_bytes found, struct rs_bytes wanted, const char *what)
{
    cr_expect(rs_bytes_equal(found, wanted), "%s: %.*s", what, (int)found.len, found.data);
    cr_expect_eq(!found.data, !wanted.data, "%s: null is not empty", what);
}

static void expect_headers(const struct rs_header *found, size_t count)
{
    cr_assert_eq(count, 4 + sizeof(added) / sizeof(*added));
    for (size_t i = 0; i < count; i++) {
        const struct rs_header *wanted = i < 4 ? &original[i] : &added[i - 4];
        cr_expect_str_eq(found[i].name, wanted->name);
        expect_bytes(found[i].value, wanted->value, wanted->name);
    }
}

Test(dead_letter, keeps_the_record_and_adds_its_own_headers_behind)
{
    struct rs_operations *out = rs_operations_create();
    struct rs_header headers[HEADERS];
    struct rs_bytes key, value;
    cr_assert_eq(rs_dead_letter_add(out, &record, &letter), RS_OK);
    const struct rs_operation *op = rs_operations_at(out, 0);
    cr_expect_null(op->key, "no dead letter replaces another");
    cr_expect_eq(op->sink, &rs_dead_letter);
    expect_headers(headers, rs_dead_letter_read(op, &key, &value, headers, HEADERS));
    expect_bytes(key, record.key, "key");
    expect_bytes(value, record.value, "value");
    rs_operations_destroy(out);
}

Test(dead_letter, keeps_null_apart_from_empty)
{
    static const struct {
        const char *name;
        struct rs_bytes key, value;
    } rows[] = {
        {"null key and value", {NULL, 0}, {NULL, 0}},
        {"empty key and value", {"", 0}, {"", 0}},
        {"null key", {NULL, 0}, {"v", 1}},
        {"bytes with zeros", {"\0k", 2}, {"\0\0", 2}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_operations *out = rs_operations_create();
        struct rs_bytes key, value;
        const struct rs_record bare = {
            .topic = "t", .key = rows[i].key, .value = rows[i].value, .timestamp_ms = -1};
        cr_assert_eq(rs_dead_letter_add(out, &bare, &letter), RS_OK);
        (void)rs_dead_letter_read(rs_operations_at(out, 0), &key, &value, NULL, 0);
        expect_bytes(key, rows[i].key, rows[i].name);
        expect_bytes(value, rows[i].value, rows[i].name);
        rs_operations_destroy(out);
    }
}

Test(dead_letter, leaves_nothing_behind_when_memory_runs_out)
{
    struct rs_operations *out = rs_operations_create();
    enum rs_status status = RS_FATAL;
    for (long n = 0; rs_alloc_more(n); n++) {
        status = rs_dead_letter_add(out, &record, &letter);
        cr_expect_eq(rs_operations_count(out), status == RS_OK ? 1 : 0);
    }
    cr_expect_eq(status, RS_OK);
    rs_operations_destroy(out);
}

Test(dead_letter, has_a_row_for_each_answer_that_needs_one)
{
    static const struct {
        const char *answer;
        enum rs_status status;
    } rows[] = {
        {"NO_ERROR", RS_OK},
        {"MSG_SIZE_TOO_LARGE", RS_FATAL},
        {"UNKNOWN_TOPIC_OR_PART", RS_RETRY},
        {"_UNKNOWN_TOPIC", RS_RETRY},
        {"TOPIC_AUTHORIZATION_FAILED", RS_FATAL},
        {"CLUSTER_AUTHORIZATION_FAILED", RS_FATAL},
        {"_AUTHENTICATION", RS_FATAL},
        {"_SSL", RS_FATAL},
        {"INVALID_RECORD", RS_FATAL},
        {"_MSG_TIMED_OUT", RS_RETRY},
        {"NOT_ENOUGH_REPLICAS", RS_RETRY},
        {"_QUEUE_FULL", RS_RETRY},
        {"_PURGE_INFLIGHT", RS_RETRY},
        {"UNKNOWN", RS_RETRY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct rs_answer *row = rs_answer_find(rs_dead_letter_answers, rows[i].answer);
        cr_expect_eq(row->status, rows[i].status, "%s", rows[i].answer);
        cr_expect_eq(row->fault, RS_OUTAGE, "%s: never poison", rows[i].answer);
    }
}

/* --- on a broker --- */

struct bench {
    struct mock_kafka mock;
    struct rs_settings *settings;
    void *instance;
    struct rs_operations *ops;
};

static void bench_open(struct bench *bench, const char *more)
{
    static const struct rs_component *const components[] = {&rs_kafka_component,
                                                            &rs_dead_letter_component, NULL};
    char brokers[256];
    struct rs_error error = {{0}};
    mock_kafka_start(&bench->mock, 1);
    bench->settings = rs_settings_create(components);
    (void)snprintf(brokers, sizeof(brokers), "kafka.brokers=%s", bench->mock.brokers);
    cr_assert(rs_settings_set(bench->settings, brokers, &error), "%s", error.text);
    cr_assert(rs_settings_set(bench->settings, more, &error), "%s", error.text);
    cr_assert(rs_settings_finish(bench->settings, NULL, &error), "%s", error.text);
    const struct rs_view view = {
        .processor = "cache", .generation = "g1", .owner = "test", .settings = bench->settings};
    bench->instance = rs_dead_letter.open(&view, &error);
    cr_assert(bench->instance, "%s", error.text);
    bench->ops = rs_operations_create();
}

static void bench_close(struct bench *bench)
{
    rs_operations_destroy(bench->ops);
    rs_dead_letter.close(bench->instance);
    rs_settings_destroy(bench->settings);
    mock_kafka_stop(&bench->mock);
}

static void bench_send(struct bench *bench)
{
    struct rs_operation *list[8];
    size_t count = rs_operations_count(bench->ops);
    for (size_t i = 0; i < count; i++)
        list[i] = rs_operations_at(bench->ops, i);
    rs_dead_letter.send(bench->instance, list, count);
}

static struct rs_bytes payload(const rd_kafka_message_t *message)
{
    return (struct rs_bytes){message->payload, message->len};
}

Test(dead_letter, arrives_byte_for_byte)
{
    struct bench bench;
    struct mock_records records;
    struct rs_header found[HEADERS];
    size_t count = 0;
    static const struct rs_record bare = {.topic = "moderated-reviews", .timestamp_ms = -1};
    bench_open(&bench, "dead_letters.topic=dead");
    mock_kafka_topic(&bench.mock, "dead", 1);
    cr_expect_eq(rs_dead_letter_add(bench.ops, &record, &letter), RS_OK);
    cr_expect_eq(rs_dead_letter_add(bench.ops, &bare, &letter), RS_OK);
    bench_send(&bench);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(rs_operations_at(bench.ops, i)->status, RS_OK);
        cr_expect(rs_operations_at(bench.ops, i)->applied);
    }
    mock_kafka_read(bench.mock.brokers, "dead", 0, &records);
    cr_assert_eq(records.count, 2);
    expect_bytes(payload(records.messages[0]), record.value, "value");
    rd_kafka_headers_t *headers;
    cr_assert_eq(rd_kafka_message_headers(records.messages[0], &headers), 0);
    while (count < HEADERS &&
           rd_kafka_header_get_all(headers, count, &found[count].name,
                                   (const void **)&found[count].value.data,
                                   &found[count].value.len) == RD_KAFKA_RESP_ERR_NO_ERROR)
        count++;
    expect_headers(found, count);
    cr_expect_null(records.messages[1]->payload);
    cr_expect_null(records.messages[1]->key);
    mock_kafka_forget(&records);
    bench_close(&bench);
}

Test(dead_letter, cuts_only_the_value_that_the_topic_refuses)
{
    enum { LARGE = 700 * 1024, CUT = 512 * 1024 };
    static char value[LARGE];
    struct bench bench;
    struct mock_records records;
    char text[128];
    const struct rs_record large = {
        .topic = "moderated-reviews", .key = {"r-2", 3}, .value = {value, LARGE}};
    bench_open(&bench, "dead_letters.topic=dead");
    mock_kafka_topic(&bench.mock, "dead", 1);
    /* in company, then alone; the third time it is cut */
    mock_kafka_fail(&bench.mock, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 2);
    cr_expect_eq(rs_dead_letter_add(bench.ops, &large, &letter), RS_OK);
    bench_send(&bench);
    cr_expect_eq(rs_operations_at(bench.ops, 0)->status, RS_OK, "%s",
                 rs_operations_at(bench.ops, 0)->reason);
    mock_kafka_read(bench.mock.brokers, "dead", 0, &records);
    cr_assert_eq(records.count, 1);
    cr_expect_eq(records.messages[0]->len, CUT);
    cr_expect_str_eq(mock_kafka_header(records.messages[0], 11, text, sizeof(text)),
                     "dl-truncated=716800");
    cr_expect_str_eq(mock_kafka_header(records.messages[0], 12, text, sizeof(text)),
                     "dl-digest="
                     "c9c9803e19adb2d139ad00b54f4af71f80c2b2530b10828a913b5b82c18559b8");
    mock_kafka_forget(&records);
    bench_close(&bench);
}

Test(dead_letter, cuts_at_its_own_bound_from_the_start)
{
    struct bench bench;
    struct mock_records records;
    static char value[2000];
    char text[128];
    const struct rs_record large = {.topic = "t", .value = {value, sizeof(value)}};
    bench_open(&bench, "dead_letters.max_value_bytes=1024");
    mock_kafka_topic(&bench.mock, "reviews.dead-letters", 1);
    cr_expect_eq(rs_dead_letter_add(bench.ops, &large, &letter), RS_OK);
    bench_send(&bench);
    mock_kafka_read(bench.mock.brokers, "reviews.dead-letters", 0, &records);
    cr_assert_eq(records.count, 1);
    cr_expect_eq(records.messages[0]->len, 1024);
    cr_expect_str_eq(mock_kafka_header(records.messages[0], 11, text, sizeof(text)),
                     "dl-truncated=2000");
    mock_kafka_forget(&records);
    bench_close(&bench);
}

Test(dead_letter, waits_for_ever_rather_than_drop_one_that_is_too_large_without_its_value)
{
    struct bench bench;
    bench_open(&bench, "dead_letters.topic=dead");
    mock_kafka_topic(&bench.mock, "dead", 1);
    /* 9 bytes: in company, alone, then cut to 2 and 0 */
    mock_kafka_fail(&bench.mock, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 4);
    cr_expect_eq(rs_dead_letter_add(bench.ops, &record, &letter), RS_OK);
    bench_send(&bench);
    cr_expect_eq(rs_operations_at(bench.ops, 0)->status, RS_FATAL);
    cr_expect(strstr(rs_operations_at(bench.ops, 0)->reason, "MSG_SIZE_TOO_LARGE"));
    bench_close(&bench);
}

Test(dead_letter, names_the_remedy_when_the_topic_is_missing)
{
    struct bench bench;
    char reason[RS_REASON_BYTES] = "";
    bench_open(&bench, "dead_letters.topic=dead");
    rd_kafka_mock_topic_set_error(bench.mock.cluster, "dead",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    cr_expect_eq(rs_dead_letter.prepare(bench.instance, reason), RS_RETRY);
    cr_expect_str_eq(reason, "topic dead does not exist; make it: reviewctl topics create");
    rd_kafka_mock_topic_set_error(bench.mock.cluster, "dead", RD_KAFKA_RESP_ERR_NO_ERROR);
    cr_expect_eq(rs_dead_letter.prepare(bench.instance, reason), RS_OK);
    bench_close(&bench);
}
