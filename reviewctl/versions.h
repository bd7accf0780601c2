/* versions.h - whether a compacted topic keeps each review's greatest version: per review, the
 * order in which its versions stand in the log. */
#ifndef RS_REVIEWCTL_VERSIONS_H
#define RS_REVIEWCTL_VERSIONS_H

#include <stdint.h>

#include "core/decode.h"

enum { VERSION_FINDINGS = 20, FINDING_BYTES = 512 };

struct versions_result {
    int64_t records, reviews, skipped, malformed;
    int64_t out_of_order; /* records below a version that came before them, in their partition */
    int64_t last_not_greatest; /* reviews whose last record is not their greatest version */
    int64_t last_malformed;    /* reviews whose last record no processor can apply */
    int64_t scattered;         /* reviews with records in several partitions */
    size_t count;
    char findings[VERSION_FINDINGS][FINDING_BYTES]; /* the first ones, as text */
};

struct versions;
struct versions *versions_create(void); /* NULL: out of memory */
void versions_destroy(struct versions *versions);
/* Records of one partition come in their order. False: out of memory. */
bool versions_add(struct versions *versions, const struct rs_record *record);
void versions_finish(struct versions *versions, struct versions_result *ret_result);

#endif
