/* utf8.h - what bytes are text, and which of it may stand in ids and keywords. */
#ifndef RS_CORE_UTF8_H
#define RS_CORE_UTF8_H

#include <stdbool.h>

#include "core/bytes.h"

/* Whether the bytes are UTF-8 (RFC 3629): no longer form than needed, no surrogates, nothing
 * above U+10FFFF. */
bool rs_utf8_is_valid(struct rs_bytes text);
/* Whether valid UTF-8 holds a control character: U+0000 to 1F, 7F to 9F. */
bool rs_utf8_has_control(struct rs_bytes text);
/* How many characters valid UTF-8 has. */
size_t rs_utf8_length(struct rs_bytes text);

/* Foreign bytes for an error text, into `buffer` of `size` bytes: cut to fit, and whatever is not
 * printable ASCII as '?'. Returns the buffer. */
const char *rs_utf8_show(struct rs_bytes bytes, char *buffer, size_t size);

#endif
