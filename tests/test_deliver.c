#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/deliver.h"
#include "support/fake_sink.h"

/* One driver with a scripted sink, a scripted dead-letter sink and a clock set by hand. */
struct world {
    struct fake_sink sink, dead;
    struct rs_deliver *deliver;
    int64_t now_ms;
    uint32_t random;    /* what each draw gives */
    char settled[1024]; /* "k1@3=applied …" in order */
};

struct item {
    struct rs_item base;
    char name[32];
    struct world *world;
};

static void settled(void *context, struct rs_item *base, enum rs_outcome outcome)
{
    struct world *world = context;
    struct item *item = (struct item *)base;
    size_t used = strlen(world->settled);
    (void)snprintf(world->settled + used, sizeof(world->settled) - used, "%s%s=%s", used ? " " : "",
                   item->name, rs_outcome_name(outcome));
    rs_operations_destroy(base->ops);
    free(item);
}

static void discard(void *context, struct rs_item *base)
{
    (void)context;
    rs_operations_destroy(base->ops);
    free(base);
}

static bool bury(void *context, struct rs_item *base, enum rs_death why,
                 const struct rs_operation *op)
{
    (void)context;
    char name[64];
    (void)snprintf(name, sizeof(name), "%s:%s", why == RS_DEATH_POISON ? "poison" : "rejected",
                   ((struct item *)base)->name);
    (void)op;
    rs_operations_destroy(base->ops);
    base->ops = rs_operations_create();
    fake_add(base->ops, &fake_dead_sink, name, 0);
    return true;
}

/* Without jitter, unless a test sets another number. */
static uint32_t draw(void *context)
{
    return ((struct world *)context)->random;
}

static int64_t clock_us(void *context)
{
    return ((struct world *)context)->now_ms * 1000;
}

static void start(struct world *world, const char *const *script)
{
    world->sink.requests = script;
    static struct rs_deliver_sink sinks[2];
    sinks[0] = (struct rs_deliver_sink){&fake_sink, &world->sink};
    sinks[1] = (struct rs_deliver_sink){&fake_dead_sink, &world->dead};
    struct rs_deliver_options options = {.base_ms = 100,
                                         .max_ms = 1000,
                                         .poison_attempts = 3,
                                         .sinks = sinks,
                                         .sink_count = 2,
                                         .settled = settled,
                                         .bury = bury,
                                         .random = draw,
                                         .clock_us = clock_us,
                                         .context = world};
    world->deliver = rs_deliver_create(&options);
}

static void stop(struct world *world)
{
    rs_deliver_destroy(world->deliver, discard);
}

static void add(struct world *world, const char *key, int64_t version)
{
    struct item *item = calloc(1, sizeof(*item));
    item->base.ops = rs_operations_create();
    item->world = world;
    (void)snprintf(item->name, sizeof(item->name), "%s@%d", key, (int)version);
    fake_add(item->base.ops, &fake_sink, key, version);
    cr_assert(rs_deliver_add(world->deliver, &item->base));
}

/* Version 1 of each key, a letter each. */
static void add_first(struct world *world, const char *letters)
{
    for (; *letters; letters++)
        add(world, (const char[]){*letters, '\0'}, 1);
}

/* Step until nothing is pending, moving the clock by the waits; gives up after 100 steps. */
static void run(struct world *world)
{
    for (int i = 0; i < 100; i++) {
        int64_t wait = rs_deliver_step(world->deliver);
        if (wait < 0)
            return;
        world->now_ms += wait;
    }
}

Test(deliver, sends_only_unsettled_operations_again)
{
    struct world world = {0};
    start(&world, (const char *const[]){"oro", NULL});
    add_first(&world, "abc");
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@1 b@1 c@1|b@1|");
    cr_expect_str_eq(world.settled, "a@1=applied c@1=applied b@1=applied");
    stop(&world);
}

Test(deliver, sends_the_greatest_version_of_a_key_and_calls_the_others_stale)
{
    struct world world = {0};
    start(&world, NULL);
    add(&world, "a", 2);
    add(&world, "a", 9);
    add(&world, "a", 9);
    add(&world, "a", 3);
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@9|");
    cr_expect_str_eq(world.settled, "a@2=stale a@9=applied a@9=stale a@3=stale");
    stop(&world);
}

Test(deliver, sends_the_next_version_when_the_greatest_is_rejected)
{
    struct world world = {0};
    start(&world, (const char *const[]){"j", NULL});
    add(&world, "a", 2);
    add(&world, "a", 9);
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@9|a@2|");
    cr_expect_str_eq(world.dead.log, "rejected:a@9@0|");
    stop(&world);
}

Test(deliver, keeps_older_versions_waiting_while_the_greatest_is_retried)
{
    struct world world = {.sink.canaries = true};
    start(&world, (const char *const[]){"io", NULL});
    add(&world, "a", 1);
    add(&world, "a", 2);
    add(&world, "b", 1);
    int64_t wait = rs_deliver_step(world.deliver);
    cr_expect(wait >= 50, "the older version must not be sent at once, nor spin: %d", (int)wait);
    cr_expect_str_eq(world.sink.log, "a@2 b@1|");
    world.now_ms += 1000;
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@2 b@1|a@2 ~canary@0|");
    cr_expect_str_eq(world.settled, "b@1=applied a@1=stale a@2=applied");
    stop(&world);
}

Test(deliver, waits_for_an_outage_without_end_and_buries_nothing)
{
    struct world world = {0};
    start(&world, (const char *const[]){"r", "r", "-", "r", "r", "r", "r", "r", "r", "r", NULL});
    add(&world, "a", 1);
    run(&world);
    cr_expect_str_eq(world.settled, "a@1=applied");
    cr_expect_str_empty(world.dead.log);
    cr_expect_geq(world.now_ms, 50 + 100 + 200 + 6 * 500, "waits grow to the cap");
    stop(&world);
}

Test(deliver, asks_a_sink_that_is_away_with_one_operation_until_one_succeeds)
{
    struct world world = {0};
    start(&world, (const char *const[]){"rrr", "r", "r", "o", "ooo", NULL});
    add_first(&world, "abc");
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@1 b@1 c@1|a@1|a@1|a@1|b@1 c@1|");
    cr_expect_str_eq(world.settled, "a@1=applied b@1=applied c@1=applied");
    stop(&world);
}

Test(deliver, asks_with_any_operation_as_the_first_may_be_of_a_shard_that_is_away)
{
    struct world world = {.random = 1};
    start(&world, (const char *const[]){"rrr", "o", "ro", "r", "o", NULL});
    add_first(&world, "abc");
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@1 b@1 c@1|b@1|a@1 c@1|a@1|a@1|");
    stop(&world);
}

Test(deliver, waits_longer_each_time_for_a_sink_that_takes_one_operation_but_not_all)
{
    struct world world = {0};
    start(&world, (const char *const[]){"rrrr", "o", "rrr", "o", "rr", "o", NULL});
    add_first(&world, "abcd");
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@1 b@1 c@1 d@1|a@1|b@1 c@1 d@1|b@1|c@1 d@1|c@1|d@1|");
    cr_expect_eq(world.now_ms, 100 + 100 + 200, "one success of many does not end the outage");
    stop(&world);
}

Test(deliver, is_in_trouble_until_more_than_the_probe_is_taken)
{
    struct world world = {0};
    start(&world, (const char *const[]){"ff", "o", "o", NULL});
    add(&world, "a", 1);
    add(&world, "b", 1);
    struct rs_deliver_trouble trouble;
    world.now_ms += rs_deliver_step(world.deliver);
    cr_expect_eq(rs_deliver_step(world.deliver), 0, "the rest goes at once");
    rs_deliver_trouble(world.deliver, &trouble);
    cr_expect_eq(trouble.status, RS_FATAL);
    cr_expect_str_eq(trouble.reason, "password");
    cr_expect_not(rs_deliver_stuck(world.deliver));
    run(&world);
    rs_deliver_trouble(world.deliver, &trouble);
    cr_expect_null(trouble.sink);
    stop(&world);
}

Test(deliver, counts_the_wait_from_when_a_request_that_hung_went_out)
{
    struct world world = {0};
    world.sink.clock_ms = &world.now_ms;
    world.sink.takes_ms = 5000;
    start(&world, (const char *const[]){"r", "r", "r", "r", "r", "r", "r", NULL});
    add(&world, "a", 1);
    for (int i = 0; i < 7; i++) {
        int64_t wait = rs_deliver_step(world.deliver);
        cr_expect_eq(wait, 100, "the time-out was the wait, the rest is the base: %d", (int)wait);
        world.now_ms += wait;
    }
    run(&world);
    cr_expect_str_eq(world.settled, "a@1=applied");
    stop(&world);
}

Test(deliver, counts_item_faults_only_beside_a_success)
{
    struct world world = {0}; /* without canaries nothing else succeeds */
    start(&world, (const char *const[]){"i", "i", "i", "i", "i", "i", "i", "o", NULL});
    add(&world, "a", 1);
    run(&world);
    cr_expect_str_eq(world.settled, "a@1=applied");
    cr_expect_str_empty(world.dead.log);
    stop(&world);
}

Test(deliver, buries_what_keeps_failing_while_canaries_succeed)
{
    struct world world = {.sink.canaries = true};
    start(&world, (const char *const[]){"i", "i", "i", "i", "i", "i", NULL});
    add(&world, "a", 1);
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@1|a@1 ~canary@0|a@1 ~canary@0|a@1 ~canary@0|");
    cr_expect_str_eq(world.dead.log, "poison:a@1@0|");
    cr_expect_str_eq(world.settled, "a@1=dead");
    stop(&world);
}

Test(deliver, waits_for_an_outage_of_one_shard_while_others_go_on)
{
    struct world world = {.sink.canaries = true};
    static const char *script[40];
    for (int i = 0; i < 30; i++)
        script[i] = "ro";
    start(&world, script);
    add(&world, "a", 1);
    add(&world, "b", 1);
    run(&world);
    cr_expect_str_eq(world.settled, "b@1=applied a@1=applied");
    cr_expect_str_empty(world.dead.log, "an outage is never poison");
    stop(&world);
}

Test(deliver, shows_a_fatal_answer_as_trouble_and_goes_on_once_it_is_mended)
{
    struct world world = {0};
    start(&world, (const char *const[]){"f", "f", NULL});
    add(&world, "a", 1);
    int64_t wait = rs_deliver_step(world.deliver);
    struct rs_deliver_trouble trouble;
    rs_deliver_trouble(world.deliver, &trouble);
    cr_expect_eq(trouble.status, RS_FATAL);
    cr_expect_str_eq(trouble.reason, "password");
    cr_expect(rs_deliver_stuck(world.deliver));
    world.now_ms += wait;
    run(&world);
    rs_deliver_trouble(world.deliver, &trouble);
    cr_expect_null(trouble.sink);
    cr_expect_not(rs_deliver_stuck(world.deliver));
    cr_expect_str_eq(world.settled, "a@1=applied");
    stop(&world);
}

Test(deliver, waits_for_the_dead_letter_topic_and_drops_nothing)
{
    struct world world = {0};
    start(&world, (const char *const[]){"j", NULL});
    world.dead.requests = (const char *const[]){"r", "r", "j", "r", NULL};
    add(&world, "a", 1);
    run(&world);
    cr_expect_str_eq(world.settled, "a@1=dead");
    cr_expect_eq(world.dead.sent, 5);
    stop(&world);
}

static bool is_a(void *context, struct rs_item *base)
{
    if (((struct item *)base)->name[0] != 'a')
        return false;
    discard(context, base);
    return true;
}

Test(deliver, forgets_what_a_revoke_takes_back)
{
    struct world world = {0};
    start(&world, (const char *const[]){"r", NULL});
    add(&world, "a", 5);
    add(&world, "b", 1);
    (void)rs_deliver_step(world.deliver);
    rs_deliver_drop(world.deliver, is_a);
    cr_expect_eq(rs_deliver_pending(world.deliver), 1);
    world.now_ms += 1000;
    run(&world);
    cr_expect_str_eq(world.sink.log, "a@5 b@1|b@1|");
    stop(&world);
}

/* Whatever the answers and however events are cut into batches, the last applied version of each
 * key is the greatest that is not rejected, and every item is settled once. */
Test(deliver, ends_the_same_for_every_cut_into_batches)
{
    srand(11);
    for (int round = 0; round < 300; round++) {
        struct world world = {.sink.canaries = true};
        static char lines[60][8];
        static const char *script[61];
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 7; j++)
                lines[i][j] = "oooorri"[rand() % 7];
            lines[i][7] = '\0';
            script[i] = lines[i];
        }
        script[60] = NULL;
        start(&world, script);
        int events = 1 + rand() % 20;
        for (int i = 0; i < events; i++) {
            add(&world, (const char *[]){"a", "b", "c"}[rand() % 3], 1 + rand() % 5);
            if (rand() % 3 == 0)
                world.now_ms += rs_deliver_step(world.deliver) >= 0 ? rand() % 2000 : 0;
        }
        for (int i = 0; i < 200 && rs_deliver_pending(world.deliver); i++) {
            (void)rs_deliver_step(world.deliver);
            world.now_ms += 1000;
        }
        int settled_count = 0;
        for (const char *at = world.settled; (at = strchr(at, '=')); at++)
            settled_count++;
        cr_assert_eq(settled_count, events, "round %d: %s", round, world.settled);
        stop(&world);
    }
}
