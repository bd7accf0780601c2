/* How far names are from each other, and which one is near enough to be named. */
#include <criterion/criterion.h>
#include <stdbool.h>
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

/* Of a processor, in the order of its help. */
static const char *const options[] = {"generation",
                                      "lanes",
                                      "memory.limit",
                                      "http.listen",
                                      "batch.events",
                                      "batch.bytes",
                                      "batch.age_ms",
                                      "retry.base_ms",
                                      "retry.max_ms",
                                      "log.format",
                                      "log.level",
                                      "kafka.brokers",
                                      "kafka.topic",
                                      "kafka.group",
                                      "dead_letters.topic",
                                      "mirror.topic",
                                      "redis.url",
                                      "redis.password",
                                      "redis.command_timeout_ms",
                                      "cache.max_body_bytes"};

static const struct {
    const char *name, *nearest;
} slips[] = {
    /* letters */
    {"redis.ulr", "redis.url"},
    {"redis.urls", "redis.url"},
    {"reids.url", "redis.url"},
    {"redis-url", "redis.url"},
    {"REDIS_URI", "redis.url"},
    {"kafka.broker", "kafka.brokers"},
    {"kafak.brokers", "kafka.brokers"},
    {"kafka.borkers", "kafka.brokers"},
    {"kafka.tipoc", "kafka.topic"},
    {"memory.limt", "memory.limit"},
    {"mem.limit", "memory.limit"},
    {"memory_limit", "memory.limit"},
    {"batch.event", "batch.events"},
    {"batch.evnets", "batch.events"},
    {"lane", "lanes"},
    {"redis.timeout_ms", "redis.command_timeout_ms"},
    /* words */
    {"cache.redis.url", "redis.url"},
    {"redis.url_file", "redis.url"},
    {"redis", "redis.url"},
    {"brokers", "kafka.brokers"},
    {"topic", "kafka.topic"},
    {"limit", "memory.limit"},
    {"lanes.min", "lanes"},
    {"max_body_bytes", "cache.max_body_bytes"},
    /* nothing is near */
    {"cache.redi", NULL},
    {"redi", NULL},
    {"server", NULL},
    {"batch.size", NULL},
    {"kafka.", NULL},
    {"kafka.a b", NULL},
    {"threads", NULL},
    {"verbose", NULL},
    {"imit", NULL},
    {"x", NULL},
    {".", NULL},
    {"", NULL},
};

Test(nearest, names_what_is_near_or_nothing)
{
    for (size_t i = 0; i < sizeof(slips) / sizeof(*slips); i++) {
        struct rs_nearest nearest = {.name = slips[i].name};
        for (size_t k = 0; k < sizeof(options) / sizeof(*options); k++)
            rs_nearest_offer(&nearest, options[k]);
        const char *found = nearest.found ? nearest.found : "nothing";
        cr_expect_str_eq(found, slips[i].nearest ? slips[i].nearest : "nothing", "%s: %s",
                         slips[i].name, found);
    }
}

static const struct {
    const char *a, *b;
    bool near;
} borders[] = {
    {"abc", "abX", true},       {"abc", "aXY", false},       {"ab", "aX", false},
    {"abcdef", "abcdXY", true}, {"abcdef", "abcXYZ", false}, {"abcd", "abcdef", true},
    {"abc", "abcdef", false},   {"b", "b.cdefghi", true},    {"b", "aaaaaaa_b", true},
    {"b", "bcdefgh.i", false},  {"b", "aaa.b.ccc", false},
};

Test(nearest, is_a_third_of_the_longer_name_or_whole_words_at_its_ends)
{
    for (size_t i = 0; i < sizeof(borders) / sizeof(*borders); i++) {
        struct rs_nearest there = {.name = borders[i].a}, back = {.name = borders[i].b};
        rs_nearest_offer(&there, borders[i].b);
        rs_nearest_offer(&back, borders[i].a);
        cr_expect_eq(there.found != NULL, borders[i].near, "%s %s", borders[i].a, borders[i].b);
        cr_expect_eq(back.found != NULL, borders[i].near, "%s %s", borders[i].b, borders[i].a);
    }
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
