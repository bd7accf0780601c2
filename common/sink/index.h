/* index.h - the cache's sink: a hash per review, and each product's published reviews in order.
 *
 * Keys: `review:{<reviewId>}` (home), `guard:{<productId>}` (hash: review id, version last applied
 * here), `product:{<productId>}` (sorted set). Steps and crashes: placement.h. */
#ifndef RS_SINK_INDEX_H
#define RS_SINK_INDEX_H

#include "core/sink.h"
#include "sink/placement.h"

extern const struct rs_sink rs_index;
/* For tests that drive the steps singly. */
extern const char *const rs_index_scripts[];
extern const struct rs_placement rs_index_kinds;

/* Add "the review's hash holds this state and body, and its product lists it if it is published".
 * `body`: of a published review, else left out. Copied. RS_FATAL: out of memory. Pure. */
enum rs_status rs_index_put(struct rs_operations *out, const struct rs_event *event,
                            struct rs_bytes body);

#endif
