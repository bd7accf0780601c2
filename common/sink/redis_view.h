/* redis_view.h - a view's names in Redis, and the marker that it keeps about itself.
 *
 * Its keys begin with `reviews:<view>:<generation>:`. The marker is the hash `…:marker`: format,
 * fingerprint, partitions, `at:<partition>`, and `began` from the first write on. */
#ifndef RS_SINK_REDIS_VIEW_H
#define RS_SINK_REDIS_VIEW_H

#include "core/sink.h"
#include "sink/redis.h"

struct rs_redis_view {
    char *prefix; /* "reviews:cache:g1:" */
    char *name;   /* "cache" */
    char *generation;
    bool began; /* the marker is known to say so */
};

/* false: out of memory; `view` is then empty. Copies. */
bool rs_redis_view_init(struct rs_redis_view *view, const struct rs_view *of,
                        struct rs_error *error);
void rs_redis_view_finish(struct rs_redis_view *view); /* accepts NULL and a zeroed one */

/* As in sink.h. */
enum rs_status rs_redis_marker_read(struct rs_redis *redis, const struct rs_redis_view *view,
                                    struct rs_marker *marker, char *reason);
enum rs_status rs_redis_marker_write(struct rs_redis *redis, const struct rs_redis_view *view,
                                     const struct rs_marker *marker, char *reason);
/* The marker from the reply to HGETALL; false: not of that shape. Pure. */
bool rs_redis_marker_parse(const struct rs_reply *reply, struct rs_marker *marker);
/* Before the first write of an instance: say in the marker that the view holds something.
 * false: every operation gets `ret_row` and the reason. */
bool rs_redis_view_begin(struct rs_redis *redis, struct rs_redis_view *view,
                         const struct rs_answer **ret_row, const char **ret_reason);

/* A canary: an operation without key that rewrites a field of the marker. */
enum rs_status rs_redis_canary_add(struct rs_operations *out, const struct rs_sink *sink);
bool rs_redis_is_canary(const struct rs_operation *op);
void rs_redis_canary_send(struct rs_redis *redis, const struct rs_redis_view *view,
                          struct rs_operation *op);

#endif
