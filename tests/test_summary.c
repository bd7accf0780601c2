#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sink/pair.h"
#include "sink/summary.h"
#include "support/alloc.h"

#define EMPTY_MAPS "\"locales\":{},\"tripTypes\":{},\"countries\":{},\"months\":{}}"
enum { MOST = 12 };

/* Fields as NAME, VALUE, … in the order of their names. */
static const struct {
    const char *name, *product;
    int64_t revision;
    const char *fields[2 * MOST + 1];
    const char *want; /* NULL: refused */
} rows[] = {
    {"a product without reviews",
     "h-9",
     4,
     {NULL},
     "{\"productId\":\"h-9\",\"revision\":4,\"reviews\":0,\"ratings\":{}," EMPTY_MAPS},
    {"reviews without a rating",
     "h-9",
     1,
     {"n", "2", NULL},
     "{\"productId\":\"h-9\",\"revision\":1,\"reviews\":2,\"ratings\":{}," EMPTY_MAPS},
    {"an average is rounded halves up",
     "h",
     1,
     {"h:overall:4", "7", "h:overall:5", "1", "n", "8", "n:overall", "8", "sum:overall", "3300",
      NULL},
     "{\"productId\":\"h\",\"revision\":1,\"reviews\":8,\"ratings\":{\"overall\":{\"count\":8,"
     "\"sumHundredths\":3300,\"average\":4.13,\"histogram\":{\"1\":0,\"2\":0,\"3\":0,\"4\":7,"
     "\"5\":1}}}," EMPTY_MAPS},
    {"below a half it is rounded down",
     "h",
     1,
     {"h:a:1", "3", "n", "3", "n:a", "3", "sum:a", "301", NULL},
     "{\"productId\":\"h\",\"revision\":1,\"reviews\":3,\"ratings\":{\"a\":{\"count\":3,"
     "\"sumHundredths\":301,\"average\":1.00,\"histogram\":{\"1\":3,\"2\":0,\"3\":0,\"4\":0,"
     "\"5\":0}}}," EMPTY_MAPS},
    {"counts by keyword, unknown counters left out",
     "h",
     INT64_MAX,
     {"country:FR", "1", "locale:de", "2", "locale:en", "3", "month:2026-01", "4", "n", "5",
      "trip:family", "6", "zebra", "7", NULL},
     "{\"productId\":\"h\",\"revision\":9223372036854775807,\"reviews\":5,\"ratings\":{},"
     "\"locales\":{\"de\":2,\"en\":3},\"tripTypes\":{\"family\":6},\"countries\":{\"FR\":1},"
     "\"months\":{\"2026-01\":4}}"},
    {"names are escaped",
     "h\"\\\xc3\xa9",
     1,
     {"locale:\"\\:{", "1", "n", "1", NULL},
     "{\"productId\":\"h\\\"\\\\\xc3\xa9\",\"revision\":1,\"reviews\":1,\"ratings\":{},"
     "\"locales\":{\"\\\"\\\\:{\":1},\"tripTypes\":{},\"countries\":{},\"months\":{}}"},
    {"a rating whose name begins as another one's, and holds what ends one",
     "h",
     1,
     {"h:a:1", "2", "h:a:b:3", "1", "n", "2", "n:a", "2", "n:a:b", "1", "sum:a", "200", "sum:a:b",
      "300", NULL},
     "{\"productId\":\"h\",\"revision\":1,\"reviews\":2,\"ratings\":{\"a\":{\"count\":2,"
     "\"sumHundredths\":200,\"average\":1.00,\"histogram\":{\"1\":2,\"2\":0,\"3\":0,\"4\":0,"
     "\"5\":0}},\"a:b\":{\"count\":1,\"sumHundredths\":300,\"average\":3.00,\"histogram\":{"
     "\"1\":0,\"2\":0,\"3\":1,\"4\":0,\"5\":0}}}," EMPTY_MAPS},
    {"names that differ behind their first sixteen bytes",
     "h",
     1,
     {"locale:of-a-place-1", "1", "locale:of-a-place-10", "2", "locale:of-a-place-2", "3", "n", "6",
      NULL},
     "{\"productId\":\"h\",\"revision\":1,\"reviews\":6,\"ratings\":{},\"locales\":{"
     "\"of-a-place-1\":1,\"of-a-place-10\":2,\"of-a-place-2\":3},\"tripTypes\":{},"
     "\"countries\":{},\"months\":{}}"},
    {"a counter that is no integer", "h", 1, {"n", "1.5", NULL}, NULL},
    {"a counter below nothing", "h", 1, {"n", "-1", NULL}, NULL},
    {"a counter beyond what is exact", "h", 1, {"n", "9007199254740993", NULL}, NULL},
    {"a counter that is empty", "h", 1, {"n", "", NULL}, NULL},
    {"a name that is no UTF-8", "h", 1, {"locale:\xff", "1", NULL}, NULL},
};

static size_t collect(const char *const *fields, struct rs_pair *pairs)
{
    size_t count = 0;
    for (; fields[2 * count]; count++)
        pairs[count] = rs_pair(rs_text(fields[2 * count]), rs_text(fields[2 * count + 1]));
    return count;
}

Test(summary, is_the_counters_as_json)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_pair pairs[MOST];
        struct rs_buffer out = {0};
        bool good = rs_summary_render(rs_text(rows[i].product), rows[i].revision, pairs,
                                      collect(rows[i].fields, pairs), &out);
        cr_expect_eq(good, rows[i].want != NULL, "%s", rows[i].name);
        if (good && rows[i].want)
            cr_expect_str_eq(out.data, rows[i].want, "%s", rows[i].name);
        rs_buffer_finish(&out);
    }
}

Test(summary, says_when_memory_is_out)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_pair pairs[MOST];
        struct rs_buffer out = {0};
        (void)rs_summary_render(rs_text("h"), 1, pairs, collect(rows[2].fields, pairs), &out);
        cr_expect(out.failed || strstr(out.data, "\"months\":{}}"));
        rs_buffer_finish(&out);
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

/* As memcmp has it, and a name before those that it begins. */
static int plain_order(struct rs_bytes a, struct rs_bytes b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order ? sign(order) : (a.len > b.len) - (a.len < b.len);
}

Test(summary, has_its_fields_in_the_order_of_their_bytes)
{
    static const char alphabet[] = {'\0', 'a', '\x7f', '\xff'};
    char one[12], other[12];
    srand(7);
    for (int round = 0; round < 100000; round++) {
        size_t len = 1 + (size_t)rand() % sizeof(one), same = (size_t)rand() % sizeof(one);
        for (size_t i = 0; i < sizeof(one); i++) {
            one[i] = alphabet[rand() % 4];
            other[i] = i < same ? one[i] : alphabet[rand() % 4];
        }
        struct rs_bytes a = {one, len}, b = {other, 1 + (size_t)rand() % sizeof(other)};
        struct rs_pair x = rs_pair(a, b), y = rs_pair(b, a);
        cr_assert_eq(sign(rs_pair_compare(&x, &y)), plain_order(a, b), "round %d", round);
    }
}
