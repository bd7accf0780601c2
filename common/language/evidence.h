/* evidence.h - the spans of a review that carry its score. */
#ifndef RS_LANGUAGE_EVIDENCE_H
#define RS_LANGUAGE_EVIDENCE_H

#include "language/reading.h"

/* From each token's share of the margin (title's tokens, then the text's), find at most
 * RS_EVIDENCE_MAX spans that together carry at least half of the absolute score. Clauses are
 * taken where they suffice, else longer and longer stretches. A weight is the stretch's part of
 * the sum of all stretches' absolute shares. */
void rs_evidence_find(const struct rs_reading *reading, const int64_t *shares,
                      struct rs_analysis *out);

/* The bytes from the first token of a range to its last one. */
struct rs_span rs_span_of(enum rs_part part, const struct rs_tokens *tokens, size_t from,
                          size_t to);

#endif
