#include "support/incrementing.h"

#include <criterion/criterion.h>

const char *const incrementing_scripts[] = {"#!lua\nreturn redis.call('INCR', KEYS[1])\n", NULL};

struct rs_redis *incrementing_create(const struct rs_redis_config *config)
{
    struct rs_error error;
    struct rs_redis *redis = rs_redis_create(config, incrementing_scripts, &error);
    cr_assert(redis, "%s", error.text);
    return redis;
}

void incrementing_add(struct rs_redis *redis)
{
    (void)rs_redis_call(redis, 0, 1, 0);
    rs_redis_arg_text(redis, "n");
}

int64_t incrementing_run(struct rs_redis *redis)
{
    int64_t value = -1;
    (void)rs_redis_begin(redis);
    incrementing_add(redis);
    (void)rs_redis_run(redis);
    (void)rs_reply_integer(rs_redis_reply(redis, 0), &value);
    return value;
}
