/* decimal.h - whole numbers as text, many times faster than printf. Pure. */
#ifndef RS_SINK_DECIMAL_H
#define RS_SINK_DECIMAL_H

#include <stdint.h>

#include "core/bytes.h"

/* Add a number in canonical decimal. */
void rs_decimal_add(struct rs_buffer *out, int64_t value);

enum { RS_DECIMAL_BYTES = 24 };
/* The same into `text` of RS_DECIMAL_BYTES, with a terminator; returns where it begins in it. */
const char *rs_decimal_text(char *text, int64_t value);

#endif
