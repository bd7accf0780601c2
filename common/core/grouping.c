#include "core/grouping.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 64, MOST = 1 << 30 };

static bool make_room(struct rs_grouping *grouping, size_t most)
{
    size_t size = LEAST;
    if (grouping->size > 0 && most <= grouping->size)
        return true;
    while (size < most)
        size *= 2;
    assert(size <= MOST);
    rs_grouping_finish(grouping);
    grouping->groups = malloc(size * sizeof(*grouping->groups));
    grouping->items = malloc(size * sizeof(*grouping->items));
    grouping->turns = malloc(size * sizeof(*grouping->turns));
    grouping->slots = malloc(2 * size * sizeof(*grouping->slots));
    if (!grouping->groups || !grouping->items || !grouping->turns || !grouping->slots) {
        rs_grouping_finish(grouping);
        return false;
    }
    grouping->size = size;
    return true;
}

bool rs_grouping_start(struct rs_grouping *grouping, size_t most)
{
    size_t slots = 2 * LEAST;
    grouping->item_count = grouping->group_count = 0;
    if (!make_room(grouping, most))
        return false;
    while (slots < 2 * most) /* so that half of them stay free */
        slots *= 2;
    memset(grouping->slots, 0, slots * sizeof(*grouping->slots));
    grouping->slot_count = slots;
    return true;
}

static size_t add_group(struct rs_grouping *grouping, struct rs_bytes name, uint64_t hash)
{
    grouping->groups[grouping->group_count] = (struct rs_group){.name = name, .hash = hash};
    return grouping->group_count++;
}

/* Names whose hashes collide cost a comparison of hashes each; a batch is not that large. */
static size_t find_group(struct rs_grouping *grouping, struct rs_bytes name, uint64_t hash)
{
    const size_t mask = grouping->slot_count - 1;
    size_t slot = (size_t)hash & mask;
    for (; grouping->slots[slot]; slot = (slot + 1) & mask) {
        const struct rs_group *group = &grouping->groups[grouping->slots[slot] - 1];
        if (group->hash == hash && rs_bytes_equal(group->name, name))
            return grouping->slots[slot] - 1;
    }
    size_t index = add_group(grouping, name, hash);
    grouping->slots[slot] = (uint32_t)index + 1;
    return index;
}

size_t rs_grouping_add(struct rs_grouping *grouping, struct rs_bytes name, uint64_t hash,
                       bool behind)
{
    assert(grouping->item_count < grouping->size);
    size_t group = name.data ? find_group(grouping, name, hash) : add_group(grouping, name, hash);
    grouping->items[grouping->item_count++] = (uint32_t)group << 1 | behind;
    grouping->groups[group].next[behind]++;
    return group;
}

/* What was counted tells where each group's turns begin. */
void rs_grouping_sort(struct rs_grouping *grouping)
{
    uint32_t turn = 0;
    for (size_t i = 0; i < grouping->group_count; i++) {
        struct rs_group *group = &grouping->groups[i];
        uint32_t before = group->next[0], behind = group->next[1];
        group->first = group->next[0] = turn;
        group->next[1] = turn + before;
        turn += before + behind;
    }
    for (size_t i = 0; i < grouping->item_count; i++) {
        uint32_t item = grouping->items[i];
        grouping->turns[grouping->groups[item >> 1].next[item & 1]++] = (uint32_t)i;
    }
}

void rs_grouping_finish(struct rs_grouping *grouping)
{
    if (!grouping)
        return;
    free(grouping->groups);
    free(grouping->items);
    free(grouping->turns);
    free(grouping->slots);
    *grouping = (struct rs_grouping){0};
}
