/* hash.h - the hash of features: the same number in C, in the training tool and on every machine.
 *
 * A feature is a space (what kind of feature) and one or two hashes of words. The model's tables
 * are indexed with the low bits; `tools/language/tokens.py` computes the same. */
#ifndef RS_LANGUAGE_HASH_H
#define RS_LANGUAGE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Goes into the model file: another hash is another model format. */
enum { RS_HASH_ID = 1 };

/* The finalizer of MurmurHash3 (Appleby, public domain). */
static inline uint32_t rs_hash_mix(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ h >> 16;
}

/* FNV-1a (32 bits), a byte at a time. */
#define RS_HASH_BEGIN 0x811c9dc5u
static inline uint32_t rs_hash_byte(uint32_t h, unsigned char byte)
{
    return (h ^ byte) * 0x01000193u;
}

/* FNV-1a (32 bits) over the bytes, then mixed, because a table takes the low bits. */
uint32_t rs_hash(const void *data, size_t len);

/* A feature of kind `space`: one word (b = 0), or a pair. The order counts. */
static inline uint32_t rs_hash_join(uint32_t space, uint32_t a, uint32_t b)
{
    uint32_t h = (space * 0x9e3779b1u ^ a) * 0x85ebca6bu;
    h = ((h ^ h >> 15) ^ b) * 0xc2b2ae35u;
    return rs_hash_mix(h);
}

#endif
