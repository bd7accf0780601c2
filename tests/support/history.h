/* history.h - random histories of reviews that move, are withdrawn and erased, delivered by several
 * members that stop between any two steps, against the plain fold by the greatest version. */
#ifndef RS_TESTS_HISTORY_H
#define RS_TESTS_HISTORY_H

#include "sink/placement.h"
#include "support/private_redis.h"

enum { HISTORY_REVIEWS = 5, HISTORY_PRODUCTS = 3, HISTORY_VERSIONS = 6, HISTORY_MEMBERS = 3 };

/* One version of a review; product NULL: withdrawn. */
struct history_event {
    const char *id;
    int64_t version;
    const char *product;
    int64_t weight; /* what the entry and the fields are made of */
};

struct history_sink {
    const struct rs_sink *sink;
    const char *const *scripts;
    const struct rs_placement *kinds;
    /* Add the operation of an event. */
    void (*put)(struct rs_operations *out, const struct rs_event *event, const char *product,
                int64_t weight);
    /* Assert that the store holds the last version of each review and nothing else; `products`
     * holds HISTORY_PRODUCTS names. */
    void (*check)(struct private_redis *redis, const struct history_event *last, size_t count,
                  const char *const *products, unsigned seed);
};

/* Run one history to its end and check it; the seed is in every failure's text. Keys begin with
 * "t:". Flushes the server first. */
void history_run(struct private_redis *redis, const struct history_sink *sink, unsigned seed);

#endif
