/* The lookup of answer rows and the manual made of them. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/answers.h"
#include "core/sink.h"

static const struct rs_answer table[] = {
    {"1", RS_OK, RS_OUTAGE, "applied"},
    {"-OOM", RS_RETRY, RS_OUTAGE, "maxmemory reached"},
    {"a|b", RS_RETRY, RS_ITEM, "this | that"},
    {"-NOAUTH", RS_FATAL, RS_OUTAGE, "password needed"},
    {"*", RS_RETRY, RS_ITEM, "any other error"},
    {NULL, RS_OK, RS_OUTAGE, NULL},
};
static const struct {
    const char *answer;
    size_t row;
} rows[] = {
    {"1", 0}, {"-OOM", 1}, {"-NOAUTH", 3}, {"-OO", 4}, {"-OOM ", 4}, {"", 4}, {NULL, 4}, {"*", 4},
};

Test(answers, finds_the_exact_row_or_that_of_any_other)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        cr_expect_eq(rs_answer_find(table, rows[i].answer), &table[rows[i].row], "row %zu", i);
}

Test(answers, are_printed_as_a_table_per_sink)
{
    static const struct rs_sink one = {.name = "one", .answers = table};
    static const struct rs_sink none = {.name = "none"};
    static const struct rs_answer few[] = {{"*", RS_REJECT, RS_OUTAGE, "all"},
                                           {NULL, RS_OK, RS_OUTAGE, NULL}};
    static const struct rs_sink two = {.name = "two", .answers = few};
    const struct rs_sink *const sinks[] = {&one, &none, &two, NULL};
    char *page = rs_answers_markdown(sinks);
    cr_assert_not_null(page);
    cr_expect_str_eq(page, "## one\n\n"
                           "| answer | status | fault | meaning |\n|---|---|---|---|\n"
                           "| `1` | ok |  | applied |\n"
                           "| `-OOM` | retry | outage | maxmemory reached |\n"
                           "| `a\\|b` | retry | item | this \\| that |\n"
                           "| `-NOAUTH` | fatal |  | password needed |\n"
                           "| any other | retry | item | any other error |\n"
                           "\n## two\n\n"
                           "| answer | status | fault | meaning |\n|---|---|---|---|\n"
                           "| any other | reject |  | all |\n");
    free(page);
}
