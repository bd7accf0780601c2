#include "core/answers.h"

#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/sink.h"

const struct rs_answer *rs_answer_find(const struct rs_answer *table, const char *answer)
{
    const struct rs_answer *other = NULL;
    for (; table->answer; table++) {
        if (answer && strcmp(table->answer, answer) == 0)
            return table;
        if (strcmp(table->answer, "*") == 0)
            other = table;
    }
    assert(other);
    return other;
}

/* Text of a cell: a bar would end it. */
static void add_cell(struct rs_buffer *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            rs_buffer_add_text(page, "\\");
        rs_buffer_add(page, text, 1);
    }
}

static void add_row(struct rs_buffer *page, const struct rs_answer *row)
{
    if (strcmp(row->answer, "*") == 0) {
        rs_buffer_add_text(page, "| any other");
    } else {
        rs_buffer_add_text(page, "| `");
        add_cell(page, row->answer);
        rs_buffer_add_text(page, "`");
    }
    rs_buffer_printf(page, " | %s | %s | ", rs_status_name(row->status),
                     row->status == RS_RETRY ? rs_fault_name(row->fault) : "");
    add_cell(page, row->meaning);
    rs_buffer_add_text(page, " |\n");
}

char *rs_answers_markdown(const struct rs_sink *const *sinks)
{
    struct rs_buffer page = {0};
    for (; *sinks; sinks++) {
        if (!(*sinks)->answers)
            continue;
        rs_buffer_printf(&page,
                         "%s## %s\n\n| answer | status | fault | meaning |\n"
                         "|---|---|---|---|\n",
                         page.len ? "\n" : "", (*sinks)->name);
        for (const struct rs_answer *row = (*sinks)->answers; row->answer; row++)
            add_row(&page, row);
    }
    return rs_buffer_take(&page, NULL);
}
