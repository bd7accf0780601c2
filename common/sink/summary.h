/* summary.h - from a product's counters to the value of its product-summaries record (design,
 * section 6). Pure. */
#ifndef RS_SINK_SUMMARY_H
#define RS_SINK_SUMMARY_H

#include <stdint.h>

#include "sink/mirror.h"

/* Add the JSON to `out`. `fields`: the counters, sorted by the bytes of their names, without `rev`;
 * unknown names are left out, as other versions may count more. Members are in a fixed order and
 * names sorted, so the same counters give the same bytes. false: a value that is no integer of 0 to
 * 2^53, a name that is no UTF-8; `out` may then hold a part. */
bool rs_summary_render(struct rs_bytes product, int64_t revision, const struct rs_pair *fields,
                       size_t count, struct rs_buffer *out);

/* The summaries of the aggregation's ledger, on topic `product-summaries`. */
extern const struct rs_publication rs_product_summaries;

#endif
