#include "sink/redis_reply.h"

#include <assert.h>
#include <string.h>

#include "sink/redis.h"

/* A reply in its place in the array around it. */
static redisReply *make(const redisReadTask *task, int type)
{
    const struct rs_redis_caps *caps = task->privdata;
    redisReply *reply = rs_arena_take(caps->arena, sizeof(*reply));
    if (!reply)
        return NULL;
    *reply = (redisReply){.type = type};
    if (task->parent)
        ((redisReply *)task->parent->obj)->element[task->idx] = reply;
    return reply;
}

static void *create_string(const redisReadTask *task, char *text, size_t len)
{
    struct rs_redis_caps *caps = task->privdata;
    if (!task->parent)
        caps->bytes = caps->elements = 0;
    caps->bytes += len;
    if (caps->bytes > RS_REDIS_MAX_REPLY_BYTES)
        return NULL;
    redisReply *reply = make(task, task->type);
    char *copy = reply ? rs_arena_take(caps->arena, len + 1) : NULL;
    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    reply->str = copy;
    reply->len = len;
    return reply;
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
    redisReply *reply = make(task, task->type);
    if (!reply ||
        !(reply->element = rs_arena_take(caps->arena, (size_t)elements * sizeof(redisReply *))))
        return NULL;
    reply->elements = (size_t)elements;
    return reply;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = make(task, REDIS_REPLY_INTEGER);
    if (reply)
        reply->integer = value;
    return reply;
}

static void *create_nil(const redisReadTask *task)
{
    return make(task, REDIS_REPLY_NIL);
}

/* The arena's owner does. */
static void free_nothing(void *reply)
{
    (void)reply;
}

void rs_redis_bound(redisReader *reader, struct rs_redis_caps *caps, struct rs_arena *arena)
{
    caps->functions = *reader->fn; /* of RESP3 none is called: we never ask for it */
    caps->functions.createString = create_string;
    caps->functions.createArray = create_array;
    caps->functions.createInteger = create_integer;
    caps->functions.createNil = create_nil;
    caps->functions.freeObject = free_nothing;
    caps->arena = arena;
    reader->fn = &caps->functions;
    reader->privdata = caps;
    reader->maxbuf = 0; /* keeps its buffer from pipeline to pipeline */
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

struct rs_reply *rs_reply_parse(const void *data, size_t len, struct rs_arena *arena)
{
    struct rs_redis_caps caps = {0};
    void *reply = NULL;
    redisReader *reader = redisReaderCreate();
    if (!reader)
        return NULL;
    rs_redis_bound(reader, &caps, arena);
    if (redisReaderFeed(reader, data, len) != REDIS_OK ||
        redisReaderGetReply(reader, &reply) != REDIS_OK)
        reply = NULL;
    redisReaderFree(reader);
    return reply;
}
