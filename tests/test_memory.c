#include "runtime/memory.h"

#include <criterion/criterion.h>

static const struct {
    int64_t limit;
    int lanes;
    size_t batch;
} rows[] = {{64 << 20, 1, 10000},  {64 << 20, 64, 500},    {96 << 20, 4, 10000},
            {256 << 20, 4, 10000}, {64ll << 30, 64, 2000}, {256 << 20, 4, 500}};

Test(memory, shares_add_up_and_leave_room_for_what_is_not_counted)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_memory memory = rs_memory_share(rows[i].limit, rows[i].lanes, rows[i].batch);
        size_t lanes = (size_t)rows[i].lanes, free = (size_t)rows[i].limit - (32 << 20);
        size_t shared = memory.prefetch + lanes * (memory.queue + memory.flights + memory.spare);
        cr_expect(shared > free / 5 && shared < free * 5 / 8, "row %zu: %zu of %zu", i, shared,
                  free);
        cr_expect(memory.queue > 0 && memory.flights > memory.queue && memory.spare > 0);
        cr_expect_leq(memory.unused, free / 7);
    }
}
