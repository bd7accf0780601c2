/* annotation.h - what a processor found in a review's words: kept per review, counted per product,
 * published to a topic.
 *
 * Keys: `review:{<reviewId>}` (home: `s` state p/w/e, `b` the result's JSON of a published one),
 * `ledger:{<productId>}` and `summary:{<productId>}` as in ledger.h, and for each side of an aspect
 * the candidates of all reviews, `evidence:{<productId>}:<aspect>:<side>` (sorted set: review id,
 * "|", place; by strength). Steps and crashes: placement.h. With a publication (mirror.h) a
 * review's record is sent before its operation is confirmed. */
#ifndef RS_SINK_ANNOTATION_H
#define RS_SINK_ANNOTATION_H

#include "core/sink.h"
#include "sink/ledger.h"
#include "sink/mirror.h"
#include "sink/placement.h"

extern const struct rs_sink rs_annotation;
/* Of Redis, and of the output topic. */
extern const struct rs_answer rs_annotation_answers[];
/* For tests that drive the steps singly. */
extern const char *const rs_annotation_scripts[];
extern const struct rs_placement rs_annotation_kinds;

/* Add a candidate to a contribution (rs_ledger_count adds the counts): it stands in the set
 * `<aspect>:<side>` with this strength, as "<review id>|<part>|<from>|<to>", a place in the text.
 * All are free of tabs and line ends; each place once a set. */
void rs_annotation_evidence(struct rs_buffer *contribution, const char *aspect, const char *side,
                            int64_t strength, const char *part, int64_t from, int64_t to);

/* Add "the review's result is this, and it contributes this to event->product_id". `result`: the
 * value of its record, a JSON object; of other than a published review both are left out.
 * Borrowed and copied; a failed buffer gives RS_FATAL. Pure. */
enum rs_status rs_annotation_put(struct rs_operations *out, const struct rs_event *event,
                                 const struct rs_buffer *result,
                                 const struct rs_buffer *contribution);

/* The render of its publications: the stored result, or a null value. Their version is `v`. */
bool rs_annotation_render(struct rs_bytes review, int64_t version, const struct rs_pair *fields,
                          size_t count, struct rs_buffer *out);

#endif
