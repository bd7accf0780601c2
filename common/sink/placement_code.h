/* placement_code.h - the bytes of a placement's operation: parts in a row, each behind its
 * length in four bytes of this machine's order, as they never leave the process. Pure. */
#ifndef RS_SINK_PLACEMENT_CODE_H
#define RS_SINK_PLACEMENT_CODE_H

#include "core/bytes.h"

struct rs_claim {
    struct rs_bytes product; /* empty: none */
    struct rs_bytes entry;
    struct rs_bytes values; /* of the home's fields, as parts */
    size_t value_count;
};

void rs_part_add(struct rs_buffer *out, struct rs_bytes part);
/* Take the next part off; false at the end or where the bytes are malformed. */
bool rs_part_next(struct rs_bytes *rest, struct rs_bytes *ret_part);
/* false: not of the encoder's making. Borrows. */
bool rs_claim_decode(struct rs_claim *claim, struct rs_bytes bytes);

#endif
