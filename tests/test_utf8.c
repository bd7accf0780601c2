#include <criterion/criterion.h>
#include <string.h>

#include "core/utf8.h"

static const struct {
    const char *text;
    bool valid, control;
} rows[] = {
    {"", true, false},
    {"abc ~", true, false},
    {"\t", true, true},
    {"a\x1f", true, true},
    {"a\x7f", true, true},
    {"\xc2\x80", true, true},
    {"x\xc2\x9fx", true, true},
    {"\xc2\xa0", true, false},
    {"\xc3\x80\xc3\x9f", true, false}, /* letters whose second byte is 80 to 9f */
    {"\xdf\xbf", true, false},
    {"\xe0\xa0\x80\xef\xbf\xbf", true, false},
    {"\xed\x9f\xbf\xee\x80\x80", true, false},
    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true, false},
    {"\x80", false, false},
    {"\xc0\x80", false, false},
    {"\xc1\xbf", false, false},
    {"\xc3", false, false},
    {"\xc3(", false, false},
    {"\xe0\x9f\xbf", false, false},
    {"\xe2\x82", false, false},
    {"\xe2\x28\xa1", false, false},
    {"\xe2\x82\x28", false, false},
    {"\xed\xa0\x80", false, false},
    {"\xed\xbf\xbf", false, false},
    {"\xf0\x8f\xbf\xbf", false, false},
    {"\xf0\x9f\x98", false, false},
    {"\xf0\x9f\x98\x28", false, false},
    {"\xf4\x90\x80\x80", false, false},
    {"\xf5\x80\x80\x80", false, false},
    {"\xff", false, false},
};

Test(utf8, is_told_from_other_bytes)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cr_expect_eq(rs_utf8_is_valid(rs_text(rows[i].text)), rows[i].valid, "row %zu", i);
        if (rows[i].valid)
            cr_expect_eq(rs_utf8_has_control(rs_text(rows[i].text)), rows[i].control, "row %zu", i);
    }
    cr_expect(rs_utf8_is_valid((struct rs_bytes){0}) && !rs_utf8_has_control((struct rs_bytes){0}));
    cr_expect(rs_utf8_has_control((struct rs_bytes){"a\0", 2}));
}

/* Eight bytes are looked at together: each character at each place of texts of each length. */
Test(utf8, shows_a_control_character_wherever_it_stands)
{
    static const struct {
        const char *text;
        bool control;
    } marks[] = {{"\x01", true},
                 {"\x1f", true},
                 {"\x7f", true},
                 {"\xc2\x80", true},
                 {" ", false},
                 {"~", false},
                 {"\xc2\xa0", false},
                 {"\xc3\x80", false},
                 {"\x09", true},
                 {"\xc2\x9f", true},
                 {"\xf0\x9f\x98\x80", false}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        size_t own = strlen(marks[i].text);
        for (size_t len = own; len <= 40; len++) {
            for (size_t at = 0; at + own <= len; at++) {
                char text[41];
                memset(text, 'a' + (int)at % 26, len);
                memcpy(text + at, marks[i].text, own);
                cr_expect_eq(rs_utf8_has_control((struct rs_bytes){text, len}), marks[i].control,
                             "row %zu at %zu of %zu", i, at, len);
            }
        }
    }
}

Test(utf8, is_shown_in_one_line_of_ascii)
{
    char buffer[8];
    cr_expect_str_eq(rs_utf8_show(rs_text("a b~"), buffer, sizeof(buffer)), "a b~");
    cr_expect_str_eq(rs_utf8_show(rs_text("\n\xc3\xa9\x7f"), buffer, sizeof(buffer)), "????");
    cr_expect_str_eq(rs_utf8_show(rs_text("0123456789"), buffer, sizeof(buffer)), "0123456");
    cr_expect_str_eq(rs_utf8_show((struct rs_bytes){0}, buffer, sizeof(buffer)), "");
}
