/* placed.h - what the sinks that place reviews in Redis share: connection, names, marker, canary.
 */
#ifndef RS_SINK_PLACED_H
#define RS_SINK_PLACED_H

#include "core/sink.h"
#include "sink/placement.h"
#include "sink/redis_view.h"

struct rs_placed {
    struct rs_redis *redis;
    struct rs_redis_view view;
    struct rs_placing *placing;
    struct rs_operation **ops; /* of the batch, without canaries */
    size_t size;
};

/* `scripts` begin with those of placement.h. All but `view` are borrowed. false with the reason;
 * `placed` is then empty. */
bool rs_placed_init(struct rs_placed *placed, const struct rs_view *view,
                    const struct rs_placement *kinds, const char *const *scripts,
                    struct rs_error *error);
void rs_placed_finish(struct rs_placed *placed); /* accepts NULL and a zeroed one */

/* Begin a batch: answer its canaries, see to it that the marker says that the view holds
 * something, and start the placing of the others. false: all are answered. */
bool rs_placed_start(struct rs_placed *placed, struct rs_operation *const *ops, size_t count);

/* Of a sink whose instance begins with a struct rs_placed; as in sink.h. */
enum rs_status rs_placed_check(void *self, char *reason);
enum rs_status rs_placed_prepare(void *self, char *reason);
enum rs_status rs_placed_read_marker(void *self, struct rs_marker *marker, char *reason);
enum rs_status rs_placed_write_marker(void *self, const struct rs_marker *marker, char *reason);

#endif
