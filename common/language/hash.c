#include "language/hash.h"

static uint32_t mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ h >> 16;
}

uint32_t rs_hash(const void *data, size_t len)
{
    const unsigned char *byte = data;
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ byte[i]) * 0x01000193u;
    return mix(h);
}

uint32_t rs_hash_join(uint32_t space, uint32_t a, uint32_t b)
{
    uint32_t h = (space * 0x9e3779b1u ^ a) * 0x85ebca6bu;
    h = ((h ^ h >> 15) ^ b) * 0xc2b2ae35u;
    return mix(h);
}
