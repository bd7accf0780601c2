/* clickhouse_erase.h - erasures become physical: what was stored of a review before it was
 * withdrawn or erased is merged away, and leaves the disk.
 *
 * ClickHouse merges when it likes, or never, so a merge is forced (OPTIMIZE … FINAL, with a pause
 * between two, as it writes the whole table anew). An erasure is finished when no older row is in
 * a part, and the parts that held them are deleted. All instances of a process share one state;
 * one of them at a time works on it. */
#ifndef RS_SINK_CLICKHOUSE_ERASE_H
#define RS_SINK_CLICKHOUSE_ERASE_H

#include "core/sink.h"
#include "sink/clickhouse_call.h"

/* So many withdrawn or erased reviews were just accepted. Any thread. */
void rs_ch_erase_note(uint64_t count);
/* Do the next step, if one is due. Errors wait for the next call. */
void rs_ch_erase_tick(struct rs_ch_view *view, int64_t interval_ms, int64_t now_ms);
/* As in struct rs_sink. */
void rs_ch_erase_report(struct rs_erasures *ret);

#endif
