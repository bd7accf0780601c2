#include "language/hash.h"

uint32_t rs_hash(const void *data, size_t len)
{
    const unsigned char *byte = data;
    uint32_t h = RS_HASH_BEGIN;
    for (size_t i = 0; i < len; i++)
        h = rs_hash_byte(h, byte[i]);
    return rs_hash_mix(h);
}
