#include "sink/active.h"

#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/operation.h"

static const char begin_script[] = "#!lua flags=allow-oom\n"
                                   "local set = redis.call('SET', KEYS[1], ARGV[1], 'NX')\n"
                                   "redis.call('SET', KEYS[2], '1', 'NX')\n"
                                   "redis.call('SADD', KEYS[3], ARGV[1])\n"
                                   "return set and 1 or 0\n";

static const char switch_script[] =
    "#!lua flags=allow-oom\n"
    "local epoch = redis.call('GET', KEYS[2]) or '0'\n"
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return tonumber(epoch) end\n"
    "redis.call('SADD', KEYS[3], ARGV[1])\n"
    "epoch = redis.call('INCR', KEYS[2])\n"
    "redis.call('SET', KEYS[1], ARGV[1])\n"
    "return epoch\n";

static void key(struct rs_redis *redis, const char *view, const char *suffix)
{
    char text[512];
    if (suffix)
        (void)snprintf(text, sizeof(text), "{reviews:active:%s}:%s", view, suffix);
    else
        (void)snprintf(text, sizeof(text), "reviews:active:%s", view);
    rs_redis_arg_text(redis, text);
}

size_t rs_active_queue(struct rs_redis *redis, const char *view)
{
    size_t command = rs_redis_command(redis, 3);
    rs_redis_arg_text(redis, "MGET");
    key(redis, view, NULL);
    key(redis, view, "epoch");
    return command;
}

enum rs_status rs_active_take(const struct rs_redis *redis, size_t command, struct rs_active *ret,
                              char *reason)
{
    enum rs_status status = rs_redis_status(redis, command, reason);
    if (status != RS_OK)
        return status;
    const struct rs_reply *reply = rs_redis_reply(redis, command);
    struct rs_bytes generation, epoch;
    struct rs_active active = {0};
    if (rs_reply_bytes(rs_reply_at(reply, 0), &generation) &&
        generation.len < sizeof(active.generation)) {
        active.found = true;
        memcpy(active.generation, generation.data, generation.len);
    }
    if (rs_reply_bytes(rs_reply_at(reply, 1), &epoch) &&
        (!rs_number_integer(epoch, &active.epoch) || active.epoch < 1)) {
        (void)snprintf(reason, RS_REASON_BYTES, "the view's epoch is no positive number");
        return RS_FATAL;
    }
    *ret = active;
    return RS_OK;
}

enum rs_status rs_active_read(struct rs_redis *redis, const char *view, struct rs_active *ret,
                              char *reason)
{
    (void)rs_redis_begin(redis);
    size_t command = rs_active_queue(redis, view);
    (void)rs_redis_run(redis);
    return rs_active_take(redis, command, ret, reason);
}

size_t rs_active_queue_generations(struct rs_redis *redis, const char *view)
{
    size_t command = rs_redis_command(redis, 2);
    rs_redis_arg_text(redis, "SMEMBERS");
    key(redis, view, "generations");
    return command;
}

/* Both scripts take the same keys and argument, and give an integer. */
static enum rs_status eval(struct rs_redis *redis, const char *script, const char *view,
                           const char *generation, int64_t *ret, char *reason)
{
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_eval(redis, script, 3, 1);
    key(redis, view, NULL);
    key(redis, view, "epoch");
    key(redis, view, "generations");
    rs_redis_arg_text(redis, generation);
    (void)rs_redis_run(redis);
    enum rs_status status = rs_redis_status(redis, command, reason);
    if (status == RS_OK && !rs_reply_integer(rs_redis_reply(redis, command), ret)) {
        const char *text;
        status = rs_redis_unexpected(&text)->status;
        (void)snprintf(reason, RS_REASON_BYTES, "%s", text);
    }
    return status;
}

enum rs_status rs_active_begin(struct rs_redis *redis, const char *view, const char *generation,
                               bool *ret_fresh, char *reason)
{
    int64_t set = 0;
    enum rs_status status = eval(redis, begin_script, view, generation, &set, reason);
    if (status == RS_OK)
        *ret_fresh = set == 1;
    return status;
}

enum rs_status rs_active_switch(struct rs_redis *redis, const char *view, const char *generation,
                                int64_t *ret_epoch, char *reason)
{
    return eval(redis, switch_script, view, generation, ret_epoch, reason);
}
