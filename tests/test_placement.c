#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
