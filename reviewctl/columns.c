#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "sink/clickhouse.h"
#include "table.h"

bool columns_open(struct rs_ch_view *view, const struct rs_settings *settings,
                  const char *generation)
{
    const struct rs_clickhouse_config *config = rs_settings_get(settings, &rs_clickhouse_component);
    const struct rs_http_options options = {.urls = config->url,
                                            .user = config->user,
                                            .password = config->password,
                                            .ca_file = config->ca_file,
                                            .connect_ms = config->connect_timeout_ms,
                                            .request_ms = config->request_timeout_ms};
    struct rs_error error = {"out of memory"};
    if (rs_ch_view_init(view, config->database, generation ? generation : "g1", &error) &&
        (view->http = rs_http_create(&options, &error)))
        return true;
    complain(CTL_USAGE, "clickhouse: %s", error.text);
    return false;
}

int columns_failed(enum rs_status status, const char *reason)
{
    return complain(status == RS_RETRY    ? CTL_UNREACHABLE
                    : status == RS_REJECT ? CTL_REFUSED
                                          : CTL_FAILED,
                    "ClickHouse (clickhouse.url): %s", reason);
}

void columns_quote(struct rs_buffer *sql, const char *text)
{
    rs_buffer_add_text(sql, "'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            rs_buffer_add_text(sql, "\\");
        rs_buffer_add(sql, text, 1);
    }
    rs_buffer_add_text(sql, "'");
}

static void add_cell(struct table *table, const struct rs_json *value)
{
    struct rs_bytes text = rs_json_string(value);
    if (!text.data)
        text = rs_json_number(value);
    table_add(table, "%.*s", (int)text.len, text.data ? text.data : "");
}

static bool print_table(struct rs_bytes body, const char *const *headings, size_t *ret_rows)
{
    const struct rs_json_limits limits = {
        .bytes = body.len, .depth = 8, .members = 1 << 20, .string_bytes = body.len};
    struct rs_json_reader *reader = rs_json_reader_create();
    const struct rs_json *value = NULL;
    struct table table;
    bool good = reader && rs_json_read(reader, body, &limits, &value, NULL) == RS_JSON_READ;
    table_init(&table, headings);
    table.widest[0] = 40;
    for (struct rs_json_walk rows = {.of = rs_json_get(value, "data")}; good && rs_json_next(&rows);
         (*ret_rows)++)
        for (struct rs_json_walk cells = {.of = rows.value}; rs_json_next(&cells);)
            add_cell(&table, cells.value);
    if (*ret_rows)
        table_print(&table, stdout);
    table_finish(&table);
    rs_json_reader_destroy(reader);
    return good;
}

int columns_show(struct rs_ch_view *view, const struct common *common, const char *sql,
                 const char *title, const char *const *headings, size_t *ret_rows)
{
    struct rs_ch_answer answer;
    char reason[RS_REASON_BYTES] = "";
    *ret_rows = 0;
    enum rs_status status = rs_ch_call(view, &answer, reason, "%s FORMAT %s", sql,
                                       common->json ? "JSONEachRow" : "JSONCompact");
    if (status != RS_OK)
        return columns_failed(answer.code ? RS_FATAL : status, reason);
    if (common->json) {
        (void)fwrite(answer.body.data, 1, answer.body.len, stdout);
        for (size_t i = 0; i < answer.body.len; i++)
            *ret_rows += answer.body.data[i] == '\n';
        return CTL_OK;
    }
    if (title)
        (void)printf("%s\n", title);
    return print_table(answer.body, headings, ret_rows)
               ? CTL_OK
               : complain(CTL_FAILED, "ClickHouse's answer cannot be read");
}
