/* clickhouse_marker.h - what the view says about itself, in the tables `marker` and `ends`.
 *
 * It counts only beside its birth mark, a row of the view's own table: one that was dropped,
 * truncated or made anew has no marker. Times only rise, because the greatest is kept. */
#ifndef RS_SINK_CLICKHOUSE_MARKER_H
#define RS_SINK_CLICKHOUSE_MARKER_H

#include "core/sink.h"
#include "sink/clickhouse_call.h"

/* Ids that no review can have: an empty one, and one with a control character. */
#define RS_CH_BIRTH "{\"reviewId\":\"\",\"version\":1,\"status\":\"mark\"}\n"
#define RS_CH_CANARY "{\"reviewId\":\"\\u0001\",\"version\":1,\"status\":\"mark\"}\n"

/* As in struct rs_sink. */
enum rs_status rs_ch_read_marker(struct rs_ch_view *view, struct rs_marker *marker, char *reason);
enum rs_status rs_ch_write_marker(struct rs_ch_view *view, const struct rs_marker *marker,
                                  char *reason);

#endif
