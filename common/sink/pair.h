/* pair.h - the fields of a stored hash. Pure. */
#ifndef RS_SINK_PAIR_H
#define RS_SINK_PAIR_H

#include <stdint.h>

#include "core/bytes.h"

struct rs_reply;

struct rs_pair {
    struct rs_bytes name, value;
    uint64_t head[2]; /* the first bytes of the name, so that most comparisons are of numbers */
};

struct rs_pair rs_pair(struct rs_bytes name, struct rs_bytes value);
/* Less than, equal to or greater than 0, by the bytes of the names. */
int rs_pair_compare(const void *a, const void *b);

/* The fields of a reply to HGETALL, sorted by name, and its version, the field `version`, apart: 0
 * of an absent (empty) hash. `pairs` has room for half of the reply's elements; they borrow from
 * it. false: not of that shape, or there are fields but no version of at least 1. */
bool rs_pairs_read(const struct rs_reply *reply, const char *version, struct rs_pair *pairs,
                   size_t *ret_count, int64_t *ret_version);
/* The value of a field; absent where there is none. `pairs` sorted by name. */
struct rs_bytes rs_pairs_find(const struct rs_pair *pairs, size_t count, const char *name);
/* The first of the pairs whose names begin with `prefix`, and how many they are: they lie side by
 * side. `pairs` sorted by name. */
const struct rs_pair *rs_pairs_within(const struct rs_pair *pairs, size_t count,
                                      struct rs_bytes prefix, size_t *ret_count);

#endif
