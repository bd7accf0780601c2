#include "language/linear.h"

#include <math.h>
#include <string.h>

/* So that no margin's thousandfold leaves 32 bits; NaN is within no bounds. */
enum { SCALE_MAX = 10, BIAS_MAX = 100000 };

/* --- little-endian, as written by the training tool --- */

static uint64_t number(const char *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static double real(const char *at)
{
    uint64_t bits = number(at, 8);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

bool rs_linear_read(struct rs_linear *linear, struct rs_bytes section)
{
    if (section.len < 8)
        return false;
    uint32_t bits = (uint32_t)number(section.data, 4),
             heads = (uint32_t)number(section.data + 4, 4);
    if (bits < 1 || bits > 24 || heads < 1 || heads > RS_HEADS_MAX)
        return false;
    size_t head = 8 + 16 * (size_t)heads;
    if (section.len != head + ((size_t)heads << bits))
        return false;
    *linear = (struct rs_linear){
        .weights = (const int8_t *)section.data + head, .bits = bits, .heads = heads};
    for (uint32_t i = 0; i < heads; i++) {
        linear->scale[i] = real(section.data + 8 + 8 * (size_t)i);
        linear->bias[i] = real(section.data + 8 + 8 * (size_t)(heads + i));
        if (!(fabs(linear->scale[i]) <= SCALE_MAX) || !(fabs(linear->bias[i]) <= BIAS_MAX))
            return false;
    }
    return true;
}

enum { LANES = 16 };
typedef int8_t bytes_of_row __attribute__((vector_size(LANES)));
typedef int16_t sums_of_rows __attribute__((vector_size(2 * LANES)));

static inline void add_row(int16_t *sums, const int8_t *row, uint32_t heads)
{
    uint32_t h = 0;
    for (; h + LANES <= heads; h += LANES) {
        bytes_of_row bytes;
        sums_of_rows all;
        memcpy(&bytes, row + h, sizeof(bytes));
        memcpy(&all, sums + h, sizeof(all));
        all += __builtin_convertvector(bytes, sums_of_rows);
        memcpy(sums + h, &all, sizeof(all));
    }
    for (; h < heads; h++)
        sums[h] = (int16_t)(sums[h] + row[h]);
}

/* Nearly all features are there once, with the same weight: their rows are added, and multiplied
 * once. Inlined with each number of heads that tables have, so that the inner loops are unrolled.
 */
static inline __attribute__((always_inline)) void
sum(const struct rs_linear *linear, const struct rs_bag *bag, uint32_t heads, int64_t *sums)
{
    enum { BLOCK = 256 }; /* so many rows fit into 16 bits, so many products into 32 */
    enum { AHEAD = 12 };  /* a table is larger than a processor's nearer caches */
    for (size_t from = 0; from < bag->count; from += BLOCK) {
        size_t to = bag->count - from > BLOCK ? from + BLOCK : bag->count;
        int16_t once[RS_HEADS_MAX] = {0};
        int32_t more[RS_HEADS_MAX] = {0};
        for (size_t i = from; i < to; i++) {
            if (i + AHEAD < to)
                __builtin_prefetch(rs_linear_row(linear, bag->features[i + AHEAD].hash));
            uint32_t count = bag->features[i].count;
            const int8_t *weights = rs_linear_row(linear, bag->features[i].hash);
            if (count == 1)
                add_row(once, weights, heads);
            else
                for (uint32_t h = 0; h < heads; h++)
                    more[h] += weights[h] * rs_bag_weight(count);
        }
        for (uint32_t h = 0; h < heads; h++)
            sums[h] += once[h] * rs_bag_weight(1) + more[h];
    }
}

void rs_linear_add(const struct rs_linear *linear, const struct rs_bag *bag, double *margins)
{
    int64_t sums[RS_HEADS_MAX] = {0};
    double norm = rs_bag_norm(bag);
    if (!linear->weights || norm <= 0)
        return;
    if (linear->heads == 2)
        sum(linear, bag, 2, sums);
    else if (linear->heads == RS_HEADS_MAX)
        sum(linear, bag, RS_HEADS_MAX, sums);
    else
        sum(linear, bag, linear->heads, sums);
    for (uint32_t h = 0; h < linear->heads; h++)
        margins[h] += linear->scale[h] * (double)sums[h] / norm;
}
