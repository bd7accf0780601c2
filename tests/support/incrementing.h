/* incrementing.h - a connection whose one script adds one to the key "n". */
#ifndef RS_TESTS_INCREMENTING_H
#define RS_TESTS_INCREMENTING_H

#include <stdint.h>

#include "sink/redis.h"

extern const char *const incrementing_scripts[];

/* Fails the test if there is none. Does not connect yet. */
struct rs_redis *incrementing_create(const struct rs_redis_config *config);
/* Add a call to what is sent next. */
void incrementing_add(struct rs_redis *redis);
/* Begin, run the script once; its integer, or -1. */
int64_t incrementing_run(struct rs_redis *redis);

#endif
