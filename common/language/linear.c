#include "language/linear.h"

#include <math.h>
#include <string.h>

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
        if (!isfinite(linear->scale[i]) || !isfinite(linear->bias[i]))
            return false;
    }
    return true;
}

/* Two heads are what most tables have. */
static void sum_two(const struct rs_linear *linear, const struct rs_bag *bag, int64_t *sums)
{
    int64_t first = 0, second = 0;
    for (size_t i = 0; i < bag->count; i++) {
        const int8_t *row = rs_linear_row(linear, bag->features[i].hash);
        int32_t weight = rs_bag_weight(bag->features[i].count);
        first += (int64_t)row[0] * weight;
        second += (int64_t)row[1] * weight;
    }
    sums[0] = first;
    sums[1] = second;
}

static void sum(const struct rs_linear *linear, const struct rs_bag *bag, int64_t *sums)
{
    for (size_t i = 0; i < bag->count; i++) {
        const int8_t *row = rs_linear_row(linear, bag->features[i].hash);
        int32_t weight = rs_bag_weight(bag->features[i].count);
        for (uint32_t h = 0; h < linear->heads; h++)
            sums[h] += (int64_t)row[h] * weight;
    }
}

void rs_linear_add(const struct rs_linear *linear, const struct rs_bag *bag, double *margins)
{
    int64_t sums[RS_HEADS_MAX] = {0};
    double norm = rs_bag_norm(bag);
    if (!linear->weights || norm <= 0)
        return;
    if (linear->heads == 2)
        sum_two(linear, bag, sums);
    else
        sum(linear, bag, sums);
    for (uint32_t h = 0; h < linear->heads; h++)
        margins[h] += linear->scale[h] * (double)sums[h] / norm;
}
