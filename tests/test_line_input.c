/* Lines of a pipe. The file is no library, so it is included. */
#include "../reviewctl/line_input.c"

#include <criterion/criterion.h>
#include <string.h>

#include "support/alloc.h"

static int pauses;

static void note_pause(void)
{
    pauses++;
}

static struct line_input input_of(const char *text, bool ends, int *ret_writer)
{
    int ends_of_pipe[2];
    cr_assert_eq(pipe(ends_of_pipe), 0);
    cr_assert_eq(write(ends_of_pipe[1], text, strlen(text)), (ssize_t)strlen(text));
    if (ends)
        close(ends_of_pipe[1]);
    if (ret_writer)
        *ret_writer = ends_of_pipe[1];
    pauses = 0;
    return (struct line_input){.fd = ends_of_pipe[0], .pause = note_pause};
}

static void finish(struct line_input *input)
{
    close(input->fd);
    line_input_finish(input);
}

static const struct {
    const char *text;
    const char *lines[4];
} rows[] = {
    {"", {NULL}},
    {"\n", {"", NULL}},
    {"one", {"one", NULL}},
    {"one\ntwo\n", {"one", "two", NULL}},
    {"one\n\ntwo", {"one", "", "two", NULL}},
};

Test(line_input, gives_lines_without_their_ends)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_bytes line;
        struct line_input input = input_of(rows[i].text, true, NULL);
        for (size_t k = 0; rows[i].lines[k]; k++) {
            cr_assert(line_input_next(&input, &line), "row %zu", i);
            cr_expect(rs_bytes_equal(line, rs_text(rows[i].lines[k])), "row %zu", i);
        }
        cr_expect_not(line_input_next(&input, &line), "row %zu", i);
        cr_expect_not(input.failed, "row %zu", i);
        finish(&input);
    }
}

Test(line_input, tells_before_it_waits)
{
    int writer;
    struct rs_bytes line;
    struct line_input input = input_of("one\ntwo\nthr", false, &writer);
    cr_assert(line_input_next(&input, &line));
    cr_assert(line_input_next(&input, &line));
    cr_expect_eq(pauses, 0); /* both were there */
    cr_assert_eq(write(writer, "ee\n", 3), 3);
    cr_assert(line_input_next(&input, &line));
    cr_expect(rs_bytes_equal(line, rs_text("three")));
    cr_expect_eq(pauses, 0);
    close(writer);
    cr_expect_not(line_input_next(&input, &line));
    finish(&input);
}

Test(line_input, says_when_it_failed)
{
    struct rs_bytes line;
    struct line_input input = {.fd = -1, .pause = note_pause};
    cr_expect_not(line_input_next(&input, &line));
    cr_expect(input.failed);
    line_input_finish(&input);
    for (long n = 0; rs_alloc_more(n); n++) {
        struct line_input other = input_of("one\n", true, NULL);
        cr_expect(line_input_next(&other, &line) != other.failed);
        finish(&other);
    }
}
