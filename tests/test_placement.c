#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "sink/index.h"
#include "sink/placement_code.h"
#include "sink/redis_key.h"
#include "support/alloc.h"
#include "support/history.h"

static struct private_redis server;

static void start(void)
{
    private_redis_start(&server, NULL);
}

static void stop(void)
{
    private_redis_stop(&server);
}

TestSuite(placement, .timeout = 110);

static void put(struct rs_operations *out, const struct rs_event *event, const char *product,
                int64_t weight)
{
    char score[24];
    (void)snprintf(score, sizeof(score), "%d", (int)weight);
    const struct rs_bytes values[] = {
        rs_text(product ? "p" : "w"),
        rs_text(product && weight % 2 ? score : NULL), /* a field that comes and goes */
        rs_text(product ? score : NULL),
    };
    rs_placement_add(out, &rs_index, &rs_index_kinds, event, product, rs_text(score), values);
}

/* HGET and the like on a key with any id; the reply as text. */
static const char *ask(struct private_redis *redis, const char *command, const char *kind,
                       const char *id, const char *field)
{
    static char text[8][256];
    static unsigned next;
    char *to = text[next++ % 8];
    struct rs_buffer key = {0};
    rs_redis_key(&key, "t:", kind, rs_text(id));
    const char *argv[] = {command, key.data, field};
    redisReply *reply = redisCommandArgv(redis->context, field ? 3 : 2, argv, NULL);
    cr_assert(reply && reply->type != REDIS_REPLY_ERROR, "%s", reply ? reply->str : "no reply");
    if (reply->type == REDIS_REPLY_INTEGER)
        (void)snprintf(to, 256, "%lld", reply->integer);
    else
        (void)snprintf(to, 256, "%s", reply->type == REDIS_REPLY_NIL ? "(nil)" : reply->str);
    freeReplyObject(reply);
    rs_buffer_finish(&key);
    return to;
}

static void check(struct private_redis *redis, const struct history_event *last, size_t count,
                  const char *const *products, unsigned seed)
{
    for (size_t i = 0; i < count; i++) {
        const struct history_event *event = &last[i];
        char version[24], score[24];
        (void)snprintf(version, sizeof(version), "%lld", (long long)event->version);
        (void)snprintf(score, sizeof(score), "%d", (int)event->weight);
        const char *want_b = event->product ? score : "(nil)";
        cr_assert_str_eq(ask(redis, "HGET", "review", event->id, "v"), version, "seed %u", seed);
        cr_assert_str_eq(ask(redis, "HGET", "review", event->id, "b"), want_b, "seed %u", seed);
        cr_assert_str_eq(ask(redis, "HGET", "review", event->id, "t"),
                         event->weight % 2 ? want_b : "(nil)", "seed %u", seed);
        cr_assert_str_eq(ask(redis, "HGET", "review", event->id, "p"),
                         event->product ? event->product : "(nil)", "seed %u", seed);
        cr_assert_str_eq(ask(redis, "HGET", "review", event->id, "o"), "(nil)", "seed %u", seed);
        for (size_t p = 0; p < HISTORY_PRODUCTS; p++) {
            bool here = event->product == products[p];
            cr_assert_str_eq(ask(redis, "ZSCORE", "product", products[p], event->id),
                             here ? score : "(nil)", "seed %u: %s in %s", seed, event->id,
                             products[p]);
            if (here)
                cr_assert_str_eq(ask(redis, "HGET", "guard", products[p], event->id), version,
                                 "seed %u", seed);
        }
    }
}

static const struct history_sink sink = {
    .sink = &rs_index,
    .scripts = rs_index_scripts,
    .kinds = &rs_index_kinds,
    .put = put,
    .check = check,
};

Test(placement, ends_with_the_greatest_versions_wherever_members_stop, .init = start, .fini = stop)
{
    for (unsigned seed = 1; seed <= 150; seed++)
        history_run(&server, &sink, seed);
}

/* --- a member that goes on late --- */

struct member {
    struct rs_redis *redis;
    struct rs_placing *placing;
    struct rs_operations *ops;
};

static void join(struct member *member)
{
    struct rs_error error = {""};
    member->redis = rs_redis_create(&server.config, rs_index_scripts, &error);
    cr_assert(member->redis, "%s", error.text);
    member->placing = rs_placing_create(member->redis, "t:", &rs_index_kinds);
    member->ops = NULL;
}

static void leave(struct member *member)
{
    rs_placing_destroy(member->placing);
    rs_redis_destroy(member->redis);
    if (member->ops)
        rs_operations_destroy(member->ops);
}

/* Begin with one version of review "r", and claim it. */
static void claim(struct member *member, int64_t version, const char *product)
{
    const struct rs_event event = {.id = "r",
                                   .version = version,
                                   .state = product ? RS_PUBLISHED : RS_WITHDRAWN,
                                   .product_id = product};
    if (member->ops)
        rs_operations_destroy(member->ops);
    member->ops = rs_operations_create();
    put(member->ops, &event, product, 2);
    struct rs_operation *op = rs_operations_at(member->ops, 0);
    rs_placing_start(member->placing, &op, 1);
    rs_placing_claim(member->placing);
}

static void finish(struct member *member)
{
    rs_placing_forget(member->placing);
    rs_placing_finish(member->placing);
    const struct rs_operation *op = rs_operations_at(member->ops, 0);
    cr_assert_eq(op->status, RS_OK, "%s", op->reason);
}

static const char *notes(void)
{
    return ask(&server, "HGET", "review", "r", "o");
}

Test(placement, notes_what_was_left_and_when, .init = start, .fini = stop)
{
    struct member a;
    join(&a);
    claim(&a, 1, "a");
    cr_expect_str_eq(notes(), "(nil)");
    claim(&a, 2, "b");
    cr_expect_str_eq(notes(), "2 a\n");
    claim(&a, 3, "c");
    cr_expect_str_eq(notes(), "2 a\n3 b\n");
    claim(&a, 4, "a");
    cr_expect_str_eq(notes(), "3 b\n4 c\n", "back in a");
    claim(&a, 5, NULL);
    cr_expect_str_eq(notes(), "3 b\n4 c\n5 a\n");
    claim(&a, 5, NULL);
    rs_placing_apply(a.placing);
    finish(&a);
    cr_expect_str_eq(notes(), "(nil)");
    cr_expect_str_eq(ask(&server, "HGET", "guard", "b", "r"), "3");
    cr_expect_str_eq(ask(&server, "HGET", "guard", "a", "r"), "5");
    leave(&a);
}

Test(placement, a_late_member_forgets_only_what_it_withdrew, .init = start, .fini = stop)
{
    struct member a, b;
    join(&a);
    join(&b);
    claim(&a, 1, "a");
    rs_placing_apply(a.placing);
    finish(&a);
    claim(&a, 2, "b");
    rs_placing_apply(a.placing);
    claim(&b, 3, "a");
    rs_placing_apply(b.placing);
    claim(&b, 4, "c");
    cr_expect_str_eq(notes(), "3 b\n4 a\n", "a was left again since");
    finish(&a);
    cr_expect_str_eq(notes(), "3 b\n4 a\n", "the note of 4 stays");
    rs_placing_apply(b.placing);
    finish(&b);
    cr_expect_str_eq(notes(), "(nil)");
    cr_expect_str_eq(ask(&server, "ZSCORE", "product", "a", "r"), "(nil)");
    cr_expect_str_eq(ask(&server, "ZSCORE", "product", "c", "r"), "2");
    leave(&a);
    leave(&b);
}

/* --- pure --- */

static const struct {
    const char *name, *text;
    size_t notes;
    bool whole;
} lists[] = {
    {"none", "", 0, true},
    {"two", "1 a\n9223372036854775807 b c\n", 2, true},
    {"no end", "1 a\n2 b", 1, false},
    {"no version", " a\n", 0, false},
    {"no product", "1 \n", 0, false},
    {"no blank", "1\n", 0, false},
    {"a version of twenty digits", "12345678901234567890 a\n", 0, false},
    {"a sign", "-1 a\n", 0, false},
};

Test(placement, reads_lists_of_products_left)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        struct rs_bytes rest = rs_text(lists[i].text), version, product;
        size_t count = 0;
        while (rs_note_next(&rest, &version, &product))
            count++;
        cr_expect_eq(count, lists[i].notes, "%s", lists[i].name);
        cr_expect_eq(rest.len == 0, lists[i].whole, "%s", lists[i].name);
    }
}

static const struct {
    const char *name, *bytes;
    char code; /* 0: refused */
    const char *notes;
} claims[] = {
    {"stale", ":0\r\n", '0', ""},
    {"applied", ":1\r\n", '1', ""},
    {"conflict", ":3\r\n", '3', ""},
    {"applied, with notes", "$5\r\n12 a\n\r\n", '1', "2 a\n"},
    {"four", ":4\r\n", 0, ""},
    {"less than nothing", ":-1\r\n", 0, ""},
    {"stale with notes", "$5\r\n02 a\n\r\n", 0, ""},
    {"a code alone", "$1\r\n1\r\n", 0, ""},
    {"nil", "$-1\r\n", 0, ""},
    {"an array", "*0\r\n", 0, ""},
};

Test(placement, reads_what_a_claim_says)
{
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        char code = 0;
        struct rs_bytes rest;
        struct rs_arena arena = {0};
        struct rs_reply *reply = rs_reply_parse(claims[i].bytes, strlen(claims[i].bytes), &arena);
        bool good = rs_claim_parse(reply, &code, &rest);
        cr_expect_eq(good, claims[i].code != 0, "%s", claims[i].name);
        if (good) {
            cr_expect_eq(code, claims[i].code, "%s", claims[i].name);
            cr_expect(rs_bytes_equal(rest, rs_text(claims[i].notes)), "%s", claims[i].name);
        }
        rs_arena_finish(&arena);
    }
}

/* Lengths in this machine's order; the bytes behind them are cut off at `len`. */
static const struct {
    uint32_t product, entry, value; /* lengths of the parts */
    size_t len;                     /* of all the bytes */
} malformed[] = {
    {1, 1, 1, 0},  {1, 1, 1, 3},  {1, 1, 1, 5},  {2, 1, 1, 5},           {1, 1, 1, 9},
    {1, 7, 1, 15}, {1, 1, 2, 15}, {1, 1, 1, 13}, {UINT32_MAX, 1, 1, 15}, {1, UINT32_MAX, 1, 15},
};

Test(placement, refuses_bytes_that_it_did_not_make)
{
    for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
        struct rs_claim made;
        char bytes[16] = {0};
        memcpy(bytes, &malformed[i].product, 4);
        memcpy(bytes + 5, &malformed[i].entry, 4);
        memcpy(bytes + 10, &malformed[i].value, 4);
        cr_expect_not(rs_claim_decode(&made, (struct rs_bytes){bytes, malformed[i].len}), "row %zu",
                      i);
    }
}

Test(placement, adds_nothing_when_memory_is_out)
{
    const struct rs_event event = {.id = "r", .version = 1, .product_id = "a"};
    const struct rs_bytes values[] = {rs_text("p"), rs_text(NULL), rs_text("{}")};
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_operations *out = rs_operations_create();
        if (!out)
            continue;
        enum rs_status status =
            rs_placement_add(out, &rs_index, &rs_index_kinds, &event, "a", rs_text("5"), values);
        cr_expect(status == RS_OK || status == RS_FATAL);
        cr_expect_eq(rs_operations_count(out), status == RS_OK);
        rs_operations_destroy(out);
    }
}
