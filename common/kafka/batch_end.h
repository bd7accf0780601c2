/* batch_end.h - where a batch that cannot be read ends: found by reading at offsets behind it.
 *
 * A reader learns the first offset of a batch that it cannot unpack, never the last. Reading at
 * any offset inside of it fails alike, behind it it does not, so the end is bisected. Pure. */
#ifndef RS_KAFKA_BATCH_END_H
#define RS_KAFKA_BATCH_END_H

#include <stdbool.h>
#include <stdint.h>

struct rs_batch_end {
    int64_t base; /* first offset of the batch, as the broker stores it */
    int64_t bad;  /* greatest offset known to lie in it */
    int64_t good; /* smallest offset known to lie behind it; at first the end of the log */
};

/* Reading at `at` failed in the batch that begins at `base`; the log ends before `log_end`. */
struct rs_batch_end rs_batch_end_begin(int64_t base, int64_t at, int64_t log_end);
/* Whether it ends at `bad` and the next offset to read is `good`. */
bool rs_batch_end_is_known(const struct rs_batch_end *end);
/* The offset to read at next, while it is not known. */
int64_t rs_batch_end_probe(const struct rs_batch_end *end);
/* What reading there gave: a record or the end of the log, or a failure in the batch that begins
 * at `base` (perhaps another one, which then lies behind). */
void rs_batch_end_readable(struct rs_batch_end *end, int64_t at);
void rs_batch_end_failed(struct rs_batch_end *end, int64_t at, int64_t base);

#endif
