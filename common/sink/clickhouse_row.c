/* clickhouse_row - from an event to the row that is stored, as JSONEachRow. */
#include "core/decimal.h"
#include "core/json.h"
#include "sink/clickhouse.h"

static void add_name(struct rs_buffer *row, const char *column)
{
    rs_buffer_add_text(row, ",\"");
    rs_buffer_add_text(row, column);
    rs_buffer_add_text(row, "\":");
}

void rs_row_text(struct rs_buffer *row, const char *column, const char *text)
{
    if (!text || !*text)
        return;
    add_name(row, column);
    rs_json_write_string(rs_text(text), row);
}

void rs_row_integer(struct rs_buffer *row, const char *column, int64_t value)
{
    if (value == 0)
        return;
    add_name(row, column);
    rs_decimal_add(row, value);
}

void rs_row_begin(struct rs_buffer *row, const char *column)
{
    add_name(row, column);
    rs_buffer_add_text(row, "[");
}

static void separate(struct rs_buffer *row)
{
    if (row->len && row->data[row->len - 1] != '[')
        rs_buffer_add_text(row, ",");
}

void rs_row_item(struct rs_buffer *row, struct rs_bytes text)
{
    separate(row);
    rs_json_write_string(text, row);
}

void rs_row_number(struct rs_buffer *row, int64_t value)
{
    separate(row);
    rs_decimal_add(row, value);
}

void rs_row_end(struct rs_buffer *row)
{
    rs_buffer_add_text(row, "]");
}

enum rs_status rs_clickhouse_put(struct rs_operations *out, const struct rs_event *event,
                                 const struct rs_buffer *row)
{
    static const char *const states[] = {
        [RS_PUBLISHED] = "published", [RS_WITHDRAWN] = "withdrawn", [RS_ERASED] = "erased"};
    struct rs_buffer line = rs_operations_buffer(out);
    rs_buffer_add_text(&line, "{\"reviewId\":");
    rs_json_write_string(rs_text(event->id), &line);
    rs_buffer_add_text(&line, ",\"version\":");
    rs_decimal_add(&line, event->version);
    rs_buffer_add_text(&line, ",\"status\":\"");
    rs_buffer_add_text(&line, states[event->state]);
    rs_buffer_add_text(&line, "\"");
    if (row->len)
        rs_buffer_add(&line, row->data, row->len);
    rs_buffer_add_text(&line, "}\n");
    line.failed |= row->failed;
    size_t len = 0;
    char *bytes = rs_buffer_take(&line, &len);
    return rs_operations_take(out, &rs_clickhouse, event->id, event->version, bytes, len);
}
