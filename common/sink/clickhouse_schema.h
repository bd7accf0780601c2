/* clickhouse_schema.h - what the analytics view lives in: the database of its generation, made
 * from a versioned file of SQL, and the views that readers use. */
#ifndef RS_SINK_CLICKHOUSE_SCHEMA_H
#define RS_SINK_CLICKHOUSE_SCHEMA_H

#include "core/sink.h"
#include "sink/clickhouse_call.h"

/* config/analytics-schema.sql as it was when the program was built. */
const char *rs_ch_built_in_schema(void);

/* The greatest version in a file; 0: it has none. */
int64_t rs_ch_schema_latest(const char *sql);

/* One statement after the other: of `*at`, which moves behind it, into `out` with comments left
 * out and {database}, {views} and {generation} filled in. `*version` is what it belongs to. False:
 * no more. Out of memory shows in `out`. */
bool rs_ch_schema_next(const char **at, const struct rs_ch_view *view, const char *views,
                       int64_t *version, struct rs_buffer *out);

/* As in struct rs_sink: make what is absent. An older schema is brought up to date only if
 * `migrate`; else it is RS_FATAL, as a newer one is. The first generation becomes active. */
enum rs_status rs_ch_prepare(struct rs_ch_view *view, const char *sql, bool migrate, char *reason);
/* Whether the schema is that of the file; changes nothing. */
enum rs_status rs_ch_check(struct rs_ch_view *view, const char *sql, char *reason);
/* The generation whose views readers use; "" for none. */
enum rs_status rs_ch_active(struct rs_ch_view *view, char ret[RS_CH_NAME_BYTES], char *reason);
/* Let readers use this view's generation, by one RENAME: they see the one or the other. RS_REJECT:
 * it has no views. */
enum rs_status rs_ch_activate(struct rs_ch_view *view, char *reason);

#endif
