/* grouping.h - the items of a batch brought together by name, in time that is linear in them.
 * Groups are numbered in the order in which their names come, and items keep theirs. Pure. */
#ifndef RS_CORE_GROUPING_H
#define RS_CORE_GROUPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

struct rs_group {
    struct rs_bytes name; /* borrowed */
    uint64_t hash;
    uint32_t first;   /* of its turns, once sorted */
    uint32_t next[2]; /* then the ends of those before and of those behind */
};

/* A zeroed one is empty. The arrays have room for `size` items; read them, no more. */
struct rs_grouping {
    size_t size, item_count, group_count;
    struct rs_group *groups;
    uint32_t *items; /* each one's group, and whether it stands behind, in the lowest bit */
    uint32_t *turns; /* items, sorted */
    uint32_t *slots; /* a group's index + 1, found by its hash; 0: free */
    size_t slot_count;
};

/* Forget all, and make room for up to `most` items; false: out of memory. */
bool rs_grouping_start(struct rs_grouping *grouping, size_t most);
/* Add the next item; returns the index of its group. `hash` is the same for the same name; a name
 * without data is the same as no other. `behind`: it comes after the group's others. */
size_t rs_grouping_add(struct rs_grouping *grouping, struct rs_bytes name, uint64_t hash,
                       bool behind);
/* Fill `turns` and each group's `first`. */
void rs_grouping_sort(struct rs_grouping *grouping);
/* Free the memory. Accepts NULL and a zeroed one. */
void rs_grouping_finish(struct rs_grouping *grouping);

#endif
