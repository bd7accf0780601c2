/* mirror_state.h - a mirror's insides, shared by mirror.c and mirror_tick.c. */
#ifndef RS_SINK_MIRROR_STATE_H
#define RS_SINK_MIRROR_STATE_H

#include "sink/active.h"
#include "sink/mirror.h"

struct rs_mirror {
    struct rs_mirror_setup setup;
    const char *topic;
    bool inactive;          /* when last seen */
    struct rs_buffer value; /* scratch */
    struct rs_pair *pairs;
    size_t pair_size;
    struct rs_delivery *flights;
    struct rs_delivery **waiting;
    size_t flight_size;

    /* Of the tick. */
    int64_t next_look_ms, next_leftovers_ms;
    bool scanning;
    int64_t scan_epoch;
    char cursor[24];
};

/* The row of a reply's error, NULL if it is none. A key of another type is nobody's event's fault.
 */
const struct rs_answer *rs_mirror_judge(const struct rs_mirror *mirror, size_t command,
                                        const char **ret_reason);
/* A key of the mirror: `reviews:<view>:<generation>:<name>`, as an argument. */
void rs_mirror_arg_key(struct rs_mirror *mirror, const char *generation, const char *name);

#endif
