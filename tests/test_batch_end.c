#include <criterion/criterion.h>

#include "kafka/batch_end.h"

/* Batches by their first offset; the last one begins at the end of the log. */
static const struct {
    const char *name;
    int64_t first[6];
    bool readable[6];
    int64_t at;   /* where reading began, in the first unreadable batch */
    int64_t last; /* of that batch */
} rows[] = {
    {"a batch of one", {0, 10, 11, 20, 20}, {true, false, true}, 10, 10},
    {"a batch in the middle", {0, 10, 1000, 5000, 5000}, {true, false, true}, 10, 999},
    {"reading begins within it", {0, 10, 1000, 5000, 5000}, {true, false, true}, 400, 999},
    {"the last of the log", {0, 10, 5000, 5000}, {true, false}, 10, 4999},
    {"another one follows at once", {0, 10, 60, 500, 500}, {true, false, false}, 10, 59},
    {"another one follows later",
     {0, 10, 60, 70, 90, 500},
     {true, false, true, false, true},
     10,
     59},
};

static size_t batch_of(size_t row, int64_t offset)
{
    size_t i = 0;
    while (i + 1 < 6 && rows[row].first[i + 1] > rows[row].first[i] &&
           rows[row].first[i + 1] <= offset)
        i++;
    return i;
}

Test(batch_end, is_found_by_reading_behind_it_and_never_beyond)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t batch = batch_of(i, rows[i].at), last = 0;
        while (last + 1 < 6 && rows[i].first[last + 1] > rows[i].first[last])
            last++;
        struct rs_batch_end end =
            rs_batch_end_begin(rows[i].first[batch], rows[i].at, rows[i].first[last]);
        int probes = 0;
        for (; !rs_batch_end_is_known(&end) && probes < 100; probes++) {
            int64_t at = rs_batch_end_probe(&end);
            size_t found = batch_of(i, at);
            if (rows[i].readable[found] || at >= rows[i].first[last])
                rs_batch_end_readable(&end, at);
            else
                rs_batch_end_failed(&end, at, rows[i].first[found]);
        }
        cr_expect_eq(end.bad, rows[i].last, "%s: %ld", rows[i].name, (long)end.bad);
        cr_expect(probes <= 14, "%s: %d probes", rows[i].name, probes);
    }
}
