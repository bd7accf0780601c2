#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sink/redis_key.h"
#include "sink/redis_state.h"

enum { LINE_BYTES = 32 /* a number with its frame */ };

static bool grow(struct rs_redis_pipeline *made)
{
    if (made->count < made->size)
        return true;
    size_t size = made->size ? 2 * made->size : 256;
    size_t *starts = realloc(made->starts, size * sizeof(*starts));
    if (starts)
        made->starts = starts;
    redisReply **replies = starts ? realloc(made->replies, size * sizeof(redisReply *)) : NULL;
    if (!replies)
        return false;
    made->replies = replies;
    made->size = size;
    return true;
}

/* Write `<kind><value>\r\n` at `at`, which has room for LINE_BYTES; returns its end. */
static char *number_line(char *at, char kind, size_t value)
{
    size_t digits = value < 10 ? 1 : value < 100 ? 2 : 3;
    for (size_t rest = value / 1000; rest > 0; rest /= 10)
        digits++;
    *at = kind;
    for (size_t i = digits; i > 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    memcpy(at + digits + 1, "\r\n", 2);
    return at + digits + 3;
}

size_t rs_redis_command(struct rs_redis *redis, size_t args)
{
    struct rs_redis_pipeline *made = redis->made;
    if (!grow(made)) {
        made->commands.failed = true;
        return made->count;
    }
    made->starts[made->count] = made->commands.len;
    made->replies[made->count] = NULL;
    if (rs_buffer_reserve(&made->commands, LINE_BYTES)) {
        char *at = made->commands.data + made->commands.len;
        made->commands.len = (size_t)(number_line(at, '*', args) - made->commands.data);
    }
    return made->count++;
}

/* Begin an argument of so many bytes; returns where they go, NULL: out of memory. */
static char *begin_arg(struct rs_redis *redis, size_t len)
{
    if (!rs_buffer_reserve(&redis->made->commands, len + 2 * LINE_BYTES))
        return NULL;
    return number_line(redis->made->commands.data + redis->made->commands.len, '$', len);
}

static void end_arg(struct rs_redis *redis, char *at)
{
    memcpy(at, "\r\n", 2);
    redis->made->commands.len = (size_t)(at + 2 - redis->made->commands.data);
}

void rs_redis_arg_parts(struct rs_redis *redis, const struct rs_bytes *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *at = begin_arg(redis, len);
    for (size_t i = 0; i < count && at; i++) {
        if (parts[i].len)
            memcpy(at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    if (at)
        end_arg(redis, at);
}

void rs_redis_arg(struct rs_redis *redis, struct rs_bytes value)
{
    char *at = begin_arg(redis, value.len);
    if (!at)
        return;
    if (value.len)
        memcpy(at, value.data, value.len);
    end_arg(redis, at + value.len);
}

static void add_key_count(struct rs_redis *redis, size_t keys)
{
    const char digit = (char)('0' + keys);
    assert(keys < 10);
    rs_redis_arg(redis, (struct rs_bytes){&digit, 1});
}

size_t rs_redis_call(struct rs_redis *redis, size_t script, size_t keys, size_t args)
{
    assert(script < redis->script_count);
    size_t command = rs_redis_command(redis, 3 + keys + args);
    rs_buffer_add(&redis->made->commands, redis->calls[script], RS_CALL_LEN);
    add_key_count(redis, keys);
    return command;
}

size_t rs_redis_eval(struct rs_redis *redis, const char *script, size_t keys, size_t args)
{
    size_t command = rs_redis_command(redis, 3 + keys + args);
    rs_redis_arg_text(redis, "EVAL");
    rs_redis_arg_text(redis, script);
    add_key_count(redis, keys);
    return command;
}

void rs_redis_arg_text(struct rs_redis *redis, const char *text)
{
    rs_redis_arg(redis, rs_text(text));
}

void rs_redis_arg_key(struct rs_redis *redis, const char *prefix, const char *kind,
                      struct rs_bytes id)
{
    struct rs_bytes parts[RS_REDIS_KEY_PARTS];
    rs_redis_key_parts(&redis->key, prefix, kind, id, parts);
    rs_redis_arg_parts(redis, parts, RS_REDIS_KEY_PARTS);
    redis->made->commands.failed |= redis->key.failed; /* never send half a key */
}

size_t rs_redis_queued_bytes(const struct rs_redis *redis)
{
    return redis->made->commands.len;
}
