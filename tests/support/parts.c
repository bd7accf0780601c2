#include "support/parts.h"

#include <stdio.h>

#include "sink/placement_code.h"

const char *parts_text(const struct rs_operation *op, char text[PARTS_BYTES])
{
    struct rs_bytes rest = {op->bytes, op->len}, part;
    size_t len = 0;
    text[0] = '\0';
    while (len < PARTS_BYTES && rs_part_next(&rest, &part))
        len += (size_t)snprintf(text + len, PARTS_BYTES - len, "%zu:%.*s", part.len, (int)part.len,
                                part.data);
    return text;
}
