/* private_redis.h - a real Redis server of the test's own, on loopback; it dies with the test. */
#ifndef RS_TESTS_PRIVATE_REDIS_H
#define RS_TESTS_PRIVATE_REDIS_H

#include <hiredis/hiredis.h>
#include <sys/types.h>

#include "sink/redis.h"

struct private_redis {
    pid_t pid;
    int port;
    char folder[64];
    char url[64];
    struct rs_redis_config config; /* that leads to it; its url is ours */
    redisContext *context;         /* the test's own view of it */
};

/* Start one and wait until it answers; `extra`: more arguments, ends with NULL, may be NULL.
 * Fails the test if there is none within 10 s. SIGPIPE is ignored from then on. */
void private_redis_start(struct private_redis *redis, const char *const *extra);
/* End it at once, without saving, and remove its folder. Accepts a zeroed one. */
void private_redis_stop(struct private_redis *redis);
/* Stop and start again on the same port, empty. */
void private_redis_restart(struct private_redis *redis, const char *const *extra);

/* Run a command past the code under test; the reply as text: strings as they are, integers in
 * decimal, nil as "(nil)", arrays joined by single spaces, errors as they are. Static memory of
 * 16 texts in turn. */
const char *private_redis_do(struct private_redis *redis, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
