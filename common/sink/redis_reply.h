/* redis_reply.h - replies are bounded while they are read; for redis.c alone, as it shows hiredis.
 */
#ifndef RS_SINK_REDIS_REPLY_H
#define RS_SINK_REDIS_REPLY_H

#include <hiredis/hiredis.h>
#include <stddef.h>

#include "core/arena.h"

struct rs_redis_caps {
    redisReplyObjectFunctions functions;
    struct rs_arena *arena; /* of the replies */
    size_t bytes, elements; /* what the reply being read has taken so far */
};

/* Let a reader make replies in an arena (where they live until it is cleared; there is nothing to
 * free), and refuse what is over the limits of redis.h: `*3` claims memory that a sender has not
 * paid for. `caps` and `arena` must outlive the reader. */
void rs_redis_bound(redisReader *reader, struct rs_redis_caps *caps, struct rs_arena *arena);

#endif
