/* Answers of a server that come late, in pieces or broken. */
#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sink/redis.h"
#include "support/incrementing.h"
#include "support/scripted_resp.h"

TestSuite(redis_answers, .timeout = 100);

struct bad {
    const char *name;
    struct scripted_resp_answer answer;
    const char *row;
};
static char billion[] = "*1000000000\r\n";
static const struct bad bads[] = {
    {"garbage", {RESP_SEND, {"garbage\r\n", 9}, 0}, "bad reply"},
    {"another protocol", {RESP_SEND, {"HTTP/1.1 200 OK\r\n\r\n", 19}, 0}, "bad reply"},
    {"deep nesting", {RESP_SEND, {"*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 20}, 0}, "bad reply"},
    {"a claim of a billion elements", {RESP_SEND, {billion, sizeof(billion) - 1}, 0}, "bad reply"},
    {"a string of a GiB", {RESP_FLOOD, {"$1073741824\r\n", 13}, 0}, "bad reply"},
    {"a line without end", {RESP_FLOOD, {"+", 1}, 0}, NULL /* too long, or too late */},
    {"no answer", {RESP_SILENT, {"", 0}, 0}, "time-out"},
    {"a byte now and then",
     {RESP_DRIP, {"$30\r\n012345678901234567890123456789\r\n", 37}, 0},
     "time-out"},
    {"a close before the answer", {RESP_CLOSE, {"", 0}, 0}, "connection lost"},
    {"a close in the answer", {RESP_CLOSE, {"$5\r\nab", 6}, 0}, "connection lost"},
};

struct play {
    struct scripted_resp_answer first;
    size_t asked;
};

/* The first command gets the bad answer, all others ":7". */
static struct scripted_resp_answer play_bad(void *context, const struct rs_bytes *words,
                                            size_t count)
{
    struct play *play = context;
    (void)words, (void)count;
    return play->asked++ ? (struct scripted_resp_answer){.bytes = rs_text(":7\r\n")} : play->first;
}

Test(redis_answers, a_connection_is_never_used_again_after_an_error)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
        char url[64];
        const struct rs_answer *row;
        const char *reason;
        struct play play = {.first = bads[i].answer};
        struct scripted_resp *bad = scripted_resp_start(play_bad, &play);
        (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", scripted_resp_port(bad));
        const struct rs_redis_config config = {
            .url = url, .connect_timeout_ms = 5000, .command_timeout_ms = 600};
        struct rs_redis *redis = incrementing_create(&config);
        cr_expect_eq(incrementing_run(redis), -1, "%s", bads[i].name);
        row = rs_redis_failure(redis, &reason);
        if (bads[i].row)
            cr_expect_str_eq(row->answer, bads[i].row, "%s", bads[i].name);
        cr_expect_eq(row->status, RS_RETRY, "%s", bads[i].name);
        cr_expect_eq(row->fault, RS_OUTAGE, "%s", bads[i].name);
        cr_expect_eq(incrementing_run(redis), 7, "%s", bads[i].name);
        cr_expect_eq(scripted_resp_connections(bad), 2, "%s", bads[i].name);
        rs_redis_destroy(redis);
        scripted_resp_stop(bad);
    }
}

/* The answer to the n-th command is ":n", the first one late. */
static struct scripted_resp_answer play_late(void *context, const struct rs_bytes *words,
                                             size_t count)
{
    static char text[16];
    struct play *play = context;
    (void)words, (void)count;
    (void)snprintf(text, sizeof(text), ":%zu\r\n", ++play->asked);
    return (struct scripted_resp_answer){.bytes = rs_text(text),
                                         .after_ms = play->asked == 1 ? 500 : 0};
}

Test(redis_answers, a_late_answer_is_never_taken_for_the_next_command)
{
    char url[64];
    struct play play = {.asked = 0};
    signal(SIGPIPE, SIG_IGN);
    struct scripted_resp *late = scripted_resp_start(play_late, &play);
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", scripted_resp_port(late));
    struct rs_redis_config config = {
        .url = url, .connect_timeout_ms = 2000, .command_timeout_ms = 200};
    struct rs_redis *redis = incrementing_create(&config);
    cr_expect_eq(incrementing_run(redis), -1);
    config.command_timeout_ms = 5000;
    cr_expect_eq(incrementing_run(redis), 2);
    cr_expect_eq(scripted_resp_connections(late), 2);
    rs_redis_destroy(redis);
    scripted_resp_stop(late);
}

enum { MANY = 100, EARLY = 40 };
struct halting {
    struct rs_redis *redis;
    atomic_size_t asked;
    size_t answered;
};

/* ":7" for each command; the answers to the first ones come early. */
static struct scripted_resp_answer play_halting(void *context, const struct rs_bytes *words,
                                                size_t count)
{
    struct halting *halting = context;
    (void)words, (void)count;
    bool late = atomic_fetch_add(&halting->asked, 1) == EARLY;
    return (struct scripted_resp_answer){.bytes = rs_text(":7\r\n"), .after_ms = late ? 300 : 0};
}

/* Queue all, then let the early answers come. */
static size_t queue_many(void *context, size_t from)
{
    struct halting *halting = context;
    for (size_t i = from; i < MANY; i++)
        incrementing_add(halting->redis);
    while (from == MANY && atomic_load(&halting->asked) <= EARLY)
        sched_yield();
    return MANY;
}

static bool take_many(void *context, size_t from, size_t to, bool received)
{
    struct halting *halting = context;
    int64_t value;
    for (size_t i = from; i < to && received; i++)
        halting->answered +=
            rs_reply_integer(rs_redis_reply(halting->redis, i - from), &value) && value == 7;
    return received;
}

Test(redis_answers, answers_that_come_in_pieces_are_read_as_soon_as_all_are_there)
{
    static const struct rs_redis_parts many = {queue_many, take_many};
    char url[64];
    struct halting halting = {0};
    signal(SIGPIPE, SIG_IGN);
    struct scripted_resp *server_of_pieces = scripted_resp_start(play_halting, &halting);
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", scripted_resp_port(server_of_pieces));
    const struct rs_redis_config config = {
        .url = url, .connect_timeout_ms = 5000, .command_timeout_ms = 20000};
    time_t began = time(NULL);
    halting.redis = incrementing_create(&config);
    rs_redis_stream(halting.redis, &many, &halting);
    cr_expect_eq(halting.answered, MANY);
    cr_expect_lt(time(NULL) - began, 19, "the last ones were missed until the time-out");
    rs_redis_destroy(halting.redis);
    scripted_resp_stop(server_of_pieces);
}

static struct scripted_resp_answer play_twice(void *context, const struct rs_bytes *words,
                                              size_t count)
{
    struct play *play = context;
    (void)words, (void)count;
    return (struct scripted_resp_answer){
        .bytes = rs_text(play->asked++ == 0 ? ":1\r\n:666\r\n" : ":2\r\n")};
}

Test(redis_answers, an_answer_that_nobody_asked_for_ends_the_connection)
{
    char url[64];
    struct play play = {.asked = 0};
    signal(SIGPIPE, SIG_IGN);
    struct scripted_resp *twice = scripted_resp_start(play_twice, &play);
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", scripted_resp_port(twice));
    const struct rs_redis_config config = {
        .url = url, .connect_timeout_ms = 2000, .command_timeout_ms = 2000};
    struct rs_redis *redis = incrementing_create(&config);
    cr_expect_eq(incrementing_run(redis), 1);
    cr_expect_eq(incrementing_run(redis), 2);
    cr_expect_eq(scripted_resp_connections(twice), 2);
    rs_redis_destroy(redis);
    scripted_resp_stop(twice);
}

static struct scripted_resp_answer play_quoting(void *context, const struct rs_bytes *words,
                                                size_t count)
{
    (void)context, (void)words, (void)count;
    return (struct scripted_resp_answer){
        .bytes = rs_text("-ERR unknown command `EVALSHA`, with args beginning with: `secret`\r\n")};
}

Test(redis_answers, a_reason_never_quotes_what_was_sent)
{
    char url[64];
    const char *reason = NULL;
    signal(SIGPIPE, SIG_IGN);
    struct scripted_resp *quoting = scripted_resp_start(play_quoting, NULL);
    (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", scripted_resp_port(quoting));
    const struct rs_redis_config config = {
        .url = url, .connect_timeout_ms = 2000, .command_timeout_ms = 2000};
    struct rs_redis *redis = incrementing_create(&config);
    cr_expect_eq(incrementing_run(redis), -1);
    const struct rs_answer *row = rs_redis_judge(redis, 0, &reason);
    cr_assert(row && reason);
    cr_expect_str_eq(row->answer, "*");
    cr_expect_str_eq(reason, "ERR unknown command `EVALSHA`");
    rs_redis_destroy(redis);
    scripted_resp_stop(quoting);
}
