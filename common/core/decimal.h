/* decimal.h - whole numbers as text, many times faster than printf. Pure. */
#ifndef RS_CORE_DECIMAL_H
#define RS_CORE_DECIMAL_H

#include <stdint.h>

#include "core/bytes.h"

/* Add a number in canonical decimal. */
void rs_decimal_add(struct rs_buffer *out, int64_t value);

/* The same with zeros in front, up to `digits` (at most 20): 7 with 3 is "007". */
void rs_decimal_add_padded(struct rs_buffer *out, uint64_t value, unsigned digits);

enum { RS_DECIMAL_BYTES = 24 };
/* The same into `text` of RS_DECIMAL_BYTES, with a terminator; returns where it begins in it. */
const char *rs_decimal_text(char *text, int64_t value);

#endif
