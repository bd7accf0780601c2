/* counters.h - the counters in contributions: lines "name\tnumber\n" among others, which say
 * nothing to it. Pure. */
#ifndef RS_SINK_COUNTERS_H
#define RS_SINK_COUNTERS_H

#include "core/bytes.h"
#include "core/grouping.h"

/* Sums by name; reused from sum to sum. A zeroed one is empty. */
struct rs_counters {
    struct rs_grouping names;
    int64_t *sums; /* of each group */
    size_t size;
    struct rs_buffer text;
};

/* Forget all, and make room for contributions of so many bytes together; false: out of memory. */
bool rs_counters_start(struct rs_counters *counters, size_t bytes);
/* `contribution` is borrowed until the text is made. */
void rs_counters_add(struct rs_counters *counters, struct rs_bytes contribution);
/* A line for each name, in the order in which they came; borrows from `counters`. false: out of
 * memory. */
bool rs_counters_text(struct rs_counters *counters, struct rs_bytes *ret_text);
/* Free the memory. Accepts a zeroed one. */
void rs_counters_finish(struct rs_counters *counters);

#endif
