/* redis_state.h - a connection, for redis.c and redis_command.c alone. */
#ifndef RS_SINK_REDIS_STATE_H
#define RS_SINK_REDIS_STATE_H

#include "core/arena.h"
#include "core/operation.h"
#include "sink/redis.h"
#include "sink/redis_reply.h"
#include "sink/redis_url.h"

#define RS_CALL_FORMAT "$7\r\nEVALSHA\r\n$40\r\n%s\r\n"
enum { RS_SHA_LEN = 40, RS_CALL_LEN = sizeof(RS_CALL_FORMAT) - 1 - 2 + RS_SHA_LEN };

/* Commands, and what came for them. */
struct rs_redis_pipeline {
    struct rs_buffer commands;
    size_t *starts; /* where each command begins in `commands` */
    redisReply **replies;
    size_t count, size;
    struct rs_arena arena; /* of the replies */
    bool complete;         /* every reply came */
};

struct rs_redis {
    const struct rs_redis_config *config;
    struct rs_redis_url url;
    const char *const *scripts;
    size_t script_count;
    char calls[RS_REDIS_MAX_SCRIPTS][RS_CALL_LEN + 1]; /* first arguments, as they are sent */

    redisContext *context;
    struct rs_redis_caps caps;
    int awaited; /* bytes that have to be there before a read returns */
    struct rs_redis_pipeline pipelines[RS_REDIS_PIPELINES]; /* used in turn */
    struct rs_redis_pipeline *made, *answered;              /* where args go, where replies are */
    size_t sent, received;                                  /* pipelines since begin */
    struct rs_buffer key;                                   /* scratch of one */
    const struct rs_answer *failure;
    char reason[RS_REASON_BYTES];
};

#endif
