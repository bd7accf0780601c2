#include "support/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Ids that are hard on keys and on the lists in the home. */
static const char *const ids[HISTORY_REVIEWS] = {"r-1", "}r 2", "{r:3}", "5 %7D", "é\"r"};
static const char *const products[HISTORY_PRODUCTS] = {"p-1", "}p {2}", "9 p"};
static const int64_t steps[] = {1, 9, 10, (1LL << 53), (1LL << 53) + 1, INT64_MAX};

enum stage { IDLE, STARTED, CLAIMED, APPLIED, FORGOTTEN };

struct member {
    struct rs_redis *redis;
    struct rs_placing *placing;
    enum stage stage;
    struct rs_operations *ops;
    struct rs_operation *batch[HISTORY_REVIEWS];
    size_t events[HISTORY_REVIEWS]; /* index of each operation's event */
    size_t count;
};

struct run {
    const struct history_sink *sink;
    struct history_event events[HISTORY_REVIEWS * HISTORY_VERSIONS];
    bool settled[HISTORY_REVIEWS * HISTORY_VERSIONS];
    size_t count, open;
    struct member members[HISTORY_MEMBERS];
    unsigned random;
};

static unsigned below(struct run *run, unsigned limit)
{
    run->random = run->random * 1664525u + 1013904223u;
    return (run->random >> 8) % limit;
}

static void make_events(struct run *run)
{
    for (size_t r = 0; r < HISTORY_REVIEWS; r++) {
        size_t versions = 1 + below(run, HISTORY_VERSIONS);
        for (size_t v = 0; v < versions; v++) {
            unsigned product = below(run, HISTORY_PRODUCTS + 1);
            run->events[run->count++] = (struct history_event){
                .id = ids[r],
                .version = steps[v + HISTORY_VERSIONS - versions],
                .product = product < HISTORY_PRODUCTS ? products[product] : NULL,
                .weight = 1 + below(run, 9),
            };
        }
    }
    run->open = run->count;
}

/* A crash, or the end of a batch. */
static void leave(struct member *member)
{
    if (member->ops)
        rs_operations_destroy(member->ops);
    member->ops = NULL;
    member->stage = IDLE;
}

/* Take some events of different reviews, mostly open ones. */
static void begin(struct run *run, struct member *member)
{
    member->ops = rs_operations_create();
    member->count = 0;
    size_t wanted = 1 + below(run, 3);
    for (unsigned tries = 0; tries < 20 && member->count < wanted; tries++) {
        size_t i = below(run, (unsigned)run->count);
        const struct history_event *from = &run->events[i];
        bool taken = run->settled[i] && below(run, 8) > 0;
        for (size_t k = 0; k < member->count; k++)
            taken |= run->events[member->events[k]].id == from->id;
        if (taken)
            continue;
        struct rs_event event = {.type = "review", .id = from->id, .version = from->version};
        event.state = from->product ? RS_PUBLISHED : RS_WITHDRAWN;
        event.product_id = from->product;
        run->sink->put(member->ops, &event, from->product, from->weight);
        member->batch[member->count] = rs_operations_at(member->ops, member->count);
        member->events[member->count++] = i;
    }
    rs_placing_start(member->placing, member->batch, member->count);
    member->stage = STARTED;
}

static void settle(struct run *run, struct member *member, unsigned seed)
{
    rs_placing_finish(member->placing);
    for (size_t i = 0; i < member->count; i++) {
        const struct rs_operation *op = member->batch[i];
        cr_assert_eq(op->status, RS_OK, "seed %u: %s", seed, op->reason);
        if (!run->settled[member->events[i]])
            run->open--;
        run->settled[member->events[i]] = true;
    }
    leave(member);
}

static void advance(struct run *run, struct member *member, unsigned seed)
{
    if (member->stage != IDLE && below(run, 6) == 0) {
        leave(member); /* killed between two steps */
        return;
    }
    switch (member->stage) {
    case IDLE:
        begin(run, member);
        return;
    case STARTED:
        rs_placing_claim(member->placing);
        break;
    case CLAIMED:
        rs_placing_apply(member->placing);
        break;
    case APPLIED:
        rs_placing_forget(member->placing);
        break;
    case FORGOTTEN:
        settle(run, member, seed);
        return;
    }
    member->stage++;
}

static void check(struct run *run, struct private_redis *redis, unsigned seed)
{
    struct history_event last[HISTORY_REVIEWS];
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (i + 1 == run->count || run->events[i + 1].id != run->events[i].id)
            last[count++] = run->events[i];
    }
    run->sink->check(redis, last, count, products, seed);
}

void history_run(struct private_redis *redis, const struct history_sink *sink, unsigned seed)
{
    struct run run = {.sink = sink, .random = seed * 2654435761u + 1};
    struct rs_error error;
    private_redis_do(redis, "FLUSHALL");
    make_events(&run);
    for (size_t i = 0; i < HISTORY_MEMBERS; i++) {
        struct member *member = &run.members[i];
        member->redis = rs_redis_create(&redis->config, sink->scripts, &error);
        member->placing = rs_placing_create(member->redis, "t:", sink->kinds);
        cr_assert(member->redis && member->placing);
    }
    for (unsigned tick = 0; run.open > 0; tick++) {
        cr_assert(tick < 100000, "seed %u does not end", seed);
        advance(&run, &run.members[below(&run, HISTORY_MEMBERS)], seed);
    }
    for (size_t i = 0; i < HISTORY_MEMBERS; i++) {
        struct member *member = &run.members[i];
        /* A late member goes on where it stood. */
        while (member->stage != IDLE)
            advance(&run, member, seed);
        rs_placing_destroy(member->placing);
        rs_redis_destroy(member->redis);
    }
    check(&run, redis, seed);
}
