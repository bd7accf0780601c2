#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "sink/active.h"
#include "sink/index.h"
#include "support/alloc.h"
#include "support/private_redis.h"
#include "support/scripted_resp.h"

static struct private_redis server;
static struct rs_settings *settings;
static void *sink; /* an instance for view "cache", generation "g1" */

static void open_at(int port)
{
    static const struct rs_component *const components[] = {&rs_redis_component, NULL};
    char url[64];
    struct rs_error error = {""};
    (void)snprintf(url, sizeof(url), "redis.url=redis://127.0.0.1:%d", port);
    settings = rs_settings_create(components);
    cr_assert(rs_settings_set(settings, url, &error), "%s", error.text);
    cr_assert(rs_settings_set(settings, "redis.command_timeout_ms=1000", &error), "%s", error.text);
    cr_assert(rs_settings_finish(settings, NULL, &error), "%s", error.text);
    const struct rs_view view = {
        .processor = "cache", .generation = "g1", .owner = "lane-1", .settings = settings};
    sink = rs_index.open(&view, &error);
    cr_assert(sink, "%s", error.text);
}

static void close_all(void)
{
    rs_index.close(sink);
    rs_settings_destroy(settings);
}

static void start(void)
{
    private_redis_start(&server, NULL);
    open_at(server.port);
}

static void stop(void)
{
    close_all();
    private_redis_stop(&server);
}

TestSuite(index, .timeout = 60);

struct state {
    const char *id;
    int64_t version;
    const char *product; /* NULL: withdrawn; "": erased */
    const char *body;
};

#define SEND_MOST 8
/* What became of the operations sent last. */
static struct rs_operation answers[SEND_MOST];

static void send_states(const struct state *states, size_t count)
{
    struct rs_operations *out = rs_operations_create();
    struct rs_operation *ops[SEND_MOST];
    for (size_t i = 0; i < count; i++) {
        bool listed = states[i].product && *states[i].product;
        struct rs_event event = {.id = states[i].id, .version = states[i].version};
        event.state = listed ? RS_PUBLISHED : states[i].product ? RS_ERASED : RS_WITHDRAWN;
        event.product_id = listed ? states[i].product : NULL;
        event.has_submitted = true;
        event.submitted_ms = 1000;
        cr_assert_eq(rs_index_put(out, &event, rs_text(states[i].body)), RS_OK);
    }
    for (size_t i = 0; i < count; i++) {
        ops[i] = rs_operations_at(out, i);
        ops[i]->status = RS_RETRY;
        ops[i]->fault = RS_OUTAGE;
    }
    rs_index.send(sink, ops, count);
    for (size_t i = 0; i < count; i++)
        answers[i] = *ops[i];
    rs_operations_destroy(out);
}

static const struct rs_operation *send_one(const char *id, int64_t version, const char *product,
                                           const char *body)
{
    send_states(&(struct state){id, version, product, body}, 1);
    return &answers[0];
}

#define GET(...) private_redis_do(&server, __VA_ARGS__)

Test(index, keeps_the_greatest_version, .init = start, .fini = stop)
{
    const struct rs_operation *op = send_one("r", 9, "a", "{9}");
    cr_expect(op->status == RS_OK && op->applied);
    op = send_one("r", 10, "a", "{10}");
    cr_expect(op->status == RS_OK && op->applied, "10 is more than 9");
    op = send_one("r", 9, "b", "{9}");
    cr_expect(op->status == RS_OK && !op->applied, "stale");
    op = send_one("r", 10, "a", "{10}");
    cr_expect(op->status == RS_OK && !op->applied && !op->conflict && !op->reason[0], "equal");
    op = send_one("r", 10, "b", "{other}");
    cr_expect(op->status == RS_OK && !op->applied && op->conflict);
    cr_expect_not_null(strstr(op->reason, "conflict"));
    cr_expect_str_eq(GET("HMGET reviews:cache:g1:review:{r} v s p t b o"),
                     "10 p a 1000 {10} (nil)");
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{a} 0 -1 WITHSCORES"), "r 1000");
    cr_expect_str_eq(GET("EXISTS reviews:cache:g1:product:{b} reviews:cache:g1:guard:{b}"), "0");
    op = send_one("r", INT64_MAX, "a", "{max}");
    cr_expect(op->status == RS_OK && op->applied);
    op = send_one("r", INT64_MAX - 1, "a", "{less}");
    cr_expect(op->status == RS_OK && !op->applied, "not compared as a double");
    cr_expect_str_eq(GET("HGET reviews:cache:g1:guard:{a} r"), "9223372036854775807");
}

Test(index, a_review_that_moves_or_is_withdrawn_leaves_its_product, .init = start, .fini = stop)
{
    send_one("r", 1, "a", "{1}");
    send_one("r", 2, "b", "{2}");
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{a} 0 -1"), "");
    cr_expect_str_eq(GET("HGET reviews:cache:g1:guard:{a} r"), "2");
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{b} 0 -1"), "r");
    const struct rs_operation *op = send_one("r", 3, NULL, NULL);
    cr_expect(op->applied);
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{b} 0 -1"), "");
    cr_expect_str_eq(GET("HGETALL reviews:cache:g1:review:{r}"), "v 3 s w");
    send_one("r", 4, "a", "{4}");
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{a} 0 -1"), "r", "back again");
    send_one("r", 5, "", NULL);
    cr_expect_str_eq(GET("HGETALL reviews:cache:g1:review:{r}"), "v 5 s e");
    cr_expect_str_eq(GET("HGET reviews:cache:g1:guard:{a} r"), "5");
}

Test(index, takes_any_id, .init = start, .fini = stop)
{
    char longest[257], key[600];
    memset(longest, '}', 256);
    longest[256] = '\0';
    const struct rs_operation *op = send_one(longest, 1, longest, "{}");
    cr_assert_eq(op->status, RS_OK, "%s", op->reason);
    op = send_one(longest, 2, "other", "{}");
    cr_assert_eq(op->status, RS_OK, "%s", op->reason);
    struct rs_buffer text = {0};
    rs_buffer_add_text(&text, "ZCARD reviews:cache:g1:product:{");
    for (int i = 0; i < 256; i++)
        rs_buffer_add_text(&text, "%7D");
    rs_buffer_add_text(&text, "}");
    cr_expect_str_eq(private_redis_do(&server, "%s", text.data), "0");
    rs_buffer_finish(&text);
    (void)snprintf(key, sizeof(key), "%s", "ZRANGE reviews:cache:g1:product:{other} 0 -1");
    cr_expect_str_eq(private_redis_do(&server, "%s", key), longest);
    op = send_one("1 o\nops", 1, "p 1", "{}"); /* control characters never get here */
    cr_expect_eq(op->status, RS_OK);
}

Test(index, gives_each_operation_its_own_answer, .init = start, .fini = stop)
{
    GET("SET reviews:cache:g1:review:{bad} x");
    GET("SET reviews:cache:g1:product:{odd} x");
    GET("SET reviews:cache:g1:guard:{mad} x");
    const struct state states[] = {
        {"r-1", 1, "a", "{}"},   {"bad", 1, "a", "{}"},  {"r-2", 1, "odd", "{}"},
        {"r-3", 1, "mad", "{}"}, {"r-4", 1, NULL, NULL},
    };
    send_states(states, 5);
    for (size_t i = 0; i < 5; i++) {
        bool good = i == 0 || i == 4;
        cr_expect_eq(answers[i].status, good ? RS_OK : RS_REJECT, "%zu: %s", i, answers[i].reason);
        if (!good)
            cr_expect_eq(strncmp(answers[i].reason, "WRONGTYPE", 9), 0, "%s", answers[i].reason);
    }
    cr_expect_str_eq(GET("GET reviews:cache:g1:product:{odd}"), "x");
    cr_expect_str_eq(GET("EXISTS reviews:cache:g1:guard:{odd} reviews:cache:g1:product:{mad}"), "0",
                     "nothing was changed");
}

Test(index, a_full_server_still_forgets, .init = start, .fini = stop)
{
    const struct state states[] = {
        {"r-2", 2, NULL, NULL}, {"r-1", 2, "", NULL}, {"r-3", 1, "b", "{}"}, {"r-4", 1, "", NULL}};
    send_one("r-1", 1, "a", "{}");
    send_one("r-2", 1, "a", "{}");
    GET("CONFIG SET maxmemory 1");
    send_states(states, 4);
    cr_expect(answers[0].status == RS_OK && answers[0].applied, "%s", answers[0].reason);
    cr_expect(answers[1].status == RS_OK && answers[1].applied, "%s", answers[1].reason);
    cr_expect(answers[2].status == RS_RETRY && answers[2].fault == RS_OUTAGE);
    cr_expect_eq(strncmp(answers[2].reason, "OOM", 3), 0, "%s", answers[2].reason);
    cr_expect(answers[3].status == RS_OK && answers[3].applied, "%s", answers[3].reason);
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{a} 0 -1"), "");
    GET("CONFIG SET maxmemory 0");
    const struct rs_operation *op = send_one("r-3", 1, "b", "{}");
    cr_expect(op->status == RS_OK && op->applied);
}

Test(index, resumes_what_a_full_server_refused_half_way, .init = start, .fini = stop)
{
    /* The claim was done by a member that stopped. */
    send_one("r", 1, "a", "{1}");
    GET("DEL reviews:cache:g1:review:{r}");
    GET("HSET reviews:cache:g1:review:{r} v 2 s p p b t 1000 b {2}");
    redisReply *reply =
        redisCommand(server.context, "HSET reviews:cache:g1:review:{r} o %s", "2 a\n1 gone\n");
    freeReplyObject(reply);
    const struct rs_operation *op = send_one("r", 2, "b", "{2}");
    cr_expect(op->status == RS_OK && op->applied, "a later step changed something");
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{a} 0 -1"), "");
    cr_expect_str_eq(GET("ZRANGE reviews:cache:g1:product:{b} 0 -1"), "r");
    cr_expect_str_eq(GET("HGET reviews:cache:g1:guard:{gone} r"), "1", "a guard without an entry");
    cr_expect_str_eq(GET("HGET reviews:cache:g1:review:{r} o"), "(nil)");
}

Test(index, a_damaged_list_of_products_left_is_this_items_fault, .init = start, .fini = stop)
{
    GET("HSET reviews:cache:g1:review:{r} v 1 s p p b o nonsense");
    const struct rs_operation *op = send_one("r", 1, "b", "{}");
    cr_expect(op->status == RS_RETRY && op->fault == RS_ITEM, "%s", op->reason);
}

Test(index, many_reviews_of_one_product_go_in_slices, .init = start, .fini = stop)
{
    enum { MANY = 450 };
    static struct rs_operation *ops[MANY];
    struct rs_operations *out = rs_operations_create();
    for (int i = 0; i < MANY; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "r-%d", i);
        const struct rs_event event = {
            .id = id, .version = 1, .product_id = i % 3 ? "hot" : "cold"};
        cr_assert_eq(rs_index_put(out, &event, rs_text("{}")), RS_OK);
    }
    for (size_t i = 0; i < MANY; i++)
        ops[i] = rs_operations_at(out, i);
    rs_index.send(sink, ops, MANY);
    for (size_t i = 0; i < MANY; i++)
        cr_assert(ops[i]->status == RS_OK && ops[i]->applied, "%zu: %s", i, ops[i]->reason);
    cr_expect_str_eq(GET("ZCARD reviews:cache:g1:product:{hot}"), "300");
    cr_expect_str_eq(GET("HLEN reviews:cache:g1:guard:{cold}"), "150");
    rs_operations_destroy(out);
}

Test(index, a_body_of_a_megabyte_passes, .init = start, .fini = stop)
{
    char *body = malloc((1 << 20) + 1);
    memset(body, 'x', 1 << 20);
    body[1 << 20] = '\0';
    struct state states[SEND_MOST];
    char ids[SEND_MOST][8];
    for (int i = 0; i < SEND_MOST; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "r-%d", i);
        states[i] = (struct state){ids[i], 1, "a", body};
    }
    send_states(states, SEND_MOST);
    for (int i = 0; i < SEND_MOST; i++)
        cr_expect_eq(answers[i].status, RS_OK, "%s", answers[i].reason);
    cr_expect_str_eq(GET("HSTRLEN reviews:cache:g1:review:{r-7} b"), "1048576");
    free(body);
}

/* --- what the view says about itself --- */

Test(index, its_marker_comes_back_and_never_goes_back, .init = start, .fini = stop)
{
    char reason[RS_REASON_BYTES] = "";
    static struct rs_marker marker, read;
    cr_assert_eq(rs_index.read_marker(sink, &read, reason), RS_OK, "%s", reason);
    cr_expect(!read.found && !read.has_data);
    marker = (struct rs_marker){.format = 3, .fingerprint = "abc", .partitions = 5};
    marker.at_end_ms[0] = 100;
    marker.at_end_ms[4] = 1700000000000;
    cr_assert_eq(rs_index.write_marker(sink, &marker, reason), RS_OK, "%s", reason);
    marker.at_end_ms[0] = 50;
    marker.at_end_ms[1] = 1;
    marker.partitions = 6;
    cr_assert_eq(rs_index.write_marker(sink, &marker, reason), RS_OK, "%s", reason);
    cr_assert_eq(rs_index.read_marker(sink, &read, reason), RS_OK, "%s", reason);
    cr_expect(read.found && !read.has_data && read.format == 3 && read.partitions == 6);
    cr_expect_str_eq(read.fingerprint, "abc");
    cr_expect(read.at_end_ms[0] == 100 && read.at_end_ms[1] == 1 && read.at_end_ms[2] == 0);
    cr_expect_eq(read.at_end_ms[4], 1700000000000);
    send_one("r", 1, "a", "{}");
    cr_assert_eq(rs_index.read_marker(sink, &read, reason), RS_OK, "%s", reason);
    cr_expect(read.found && read.has_data);
}

static const char *const damage[] = {
    "HSET reviews:cache:g1:marker format x",
    "HSET reviews:cache:g1:marker partitions -1",
    "HSET reviews:cache:g1:marker at:x 1",
    "HSET reviews:cache:g1:marker at:1 x",
    ("HSET reviews:cache:g1:marker fingerprint "
     "0123456789012345678901234567890123456789012345678901234567890123456789"),
};

Test(index, refuses_a_marker_that_it_did_not_write, .init = start, .fini = stop)
{
    static struct rs_marker read;
    char reason[RS_REASON_BYTES] = "";
    for (size_t i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
        GET("FLUSHALL");
        GET("%s", damage[i]);
        cr_expect_eq(rs_index.read_marker(sink, &read, reason), RS_FATAL, "%s", damage[i]);
    }
    GET("FLUSHALL");
    GET("SET reviews:cache:g1:marker x");
    cr_expect_neq(rs_index.read_marker(sink, &read, reason), RS_OK);
    const struct rs_operation *op = send_one("r", 1, "a", "{}");
    cr_expect(op->status == RS_RETRY && op->fault == RS_OUTAGE, "not the event's fault");
}

Test(index, the_first_start_sets_the_pointer_and_others_leave_it, .init = start, .fini = stop)
{
    char reason[RS_REASON_BYTES] = "";
    cr_assert_eq(rs_index.prepare(sink, reason), RS_OK, "%s", reason);
    cr_expect_str_eq(GET("GET reviews:active:cache"), "g1");
    cr_expect_str_eq(GET("GET {reviews:active:cache}:epoch"), "1");
    GET("SET reviews:active:cache g7");
    cr_assert_eq(rs_index.prepare(sink, reason), RS_OK, "%s", reason);
    cr_expect_str_eq(GET("GET reviews:active:cache"), "g7");
}

Test(index, a_canary_is_company, .init = start, .fini = stop)
{
    struct rs_operations *out = rs_operations_create();
    cr_assert_eq(rs_index.canary(sink, out), RS_OK);
    struct rs_operation *op = rs_operations_at(out, 0);
    cr_expect_null(op->key);
    rs_index.send(sink, &op, 1);
    cr_expect_eq(op->status, RS_OK, "%s", op->reason);
    private_redis_do(&server, "CONFIG SET maxmemory 1");
    rs_index.send(sink, &op, 1);
    cr_expect_eq(op->status, RS_RETRY);
    rs_operations_destroy(out);
}

/* --- a server that breaks off --- */

struct play {
    size_t calls; /* of scripts, until it breaks */
    const char *error;
};

static struct scripted_resp_answer play(void *context, const struct rs_bytes *words, size_t count)
{
    struct play *script = context;
    (void)count;
    bool call = rs_bytes_equal(words[0], rs_text("EVALSHA"));
    if (call && script->calls-- == 0)
        return script->error ? (struct scripted_resp_answer){.bytes = rs_text(script->error)}
                             : (struct scripted_resp_answer){.manner = RESP_CLOSE};
    return (struct scripted_resp_answer){
        .bytes = rs_text(call && words[2].data[0] == '2' ? "$1\r\n1\r\n" : ":1\r\n")};
}

Test(index, what_was_complete_before_the_connection_broke_stays_so)
{
    struct play script = {.calls = 2};
    signal(SIGPIPE, SIG_IGN);
    struct scripted_resp *bad = scripted_resp_start(play, &script);
    open_at(scripted_resp_port(bad));
    const struct state states[] = {
        {"r-1", 1, NULL, NULL}, {"r-2", 1, "a", "{}"}, {"r-3", 1, NULL, NULL}};
    send_states(states, 3);
    cr_expect(answers[0].status == RS_OK && answers[0].applied, "its only step was confirmed");
    cr_expect(answers[1].status == RS_RETRY && answers[1].fault == RS_OUTAGE, "claimed only");
    cr_expect(answers[2].status == RS_RETRY && answers[2].fault == RS_OUTAGE);
    cr_expect_not_null(strstr(answers[2].reason, "connection lost"), "%s", answers[2].reason);
    close_all();
    scripted_resp_stop(bad);
}

static const struct {
    const char *error;
    enum rs_status status;
    enum rs_fault fault;
} errors[] = {
    {"-LOADING Redis is loading the dataset in memory\r\n", RS_RETRY, RS_OUTAGE},
    {"-MOVED 1 127.0.0.1:1\r\n", RS_RETRY, RS_OUTAGE},
    {"-NOPERM no\r\n", RS_FATAL, RS_OUTAGE},
    {"-ERR user_script:1: oops\r\n", RS_RETRY, RS_ITEM},
    {":9\r\n", RS_RETRY, RS_ITEM},
    {"$2\r\n9x\r\n", RS_RETRY, RS_ITEM},
    {"*1\r\n:1\r\n", RS_RETRY, RS_ITEM},
    {"$-1\r\n", RS_RETRY, RS_ITEM},
    {"+OK\r\n", RS_RETRY, RS_ITEM},
};

Test(index, an_answer_of_one_claim_is_that_operations_alone)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        for (size_t step = 0; step < 2; step++) { /* the claim of r-1, or its apply */
            struct play script = {.calls = step * 2, .error = errors[i].error};
            struct scripted_resp *bad = scripted_resp_start(play, &script);
            open_at(scripted_resp_port(bad));
            const struct state states[] = {{"r-1", 1, "a", "{}"}, {"r-2", 1, "b", "{}"}};
            send_states(states, 2);
            cr_expect_eq(answers[0].status, errors[i].status, "%s: %s", errors[i].error,
                         answers[0].reason);
            if (errors[i].status == RS_RETRY)
                cr_expect_eq(answers[0].fault, errors[i].fault, "%s", errors[i].error);
            cr_expect_eq(answers[1].status, RS_OK, "%s: %s", errors[i].error, answers[1].reason);
            close_all();
            scripted_resp_stop(bad);
        }
    }
}

Test(index, survives_every_failed_allocation, .init = start, .fini = stop)
{
    int64_t version = 1;
    send_one("r", version++, "a", "{}");
    for (long n = 0; rs_alloc_more(n); n++, version++) {
        struct rs_operations *out = rs_operations_create();
        const struct rs_event event = {
            .id = "r", .version = version, .product_id = version % 2 ? "b" : "a"};
        if (out && rs_index_put(out, &event, rs_text("{}")) == RS_OK) {
            struct rs_operation *op = rs_operations_at(out, 0);
            rs_index.send(sink, &op, 1);
            cr_expect(op->status == RS_OK || (op->status == RS_RETRY && op->fault == RS_OUTAGE),
                      "%s", op->reason);
        }
        rs_operations_destroy(out);
    }
    const struct rs_operation *op = send_one("r", version, "c", "{}");
    cr_expect_eq(op->status, RS_OK);
    cr_expect_str_eq(GET("ZCARD reviews:cache:g1:product:{a}"), "0");
    cr_expect_str_eq(GET("ZCARD reviews:cache:g1:product:{b}"), "0");
}
