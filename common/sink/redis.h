/* redis.h - one connection to Redis: pipelines, scripts, and what each answer means.
 *
 * Call order: begin, then command and its args (or call and its args) once per command, then run,
 * then reply for each command; replies live until the next begin. Or stream, for more commands than
 * one pipeline should hold. One thread. hiredis (0.14 and 1.x) is hidden in redis.c. After any
 * error the connection is dropped, never repaired: the next begin makes another one. Needs
 * Redis 7.0 or later (scripts with a `#!lua` line). */
#ifndef RS_SINK_REDIS_H
#define RS_SINK_REDIS_H

#include <stdint.h>

#include "core/bytes.h"
#include "core/error.h"
#include "core/option.h"
#include "core/status.h"

/* Section "redis". */
struct rs_redis_config {
    char *url;      /* redis://[user:password@]host[:port][/db], or unix:///path */
    char *password; /* beats the one of the URL; NULL: none */
    int64_t connect_timeout_ms, command_timeout_ms;
};
extern const struct rs_component rs_redis_component;

/* Which answer means which status: ":" and the code of a script, "-" and the first word of an
 * error, or the name of what befell the connection. */
extern const struct rs_answer rs_redis_answers[];
/* The row of an error reply's text (without "-"); never NULL: the last row is "*". */
const struct rs_answer *rs_redis_error_row(const char *text);
/* A row by its name, which must exist. */
const struct rs_answer *rs_redis_row(const char *answer);

enum {
    RS_REDIS_MAX_REPLY_BYTES = 16 << 20, /* strings of one reply, in all */
    RS_REDIS_MAX_ELEMENTS = 1 << 20,     /* of one reply, in all */
    RS_REDIS_MAX_DEPTH = 2,              /* arrays in arrays */
    RS_REDIS_MAX_SCRIPTS = 16,
    RS_REDIS_PIPELINES = 2, /* on their way at once */
};

struct rs_arena;
struct rs_redis;
struct rs_reply; /* one reply; borrowed from the connection */

/* `scripts`: texts with their `#!lua` line, ends with NULL, borrowed; at most 16. Does not
 * connect. `config` is borrowed. NULL: a URL that cannot be used, or out of memory. */
struct rs_redis *rs_redis_create(const struct rs_redis_config *config, const char *const *scripts,
                                 struct rs_error *error);
void rs_redis_destroy(struct rs_redis *redis); /* accepts NULL */

/* Forget the last pipeline; connect, log in and load the scripts if there is no connection.
 * false: no connection, see rs_redis_failure(). */
bool rs_redis_begin(struct rs_redis *redis);
/* Start a command of `args` arguments, its name included; exactly so many rs_redis_arg() follow.
 * Returns the command's place in the pipeline. */
size_t rs_redis_command(struct rs_redis *redis, size_t args);
/* Start a call of scripts[script] with `keys` keys and `args` arguments that follow. */
size_t rs_redis_call(struct rs_redis *redis, size_t script, size_t keys, size_t args);
/* Start a call of a rare script that travels as text. */
size_t rs_redis_eval(struct rs_redis *redis, const char *script, size_t keys, size_t args);
void rs_redis_arg(struct rs_redis *redis, struct rs_bytes value);
void rs_redis_arg_text(struct rs_redis *redis, const char *text);
/* One argument of several parts in a row. */
void rs_redis_arg_parts(struct rs_redis *redis, const struct rs_bytes *parts, size_t count);
/* The key `<prefix><kind>:{<id>}`, its id percent-encoded. */
void rs_redis_arg_key(struct rs_redis *redis, const char *prefix, const char *kind,
                      struct rs_bytes id);
/* How many bytes are waiting to be sent; callers bound their pipelines by it. */
size_t rs_redis_queued_bytes(const struct rs_redis *redis);
/* Send the pipeline and read every reply. A call whose script the server forgot is repeated once,
 * after loading. false: the connection was lost on the way, see rs_redis_failure(); replies that
 * had come are there. */
bool rs_redis_run(struct rs_redis *redis);
/* Many commands in pipelines one after the other, each sent before the replies of the one before
 * it are read, so that the server always has something to do. */
struct rs_redis_parts {
    /* Add the commands of one pipeline, from item `from` on. Returns the first item that is not in
     * it; `from`: there are no more. */
    size_t (*queue)(void *context, size_t from);
    /* Look at the replies to the commands of these items. `received`: as run returns it. false: no
     * more parts. */
    bool (*take)(void *context, size_t from, size_t to, bool received);
};
/* Begins by itself, at item 0. */
void rs_redis_stream(struct rs_redis *redis, const struct rs_redis_parts *parts, void *context);
/* The reply to a command of the pipeline that was run or is looked at, NULL if none came. */
const struct rs_reply *rs_redis_reply(const struct rs_redis *redis, size_t command);
/* Why begin or run returned false, with the reason as text. */
const struct rs_answer *rs_redis_failure(const struct rs_redis *redis, const char **ret_reason);
/* Drop the connection: what it still sends must not be read. */
void rs_redis_drop(struct rs_redis *redis);

/* The row of a reply that is an error, or of one that never came (then the connection's), with
 * its text; NULL: the reply is no error. */
const struct rs_answer *rs_redis_judge(const struct rs_redis *redis, size_t command,
                                       const char **ret_reason);
/* The answer to a command as of an operation: RS_OK unless judge finds an error; then `reason`
 * (RS_REASON_BYTES) is written. */
enum rs_status rs_redis_status(const struct rs_redis *redis, size_t command, char *reason);
/* The same for a reply of an unexpected shape: the row "unexpected". */
const struct rs_answer *rs_redis_unexpected(const char **ret_reason);

/* Readers of a reply; false (or 0, NULL) if it is NULL or of another type. */
bool rs_reply_integer(const struct rs_reply *reply, int64_t *ret);
bool rs_reply_bytes(const struct rs_reply *reply, struct rs_bytes *ret); /* string or status */
bool rs_reply_is_nil(const struct rs_reply *reply);
bool rs_reply_is_array(const struct rs_reply *reply);
size_t rs_reply_count(const struct rs_reply *reply);
const struct rs_reply *rs_reply_at(const struct rs_reply *reply, size_t index);

/* Parse one reply from bytes, as the connection does; for tests. It lives in the arena. NULL:
 * incomplete, malformed or over a limit. */
struct rs_reply *rs_reply_parse(const void *data, size_t len, struct rs_arena *arena);

#endif
