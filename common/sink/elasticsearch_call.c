#include "sink/elasticsearch_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ANSWER_BYTES = 4 << 20 };

/* The row of a call that was answered by an error. A call is no operation: what would make a
 * bulk of it smaller is here refused for good, and what a document could cause the server's. */
static const struct rs_answer *row_of(const struct rs_es_error *error)
{
    const struct rs_answer *row = rs_es_request_row(error);
    if (row == rs_es_row("request 400") || row == rs_es_row("request 413"))
        return rs_es_row("call refused");
    return row == rs_es_row("request 500") ? rs_es_row("request 5xx") : row;
}

/* The server's own words are shown: no call carries anything of a review. */
static void describe(const struct rs_es_error *error, const struct rs_answer *row, char *reason)
{
    rs_es_describe(error, row, reason);
    if (row == rs_es_row("call refused") && *error->words)
        (void)snprintf(reason, RS_REASON_BYTES, "%d %.40s: %.140s", error->status, error->type,
                       error->words);
}

void rs_es_call(struct rs_es_view *view, const char *method, const char *path, const char *body,
                struct rs_es_answer *ret_answer, char *reason)
{
    const struct rs_json_limits limits = {
        .bytes = MOST_ANSWER_BYTES, .depth = 32, .members = 50000, .string_bytes = 1 << 20};
    struct rs_http_request request = {.method = method,
                                      .path = path,
                                      .content_type = body ? "application/json" : NULL,
                                      .body = rs_text(body),
                                      .max_bytes = MOST_ANSWER_BYTES};
    struct rs_http_answer answer;
    *ret_answer = (struct rs_es_answer){0};
    rs_http_send(view->http, &request, &answer);
    ret_answer->status = answer.status;
    if (answer.outcome != RS_HTTP_ANSWERED) {
        ret_answer->row = rs_es_outcome_row(answer.outcome);
        rs_es_complain(reason, RS_RETRY, "%s", answer.why);
    } else if (answer.status < 200 || answer.status > 299) {
        rs_es_read_error(view->reader, answer.status, answer.body, &ret_answer->error);
        ret_answer->row = row_of(&ret_answer->error);
        describe(&ret_answer->error, ret_answer->row, reason);
    } else if (rs_json_read(view->reader, answer.body, &limits, &ret_answer->value, NULL) !=
               RS_JSON_READ) {
        ret_answer->row = rs_es_row("bad answer");
        rs_es_complain(reason, RS_RETRY, "the answer of %.80s is no JSON",
                       rs_http_server(view->http));
    }
    if (ret_answer->row && ret_answer->row->status == RS_RETRY)
        rs_http_move_on(view->http);
}

bool rs_es_is_error(const struct rs_es_answer *answer, const char *type)
{
    return answer->row && strcmp(answer->error.type, type) == 0;
}

enum rs_status rs_es_complain(char *reason, enum rs_status status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(reason, RS_REASON_BYTES, format, list);
    va_end(list);
    return status;
}

void rs_es_copy(const struct rs_json *value, char *ret, size_t size)
{
    struct rs_bytes text = rs_json_string(value);
    (void)snprintf(ret, size, "%s", text.data ? text.data : "");
}
