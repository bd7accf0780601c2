#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/grouping.h"
#include "support/alloc.h"

enum { MOST = 300 };

struct item {
    char name[8];
    bool named, behind;
    size_t group;
};

/* Seldom different, so that names that differ are told apart although their hashes are equal. */
static uint64_t poor_hash(const char *name)
{
    return (uint64_t)name[0] % 2;
}

static struct rs_bytes name_of(const struct item *item)
{
    return item->named ? rs_text(item->name) : (struct rs_bytes){0};
}

static bool same_group(const struct item *a, const struct item *b)
{
    return a == b || (a->named && b->named && strcmp(a->name, b->name) == 0);
}

/* What must stand before what: groups as they came, in them the items that are not behind, in all
 * else the order of the items. */
static bool stands_before(const struct item *a, const struct item *b)
{
    if (a->group != b->group)
        return a->group < b->group;
    return a->behind != b->behind ? b->behind : a < b;
}

static void check(struct rs_grouping *grouping, struct item *items, size_t count)
{
    cr_assert(rs_grouping_start(grouping, count));
    for (size_t i = 0; i < count; i++) {
        items[i].group = rs_grouping_add(grouping, name_of(&items[i]), poor_hash(items[i].name),
                                         items[i].behind);
        for (size_t j = 0; j < i; j++)
            cr_assert_eq(items[i].group == items[j].group, same_group(&items[i], &items[j]));
    }
    rs_grouping_sort(grouping);
    for (size_t i = 0; i < count; i++) {
        const struct item *item = &items[grouping->turns[i]];
        const struct rs_group *group = &grouping->groups[item->group];
        cr_assert(rs_bytes_equal(group->name, name_of(item)));
        if (i == 0 || items[grouping->turns[i - 1]].group != item->group)
            cr_assert_eq(group->first, i);
        if (i > 0)
            cr_assert(stands_before(&items[grouping->turns[i - 1]], item), "turn %zu", i);
    }
}

Test(grouping, brings_the_items_of_a_name_together_and_keeps_their_order)
{
    struct rs_grouping grouping = {0};
    static struct item items[MOST];
    check(&grouping, items, 0);
    srand(7);
    for (int round = 0; round < 200; round++) {
        size_t count = (size_t)rand() % (MOST + 1);
        int names = 1 + rand() % 400;
        for (size_t i = 0; i < count; i++) {
            items[i] = (struct item){.named = rand() % 8 != 0, .behind = rand() % 3 == 0};
            (void)snprintf(items[i].name, sizeof(items[i].name), "%d", rand() % names);
        }
        check(&grouping, items, count);
    }
    rs_grouping_finish(&grouping);
    rs_grouping_finish(NULL);
}

Test(grouping, says_when_memory_is_out_and_can_start_again)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_grouping grouping = {0};
        if (rs_grouping_start(&grouping, 1000))
            cr_expect_eq(rs_grouping_add(&grouping, rs_text("a"), 1, false), 0);
        rs_grouping_finish(&grouping);
    }
}
