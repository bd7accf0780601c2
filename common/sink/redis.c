#include "sink/redis.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "core/operation.h"
#include "sink/redis_state.h"

enum { LEAST_REPLY_BYTES = 4 /* ":1\r\n" */, MOST_AWAITED_BYTES = 8192 };

static const struct rs_option options[] = {
    RS_OPTION(struct rs_redis_config, url, "redis://127.0.0.1:6379", NULL, NULL,
              "server: redis://[user:password@]host[:port][/db] or unix:///path"),
    RS_OPTION(struct rs_redis_config, password, NULL, NULL, NULL,
              "password, in place of the one in the URL"),
    RS_OPTION(struct rs_redis_config, connect_timeout_ms, "2000", "10", "60000",
              "longest wait for a connection"),
    RS_OPTION(struct rs_redis_config, command_timeout_ms, "5000", "10", "60000",
              "longest wait for the answers of one pipeline"),
    RS_OPTIONS_END,
};
const struct rs_component rs_redis_component = {
    .section = "redis",
    .summary = "where Redis is",
    .options = options,
    .size = sizeof(struct rs_redis_config),
};

/* --- the connection --- */

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct rs_redis *rs_redis_create(const struct rs_redis_config *config, const char *const *scripts,
                                 struct rs_error *error)
{
    struct rs_redis *redis = calloc(1, sizeof(*redis));
    if (!redis) {
        rs_error_set(error, "out of memory");
        return NULL;
    }
    redis->config = config;
    redis->failure = rs_redis_row("not reached");
    redis->scripts = scripts;
    redis->made = redis->answered = redis->pipelines;
    while (scripts[redis->script_count])
        redis->script_count++;
    assert(redis->script_count <= RS_REDIS_MAX_SCRIPTS);
    if (!rs_redis_url_init(&redis->url, config->url, error)) {
        rs_redis_destroy(redis);
        return NULL;
    }
    return redis;
}

static struct rs_redis_pipeline *pipeline_of(struct rs_redis *redis, size_t number)
{
    return &redis->pipelines[number % RS_REDIS_PIPELINES];
}

static void clear(struct rs_redis_pipeline *pipeline)
{
    rs_arena_clear(&pipeline->arena);
    rs_buffer_clear(&pipeline->commands);
    pipeline->count = 0;
    pipeline->complete = false;
}

static void finish(struct rs_redis_pipeline *pipeline)
{
    rs_arena_finish(&pipeline->arena);
    rs_buffer_finish(&pipeline->commands);
    free(pipeline->starts);
    free(pipeline->replies);
}

void rs_redis_drop(struct rs_redis *redis)
{
    if (redis->context)
        redisFree(redis->context);
    redis->context = NULL;
}

void rs_redis_destroy(struct rs_redis *redis)
{
    if (!redis)
        return;
    rs_redis_drop(redis);
    rs_redis_url_finish(&redis->url);
    for (size_t i = 0; i < RS_REDIS_PIPELINES; i++)
        finish(&redis->pipelines[i]);
    rs_buffer_finish(&redis->key);
    free(redis);
}

/* Drop the connection, keep the reason. */
static bool fail(struct rs_redis *redis, const char *answer, const char *text)
{
    redis->failure = rs_redis_row(answer);
    if (redis->url.path)
        (void)snprintf(redis->reason, sizeof(redis->reason), "%s: %.150s", answer, text);
    else
        (void)snprintf(redis->reason, sizeof(redis->reason), "%s: %.60s:%d: %.90s", answer,
                       redis->url.host, redis->url.port, text);
    rs_redis_drop(redis);
    return false;
}

const struct rs_answer *rs_redis_failure(const struct rs_redis *redis, const char **ret_reason)
{
    *ret_reason = redis->reason;
    return redis->failure;
}

static bool fail_by_context(struct rs_redis *redis)
{
    redisContext *context = redis->context;
    char text[sizeof(context->errstr)];
    (void)snprintf(text, sizeof(text), "%s", context->errstr);
    bool late = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
#ifdef REDIS_ERR_TIMEOUT
    late = late || context->err == REDIS_ERR_TIMEOUT;
#endif
    if (late)
        return fail(redis, "time-out", "no answer within redis.command_timeout_ms");
    if (context->err == REDIS_ERR_PROTOCOL || context->err == REDIS_ERR_OOM)
        return fail(redis, "bad reply", text);
    return fail(redis, "connection lost", text);
}

/* Past hiredis' own buffer, which would copy everything twice. */
static bool send_all(struct rs_redis *redis, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(redis->context->fd, data, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return fail(redis, "time-out", "not taken within redis.command_timeout_ms");
        if (sent < 0)
            return fail(redis, "connection lost", strerror(errno));
        data += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* How many bytes `replies` are at least, without what came of the first of them. */
static int least_bytes(const struct rs_redis *redis, size_t replies)
{
    const redisReader *reader = redis->context->reader;
    size_t came = reader->len - reader->pos, least = replies * LEAST_REPLY_BYTES;
    if (least <= came)
        return 1;
    return least - came < MOST_AWAITED_BYTES ? (int)(least - came) : MOST_AWAITED_BYTES;
}

/* How many bytes have to be there before poll and a read return. */
static void await(struct rs_redis *redis, int bytes)
{
    if (bytes == redis->awaited)
        return;
    redis->awaited = bytes;
    (void)setsockopt(redis->context->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

/* Wait for what `replies` are at least: the server sends them in small pieces, and to wake up for
 * each costs more than to read it. A read alone would not do: what it has taken already counts no
 * more, so it misses the end (Linux 6.18). */
static bool wait_for(struct rs_redis *redis, size_t replies, int64_t deadline_ms)
{
    struct pollfd poller = {.fd = redis->context->fd, .events = POLLIN};
    int ready;
    await(redis, least_bytes(redis, replies));
    do {
        int64_t rest_ms = deadline_ms - now_ms();
        ready = poll(&poller, 1, rest_ms > 0 ? (int)rest_ms : 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 || fail(redis, "time-out", "no answer within redis.command_timeout_ms");
}

/* The next reply of `left` that are to come, before the deadline; NULL: failed. */
static redisReply *read_one(struct rs_redis *redis, size_t left, int64_t deadline_ms)
{
    redisReader *reader = redis->context->reader;
    for (;;) {
        void *reply = NULL;
        if (redisGetReplyFromReader(redis->context, &reply) != REDIS_OK) {
            fail_by_context(redis);
            return NULL;
        }
        if (reply)
            return reply;
        if (reader->len - reader->pos > RS_REDIS_MAX_REPLY_BYTES) {
            fail(redis, "bad reply", "one reply is longer than 16 MiB");
            return NULL;
        }
        if (!wait_for(redis, left, deadline_ms))
            return NULL;
        if (redisBufferRead(redis->context) != REDIS_OK) {
            fail_by_context(redis);
            return NULL;
        }
    }
}

static struct timeval interval(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static bool dial(struct rs_redis *redis)
{
    struct timeval wait = interval(redis->config->connect_timeout_ms);
    redis->context = redis->url.path
                         ? redisConnectUnixWithTimeout(redis->url.path, wait)
                         : redisConnectWithTimeout(redis->url.host, redis->url.port, wait);
    if (!redis->context)
        return fail(redis, "out of memory", "connection");
    if (redis->context->err) {
        char text[sizeof(redis->context->errstr)];
        (void)snprintf(text, sizeof(text), "%s", redis->context->errstr);
        return fail(redis, "not connected", text);
    }
    redis->awaited = 1;
    if (redisSetTimeout(redis->context, interval(redis->config->command_timeout_ms)) != REDIS_OK)
        return fail(redis, "not connected", "time-outs cannot be set");
    if (!redis->url.path)
        (void)redisEnableKeepAlive(redis->context); /* only a help */
    rs_redis_bound(redis->context->reader, &redis->caps, &redis->answered->arena);
    return true;
}

/* One command of the log-in. An error of it is everybody's, so never an item's fault. */
static redisReply *ask(struct rs_redis *redis, int argc, const char **argv, const char *refused)
{
    char *command = NULL;
    long long len = redisFormatCommandArgv(&command, argc, argv, NULL); /* int before 1.0 */
    if (len < 0) {
        fail(redis, "out of memory", "log-in");
        return NULL;
    }
    bool sent = send_all(redis, command, (size_t)len);
    redisFreeCommand(command);
    redisReply *reply =
        sent ? read_one(redis, 1, now_ms() + redis->config->command_timeout_ms) : NULL;
    if (!reply || reply->type != REDIS_REPLY_ERROR)
        return reply;
    const struct rs_answer *row = rs_redis_error_row(reply->str);
    bool known = strcmp(row->answer, "*") != 0 && row->status != RS_REJECT;
    char text[RS_REASON_BYTES];
    (void)snprintf(text, sizeof(text), "%.150s", reply->str);
    fail(redis, known ? row->answer : refused, text);
    return NULL;
}

static bool log_in(struct rs_redis *redis)
{
    const char *password = redis->config->password ? redis->config->password : redis->url.password;
    if (password) {
        const char *argv[] = {"AUTH", redis->url.user, password};
        const char *alone[] = {"AUTH", password}; /* the default user */
        redisReply *reply = redis->url.user ? ask(redis, 3, argv, "login refused")
                                            : ask(redis, 2, alone, "login refused");
        if (!reply)
            return false;
    }
    if (redis->url.database) {
        char number[16];
        (void)snprintf(number, sizeof(number), "%d", redis->url.database);
        redisReply *reply = ask(redis, 2, (const char *[]){"SELECT", number}, "login refused");
        if (!reply)
            return false;
    }
    return true;
}

static bool load_scripts(struct rs_redis *redis)
{
    for (size_t i = 0; i < redis->script_count; i++) {
        const char *argv[] = {"SCRIPT", "LOAD", redis->scripts[i]};
        redisReply *reply = ask(redis, 3, argv, "not connected");
        if (!reply)
            return false;
        bool good = reply->type == REDIS_REPLY_STRING && reply->len == RS_SHA_LEN;
        if (good)
            (void)snprintf(redis->calls[i], sizeof(redis->calls[i]), RS_CALL_FORMAT, reply->str);
        if (!good)
            return fail(redis, "bad reply", "SCRIPT LOAD gave no digest");
    }
    return true;
}

/* Whether the idle connection is as we left it. Anything to read means that the server closed it
 * or sent what nobody asked for, and then the next answer would be another command's. */
static bool is_quiet(struct rs_redis *redis)
{
    await(redis, 1);
    struct pollfd poller = {.fd = redis->context->fd, .events = POLLIN};
    return redis->context->reader->pos == redis->context->reader->len && poll(&poller, 1, 0) == 0;
}

bool rs_redis_begin(struct rs_redis *redis)
{
    bool is_owed = redis->received < redis->sent;
    redis->sent = redis->received = 0;
    redis->made = redis->answered = redis->pipelines;
    clear(redis->made);
    redis->failure = rs_redis_row("not reached");
    (void)snprintf(redis->reason, sizeof(redis->reason), "not sent");
    if (redis->context && (is_owed || !is_quiet(redis)))
        rs_redis_drop(redis);
    return redis->context || (dial(redis) && log_in(redis) && load_scripts(redis));
}

/* --- pipelines --- */

static bool is_forgotten(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

static bool read_all(struct rs_redis *redis, struct rs_redis_pipeline *pipeline, bool again)
{
    int64_t deadline_ms = now_ms() + redis->config->command_timeout_ms;
    redis->caps.arena = &pipeline->arena;
    for (size_t i = 0; i < pipeline->count; i++) {
        if (again && !is_forgotten(pipeline->replies[i]))
            continue;
        redisReply *reply = read_one(redis, again ? 1 : pipeline->count - i, deadline_ms);
        if (!reply)
            return false;
        char *arguments =
            reply->type == REDIS_REPLY_ERROR ? strstr(reply->str, ", with arg") : NULL;
        if (arguments)
            *arguments = '\0'; /* a reason never quotes what was sent */
        pipeline->replies[i] = reply;
    }
    return pipeline->complete = true;
}

static bool any_is_forgotten(const struct rs_redis_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->count; i++)
        if (is_forgotten(pipeline->replies[i]))
            return true;
    return false;
}

/* Send once more, in their order, the calls whose script was forgotten. */
static bool run_forgotten(struct rs_redis *redis, struct rs_redis_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->count; i++) {
        size_t end = i + 1 < pipeline->count ? pipeline->starts[i + 1] : pipeline->commands.len;
        if (is_forgotten(pipeline->replies[i]) &&
            !send_all(redis, pipeline->commands.data + pipeline->starts[i],
                      end - pipeline->starts[i]))
            return false;
    }
    return read_all(redis, pipeline, true);
}

/* Load the scripts again and run what lacked them. What else is on its way comes first, as it lies
 * before the answer to the loading. */
static bool repair(struct rs_redis *redis)
{
    for (size_t i = redis->received; i < redis->sent; i++) {
        struct rs_redis_pipeline *pipeline = pipeline_of(redis, i);
        bool is_due = !pipeline->complete && !pipeline->commands.failed;
        if (is_due && !read_all(redis, pipeline, false))
            return false;
    }
    if (!load_scripts(redis))
        return false;
    for (size_t i = redis->received; i < redis->sent; i++)
        if (!run_forgotten(redis, pipeline_of(redis, i)))
            return false;
    return true;
}

/* What was added since begin or start_next. Never fails: receive tells. */
static void send_made(struct rs_redis *redis)
{
    struct rs_redis_pipeline *pipeline = redis->made;
    redis->sent++;
    if (redis->context && !pipeline->commands.failed)
        (void)send_all(redis, pipeline->commands.data, pipeline->commands.len);
}

/* Another pipeline, while the one that was just sent is on its way. */
static void start_next(struct rs_redis *redis)
{
    assert(redis->sent - redis->received < RS_REDIS_PIPELINES);
    redis->made = pipeline_of(redis, redis->sent);
    clear(redis->made);
}

/* Read the replies of the first that is on its way. */
static bool receive(struct rs_redis *redis)
{
    assert(redis->received < redis->sent);
    struct rs_redis_pipeline *pipeline = pipeline_of(redis, redis->received);
    redis->answered = pipeline;
    bool good = redis->context != NULL; /* or begin or send failed, and said why */
    if (good && pipeline->commands.failed) {
        good = false;
        redis->failure = rs_redis_row("out of memory");
        (void)snprintf(redis->reason, sizeof(redis->reason), "out of memory");
    }
    good = good && (pipeline->complete || read_all(redis, pipeline, false)) &&
           (!any_is_forgotten(pipeline) || repair(redis));
    for (size_t i = 0; i < pipeline->count && good && redis->context; i++)
        if (pipeline->replies[i]->type == REDIS_REPLY_ERROR &&
            strncmp(pipeline->replies[i]->str, "READONLY", 8) == 0)
            rs_redis_drop(redis); /* the name may lead to the new master now */
    redis->received++;
    return good;
}

bool rs_redis_run(struct rs_redis *redis)
{
    send_made(redis);
    return receive(redis);
}

void rs_redis_stream(struct rs_redis *redis, const struct rs_redis_parts *parts, void *context)
{
    bool more = true;
    (void)rs_redis_begin(redis); /* receive says so if it failed */
    size_t from = 0, to = parts->queue(context, 0), next;
    if (to > 0)
        send_made(redis);
    for (; from < to; from = to, to = next) {
        start_next(redis);
        next = more ? parts->queue(context, to) : to;
        if (next > to)
            send_made(redis);
        bool received = receive(redis);
        more = more && parts->take(context, from, to, received);
    }
}

const struct rs_reply *rs_redis_reply(const struct rs_redis *redis, size_t command)
{
    const struct rs_redis_pipeline *answered = redis->answered;
    return command < answered->count ? (const struct rs_reply *)answered->replies[command] : NULL;
}

const struct rs_answer *rs_redis_judge(const struct rs_redis *redis, size_t command,
                                       const char **ret_reason)
{
    const redisReply *reply = (const redisReply *)rs_redis_reply(redis, command);
    if (!reply)
        return rs_redis_failure(redis, ret_reason);
    if (reply->type != REDIS_REPLY_ERROR)
        return NULL;
    *ret_reason = reply->str;
    return rs_redis_error_row(reply->str);
}

enum rs_status rs_redis_status(const struct rs_redis *redis, size_t command, char *reason)
{
    const char *text;
    const struct rs_answer *row = rs_redis_judge(redis, command, &text);
    if (!row)
        return RS_OK;
    (void)snprintf(reason, RS_REASON_BYTES, "%s", text);
    return row->status;
}
