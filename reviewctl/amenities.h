/* amenities.h - what travellers say of a product, as the views sentiment and tags hold it. */
#ifndef RS_REVIEWCTL_AMENITIES_H
#define RS_REVIEWCTL_AMENITIES_H

#include <jansson.h>

struct rs_redis;
struct rs_settings;

enum { EVIDENCE_MAX = 3 }; /* of each side of an aspect */

struct amenities {
    json_t *sentiment; /* NULL: the view does not exist, or nothing is counted */
    json_t *tags;      /* NULL: as above */
};

/* Read both, and for each aspect the words of the `evidence` strongest places on either side: they
 * stand in the cached review alone, if it has the version that was judged. `given`: a generation,
 * or NULL for the active ones. Returns CTL_OK, or complained. */
int amenities_read(const struct rs_settings *settings, struct rs_redis *redis, const char *product,
                   const char *given, int evidence, struct amenities *ret);
void amenities_finish(struct amenities *amenities);
/* Tables with bars. */
void amenities_print(const struct amenities *amenities);

#endif
