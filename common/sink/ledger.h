/* ledger.h - sums of contributions, exact whatever is replayed, edited, moved or withdrawn.
 *
 * Keys: `home:{<reviewId>}`, `ledger:{<productId>}` (hash: review id, "<version>\n" and lines
 * "<name>\t<integer>\n"), `summary:{<productId>}` (hash of the sums, no zeros; `rev` grows by 1
 * with each change). The script replaces a review's contribution by a newer one and adds the
 * difference. With a publication (mirror.h) each changed summary is sent to a topic before an
 * operation is confirmed. Steps and crashes: placement.h. */
#ifndef RS_SINK_LEDGER_H
#define RS_SINK_LEDGER_H

#include "core/sink.h"
#include "sink/placement.h"

extern const struct rs_sink rs_ledger;
/* Of Redis, and of the output topic. */
extern const struct rs_answer rs_ledger_answers[];
/* For tests that drive the steps singly. */
extern const char *const rs_ledger_scripts[];
extern const struct rs_placement rs_ledger_kinds;

/* A contribution is a small set of named integers; add one whose name is these parts in a row.
 * Names: 1 to 200 bytes without control characters, each once, not "rev". */
void rs_ledger_count(struct rs_buffer *contribution, const char *kind, const char *name,
                     const char *bucket, int64_t value);

/* Add "the review contributes this to event->product_id"; `contribution` empty: to no product.
 * Borrowed and copied; a failed buffer gives RS_FATAL. Pure. */
enum rs_status rs_ledger_put(struct rs_operations *out, const struct rs_event *event,
                             const struct rs_buffer *contribution);

#endif
