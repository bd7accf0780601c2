/* Random histories: members that stop between any two steps, and switches in between. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "sink/active.h"
#include "support/mirroring.h"

enum { MEMBERS = 3 };

TestSuite(mirror_chaos, .init = mirroring_start, .fini = mirroring_stop, .timeout = 110);

struct chaos {
    struct mirroring_member members[MEMBERS];
    struct rs_mirror_item items[MEMBERS][2];
    int stage[MEMBERS];
    bool owed[MEMBERS]; /* a batch that was cut off and left no mark: its events come again */
    int versions[2][2]; /* of generation and key, as the store has them */
    unsigned random;
};
static const char *const keys[] = {"p", "q"};
static const char *const generations[] = {"g1", "g2"};

static unsigned below(struct chaos *chaos, unsigned limit)
{
    chaos->random = chaos->random * 1664525u + 1013904223u;
    return (chaos->random >> 8) % limit;
}

static const char *generation_of(size_t member)
{
    return generations[member == 2];
}

static void crash(struct chaos *chaos, size_t m)
{
    char owner[32];
    static unsigned starts;
    mirroring_leave(&chaos->members[m]);
    chaos->owed[m] |= chaos->stage[m] > 1 && !chaos->items[m][0].marked;
    (void)snprintf(owner, sizeof(owner), "m-%zu-%u", m, starts++);
    mirroring_join(&chaos->members[m], generation_of(m), owner);
    chaos->stage[m] = 0;
}

/* One step of one member's batch. */
static void step(struct chaos *chaos, size_t m)
{
    struct rs_mirror *mirror = chaos->members[m].mirror;
    struct rs_mirror_item *items = chaos->items[m];
    size_t g = m == 2;
    switch (chaos->stage[m]++) {
    case 0:
        for (size_t k = 0; k < 2; k++)
            items[k] = mirroring_item(keys[k]);
        rs_mirror_mark(mirror, items, 2);
        break;
    case 1:
        for (size_t k = 0; k < 2; k++)
            if (below(chaos, 2))
                mirroring_change(generations[g], keys[k], ++chaos->versions[g][k]);
        break;
    case 2:
        rs_mirror_send(mirror, items, 2);
        break;
    case 3:
        rs_mirror_confirm(mirror, items, 2);
        break;
    case 4:
        rs_mirror_settle(mirror, items, 2);
        break;
    default:
        rs_mirror_unmark(mirror, items, 2);
        chaos->stage[m] = 0;
    }
}

static void drain(struct chaos *chaos)
{
    for (size_t m = 0; m < MEMBERS; m++) {
        while (chaos->stage[m])
            step(chaos, m);
        for (size_t k = 0; k < 2 && chaos->owed[m]; k++) {
            struct rs_mirror_item again = mirroring_item(keys[k]);
            mirroring_publish(&chaos->members[m], &again);
        }
    }
    for (int round = 0; round < 3; round++)
        for (size_t m = 0; m < MEMBERS; m++)
            rs_mirror_tick(chaos->members[m].mirror, 1000000 + round * 20000);
}

/* Whether the last record of each key is what the active generation holds. */
static void check_last(struct chaos *chaos, unsigned seed)
{
    const char *active = private_redis_do(&mirroring.redis, "GET reviews:active:v");
    size_t g = strcmp(active, "g2") == 0;
    char want[64], last[2][256] = {"", ""};
    struct mock_records records;
    mock_kafka_read(mirroring.kafka.brokers, "out", 0, &records);
    for (size_t i = 0; i < records.count; i++) {
        const rd_kafka_message_t *message = records.messages[i];
        char header[64];
        mock_kafka_header(message, 0, header, sizeof(header));
        (void)snprintf(last[*(const char *)message->key == 'q'], sizeof(last[0]), "%.*s %s",
                       (int)message->len, (const char *)message->payload, header);
    }
    mock_kafka_forget(&records);
    for (size_t k = 0; k < 2; k++) {
        int version = chaos->versions[g][k];
        (void)snprintf(want, sizeof(want), "%s %d n=%d generation=%s", keys[k], version, version,
                       active);
        if (version)
            cr_assert_str_eq(last[k], want, "seed %u", seed);
    }
    cr_assert_str_eq(mirroring_marks("g1"), "", "seed %u", seed);
    cr_assert_str_eq(mirroring_marks("g2"), "", "seed %u", seed);
}

Test(mirror_chaos, the_last_record_is_what_the_store_holds_whoever_races_or_dies)
{
    for (unsigned seed = 1; seed <= 25; seed++) {
        struct chaos chaos = {.random = seed * 2654435761u};
        char reason[RS_REASON_BYTES];
        int64_t epoch;
        private_redis_do(&mirroring.redis, "FLUSHALL");
        for (size_t m = 0; m < MEMBERS; m++)
            mirroring_join(&chaos.members[m], generation_of(m),
                           m == 0   ? "m-0"
                           : m == 1 ? "m-1"
                                    : "m-2");
        mirroring_begin(&chaos.members[0]);
        mirroring_begin(&chaos.members[2]);
        for (int tick = 0; tick < 60; tick++) {
            size_t m = below(&chaos, MEMBERS);
            unsigned dice = below(&chaos, 20);
            if (dice == 0)
                rs_active_switch(chaos.members[m].redis, "v", generations[below(&chaos, 2)], &epoch,
                                 reason);
            else if (dice == 1)
                crash(&chaos, m);
            else if (dice == 2)
                rs_mirror_tick(chaos.members[m].mirror, tick * 20000);
            else
                step(&chaos, m);
        }
        drain(&chaos);
        check_last(&chaos, seed);
        for (size_t m = 0; m < MEMBERS; m++)
            mirroring_leave(&chaos.members[m]);
    }
}
