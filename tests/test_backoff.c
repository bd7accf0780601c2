#include <criterion/criterion.h>

#include "core/backoff.h"

Test(backoff, doubles_up_to_the_cap_and_keeps_at_least_half)
{
    static const int64_t caps[] = {100, 200, 400, 800, 1000, 1000, 1000};
    for (uint32_t random = 0; random < 5000; random += 617) {
        struct rs_backoff backoff = {.base_ms = 100, .max_ms = 1000};
        for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
            int64_t wait = rs_backoff_next_ms(&backoff, random);
            cr_expect(wait >= caps[i] / 2 && wait <= caps[i], "try %zu waits %d ms", i, (int)wait);
        }
    }
}

Test(backoff, never_overflows_and_starts_again_after_a_reset)
{
    struct rs_backoff backoff = {.base_ms = 1, .max_ms = 5000};
    for (int i = 0; i < 1000; i++)
        cr_assert(rs_backoff_next_ms(&backoff, 0xffffffffu) <= 5000);
    rs_backoff_reset(&backoff);
    cr_expect_leq(rs_backoff_next_ms(&backoff, 0), 1);
}
