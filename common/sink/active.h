/* active.h - which generation of a view readers use, and the epoch that every switch raises.
 *
 * `reviews:active:<view>` holds the generation. Beside it, in the same slot:
 * `{reviews:active:<view>}:epoch`, an integer, 1 at first, and `…:generations`, the set of those
 * that began or were switched to. Readers that take part in a switch read pointer and epoch with
 * one MGET. */
#ifndef RS_SINK_ACTIVE_H
#define RS_SINK_ACTIVE_H

#include "sink/redis.h"

enum { RS_GENERATION_BYTES = 128 };

struct rs_active {
    bool found;
    char generation[RS_GENERATION_BYTES];
    int64_t epoch; /* 0: none */
};

/* Queue the read in a pipeline (returns the command), and take its reply. rs_active_take() gives
 * RS_OK or the answer of the reply, with `reason` (RS_REASON_BYTES) written. */
size_t rs_active_queue(struct rs_redis *redis, const char *view);
enum rs_status rs_active_take(const struct rs_redis *redis, size_t command, struct rs_active *ret,
                              char *reason);
/* The same as a pipeline of its own. */
enum rs_status rs_active_read(struct rs_redis *redis, const char *view, struct rs_active *ret,
                              char *reason);
/* Queue and take the members of `…:generations`. */
size_t rs_active_queue_generations(struct rs_redis *redis, const char *view);

/* At the first start of a view: point to `generation` if there is no pointer yet. `ret_fresh`
 * says whether this call set it. Works on a full server. */
enum rs_status rs_active_begin(struct rs_redis *redis, const char *view, const char *generation,
                               bool *ret_fresh, char *reason);
/* Point to `generation` and raise the epoch, in one step; if it is the active one already, nothing
 * changes. Forward and back are the same. Works on a full server. */
enum rs_status rs_active_switch(struct rs_redis *redis, const char *view, const char *generation,
                                int64_t *ret_epoch, char *reason);

#endif
