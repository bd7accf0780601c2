#include "sink/clickhouse_call.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

enum { MOST_ANSWER_BYTES = 1 << 20 };

static bool is_name(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return len >= 1 && len <= 60 && !isdigit((unsigned char)*text);
}

bool rs_ch_view_init(struct rs_ch_view *view, const char *database, const char *generation,
                     struct rs_error *error)
{
    *view = (struct rs_ch_view){.generation = generation};
    if (!is_name(database))
        return rs_error_set(error,
                            "clickhouse.database \"%s\" is no name for one; use 1 to 60 letters, "
                            "digits and _, the first no digit",
                            database);
    (void)snprintf(view->readers, sizeof(view->readers), "%s", database);
    (void)snprintf(view->in_readers, sizeof(view->in_readers), "`%s`", database);
    (void)snprintf(view->database, sizeof(view->database), "%s_%s", database, generation);
    (void)snprintf(view->in_database, sizeof(view->in_database), "`%s_%s`", database, generation);
    return true;
}

void rs_ch_view_finish(struct rs_ch_view *view)
{
    rs_http_destroy(view->http);
    *view = (struct rs_ch_view){0};
}

void rs_ch_run(struct rs_ch_view *view, const char *statement, int64_t within_ms,
               struct rs_ch_answer *ret_answer, char *reason)
{
    const struct rs_http_request request = {.method = "POST",
                                            .path = "/?optimize_throw_if_noop=1",
                                            .content_type = "text/plain",
                                            .body = rs_text(statement),
                                            .max_bytes = MOST_ANSWER_BYTES,
                                            .within_ms = within_ms};
    struct rs_http_answer answer;
    *ret_answer = (struct rs_ch_answer){0};
    rs_http_send(view->http, &request, &answer);
    ret_answer->row = rs_ch_answer_row(&answer);
    ret_answer->body = answer.body;
    if (!ret_answer->row)
        return;
    ret_answer->code = answer.outcome == RS_HTTP_ANSWERED ? rs_ch_code(answer.body) : 0;
    rs_ch_quote(&answer, ret_answer->row, reason);
    if (ret_answer->row->status == RS_RETRY && ret_answer->row->fault == RS_OUTAGE)
        rs_http_move_on(view->http);
}

enum rs_status rs_ch_call(struct rs_ch_view *view, struct rs_ch_answer *ret_answer, char *reason,
                          const char *format, ...)
{
    va_list list;
    char *text = NULL;
    va_start(list, format);
    int len = vasprintf(&text, format, list);
    va_end(list);
    *ret_answer = (struct rs_ch_answer){.row = rs_ch_row("out of memory")};
    if (len < 0)
        return rs_ch_complain(reason, RS_RETRY, "out of memory");
    rs_ch_run(view, text, 0, ret_answer, reason);
    free(text);
    if (!ret_answer->row)
        return RS_OK;
    /* A statement is no row: what refuses it now refuses it until somebody acts. */
    return ret_answer->row->status == RS_REJECT ? RS_FATAL : ret_answer->row->status;
}

static void step_over(const char **at)
{
    if (**at == '\t' || **at == '\n')
        (*at)++;
}

bool rs_ch_integer(const char **at, int64_t *ret_value)
{
    const struct rs_bytes field = {*at, strcspn(*at, "\t\n")};
    if (!rs_number_integer(field, ret_value))
        return false;
    *at += field.len;
    step_over(at);
    return true;
}

void rs_ch_text(const char **at, char *ret, size_t size)
{
    size_t len = strcspn(*at, "\t\n");
    (void)snprintf(ret, size, "%.*s", (int)len, *at);
    *at += len;
    step_over(at);
}

enum rs_status rs_ch_complain(char *reason, enum rs_status status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(reason, RS_REASON_BYTES, format, list);
    va_end(list);
    return status;
}
