/* placement.h - a review lives in one product at a time, whatever crashes or replays in between.
 *
 * The home (a hash in the review's slot) and a product's side (two keys in the product's slot)
 * cannot be changed in one step, so there are four (design, section 6), each idempotent:
 *   claim     the home takes the version if it is greater; products left are noted in it (`o`,
 *             lines "version productId\n") with the version at which they were left
 *   apply     at the new product, under its own guard
 *   withdraw  at each product left, at the noted version: a guard is written even where nothing is
 *   forget    the home drops the notes of at most the withdrawn versions
 * An operation that is cut off anywhere is sent again, finds its own version ("equal") and goes
 * through the steps that are left. A late member finds greater guards and changes nothing.
 *
 * Call order: start, claim, apply, forget, finish, each once a batch; between apply and forget the
 * touched products can be looked at, and failed. A step after a lost connection does nothing. */
#ifndef RS_SINK_PLACEMENT_H
#define RS_SINK_PLACEMENT_H

#include "core/operation.h"
#include "sink/redis.h"

/* What a sink's kinds of keys are called, and how many fields its home has beside `v`, `p`, `o`. */
struct rs_placement {
    const char *home;    /* "review" */
    const char *guard;   /* KEYS[1] of the product's scripts */
    const char *content; /* KEYS[2] */
    size_t fields;       /* values of the claim script, in its order */
    bool counted; /* entries hold counters (counters.h), whose sums the product's scripts get */
};

/* The first scripts of the connection, in this order. The claims are RS_CLAIM_SCRIPT of the sink's
 * fields (placement_lua.h); "full" ones must run on a full server. The product's scripts get
 * triples of review id, version and entry ("": none), before them the counters of all entries
 * summed up if they are counted, and return a string with a code of rs_redis_answers for each
 * triple: '1', '0', '2' or '3'; the second gets no entries. */
enum { RS_CLAIM, RS_CLAIM_FULL, RS_APPLY, RS_WITHDRAW, RS_FORGET, RS_PLACEMENT_SCRIPTS };

/* Add "the review is `entry` in `product`, and its home holds `values`" at event->version.
 * `product` NULL: in none (withdrawn, erased). `entry`: not empty. `values`: kinds->fields of them,
 * any bytes; an empty one is an absent field. Everything is copied, but the event's own body as the
 * last value. RS_FATAL: out of memory, `out` unchanged. Pure. */
enum rs_status rs_placement_add(struct rs_operations *out, const struct rs_sink *sink,
                                const struct rs_placement *kinds, const struct rs_event *event,
                                const char *product, struct rs_bytes entry,
                                const struct rs_bytes *values);

/* One batch on its way; reused from batch to batch. One thread. */
struct rs_placing;
/* All borrowed. NULL: out of memory. */
struct rs_placing *rs_placing_create(struct rs_redis *redis, const char *prefix,
                                     const struct rs_placement *kinds);
void rs_placing_destroy(struct rs_placing *placing); /* accepts NULL */

/* The operations are borrowed until finish; no two have the same key. */
void rs_placing_start(struct rs_placing *placing, struct rs_operation *const *ops, size_t count);
void rs_placing_claim(struct rs_placing *placing);
/* The products that apply will touch, new and left ones, each once; known after claim. */
size_t rs_placing_product_count(const struct rs_placing *placing);
struct rs_bytes rs_placing_product(const struct rs_placing *placing, size_t index);
void rs_placing_apply(struct rs_placing *placing);
/* The reviews of the batch, each once; known from start on. */
size_t rs_placing_review_count(const struct rs_placing *placing);
struct rs_bytes rs_placing_review(const struct rs_placing *placing, size_t index);
/* The operation of this review gets this answer, and is not forgotten. */
void rs_placing_fail_review(struct rs_placing *placing, size_t review, const struct rs_answer *row,
                            const char *reason);
/* The operations that touch this product get this answer, and are not forgotten. */
void rs_placing_fail(struct rs_placing *placing, size_t product, const struct rs_answer *row,
                     const char *reason);
void rs_placing_forget(struct rs_placing *placing);
/* Give every operation its answer. */
void rs_placing_finish(struct rs_placing *placing);

/* The code and the notes in a reply of the claim script; `notes` borrows from the reply. false: of
 * another shape. Pure. */
bool rs_claim_parse(const struct rs_reply *reply, char *ret_code, struct rs_bytes *ret_notes);
/* Take the next note off; false at the end, or with `notes` not empty: malformed. Pure. */
bool rs_note_next(struct rs_bytes *notes, struct rs_bytes *ret_version,
                  struct rs_bytes *ret_product);

#endif
