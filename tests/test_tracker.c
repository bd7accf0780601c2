#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/tracker.h"

static uint64_t add(struct rs_tracker *tracker, int64_t offset)
{
    uint64_t sequence;
    cr_assert(rs_tracker_add(tracker, offset, &sequence));
    return sequence;
}

static uint64_t sum(const struct rs_tracker *tracker)
{
    uint64_t total = tracker->in_flight;
    for (int i = 0; i < RS_OUTCOMES; i++)
        total += tracker->outcomes[i];
    return total;
}

Test(tracker, moves_only_over_the_settled_prefix)
{
    struct rs_tracker tracker = {.position = -1};
    uint64_t a = add(&tracker, 10), b = add(&tracker, 12), c = add(&tracker, 13);
    rs_tracker_settle(&tracker, b, RS_OUTCOME_APPLIED);
    cr_expect_eq(rs_tracker_position(&tracker), -1, "10 is in flight");
    rs_tracker_settle(&tracker, a, RS_OUTCOME_STALE);
    cr_expect_eq(rs_tracker_position(&tracker), 13);
    rs_tracker_settle(&tracker, c, RS_OUTCOME_DEAD);
    cr_expect_eq(rs_tracker_position(&tracker), 14);
    rs_tracker_finish(&tracker);
}

Test(tracker, reaches_the_end_only_with_nothing_in_flight)
{
    struct rs_tracker tracker = {.position = -1};
    uint64_t a = add(&tracker, 3);
    rs_tracker_at_end(&tracker, 9);
    cr_expect_eq(rs_tracker_position(&tracker), -1);
    rs_tracker_settle(&tracker, a, RS_OUTCOME_SKIPPED);
    rs_tracker_at_end(&tracker, 9);
    cr_expect_eq(rs_tracker_position(&tracker), 9);
    rs_tracker_finish(&tracker);
}

Test(tracker, drops_what_a_revoke_takes_back_and_starts_anew)
{
    struct rs_tracker tracker = {.position = -1};
    uint64_t a = add(&tracker, 0);
    (void)add(&tracker, 1);
    rs_tracker_settle(&tracker, a, RS_OUTCOME_APPLIED);
    rs_tracker_drop(&tracker);
    cr_expect_eq(tracker.outcomes[RS_OUTCOME_DROPPED], 1);
    cr_expect_eq(rs_tracker_position(&tracker), -1);
    uint64_t again = add(&tracker, 1);
    rs_tracker_settle(&tracker, again, RS_OUTCOME_APPLIED);
    cr_expect_eq(rs_tracker_position(&tracker), 2);
    cr_expect_eq(tracker.consumed, sum(&tracker));
    rs_tracker_finish(&tracker);
}

/* Random histories against a plain model: an array of settled flags. */
Test(tracker, agrees_with_a_plain_model_and_keeps_the_law)
{
    srand(7);
    for (int round = 0; round < 50; round++) {
        struct rs_tracker tracker = {.position = -1};
        enum { EVENTS = 2000 };
        static bool settled[EVENTS];
        static uint64_t sequences[EVENTS];
        int added = 0, first = 0;
        for (int i = 0; i < EVENTS; i++)
            settled[i] = false;
        while (first < EVENTS) {
            if (added < EVENTS && rand() % 2)
                sequences[added] = add(&tracker, added * 2), added++;
            int pick = first + (added > first ? rand() % (added - first) : 0);
            if (pick < added && !settled[pick]) {
                rs_tracker_settle(&tracker, sequences[pick],
                                  (enum rs_outcome)(rand() % RS_OUTCOME_DEAD));
                settled[pick] = true;
            }
            while (first < added && settled[first])
                first++;
            int64_t want = first ? (first - 1) * 2 + 1 : -1;
            cr_assert_eq(rs_tracker_position(&tracker), want);
            cr_assert_eq(tracker.consumed, sum(&tracker));
        }
        rs_tracker_finish(&tracker);
    }
}
