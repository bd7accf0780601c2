/* clickhouse.h - flat rows in ClickHouse, 18.16 and later, over HTTP.
 *
 * Each operation is a whole row with its version; ReplacingMergeTree keeps the greatest one. What
 * the server accepted cannot be told from what it had already, so every accepted row counts as
 * applied; a repeated one is harmless. Rows go to the database `<database>_<generation>` in large
 * blocks; readers use the views in `<database>` (config/analytics-schema.sql). */
#ifndef RS_SINK_CLICKHOUSE_H
#define RS_SINK_CLICKHOUSE_H

#include "core/sink.h"

/* Section "clickhouse". */
struct rs_clickhouse_config {
    char *url; /* one or several, separated by commas */
    char *database;
    char *schema_file; /* NULL: config/analytics-schema.sql as it was when the program was built */
    char *user, *password, *ca_file;
    bool compress;
    int64_t block_max_bytes, connect_timeout_ms, request_timeout_ms, erase_interval_ms;
};
extern const struct rs_component rs_clickhouse_component;

/* Sends rows in blocks and waits until the server has acknowledged each. A block that is refused
 * for what is in it is halved down to the row. */
extern const struct rs_sink rs_clickhouse;

/* Looked up by the number of the exception, then as "HTTP <status>", and what befell the
 * connection by its name: see clickhouse_reply.h. */
extern const struct rs_answer rs_clickhouse_answers[];

/* --- encoding: columns are added to a buffer that begins empty --- */

/* NULL and "" are left out: the column's default stands for absent. */
void rs_row_text(struct rs_buffer *row, const char *column, const char *text);
/* 0 is left out. */
void rs_row_integer(struct rs_buffer *row, const char *column, int64_t value);
/* An array: begin, items of one kind, end. */
void rs_row_begin(struct rs_buffer *row, const char *column);
void rs_row_item(struct rs_buffer *row, struct rs_bytes text);
void rs_row_number(struct rs_buffer *row, int64_t value);
void rs_row_end(struct rs_buffer *row);

/* Add "the row of this review now has these columns", besides its id, version and status. `row`
 * stays the caller's; empty for what is not published. RS_FATAL: out of memory, `out` is
 * unchanged. Pure. */
enum rs_status rs_clickhouse_put(struct rs_operations *out, const struct rs_event *event,
                                 const struct rs_buffer *row);

#endif
