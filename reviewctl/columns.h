/* columns.h - asking ClickHouse, for commands. */
#ifndef RS_REVIEWCTL_COLUMNS_H
#define RS_REVIEWCTL_COLUMNS_H

#include "command.h"
#include "core/json.h"
#include "sink/clickhouse_call.h"

/* Open a connection and name the databases of a generation (NULL: "g1", for readers' views). False:
 * complained, exit CTL_USAGE. Closed by rs_ch_view_finish. */
bool columns_open(struct rs_ch_view *view, const struct rs_settings *settings,
                  const char *generation);
/* Complain that ClickHouse did not do it: CTL_UNREACHABLE, CTL_REFUSED or CTL_FAILED. */
int columns_failed(enum rs_status status, const char *reason);

/* Add text as a literal of SQL. */
void columns_quote(struct rs_buffer *sql, const char *text);

/* Run a SELECT and print its rows: a line of JSON each, or a table under these headings (as of
 * table_init) and a title. Returns the exit code; `ret_rows` counts. */
int columns_show(struct rs_ch_view *view, const struct common *common, const char *sql,
                 const char *title, const char *const *headings, size_t *ret_rows);

#endif
