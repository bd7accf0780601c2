/* error.h - why a set-up call failed: one line that names thing, value, limit and remedy. */
#ifndef RS_CORE_ERROR_H
#define RS_CORE_ERROR_H

#include <stdbool.h>

struct rs_error {
    char text[512];
};

/* Write the reason; `error` may be NULL. Returns false, so that a caller can return it. */
bool rs_error_set(struct rs_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
