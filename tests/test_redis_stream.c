/* Pipelines one after the other, against a real server. */
#include <criterion/criterion.h>

#include "support/incrementing.h"
#include "support/private_redis.h"

static struct private_redis server;

TestSuite(redis_stream, .timeout = 60);

static void start(void)
{
    private_redis_start(&server, NULL);
}

static void stop(void)
{
    private_redis_stop(&server);
}

struct stream {
    struct rs_redis *redis;
    size_t count, each, stop; /* items, items of a part, parts after which to stop */
    size_t taken, parts;
    int64_t values[64];
    bool received;
    void (*meanwhile)(size_t part); /* when a part is looked at */
};

static size_t queue_increments(void *context, size_t from)
{
    struct stream *stream = context;
    size_t to = from;
    for (; to < stream->count && to - from < stream->each; to++)
        incrementing_add(stream->redis);
    return to;
}

static bool take_increments(void *context, size_t from, size_t to, bool received)
{
    struct stream *stream = context;
    cr_expect_eq(from, stream->taken);
    for (size_t i = from; i < to; i++)
        if (!rs_reply_integer(rs_redis_reply(stream->redis, i - from), &stream->values[i]))
            stream->values[i] = -1;
    stream->taken = to;
    stream->received = received;
    if (stream->meanwhile)
        stream->meanwhile(stream->parts);
    return ++stream->parts != stream->stop && received;
}

static const struct rs_redis_parts increments = {queue_increments, take_increments};

Test(redis_stream, a_stream_matches_replies_to_items, .init = start, .fini = stop)
{
    for (size_t each = 1; each <= 8; each++) {
        struct stream stream = {.count = 7, .each = each, .received = true};
        private_redis_do(&server, "DEL n");
        stream.redis = incrementing_create(&server.config);
        rs_redis_stream(stream.redis, &increments, &stream);
        cr_expect_eq(stream.taken, 7);
        cr_expect_eq(stream.parts, (7 + each - 1) / each);
        for (size_t i = 0; i < 7; i++)
            cr_expect_eq(stream.values[i], (int64_t)i + 1, "in their order");
        rs_redis_destroy(stream.redis);
    }
}

Test(redis_stream, a_stream_without_items_sends_nothing, .init = start, .fini = stop)
{
    struct stream stream = {.redis = incrementing_create(&server.config), .each = 1};
    rs_redis_stream(stream.redis, &increments, &stream);
    cr_expect_eq(stream.parts, 0);
    cr_expect_eq(incrementing_run(stream.redis), 1, "and the connection is good");
    rs_redis_destroy(stream.redis);
}

static void forget_scripts(size_t part)
{
    if (part < 3)
        private_redis_do(&server, "SCRIPT FLUSH");
}

/* The part behind the one whose scripts are loaded again is on its way at that time. */
Test(redis_stream, scripts_forgotten_within_a_stream_are_loaded_again, .init = start, .fini = stop)
{
    bool seen[65] = {false};
    struct stream stream = {.redis = incrementing_create(&server.config),
                            .count = 60,
                            .each = 6,
                            .meanwhile = forget_scripts};
    cr_expect_eq(incrementing_run(stream.redis), 1);
    private_redis_do(&server, "DEL n");
    private_redis_do(&server, "SCRIPT FLUSH");
    rs_redis_stream(stream.redis, &increments, &stream);
    cr_expect(stream.received);
    cr_expect_eq(stream.taken, 60);
    for (size_t i = 0; i < 60; i++) {
        cr_assert(stream.values[i] >= 1 && stream.values[i] <= 60, "item %zu", i);
        cr_expect_not(seen[stream.values[i]], "each ran once");
        seen[stream.values[i]] = true;
    }
    rs_redis_destroy(stream.redis);
}

Test(redis_stream, a_stream_that_stops_leaves_no_answer_behind, .init = start, .fini = stop)
{
    struct stream stream = {
        .redis = incrementing_create(&server.config), .count = 20, .each = 2, .stop = 3};
    rs_redis_stream(stream.redis, &increments, &stream);
    cr_expect_eq(stream.taken, 6);
    cr_expect_eq(incrementing_run(stream.redis), 9,
                 "what was on its way was done, and is not its answer");
    rs_redis_destroy(stream.redis);
}

static void restart_server(size_t part)
{
    if (part == 1)
        private_redis_restart(&server, NULL);
}

Test(redis_stream, a_stream_ends_with_its_connection, .init = start, .fini = stop)
{
    const char *reason;
    struct stream stream = {.redis = incrementing_create(&server.config),
                            .count = 20,
                            .each = 2,
                            .meanwhile = restart_server};
    rs_redis_stream(stream.redis, &increments, &stream);
    cr_expect_not(stream.received);
    cr_expect(stream.taken == 6 || stream.taken == 8, "%zu", stream.taken);
    cr_expect_eq(stream.values[3], 4);
    cr_expect_eq(stream.values[stream.taken - 1], -1, "no reply");
    cr_expect_str_eq(rs_redis_failure(stream.redis, &reason)->answer, "connection lost");
    cr_expect_eq(incrementing_run(stream.redis), 1, "the next begin makes another one");
    rs_redis_destroy(stream.redis);
}
