#include "language/hash.h"

uint32_t rs_hash(const void *data, size_t len)
{
    const unsigned char *byte = data;
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ byte[i]) * 0x01000193u;
    return rs_hash_mix(h);
}
