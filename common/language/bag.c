#include "language/bag.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct rs_bag_slot {
    uint32_t round, index;
};

const int32_t rs_bag_weights[RS_BAG_WEIGHTS] = {
    0,    710,  1125, 1420, 1648, 1835, 1993, 2129, 2250, 2358, 2455, 2545, 2627,
    2702, 2773, 2839, 2901, 2960, 3015, 3068, 3118, 3165, 3211, 3254, 3296, 3336,
    3375, 3412, 3448, 3483, 3516, 3549, 3580, 3611, 3641, 3670, 3698, 3725, 3751,
    3777, 3803, 3827, 3851, 3875, 3898, 3921, 3943, 3964, 3985, 4006, 4026, 4046,
    4066, 4085, 4104, 4122, 4140, 4158, 4175, 4193, 4210, 4226, 4243, 4259, 4275};

bool rs_bag_begin(struct rs_bag *bag, size_t adds)
{
    bag->count = 0;
    if (adds > bag->size || ++bag->round == 0) {
        size_t size = 256;
        while (size < adds)
            size *= 2;
        rs_bag_finish(bag);
        bag->features = malloc(size * sizeof(*bag->features));
        bag->slots = calloc(size * 2, sizeof(*bag->slots));
        if (!bag->features || !bag->slots) {
            rs_bag_finish(bag);
            return false;
        }
        bag->size = size;
        bag->round = 1;
    }
    bag->slot_mask = 63;
    while (bag->slot_mask + 1 < adds * 2)
        bag->slot_mask = bag->slot_mask * 2 + 1;
    return true;
}

void rs_bag_finish(struct rs_bag *bag)
{
    if (!bag)
        return;
    free(bag->features);
    free(bag->slots);
    *bag = (struct rs_bag){0};
}

uint32_t rs_bag_add(struct rs_bag *bag, uint32_t hash, uint32_t times)
{
    for (size_t i = hash & bag->slot_mask;; i = (i + 1) & bag->slot_mask) {
        struct rs_bag_slot *slot = &bag->slots[i];
        if (slot->round != bag->round) {
            assert(bag->count < bag->size);
            *slot = (struct rs_bag_slot){bag->round, (uint32_t)bag->count};
            bag->features[bag->count] = (struct rs_feature){hash, times};
            return (uint32_t)bag->count++;
        }
        if (bag->features[slot->index].hash == hash) {
            bag->features[slot->index].count += times;
            return slot->index;
        }
    }
}

double rs_bag_norm(const struct rs_bag *bag)
{
    int64_t sum = 0;
    for (size_t i = 0; i < bag->count; i++) {
        int64_t weight = rs_bag_weight(bag->features[i].count);
        sum += weight * weight;
    }
    return sqrt((double)sum); /* IEEE 754: rounded correctly everywhere */
}
