/* How far names are from each other. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/nearest.h"

static const struct {
    const char *a, *b;
    size_t distance;
} rows[] = {
    {"", "", 0},
    {"lanes", "lanes", 0},
    {"", "lanes", 5},
    {"lane", "lanes", 1},
    {"lnaes", "lanes", 1},
    {"lames", "lanes", 1},
    {"lannes", "lanes", 1},
    {"sanel", "lanes", 2},
    {"LANES", "lanes", 0},
    {"a_b-c", "a.b.c", 0},
    {"kitten", "sitting", 3},
    {"redis.tsl", "redis.tls", 1},
};

Test(nearest, counts_letters_to_change_in_both_directions)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cr_expect_eq(rs_name_distance(rows[i].a, rows[i].b), rows[i].distance, "%s", rows[i].a);
        cr_expect_eq(rs_name_distance(rows[i].b, rows[i].a), rows[i].distance, "%s", rows[i].a);
    }
}

Test(nearest, counts_128_bytes_of_long_names)
{
    char a[1000], b[1000];
    memset(a, 'a', sizeof(a));
    memset(b, 'b', sizeof(b));
    a[999] = b[999] = '\0';
    cr_expect_eq(rs_name_distance(a, b), 128);
    b[128] = '\0';
    cr_expect_eq(rs_name_distance(b, a), 128);
}

Test(nearest, keeps_the_first_of_the_best)
{
    struct rs_nearest nearest = {.name = "tls"};
    cr_expect_null(nearest.found);
    static const char *const offers[] = {"lanes", "tlx", "tly", "topic"};
    for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++)
        rs_nearest_offer(&nearest, offers[i]);
    cr_expect_str_eq(nearest.found, "tlx");
    cr_expect_eq(nearest.distance, 1);
}
