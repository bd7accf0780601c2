#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "kafka/config.h"
#include "sink/ledger.h"
#include "sink/redis_key.h"
#include "sink/summary.h"
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

TestSuite(ledger, .timeout = 110);

/* What a review of some weight contributes: names that others share and names of its own. */
static void contribute(struct rs_buffer *out, int64_t weight)
{
    char name[32];
    rs_ledger_count(out, "n", "", "", 1);
    rs_ledger_count(out, "sum:overall", "", "", weight * 50);
    (void)snprintf(name, sizeof(name), "h:overall:%d", (int)(weight % 5 + 1));
    rs_ledger_count(out, name, "", "", 1);
    if (weight % 2)
        rs_ledger_count(out, "locale:de \xc3\xa9:{", "", "", 1);
}

static void put(struct rs_operations *out, const struct rs_event *event, const char *product,
                int64_t weight)
{
    struct rs_buffer contribution = {0};
    if (product)
        contribute(&contribution, weight);
    cr_assert_eq(rs_ledger_put(out, event, &contribution), RS_OK);
    rs_buffer_finish(&contribution);
}

struct sum {
    char name[64];
    int64_t value;
};
struct sums {
    struct sum of[64];
    size_t count;
};

static void add(struct sums *sums, const char *name, size_t len, int64_t value)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (strlen(sums->of[i].name) == len && memcmp(sums->of[i].name, name, len) == 0) {
            sums->of[i].value += value;
            return;
        }
    }
    cr_assert(sums->count < 64 && len < 64);
    memcpy(sums->of[sums->count].name, name, len);
    sums->of[sums->count].name[len] = '\0';
    sums->of[sums->count++].value = value;
}

/* The plain fold: sums of the last versions. */
static void fold(struct sums *sums, const struct history_event *last, size_t count,
                 const char *product)
{
    sums->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct rs_buffer text = {0};
        if (last[i].product != product)
            continue;
        contribute(&text, last[i].weight);
        for (char *line = text.data; *line; line = strchr(line, '\n') + 1) {
            const char *tab = strchr(line, '\t');
            add(sums, line, (size_t)(tab - line), strtoll(tab + 1, NULL, 10));
        }
        rs_buffer_finish(&text);
    }
}

static redisReply *hash(struct private_redis *redis, const char *kind, const char *id)
{
    struct rs_buffer key = {0};
    rs_redis_key(&key, "t:", kind, rs_text(id));
    const char *argv[] = {"HGETALL", key.data};
    redisReply *reply = redisCommandArgv(redis->context, 2, argv, NULL);
    cr_assert(reply && reply->type == REDIS_REPLY_ARRAY);
    rs_buffer_finish(&key);
    return reply;
}

static const char *field(const redisReply *reply, const char *name)
{
    for (size_t i = 0; i < reply->elements; i += 2)
        if (strcmp(reply->element[i]->str, name) == 0)
            return reply->element[i + 1]->str;
    return NULL;
}

static void check(struct private_redis *redis, const struct history_event *last, size_t count,
                  const char *const *products, unsigned seed)
{
    char text[32];
    for (size_t p = 0; p < HISTORY_PRODUCTS; p++) {
        static struct sums sums;
        redisReply *reply = hash(redis, "summary", products[p]);
        size_t others = field(reply, "rev") ? 1 : 0;
        fold(&sums, last, count, products[p]);
        for (size_t i = 0; i < sums.count; i++) {
            const char *value = field(reply, sums.of[i].name);
            (void)snprintf(text, sizeof(text), "%" PRId64, sums.of[i].value);
            cr_assert(value && strcmp(value, text) == 0, "seed %u: %s of %s is %s, not %s", seed,
                      sums.of[i].name, products[p], value ? value : "absent", text);
        }
        cr_assert_eq(reply->elements / 2, sums.count + others, "seed %u: zeros or ghosts in %s",
                     seed, products[p]);
        freeReplyObject(reply);
    }
    for (size_t i = 0; i < count; i++) {
        redisReply *reply = hash(redis, "home", last[i].id);
        (void)snprintf(text, sizeof(text), "%" PRId64, last[i].version);
        cr_assert_str_eq(field(reply, "v"), text, "seed %u", seed);
        cr_assert_eq(reply->elements / 2, last[i].product ? 2 : 1, "seed %u: %s", seed, last[i].id);
        freeReplyObject(reply);
    }
}

static const struct history_sink sink = {
    .sink = &rs_ledger,
    .scripts = rs_ledger_scripts,
    .kinds = &rs_ledger_kinds,
    .put = put,
    .check = check,
};

Test(ledger, sums_are_those_of_the_greatest_versions_wherever_members_stop, .init = start,
     .fini = stop)
{
    for (unsigned seed = 1; seed <= 150; seed++)
        history_run(&server, &sink, seed);
}

/* --- the sink, with its output topic --- */

static struct mock_kafka kafka;
static struct rs_settings *settings;
static void *ledger;

static const struct rs_component *const components[] = {&rs_redis_component, &rs_mirror_component,
                                                        &rs_kafka_component, NULL};

static void set(const char *format, const char *value)
{
    char text[256];
    struct rs_error error = {""};
    (void)snprintf(text, sizeof(text), "%s%s", format, value);
    cr_assert(rs_settings_set(settings, text, &error), "%s", error.text);
}

static void *open_ledger(const char *owner)
{
    struct rs_error error = {""};
    const struct rs_view view = {.processor = "aggregation",
                                 .generation = "g1",
                                 .owner = owner,
                                 .settings = settings,
                                 .publication = &rs_product_summaries};
    void *made = rs_ledger.open(&view, &error);
    cr_assert(made, "%s", error.text);
    return made;
}

static void start_all(void)
{
    char reason[RS_REASON_BYTES] = "";
    struct rs_error error = {""};
    private_redis_start(&server, NULL);
    mock_kafka_start(&kafka, 1);
    mock_kafka_topic(&kafka, "product-summaries", 1);
    settings = rs_settings_create(components);
    set("redis.url=", server.url);
    set("kafka.brokers=", kafka.brokers);
    cr_assert(rs_settings_finish(settings, NULL, &error), "%s", error.text);
    ledger = open_ledger("lane-1");
    cr_assert_eq(rs_ledger.prepare(ledger, reason), RS_OK, "%s", reason);
}

static void stop_all(void)
{
    rs_ledger.close(ledger);
    rs_settings_destroy(settings);
    mock_kafka_stop(&kafka);
    private_redis_stop(&server);
}

static struct rs_operation answer;

/* Send one review; overall rating of 4 stars; product NULL: withdrawn. */
static const struct rs_operation *send_one(const char *id, int64_t version, const char *product)
{
    struct rs_operations *out = rs_operations_create();
    const struct rs_event event = {.id = id,
                                   .version = version,
                                   .state = product ? RS_PUBLISHED : RS_WITHDRAWN,
                                   .product_id = product};
    struct rs_buffer text = {0};
    if (product) {
        rs_ledger_count(&text, "n", "", "", 1);
        rs_ledger_count(&text, "n:overall", "", "", 1);
        rs_ledger_count(&text, "sum:overall", "", "", 400);
        rs_ledger_count(&text, "h:overall:4", "", "", 1);
    }
    cr_assert_eq(rs_ledger_put(out, &event, &text), RS_OK);
    rs_buffer_finish(&text);
    struct rs_operation *op = rs_operations_at(out, 0);
    op->status = RS_RETRY;
    rs_ledger.send(ledger, &op, 1);
    answer = *op;
    rs_operations_destroy(out);
    return &answer;
}

/* The last record of a product, and how many records there are in all. */
static size_t last_record(const char *product, char *text, size_t size)
{
    struct mock_records records;
    mock_kafka_read(kafka.brokers, "product-summaries", 0, &records);
    size_t count = records.count;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (strlen(product) == records.messages[i]->key_len &&
            memcmp(records.messages[i]->key, product, strlen(product)) == 0)
            (void)snprintf(text, size, "%.*s", (int)records.messages[i]->len,
                           (const char *)records.messages[i]->payload);
    mock_kafka_forget(&records);
    return count;
}

Test(ledger, confirms_an_operation_after_its_summaries, .init = start_all, .fini = stop_all)
{
    char text[512];
    const struct rs_operation *op = send_one("r-1", 1, "a");
    cr_expect(op->status == RS_OK && op->applied, "%s", op->reason);
    cr_expect_eq(last_record("a", text, sizeof(text)), 1);
    cr_expect_str_eq(text, "{\"productId\":\"a\",\"revision\":1,\"reviews\":1,\"ratings\":{"
                           "\"overall\":{\"count\":1,\"sumHundredths\":400,\"average\":4.00,"
                           "\"histogram\":{\"1\":0,\"2\":0,\"3\":0,\"4\":1,\"5\":0}}},\"locales\":"
                           "{},\"tripTypes\":{},\"countries\":{},\"months\":{}}");
    op = send_one("r-1", 2, "b");
    cr_expect(op->status == RS_OK && op->applied, "%s", op->reason);
    cr_expect_eq(last_record("a", text, sizeof(text)), 3, "the product left, and the new one");
    cr_expect_not_null(strstr(text, "\"revision\":2,\"reviews\":0"));
    op = send_one("r-1", 1, "a");
    cr_expect(op->status == RS_OK && !op->applied);
    cr_expect_eq(last_record("a", text, sizeof(text)), 3, "stale: nothing to send");
    op = send_one("r-1", 2, "b");
    cr_expect(op->status == RS_OK && !op->applied);
    cr_expect_eq(last_record("b", text, sizeof(text)), 4, "equal: a crash may have cut it off");
    op = send_one("r-1", 3, NULL);
    cr_expect(op->status == RS_OK && op->applied);
    cr_expect_eq(last_record("b", text, sizeof(text)), 5);
    cr_expect_not_null(strstr(text, "\"revision\":2,\"reviews\":0"));
    op = send_one("r-2", 1, NULL);
    cr_expect(op->status == RS_OK && op->applied);
    cr_expect_eq(last_record("b", text, sizeof(text)), 5, "in no product: nothing to send");
    cr_expect_str_eq(private_redis_do(&server, "EXISTS reviews:aggregation:g1:publishing"), "0");
}

/* Where a word stands last in a text. */
static long last_of(const char *text, const char *word)
{
    long at = -1;
    for (const char *found = text; (found = strstr(found, word)); found++)
        at = found - text;
    return at;
}

Test(ledger, marks_before_it_writes_and_forgets_after_it_sent, .init = start_all, .fini = stop_all)
{
    send_one("r-1", 1, "a");
    private_redis_do(&server, "CONFIG SET slowlog-max-len 100");
    private_redis_do(&server, "CONFIG SET slowlog-log-slower-than 0");
    send_one("r-1", 2, "b");
    const char *log = private_redis_do(&server, "SLOWLOG GET 100"); /* the newest comes first */
    long marked = last_of(log, ":publishing"), written = last_of(log, ":ledger:{b}");
    long forgotten = last_of(log, ":home:{r-1} 2 a"),
         confirmed = last_of(log, "HGET reviews:aggregation:g1:summary:{a} rev");
    cr_expect(marked > written, "%s", log);
    cr_expect(forgotten >= 0 && forgotten < confirmed && confirmed < written, "%s", log);
}

Test(ledger, an_operation_whose_summary_cannot_be_sent_is_resumed, .init = start_all,
     .fini = stop_all)
{
    char text[512];
    send_one("r-1", 1, "a");
    mock_kafka_fail(&kafka, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
    const struct rs_operation *op = send_one("r-1", 2, "b");
    cr_expect_eq(op->status, RS_FATAL, "%s", op->reason);
    cr_expect_not_null(strstr(op->reason, "product-summaries"), "%s", op->reason);
    cr_expect_str_eq(private_redis_do(&server, "HGET reviews:aggregation:g1:home:{r-1} o"), "2 a\n",
                     "not forgotten yet");
    cr_expect_neq(strcmp(private_redis_do(&server, "ZCARD reviews:aggregation:g1:publishing"), "0"),
                  0, "marked");
    op = send_one("r-1", 2, "b");
    cr_expect(op->status == RS_OK, "%s", op->reason);
    last_record("a", text, sizeof(text));
    cr_expect_not_null(strstr(text, "\"revision\":2,\"reviews\":0"), "%s", text);
    cr_expect_str_eq(private_redis_do(&server, "HGET reviews:aggregation:g1:home:{r-1} o"),
                     "(nil)");
    cr_expect_str_eq(private_redis_do(&server, "EXISTS reviews:aggregation:g1:publishing"), "0");
}

Test(ledger, a_full_server_still_forgets_and_says_so, .init = start_all, .fini = stop_all)
{
    char text[512];
    send_one("r-1", 1, "a");
    private_redis_do(&server, "CONFIG SET maxmemory 1");
    const struct rs_operation *op = send_one("r-1", 2, NULL);
    cr_expect(op->status == RS_OK && op->applied, "%s", op->reason);
    last_record("a", text, sizeof(text));
    cr_expect_not_null(strstr(text, "\"reviews\":0"), "%s", text);
    op = send_one("r-2", 1, "a");
    cr_expect(op->status == RS_RETRY && op->fault == RS_OUTAGE, "%s", op->reason);
}

Test(ledger, counts_beyond_what_a_float_holds, .init = start_all, .fini = stop_all)
{
    private_redis_do(&server, "HSET reviews:aggregation:g1:summary:{a} sum:overall "
                              "9007199254740000 n 1 n:overall 1 h:overall:4 1 rev 1");
    const struct rs_operation *op = send_one("r-1", 1, "a");
    cr_expect_eq(op->status, RS_OK, "%s", op->reason);
    cr_expect_str_eq(
        private_redis_do(&server, "HGET reviews:aggregation:g1:summary:{a} sum:overall"),
        "9007199254740400");
}

Test(ledger, many_counters_in_one_call, .init = start_all, .fini = stop_all)
{
    enum { MANY = 190, EACH = 30 };
    static struct rs_operation *ops[MANY];
    struct rs_operations *out = rs_operations_create();
    for (int i = 0; i < MANY; i++) {
        char name[32];
        struct rs_buffer text = {0};
        (void)snprintf(name, sizeof(name), "r-%d", i);
        const struct rs_event event = {.id = name, .version = 1, .product_id = "a"};
        char counter[32];
        for (int k = 0; k < EACH; k++) {
            (void)snprintf(counter, sizeof(counter), "locale:%d-%d", i, k);
            rs_ledger_count(&text, counter, "", "", 1);
        }
        cr_assert_eq(rs_ledger_put(out, &event, &text), RS_OK);
        rs_buffer_finish(&text);
    }
    for (size_t i = 0; i < MANY; i++)
        ops[i] = rs_operations_at(out, i);
    rs_ledger.send(ledger, ops, MANY);
    for (size_t i = 0; i < MANY; i++)
        cr_assert_eq(ops[i]->status, RS_OK, "%s", ops[i]->reason);
    rs_operations_destroy(out);
    cr_expect_str_eq(private_redis_do(&server, "HLEN reviews:aggregation:g1:summary:{a}"), "5701");
    for (int i = 0; i < MANY; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "r-%d", i);
        cr_assert_eq(send_one(id, 2, NULL)->status, RS_OK);
        if (i == 3)
            break;
    }
    cr_expect_str_eq(private_redis_do(&server, "HLEN reviews:aggregation:g1:summary:{a}"), "5581");
}

/* Two reviews, so that their product's counters are summed up; all change places each time. */
Test(ledger, survives_every_failed_allocation, .init = start_all, .fini = stop_all)
{
    static const char *const ids[] = {"r-1", "r-2"};
    enum { REVIEWS = sizeof(ids) / sizeof(*ids) };
    char text[512];
    int64_t version = 1;
    bool failed = true;
    for (long n = 0; failed; n++, version++) {
        struct rs_operations *out = rs_operations_create();
        struct rs_operation *ops[REVIEWS];
        const char *product = version % 2 ? "a" : "b";
        for (size_t i = 0; i < REVIEWS; i++) {
            const struct rs_event event = {.id = ids[i], .version = version, .product_id = product};
            put(out, &event, product, 3);
            ops[i] = rs_operations_at(out, i);
        }
        rs_ledger.close(ledger);
        ledger = open_ledger("lane-1");
        rs_alloc_fail_at(n);
        rs_ledger.send(ledger, ops, REVIEWS);
        failed = rs_alloc_reset();
        for (size_t i = 0; i < REVIEWS; i++)
            cr_expect(ops[i]->status == RS_OK ||
                          (ops[i]->status == RS_RETRY && ops[i]->fault == RS_OUTAGE),
                      "%ld: %s", n, ops[i]->reason);
        rs_operations_destroy(out);
    }
    for (size_t i = 0; i < REVIEWS; i++)
        cr_assert_eq(send_one(ids[i], version, NULL)->status, RS_OK);
    for (const char *product = "a"; *product < 'c'; product = *product == 'a' ? "b" : "c") {
        last_record(product, text, sizeof(text));
        cr_expect_not_null(strstr(text, "\"reviews\":0"), "%s", text);
    }
    cr_expect_str_eq(private_redis_do(&server, "HLEN reviews:aggregation:g1:summary:{a}"), "1");
}
