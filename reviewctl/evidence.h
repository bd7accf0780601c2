/* evidence.h - the words that speak for a product's aspects, fetched from the cached reviews. */
#ifndef RS_REVIEWCTL_EVIDENCE_H
#define RS_REVIEWCTL_EVIDENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"

struct rs_redis;
struct rs_settings;

/* A place of evidence, "<reviewId>|<field>|<start>|<end>". */
struct evidence_place {
    struct rs_bytes review, field;
    int64_t start, end;
};
/* Parse one; borrows. Pure. */
bool evidence_parse(struct rs_bytes member, struct evidence_place *ret);
/* The words at a place in a review's body: NULL where the body has no such place (on borders of
 * characters). A new string. Pure. */
json_t *evidence_words(struct rs_bytes body, const struct evidence_place *place);

/* Add `evidence` {positive, negative} to each of `aspects` of a product's sentiment: the `most`
 * strongest places of either side, with their words where the cache has the judged version.
 * Returns CTL_OK, or complained. */
int evidence_read(const struct rs_settings *settings, struct rs_redis *redis, const char *product,
                  const char *given, int most, json_t *sentiment);

#endif
