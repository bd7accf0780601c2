#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/decimal.h"
#include "support/alloc.h"

Test(bytes, are_equal_by_length_and_content)
{
    cr_expect(rs_bytes_equal(rs_text("ab"), rs_text("ab")));
    cr_expect(!rs_bytes_equal(rs_text("ab"), rs_text("ac")));
    cr_expect(!rs_bytes_equal(rs_text("ab"), rs_text("abc")));
    cr_expect(!rs_bytes_equal((struct rs_bytes){"a\0b", 3}, (struct rs_bytes){"a\0c", 3}));
    cr_expect(rs_bytes_equal(rs_text(""), rs_text(NULL)));
    cr_expect_null(rs_text(NULL).data);
    cr_expect_eq(rs_text(NULL).len, 0);
}

Test(bytes, gather_in_a_buffer)
{
    struct rs_buffer buffer = {0};
    rs_buffer_add(&buffer, NULL, 0);
    rs_buffer_add(&buffer, "a\0b", 3);
    rs_buffer_add_text(&buffer, "cd");
    rs_buffer_printf(&buffer, "%s%03d", "", 7);
    cr_expect_eq(buffer.len, 8);
    cr_expect_eq(memcmp(buffer.data, "a\0bcd007", 9), 0, "with a terminator");
    rs_buffer_clear(&buffer);
    cr_expect(buffer.len == 0 && buffer.size > 0);
    for (size_t i = 0; i < 100000; i++)
        rs_buffer_add(&buffer, "0123456789", 10);
    rs_buffer_printf(&buffer, "%*d", 200000, 5);
    cr_assert(!buffer.failed && buffer.len == 1200000);
    cr_expect_eq(memcmp(buffer.data + 999990, "0123456789 ", 11), 0);
    cr_expect_eq(strlen(buffer.data), 1200000);
    rs_buffer_finish(&buffer);
    cr_expect(!buffer.data && !buffer.len && !buffer.size);
    rs_buffer_finish(&buffer);
    rs_buffer_finish(NULL);
}

Test(bytes, are_taken_from_a_buffer)
{
    struct rs_buffer buffer = {0};
    size_t len = 77;
    char *text = rs_buffer_take(&buffer, &len);
    cr_assert_str_eq(text, "", "an empty buffer gives an empty text");
    cr_expect_eq(len, 0);
    free(text);
    rs_buffer_add_text(&buffer, "abc");
    text = rs_buffer_take(&buffer, &len);
    cr_assert_str_eq(text, "abc");
    cr_expect_eq(len, 3);
    cr_expect(!buffer.data && buffer.len == 0);
    free(text);
    rs_buffer_add_text(&buffer, "d");
    text = rs_buffer_take(&buffer, NULL);
    cr_expect_str_eq(text, "d");
    free(text);
}

Test(bytes, remember_a_failed_allocation_until_the_end)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_buffer buffer = {0};
        size_t len = 77;
        for (int i = 0; i < 100; i++) {
            rs_buffer_add_text(&buffer, "some text ");
            rs_buffer_printf(&buffer, "and %05d;", i);
        }
        cr_expect(!buffer.failed || buffer.len % 10 == 0, "nothing is added after a failure");
        char *text = rs_buffer_take(&buffer, &len);
        cr_assert_eq(text == NULL, rs_alloc_reset(), "allocation %ld", n);
        cr_expect_eq(len, text ? 2000 : 77);
        cr_expect(!buffer.data && !buffer.failed, "the buffer is as new");
        free(text);
    }
}

Test(bytes, of_a_cleared_buffer_forget_a_failure)
{
    struct rs_buffer buffer = {0};
    rs_alloc_fail_at(0);
    rs_buffer_add_text(&buffer, "lost");
    cr_expect(rs_alloc_reset() && buffer.failed && buffer.len == 0);
    rs_buffer_add_text(&buffer, "lost too");
    cr_expect_eq(buffer.len, 0);
    rs_buffer_clear(&buffer);
    rs_buffer_add_text(&buffer, "kept");
    cr_expect(!buffer.failed);
    cr_expect_str_eq(buffer.data, "kept");
    rs_buffer_finish(&buffer);
}

Test(bytes, are_printed_where_they_fit_and_where_they_do_not)
{
    for (size_t len = 0; len < 200; len++) {
        struct rs_buffer buffer = {0};
        char text[200] = "";
        memset(text, 'x', len);
        rs_buffer_add_text(&buffer, "ab");
        rs_buffer_printf(&buffer, "%s%d", text, 7);
        cr_expect_eq(buffer.len, len + 3);
        cr_expect_eq(memcmp(buffer.data, "ab", 2), 0);
        cr_expect_eq(memcmp(buffer.data + 2, text, len), 0);
        cr_expect_str_eq(buffer.data + 2 + len, "7");
        rs_buffer_finish(&buffer);
    }
}

Test(bytes, of_whole_numbers_are_decimal)
{
    struct rs_buffer out = {0};
    rs_decimal_add(&out, 0);
    rs_decimal_add(&out, INT64_MIN);
    rs_decimal_add(&out, INT64_MAX);
    cr_expect_str_eq(out.data, "0-92233720368547758089223372036854775807");
    rs_buffer_clear(&out);
    rs_decimal_add_padded(&out, 7, 3);
    rs_decimal_add_padded(&out, 12345, 3);
    rs_decimal_add_padded(&out, 0, 1);
    rs_decimal_add_padded(&out, 0, 2);
    rs_decimal_add_padded(&out, UINT64_MAX, 20);
    cr_expect_str_eq(out.data, "0071234500018446744073709551615");
    rs_buffer_finish(&out);
}
