#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/counters.h"
#include "support/alloc.h"

enum { NAMES = 7, CONTRIBUTIONS = 40 };

static void expect_sums(struct rs_counters *counters, const char *const *contributions,
                        const char *wanted)
{
    size_t bytes = 0;
    struct rs_bytes text;
    for (size_t i = 0; contributions[i]; i++)
        bytes += strlen(contributions[i]);
    cr_assert(rs_counters_start(counters, bytes));
    for (size_t i = 0; contributions[i]; i++)
        rs_counters_add(counters, rs_text(contributions[i]));
    cr_assert(rs_counters_text(counters, &text));
    cr_assert(rs_bytes_equal(text, rs_text(wanted)), "%.*s instead of %s", (int)text.len, text.data,
              wanted);
}

/* What is no counter is passed over, as the pattern of ledger_lua.h does. */
Test(counters, are_lines_of_a_name_and_an_integer)
{
    static const struct {
        const char *contributions[6], *sums;
    } rows[] = {
        {{NULL}, ""},
        {{"n\t1\n"}, "n\t1\n"},
        {{"n\t1\n", "n\t2\n"}, "n\t3\n"},
        {{"n\t1\nn\t1\n"}, "n\t2\n"},
        {{"n\t1\nsum:a b\t450\n", "sum:a b\t-50\nh:1\t1\n"}, "n\t1\nsum:a b\t400\nh:1\t1\n"},
        {{"n\t5\n", "n\t-5\n"}, "n\t0\n"},
        {{"\n"}, ""},
        {{"\t1\n"}, ""},
        {{"n\t\n", "n\tx\n", "n\t1.5\n", "n\t-\n", "n\n"}, ""},
        {{"food:bad\t70\ttext|1|9\nn\t1\n"}, "n\t1\n"},
        {{"n\t1"}, ""},
        {{"sum\t9007199254740993\n", "sum\t1\n"}, "sum\t9007199254740994\n"},
    };
    struct rs_counters counters = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        expect_sums(&counters, rows[i].contributions, rows[i].sums);
    rs_counters_finish(&counters);
}

Test(counters, are_summed_up_by_name_whatever_came_before)
{
    struct rs_counters counters = {0};
    srand(11);
    for (int round = 0; round < 300; round++) {
        char texts[CONTRIBUTIONS][64], wanted[64 * NAMES] = "";
        const char *contributions[CONTRIBUTIONS + 1];
        int sums[NAMES] = {0}, order[NAMES], known = 0, count = rand() % (CONTRIBUTIONS + 1);
        bool seen[NAMES] = {false};
        for (int i = 0; i < count; i++) {
            int name = rand() % NAMES, value = rand() % 1000 - 300;
            (void)snprintf(texts[i], sizeof(texts[i]), "h:%d\t%d\n%s", name, value,
                           rand() % 3 ? "" : "food:good\t1\ttitle|0|4\n");
            contributions[i] = texts[i];
            sums[name] += value;
            if (!seen[name])
                order[known++] = name;
            seen[name] = true;
        }
        contributions[count] = NULL;
        for (int i = 0; i < known; i++)
            (void)snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "h:%d\t%d\n",
                           order[i], sums[order[i]]);
        expect_sums(&counters, contributions, wanted);
    }
    rs_counters_finish(&counters);
}

Test(counters, survive_every_failed_allocation)
{
    static const char text[] = "n\t1\nsum\t2\n";
    struct rs_bytes sums;
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_counters counters = {0};
        if (rs_counters_start(&counters, sizeof(text) - 1)) {
            rs_counters_add(&counters, rs_text(text));
            if (rs_counters_text(&counters, &sums))
                cr_expect(rs_bytes_equal(sums, rs_text(text)));
        }
        rs_counters_finish(&counters);
    }
}
