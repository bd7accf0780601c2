/* answers.h - the answer tables of sinks: which row an answer has, and the tables as a manual. */
#ifndef RS_CORE_ANSWERS_H
#define RS_CORE_ANSWERS_H

#include "core/status.h"

struct rs_sink;

/* The row whose `answer` is exactly this text, else the row "*". `answer` NULL counts as any
 * other answer. `table` ends with a row whose `answer` is NULL, and has a row "*" (asserted). */
const struct rs_answer *rs_answer_find(const struct rs_answer *table, const char *answer);

/* The tables of sinks as Markdown, a section each, in the order given; a sink without a table is
 * left out. `sinks` ends with NULL. The caller frees it; NULL: out of memory. */
char *rs_answers_markdown(const struct rs_sink *const *sinks);

#endif
