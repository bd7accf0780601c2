#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* rows leave out what is false */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/view.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static const struct {
    const char *name;
    bool found, has_data;
    int64_t format;
    const char *fingerprint;
    size_t partitions;
    int64_t away_ms;
    struct rs_view_wish wish;
    const char *code;
    bool needs_verify, soon;
} rows[] = {
    {"a new view may be written", .wish = {.format = 1, .partitions = 4}},
    {"an emptied store is named", .wish = {.format = 1, .has_offsets = true, .has_progress = true},
     .code = "store_lost"},
    {"a rewound group may begin again in an empty store",
     .wish = {.format = 1, .has_offsets = true}},
    {"the same view goes on",
     true,
     true,
     1,
     "aa",
     4,
     0,
     {.format = 1, .partitions = 4, .has_offsets = true, .has_progress = true}},
    {"a newer format is refused",
     true,
     true,
     2,
     "aa",
     4,
     0,
     {.format = 1, .has_offsets = true},
     "newer_format"},
    {"an older format is refused",
     true,
     true,
     1,
     "aa",
     4,
     0,
     {.format = 2, .has_offsets = true},
     "older_format"},
    {"another fingerprint needs a reindex",
     true,
     true,
     1,
     "bb",
     4,
     0,
     {.format = 1, .has_offsets = true},
     "reindex_needed"},
    {"another fingerprint can be accepted",
     true,
     true,
     1,
     "bb",
     4,
     0,
     {.format = 1, .has_offsets = true, .accept_changes = true}},
    {"a newer format cannot be accepted",
     true,
     true,
     2,
     "aa",
     4,
     0,
     {.format = 1, .has_offsets = true, .accept_changes = true},
     "newer_format"},
    {"another number of partitions is named",
     true,
     true,
     1,
     "aa",
     4,
     0,
     {.format = 1, .partitions = 8, .has_offsets = true},
     "partitions_changed"},
    {"data without a group's offsets needs a check",
     true,
     true,
     1,
     "aa",
     4,
     0,
     {.format = 1, .partitions = 4},
     NULL,
     true},
    {"a marker without data and without offsets is a new view",
     true,
     false,
     1,
     "aa",
     4,
     0,
     {.format = 1, .partitions = 4}},
    {"two days away from the end need a check",
     true,
     true,
     1,
     "aa",
     4,
     2 * DAY_MS,
     {.format = 1, .partitions = 4, .has_offsets = true},
     NULL,
     true,
     true},
    {"0.8 of the time warns",
     true,
     true,
     1,
     "aa",
     4,
     DAY_MS / 10 * 9,
     {.format = 1, .partitions = 4, .has_offsets = true},
     NULL,
     false,
     true},
};

Test(view, is_judged_by_its_marker)
{
    static struct rs_marker marker;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_view_wish wish = rows[i].wish;
        struct rs_view_verdict verdict;
        wish.fingerprint = "aa";
        wish.now_ms = (int64_t)100 * DAY_MS;
        wish.delete_retention_ms = DAY_MS;
        marker = (struct rs_marker){.found = rows[i].found,
                                    .has_data = rows[i].has_data,
                                    .format = rows[i].format,
                                    .partitions = rows[i].partitions};
        if (rows[i].fingerprint)
            strcpy(marker.fingerprint, rows[i].fingerprint);
        marker.at_end_ms[1] = wish.now_ms - rows[i].away_ms;
        rs_view_judge(&marker, &wish, &verdict);
        cr_expect((verdict.code == NULL) == (rows[i].code == NULL) &&
                      (!rows[i].code || strcmp(verdict.code, rows[i].code) == 0),
                  "%s: %s", rows[i].name, verdict.code ? verdict.code : "may be written");
        cr_expect_eq(verdict.needs_verify, rows[i].needs_verify, "%s", rows[i].name);
        cr_expect_eq(verdict.verify_soon, rows[i].soon, "%s", rows[i].name);
    }
}

Test(view, tells_when_the_partition_that_is_longest_away_stood_at_the_end)
{
    struct rs_view_verdict verdict;
    struct rs_view_wish wish = {.format = 1, .partitions = 3, .now_ms = 9000};
    struct rs_marker marker = {.found = true, .format = 1, .partitions = 3};
    wish.fingerprint = marker.fingerprint;
    rs_view_judge(&marker, &wish, &verdict);
    cr_expect_eq(verdict.at_end_ms, 0, "never");
    marker.at_end_ms[0] = 8000;
    marker.at_end_ms[2] = 5000;
    rs_view_judge(&marker, &wish, &verdict);
    cr_expect_eq(verdict.at_end_ms, 5000, "a partition that nobody has begun does not count");
}
