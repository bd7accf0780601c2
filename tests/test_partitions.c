#include <criterion/criterion.h>
#include <stdlib.h>

#include "runtime/partitions.h"

static struct rs_partitions partitions;

static void start(void)
{
    rs_partitions_init(&partitions);
}

static void stop(void)
{
    rs_partitions_finish(&partitions);
}

TestSuite(partitions, .init = start, .fini = stop);

static struct rs_settled consume(int32_t partition, int64_t offset)
{
    struct rs_settled settled = {.partition = partition, .outcome = RS_OUTCOME_APPLIED};
    cr_assert(
        rs_partitions_consume(&partitions, partition, offset, &settled.epoch, &settled.sequence));
    return settled;
}

static struct rs_partition look(int32_t partition)
{
    int32_t count;
    struct rs_partition *all = rs_partitions_snapshot(&partitions, &count);
    cr_assert_lt(partition, count);
    struct rs_partition one = all[partition];
    free(all);
    return one;
}

static void assert_law(int32_t partition)
{
    struct rs_partition now = look(partition);
    uint64_t sum = now.in_flight;
    for (int i = 0; i < RS_OUTCOMES; i++)
        sum += now.outcomes[i];
    cr_assert_eq(now.consumed, sum);
}

Test(partitions, only_a_settled_prefix_is_a_position)
{
    cr_assert(rs_partitions_assign(&partitions, 2));
    struct rs_settled first = consume(2, 10), second = consume(2, 12);
    cr_expect_eq(rs_partitions_position(&partitions, 2), -1);
    rs_partitions_settle(&partitions, &second, 1);
    cr_expect_eq(rs_partitions_position(&partitions, 2), -1, "the first one is in flight");
    rs_partitions_settle(&partitions, &first, 1);
    cr_expect_eq(rs_partitions_position(&partitions, 2), 13);
    assert_law(2);
}

Test(partitions, an_answer_of_an_older_epoch_is_dropped)
{
    cr_assert(rs_partitions_assign(&partitions, 0));
    struct rs_settled old = consume(0, 0);
    rs_partitions_revoke(&partitions, 0);
    cr_expect_not(rs_partitions_current(&partitions, 0, old.epoch));
    cr_assert(rs_partitions_assign(&partitions, 0));
    struct rs_settled new = consume(0, 0);
    rs_partitions_settle(&partitions, &old, 1);
    cr_expect_eq(rs_partitions_position(&partitions, 0), -1, "it settled the new one");
    cr_expect_eq(look(0).outcomes[RS_OUTCOME_DROPPED], 1);
    rs_partitions_settle(&partitions, &new, 1);
    cr_expect_eq(rs_partitions_position(&partitions, 0), 1);
    assert_law(0);
}

Test(partitions, the_end_moves_the_position_over_gaps_only_when_nothing_is_in_flight)
{
    cr_assert(rs_partitions_assign(&partitions, 0));
    struct rs_settled one = consume(0, 5);
    rs_partitions_at_end(&partitions, 0, 20);
    cr_expect_eq(rs_partitions_position(&partitions, 0), -1);
    rs_partitions_settle(&partitions, &one, 1);
    cr_expect_eq(rs_partitions_position(&partitions, 0), 20);
    rs_partitions_note(&partitions, 0, 0, 20, 1234);
    cr_expect_eq(look(0).at_end_ms, 1234);
    rs_partitions_note(&partitions, 0, 0, 21, 9999);
    cr_expect_eq(look(0).at_end_ms, 1234, "there is one more to read");
}

Test(partitions, a_lane_has_read_its_own_when_each_was_at_its_end)
{
    for (int32_t i = 0; i < 4; i++)
        cr_assert(rs_partitions_assign(&partitions, i));
    rs_partitions_at_end(&partitions, 1, 0);
    cr_expect_not(rs_partitions_are_read(&partitions, 1, 2));
    rs_partitions_at_end(&partitions, 3, 7);
    cr_expect(rs_partitions_are_read(&partitions, 1, 2), "0 and 2 are another lane's");
    cr_expect_not(rs_partitions_are_read(&partitions, 0, 1));
    rs_partitions_revoke(&partitions, 0);
    rs_partitions_revoke(&partitions, 2);
    cr_expect(rs_partitions_are_read(&partitions, 0, 2), "none is left to wait for");
    cr_assert(rs_partitions_assign(&partitions, 0));
    cr_expect_not(rs_partitions_are_read(&partitions, 0, 2), "it begins again");
}

Test(partitions, is_read_too_as_far_as_its_watermark_says)
{
    cr_assert(rs_partitions_assign(&partitions, 0));
    rs_partitions_note(&partitions, 0, 3, 8, 1);
    consume(0, 6);
    cr_expect_not(rs_partitions_are_read(&partitions, 0, 1), "7 is left");
    consume(0, 7);
    cr_expect(rs_partitions_are_read(&partitions, 0, 1));
    rs_partitions_note(&partitions, 0, 3, 9, 2);
    cr_expect_not(rs_partitions_are_read(&partitions, 0, 1), "8 came");
    rs_partitions_revoke(&partitions, 0);
    cr_assert(rs_partitions_assign(&partitions, 0));
    cr_expect_not(rs_partitions_are_read(&partitions, 0, 1), "what was consumed was of before");
    rs_partitions_note(&partitions, 0, 9, 9, 3);
    cr_expect(rs_partitions_are_read(&partitions, 0, 1), "nothing is in it");
}

Test(partitions, a_named_stop_ends_with_the_assignment)
{
    cr_assert(rs_partitions_assign(&partitions, 1));
    rs_partitions_stop(&partitions, 1, "fetch_error", "why");
    cr_expect_str_eq(look(1).code, "fetch_error");
    cr_expect_str_eq(look(1).text, "why");
    rs_partitions_revoke(&partitions, 1);
    cr_expect_null(look(1).code);
}

Test(partitions, are_seen_before_they_are_assigned)
{
    cr_assert(rs_partitions_reserve(&partitions, 3));
    const int64_t committed[] = {4, -1, 7};
    rs_partitions_note_committed(&partitions, committed, 3);
    cr_expect_eq(look(2).committed, 7);
    cr_expect_not(look(2).assigned);
}
