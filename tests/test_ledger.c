#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/ledger.h"
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

TestSuite(ledger, .timeout = 110);

/* What a review of some weight contributes: names that others share and names of its own. */
static void contribute(struct rs_buffer *out, int64_t weight)
{
    char name[32];
    rs_ledger_count(out, "n", 1);
    rs_ledger_count(out, "sum:overall", weight * 50);
    (void)snprintf(name, sizeof(name), "h:overall:%d", (int)(weight % 5 + 1));
    rs_ledger_count(out, name, 1);
    if (weight % 2)
        rs_ledger_count(out, "locale:de \xc3\xa9:{", 1);
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
