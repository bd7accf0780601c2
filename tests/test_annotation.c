#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "kafka/config.h"
#include "sink/annotation.h"
#include "sink/redis_key.h"
#include "support/alloc.h"
#include "support/history.h"
#include "support/mock_kafka.h"

static struct private_redis server;

static void start(void)
{
    private_redis_start(&server, NULL);
}

static void stop(void)
{
    private_redis_stop(&server);
}

TestSuite(annotation, .timeout = 110);

/* One side of one aspect has a candidate of each odd review, the other of each even one. */
static const char *side_of(int64_t weight)
{
    return weight % 2 ? "pos" : "neg";
}

static void put(struct rs_operations *out, const struct rs_event *event, const char *product,
                int64_t weight)
{
    struct rs_buffer contribution = {0}, result = {0};
    if (product) {
        rs_ledger_count(&contribution, "n", "", "", 1);
        rs_annotation_evidence(&contribution, "room", side_of(weight), weight, "text", 0, 9);
        rs_buffer_printf(&result, "{\"weight\":%" PRId64 "}", weight);
    }
    cr_assert_eq(rs_annotation_put(out, event, &result, &contribution), RS_OK);
    rs_buffer_finish(&contribution);
    rs_buffer_finish(&result);
}

static redisReply *ask(struct private_redis *redis, const char *command, const char *kind,
                       const char *id, const char *suffix, const char *argument)
{
    struct rs_buffer key = {0};
    rs_redis_key(&key, "t:", kind, rs_text(id));
    rs_buffer_add(&key, suffix, strlen(suffix) + 1);
    const char *argv[] = {command, key.data, argument};
    redisReply *reply = redisCommandArgv(redis->context, argument ? 3 : 2, argv, NULL);
    cr_assert(reply && reply->type != REDIS_REPLY_ERROR);
    rs_buffer_finish(&key);
    return reply;
}

static long number(struct private_redis *redis, const char *command, const char *kind,
                   const char *id, const char *suffix, const char *argument)
{
    redisReply *reply = ask(redis, command, kind, id, suffix, argument);
    long value = reply->type == REDIS_REPLY_INTEGER ? (long)reply->integer
                 : reply->str                       ? strtol(reply->str, NULL, 10)
                                                    : 0;
    freeReplyObject(reply);
    return value;
}

static void check_side(struct private_redis *redis, const struct history_event *last, size_t count,
                       const char *product, const char *side, unsigned seed)
{
    char suffix[16], member[64];
    long held = 0;
    (void)snprintf(suffix, sizeof(suffix), ":room:%s", side);
    for (size_t i = 0; i < count; i++) {
        if (last[i].product != product || strcmp(side_of(last[i].weight), side) != 0)
            continue;
        (void)snprintf(member, sizeof(member), "%s|text|0|9", last[i].id);
        cr_assert_eq(number(redis, "ZSCORE", "evidence", product, suffix, member), last[i].weight,
                     "seed %u: %s in %s", seed, member, product);
        held++;
    }
    cr_assert_eq(number(redis, "ZCARD", "evidence", product, suffix, NULL), held,
                 "seed %u: ghosts in %s%s", seed, product, suffix);
}

static void check(struct private_redis *redis, const struct history_event *last, size_t count,
                  const char *const *products, unsigned seed)
{
    char text[64];
    for (size_t p = 0; p < HISTORY_PRODUCTS; p++) {
        long reviews = 0;
        for (size_t i = 0; i < count; i++)
            reviews += last[i].product == products[p];
        cr_assert_eq(number(redis, "HGET", "summary", products[p], "", "n"), reviews, "seed %u",
                     seed);
        check_side(redis, last, count, products[p], "pos", seed);
        check_side(redis, last, count, products[p], "neg", seed);
    }
    for (size_t i = 0; i < count; i++) {
        redisReply *body = ask(redis, "HGET", "review", last[i].id, "", "b");
        redisReply *state = ask(redis, "HGET", "review", last[i].id, "", "s");
        (void)snprintf(text, sizeof(text), "{\"weight\":%" PRId64 "}", last[i].weight);
        cr_assert_str_eq(state->str, last[i].product ? "p" : "w", "seed %u", seed);
        cr_assert_str_eq(body->str ? body->str : "-", last[i].product ? text : "-", "seed %u",
                         seed);
        freeReplyObject(body);
        freeReplyObject(state);
        cr_assert_eq(number(redis, "HEXISTS", "review", last[i].id, "", "o"), 0, "seed %u", seed);
    }
}

static const struct history_sink sink = {
    .sink = &rs_annotation,
    .scripts = rs_annotation_scripts,
    .kinds = &rs_annotation_kinds,
    .put = put,
    .check = check,
};

Test(annotation, counts_and_evidence_are_those_of_the_greatest_versions_wherever_members_stop,
     .init = start, .fini = stop)
{
    for (unsigned seed = 1; seed <= 150; seed++)
        history_run(&server, &sink, seed);
}

/* --- the sink, with its output topic --- */

static struct mock_kafka kafka;
static struct rs_settings *settings;
static void *instance;
static const struct rs_publication publication = {
    .topic = "review-findings", .version = "v", .render = rs_annotation_render};

static const struct rs_component *const components[] = {&rs_redis_component, &rs_mirror_component,
                                                        &rs_kafka_component, NULL};

static void set(const char *name, const char *value)
{
    char text[256];
    struct rs_error error = {""};
    (void)snprintf(text, sizeof(text), "%s%s", name, value);
    cr_assert(rs_settings_set(settings, text, &error), "%s", error.text);
}

static void start_all(void)
{
    char reason[RS_REASON_BYTES] = "";
    struct rs_error error = {""};
    private_redis_start(&server, NULL);
    mock_kafka_start(&kafka, 1);
    mock_kafka_topic(&kafka, "review-findings", 1);
    settings = rs_settings_create(components);
    set("redis.url=", server.url);
    set("kafka.brokers=", kafka.brokers);
    cr_assert(rs_settings_finish(settings, NULL, &error), "%s", error.text);
    const struct rs_view view = {.processor = "sentiment",
                                 .generation = "g1",
                                 .owner = "lane-1",
                                 .settings = settings,
                                 .publication = &publication};
    instance = rs_annotation.open(&view, &error);
    cr_assert(instance, "%s", error.text);
    cr_assert_eq(rs_annotation.prepare(instance, reason), RS_OK, "%s", reason);
}

static void stop_all(void)
{
    rs_annotation.close(instance);
    rs_settings_destroy(settings);
    mock_kafka_stop(&kafka);
    private_redis_stop(&server);
}

static struct rs_operation answer;

/* Send one version of review "r"; weight 0: withdrawn. */
static const struct rs_operation *send_one(int64_t version, const char *product, int64_t weight)
{
    struct rs_operations *out = rs_operations_create();
    const struct rs_event event = {.id = "r",
                                   .version = version,
                                   .state = weight ? RS_PUBLISHED : RS_WITHDRAWN,
                                   .product_id = product};
    put(out, &event, weight ? product : NULL, weight);
    struct rs_operation *op = rs_operations_at(out, 0);
    op->status = RS_RETRY;
    rs_annotation.send(instance, &op, 1);
    answer = *op;
    rs_operations_destroy(out);
    return &answer;
}

/* The last record as "value version", and how many records there are. */
static size_t last_record(char *text, size_t size)
{
    struct mock_records records;
    mock_kafka_read(kafka.brokers, "review-findings", 0, &records);
    size_t count = records.count;
    text[0] = '\0';
    if (count) {
        const rd_kafka_message_t *last = records.messages[count - 1];
        rd_kafka_headers_t *headers;
        const void *version = "";
        size_t len = 0;
        if (!rd_kafka_message_headers(last, &headers))
            (void)rd_kafka_header_get_last(headers, "version", &version, &len);
        (void)snprintf(text, size, "%.*s %.*s", last->payload ? (int)last->len : 4,
                       last->payload ? (const char *)last->payload : "null", (int)len,
                       (const char *)version);
    }
    mock_kafka_forget(&records);
    return count;
}

Test(annotation, a_record_is_what_the_review_holds, .init = start_all, .fini = stop_all)
{
    char text[256];
    const struct rs_operation *op = send_one(5, "a", 3);
    cr_expect(op->status == RS_OK && op->applied, "%s", op->reason);
    cr_expect_eq(last_record(text, sizeof(text)), 1);
    cr_expect_str_eq(text, "{\"weight\":3} 5");
    op = send_one(4, "b", 7);
    cr_expect(op->status == RS_OK && !op->applied, "stale");
    (void)last_record(text, sizeof(text));
    cr_expect_str_eq(text, "{\"weight\":3} 5", "an older version was sent");
    op = send_one(6, "a", 0);
    cr_expect(op->status == RS_OK && op->applied);
    (void)last_record(text, sizeof(text));
    cr_expect_str_eq(text, "null 6", "a withdrawn review's record is empty");
    cr_expect_str_eq(private_redis_do(&server, "EXISTS reviews:sentiment:g1:evidence:{a}:room:pos"),
                     "0");
    cr_expect_str_eq(private_redis_do(&server, "ZCARD reviews:sentiment:g1:publishing"), "0");
}

Test(annotation, an_operation_whose_record_cannot_be_sent_is_resumed, .init = start_all,
     .fini = stop_all)
{
    char text[256];
    mock_kafka_fail(&kafka, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
    const struct rs_operation *op = send_one(1, "a", 3);
    cr_expect_neq(op->status, RS_OK, "its record is nowhere");
    cr_expect_str_eq(private_redis_do(&server, "ZCARD reviews:sentiment:g1:publishing"), "1");
    op = send_one(1, "a", 3);
    cr_expect(op->status == RS_OK, "%s", op->reason);
    cr_expect_eq(last_record(text, sizeof(text)), 1);
    cr_expect_str_eq(text, "{\"weight\":3} 1");
}

Test(annotation, a_key_of_another_type_changes_nothing, .init = start_all, .fini = stop_all)
{
    private_redis_do(&server, "SET reviews:sentiment:g1:evidence:{a}:room:pos x");
    const struct rs_operation *op = send_one(1, "a", 3);
    cr_expect_eq(op->status, RS_REJECT, "%s", op->reason);
    cr_expect_str_eq(private_redis_do(&server, "EXISTS reviews:sentiment:g1:ledger:{a} "
                                               "reviews:sentiment:g1:summary:{a}"),
                     "0");
}

Test(annotation, a_review_without_counts_is_placed_all_the_same, .init = start_all,
     .fini = stop_all)
{
    struct rs_operations *out = rs_operations_create();
    const struct rs_event event = {.id = "r", .version = 2, .product_id = "a"};
    struct rs_buffer result = {0}, none = {0};
    rs_buffer_add_text(&result, "{}");
    cr_assert_eq(rs_annotation_put(out, &event, &result, &none), RS_OK);
    struct rs_operation *op = rs_operations_at(out, 0);
    rs_annotation.send(instance, &op, 1);
    cr_expect(op->status == RS_OK && op->applied, "%s", op->reason);
    cr_expect_str_eq(private_redis_do(&server, "HGET reviews:sentiment:g1:review:{r} p"), "a");
    cr_expect_str_eq(private_redis_do(&server, "EXISTS reviews:sentiment:g1:summary:{a}"), "0");
    rs_operations_destroy(out);
    rs_buffer_finish(&result);
}
