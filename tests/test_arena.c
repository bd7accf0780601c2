#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "support/alloc.h"

Test(arena, gives_pieces_that_are_apart_and_aligned)
{
    struct rs_arena arena = {0};
    static const size_t sizes[] = {1, 24, 0, 7, 300 * 1024, 100, 256 * 1024, 3};
    for (int round = 0; round < 3; round++) {
        unsigned char *pieces[8];
        for (size_t i = 0; i < 8; i++) {
            pieces[i] = rs_arena_take(&arena, sizes[i]);
            cr_assert_not_null(pieces[i]);
            cr_assert_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            memset(pieces[i], (int)i, sizes[i]);
        }
        for (size_t i = 0; i < 8; i++)
            for (size_t j = 0; j < sizes[i]; j++)
                cr_assert_eq(pieces[i][j], i);
        rs_arena_clear(&arena);
    }
    cr_expect_null(rs_arena_take(&arena, SIZE_MAX));
    rs_arena_finish(&arena);
    rs_arena_finish(&arena);
    rs_arena_finish(NULL);
}

Test(arena, survives_a_failed_allocation)
{
    struct rs_arena arena = {0};
    rs_alloc_fail_at(0);
    cr_expect_null(rs_arena_take(&arena, 8));
    (void)rs_alloc_reset();
    cr_expect_not_null(rs_arena_take(&arena, 8));
    rs_arena_finish(&arena);
}
