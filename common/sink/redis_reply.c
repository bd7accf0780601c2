#include "sink/redis_reply.h"

#include <assert.h>

#include "sink/redis.h"

static void *create_string(const redisReadTask *task, char *text, size_t len)
{
    struct rs_redis_caps *caps = task->privdata;
    if (!task->parent)
        caps->bytes = caps->elements = 0;
    caps->bytes += len;
    return caps->bytes > RS_REDIS_MAX_REPLY_BYTES ? NULL
                                                  : caps->base->createString(task, text, len);
}

#if HIREDIS_MAJOR < 1
typedef int element_count;
#else
typedef size_t element_count;
#endif

static void *create_array(const redisReadTask *task, element_count elements)
{
    struct rs_redis_caps *caps = task->privdata;
    bool deep = task->parent && task->parent->parent;
    static_assert(RS_REDIS_MAX_DEPTH == 2, "an array's grandparent would be a third level");
    if (!task->parent)
        caps->bytes = caps->elements = 0;
    if (deep || (size_t)elements > RS_REDIS_MAX_ELEMENTS - caps->elements) /* or negative */
        return NULL;
    caps->elements += (size_t)elements;
    return caps->base->createArray(task, elements);
}

void rs_redis_bound(redisReader *reader, struct rs_redis_caps *caps)
{
    caps->base = reader->fn;
    caps->functions = *reader->fn;
    caps->functions.createString = create_string;
    caps->functions.createArray = create_array;
    reader->fn = &caps->functions;
    reader->privdata = caps;
}

static const redisReply *plain(const struct rs_reply *reply)
{
    return (const redisReply *)reply;
}

bool rs_reply_integer(const struct rs_reply *reply, int64_t *ret)
{
    if (!reply || plain(reply)->type != REDIS_REPLY_INTEGER)
        return false;
    *ret = plain(reply)->integer;
    return true;
}

bool rs_reply_bytes(const struct rs_reply *reply, struct rs_bytes *ret)
{
    if (!reply ||
        (plain(reply)->type != REDIS_REPLY_STRING && plain(reply)->type != REDIS_REPLY_STATUS))
        return false;
    *ret = (struct rs_bytes){plain(reply)->str, plain(reply)->len};
    return true;
}

bool rs_reply_is_nil(const struct rs_reply *reply)
{
    return reply && plain(reply)->type == REDIS_REPLY_NIL;
}

bool rs_reply_is_array(const struct rs_reply *reply)
{
    return reply && plain(reply)->type == REDIS_REPLY_ARRAY;
}

size_t rs_reply_count(const struct rs_reply *reply)
{
    return rs_reply_is_array(reply) ? plain(reply)->elements : 0;
}

const struct rs_reply *rs_reply_at(const struct rs_reply *reply, size_t index)
{
    return index < rs_reply_count(reply) ? (struct rs_reply *)plain(reply)->element[index] : NULL;
}

struct rs_reply *rs_reply_parse(const void *data, size_t len)
{
    struct rs_redis_caps caps = {0};
    void *reply = NULL;
    redisReader *reader = redisReaderCreate();
    if (!reader)
        return NULL;
    rs_redis_bound(reader, &caps);
    if (redisReaderFeed(reader, data, len) != REDIS_OK ||
        redisReaderGetReply(reader, &reply) != REDIS_OK)
        reply = NULL;
    redisReaderFree(reader);
    return reply;
}

void rs_reply_free(struct rs_reply *reply)
{
    if (reply)
        freeReplyObject(reply);
}
