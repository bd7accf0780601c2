/* parts.h - the bytes of a placement's operation as a text that a test can be compared with. */
#ifndef RS_TESTS_PARTS_H
#define RS_TESTS_PARTS_H

#include "core/operation.h"

enum { PARTS_BYTES = 4096 };

/* Each part as "<len>:<bytes>", one behind the other, into `text`, which is returned. */
const char *parts_text(const struct rs_operation *op, char text[PARTS_BYTES]);

#endif
