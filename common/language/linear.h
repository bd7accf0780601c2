/* linear.h - linear heads over hashed features: a table of int8 weights with a scale per head.
 *
 * A section of the model, little-endian: u32 bits, u32 heads, f64 scale[heads], f64 bias[heads],
 * i8 weights[1 << bits][heads]. */
#ifndef RS_LANGUAGE_LINEAR_H
#define RS_LANGUAGE_LINEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"
#include "language/bag.h"

enum { RS_HEADS_MAX = 18 };

struct rs_linear {
    const int8_t *weights; /* borrowed; NULL: there is no such table */
    uint32_t bits, heads;
    double scale[RS_HEADS_MAX], bias[RS_HEADS_MAX];
};

/* False: damaged. The section must outlive the table. */
bool rs_linear_read(struct rs_linear *linear, struct rs_bytes section);

/* The weights of a feature, one for each head. */
static inline const int8_t *rs_linear_row(const struct rs_linear *linear, uint32_t hash)
{
    return linear->weights + (size_t)(hash & ((1u << linear->bits) - 1)) * linear->heads;
}

/* Add the bag's part to each head's margin: scale * (weights . bag) / |bag|. An empty bag adds
 * nothing. Sums are integers, so their order does not matter. */
void rs_linear_add(const struct rs_linear *linear, const struct rs_bag *bag, double *margins);

#endif
