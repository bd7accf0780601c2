/* place.h - where `reviewctl rewind --to` leads, as text. Pure. */
#ifndef RS_REVIEWCTL_PLACE_H
#define RS_REVIEWCTL_PLACE_H

#include <stdint.h>

#include "kafka/groups.h"

enum { PLACE_OFFSETS = 1024 };

struct place {
    bool offsets; /* else `where` and `at_ms` */
    enum rs_place where;
    int64_t at_ms;
    size_t count;
    struct {
        int32_t partition;
        int64_t offset;
    } at[PLACE_OFFSETS]; /* each partition once */
};

/* "beginning", "end", an RFC 3339 time, or "0=12,1=40". */
bool place_parse(const char *text, struct place *ret_place, struct rs_error *error);

/* "3:1204", a partition and an offset. */
bool coordinates_parse(const char *text, int32_t *ret_partition, int64_t *ret_offset);

#endif
