/* bag.h - the features of a text with their counts, weighted by the logarithm of the count. */
#ifndef RS_LANGUAGE_BAG_H
#define RS_LANGUAGE_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rs_feature {
    uint32_t hash, count;
};

/* In the caller's memory; a zeroed one is empty. Reused for text after text. */
struct rs_bag {
    struct rs_feature *features; /* in the order in which they came */
    struct rs_bag_slot *slots;
    size_t count, size, slot_mask; /* mask: of the slots in use, few for a short text */
    uint32_t round;
};

/* Empty it and make room for `adds` calls of rs_bag_add. False: out of memory. */
bool rs_bag_begin(struct rs_bag *bag, size_t adds);
void rs_bag_finish(struct rs_bag *bag);

/* Count a feature `times` more; returns its index. At most as many calls as were announced. */
uint32_t rs_bag_add(struct rs_bag *bag, uint32_t hash, uint32_t times);

/* 1024 ln(1 + count) as an integer, the same on every machine; grows no more from 64 on. */
enum { RS_BAG_WEIGHTS = 65 };
extern const int32_t rs_bag_weights[RS_BAG_WEIGHTS];
static inline int32_t rs_bag_weight(uint32_t count)
{
    return rs_bag_weights[count < RS_BAG_WEIGHTS ? count : RS_BAG_WEIGHTS - 1];
}
/* The length of the vector of weights. */
double rs_bag_norm(const struct rs_bag *bag);

#endif
