#include "core/decimal.h"

const char *rs_decimal_text(char *text, int64_t value)
{
    char *at = text + RS_DECIMAL_BYTES - 1;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    *at = '\0';
    for (; rest >= 100; rest /= 100) { /* half as many divisions of 64 bits, which are slow */
        unsigned two = (unsigned)(rest % 100);
        *--at = (char)('0' + two % 10);
        *--at = (char)('0' + two / 10);
    }
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    return at;
}

void rs_decimal_add(struct rs_buffer *out, int64_t value)
{
    char text[RS_DECIMAL_BYTES];
    const char *from = rs_decimal_text(text, value);
    rs_buffer_add(out, from, (size_t)(text + RS_DECIMAL_BYTES - 1 - from));
}

void rs_decimal_add_padded(struct rs_buffer *out, uint64_t value, unsigned digits)
{
    char text[RS_DECIMAL_BYTES], *end = text + sizeof(text), *at = end;
    for (; value > 0 || digits > (unsigned)(end - at); value /= 10)
        *--at = (char)('0' + value % 10);
    rs_buffer_add(out, at, (size_t)(end - at));
}
