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

/* FNV-1a (32 bits) over the bytes, then the finalizer of MurmurHash3 (Appleby, public domain),
 * because a table takes the low bits. */
uint32_t rs_hash(const void *data, size_t len);

/* A feature of kind `space`: one word (b = 0), or a pair. The order counts. */
uint32_t rs_hash_join(uint32_t space, uint32_t a, uint32_t b);

#endif
