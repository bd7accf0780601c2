#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/array.h"
#include "support/alloc.h"

Test(array, keeps_its_content_while_it_grows)
{
    int *numbers = NULL;
    size_t size = 0;
    for (size_t i = 0; i < 1000; i++) {
        cr_assert(rs_array_reserve(&numbers, &size, i + 1, sizeof(*numbers)));
        cr_assert_gt(size, i);
        numbers[i] = (int)i;
    }
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(numbers[i], (int)i);
    free(numbers);
}

Test(array, doubles_so_that_few_additions_move_it)
{
    char *bytes = NULL;
    size_t size = 0, moves = 0;
    for (size_t count = 1; count <= 1 << 20; count++) {
        size_t before = size;
        cr_assert(rs_array_reserve(&bytes, &size, count, 1));
        moves += size != before;
    }
    cr_expect_leq(moves, 22);
    free(bytes);
}

Test(array, needs_no_memory_for_what_it_has_room_for)
{
    char *bytes = NULL;
    size_t size = 0;
    rs_alloc_fail_at(0);
    cr_expect(rs_array_reserve(&bytes, &size, 0, 1));
    cr_expect_null(bytes);
    (void)rs_alloc_reset();
    cr_assert(rs_array_reserve(&bytes, &size, 8, 1));
    rs_alloc_fail_at(0);
    cr_expect(rs_array_reserve(&bytes, &size, 8, 1));
    cr_expect_not(rs_alloc_reset(), "nothing was asked for");
    free(bytes);
}

Test(array, a_failed_allocation_changes_nothing)
{
    long *numbers = NULL;
    size_t size = 0;
    cr_assert(rs_array_reserve(&numbers, &size, 4, sizeof(*numbers)));
    numbers[3] = 9;
    size_t before = size;
    rs_alloc_fail_at(0);
    cr_expect_not(rs_array_reserve(&numbers, &size, before + 1, sizeof(*numbers)));
    cr_expect(rs_alloc_reset());
    cr_expect(size == before && numbers[3] == 9);
    free(numbers);
}
