#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>

bool rs_error_set(struct rs_error *error, const char *format, ...)
{
    if (error) {
        va_list list;
        va_start(list, format);
        (void)vsnprintf(error->text, sizeof(error->text), format, list);
        va_end(list);
    }
    return false;
}
