/* nearest.h - which known name a misspelt one was meant to be. */
#ifndef RS_CORE_NEAREST_H
#define RS_CORE_NEAREST_H

#include <stddef.h>

/* How many letters to add, drop, change or swap with their neighbour until one name is the other
 * (optimal string alignment). Upper and lower case count as equal, and so do '.', '_' and '-':
 * they are what people mix up. Of names over 128 bytes the rest does not count. */
size_t rs_name_distance(const char *a, const char *b);

/* The best of names that are offered one after the other. Start with {.name = wanted}.
 *
 * A name counts only if it is near: its distance is at most a third of the letters of the longer of
 * the two ("kafka.brokrs" and "kafka.brokers"), or one is the first or the last words of the other
 * ("lanes.min" and "lanes", "cache.redis.url" and "redis.url"). A guess beyond that helps nobody.
 * Of several the least distance wins, then the first. */
struct rs_nearest {
    const char *name;
    const char *found; /* borrowed from the offer; NULL: none of them is near */
    size_t distance;   /* of `found` */
};
void rs_nearest_offer(struct rs_nearest *nearest, const char *candidate);

#endif
