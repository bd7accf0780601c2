#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/arena.h"
#include "sink/redis.h"
#include "sink/redis_key.h"
#include "sink/redis_url.h"
#include "support/alloc.h"
#include "support/incrementing.h"
#include "support/private_redis.h"
#include "support/scripted_resp.h"

TestSuite(redis, .timeout = 100);

static const struct {
    const char *text;
    const char *answer;
    enum rs_status status;
    enum rs_fault fault;
} errors[] = {
    {"LOADING Redis is loading the dataset in memory", "-LOADING", RS_RETRY, RS_OUTAGE},
    {"OOM command not allowed when used memory > 'maxmemory'.", "-OOM", RS_RETRY, RS_OUTAGE},
    {"READONLY You can't write against a read only replica.", "-READONLY", RS_RETRY, RS_OUTAGE},
    {"MASTERDOWN Link with MASTER is down", "-MASTERDOWN", RS_RETRY, RS_OUTAGE},
    {"NOREPLICAS Not enough good replicas to write.", "-NOREPLICAS", RS_RETRY, RS_OUTAGE},
    {"MISCONF Redis is configured to save RDB snapshots", "-MISCONF", RS_RETRY, RS_OUTAGE},
    {"BUSY Redis is busy running a script.", "-BUSY", RS_RETRY, RS_OUTAGE},
    {"TRYAGAIN Multiple keys request during rehashing", "-TRYAGAIN", RS_RETRY, RS_OUTAGE},
    {"MOVED 3999 127.0.0.1:6381", "-MOVED", RS_RETRY, RS_OUTAGE},
    {"ASK 3999 127.0.0.1:6381", "-ASK", RS_RETRY, RS_OUTAGE},
    {"CLUSTERDOWN Hash slot not served", "-CLUSTERDOWN", RS_RETRY, RS_OUTAGE},
    {"NOSCRIPT No matching script.", "-NOSCRIPT", RS_RETRY, RS_OUTAGE},
    {"WRONGTYPE Operation against a key", "-WRONGTYPE", RS_REJECT, RS_ITEM},
    {"CROSSSLOT Keys in request don't hash to the same slot", "-CROSSSLOT", RS_REJECT, RS_ITEM},
    {"NOAUTH Authentication required.", "-NOAUTH", RS_FATAL, RS_OUTAGE},
    {"WRONGPASS invalid username-password pair", "-WRONGPASS", RS_FATAL, RS_OUTAGE},
    {"NOPERM this user has no permissions", "-NOPERM", RS_FATAL, RS_OUTAGE},
    {"ERR unknown command", "*", RS_RETRY, RS_ITEM},
    {"OOMPH", "*", RS_RETRY, RS_ITEM},
    {"", "*", RS_RETRY, RS_ITEM},
};

Test(redis, the_first_word_of_an_error_decides)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        const struct rs_answer *row = rs_redis_error_row(errors[i].text);
        cr_expect_str_eq(row->answer, errors[i].answer, "%s", errors[i].text);
        cr_expect_eq(row->status, errors[i].status, "%s", errors[i].text);
        cr_expect_eq(row->fault, errors[i].fault, "%s", errors[i].text);
    }
}

static const struct {
    const char *text, *host;
    int port, database;
    const char *user, *password, *path;
} urls[] = {
    {"redis://127.0.0.1:7000", "127.0.0.1", 7000, 0, NULL, NULL, NULL},
    {"redis://", "127.0.0.1", 6379, 0, NULL, NULL, NULL},
    {"redis://cache.example/", "cache.example", 6379, 0, NULL, NULL, NULL},
    {"redis://cache.example/15", "cache.example", 6379, 15, NULL, NULL, NULL},
    {"redis://:p@h:1/2", "h", 1, 2, NULL, "p", NULL},
    {"redis://u:p%40%2f%25@h", "h", 6379, 0, "u", "p@/%", NULL},
    {"redis://u@h", "h", 6379, 0, "u", NULL, NULL},
    {"redis://u:a@b@h", "h", 6379, 0, "u", "a@b", NULL},
    {"redis://[::1]:7000/1", "::1", 7000, 1, NULL, NULL, NULL},
    {"unix:///run/redis.sock", NULL, 0, 0, NULL, NULL, "/run/redis.sock"},
};

static void same(const char *got, const char *want, const char *name)
{
    cr_expect_eq(got == NULL, want == NULL, "%s", name);
    if (got && want)
        cr_expect_str_eq(got, want, "%s", name);
}

Test(redis, a_url_has_parts)
{
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        struct rs_redis_url url;
        cr_assert(rs_redis_url_init(&url, urls[i].text, NULL), "%s", urls[i].text);
        same(url.host, urls[i].host, urls[i].text);
        same(url.user, urls[i].user, urls[i].text);
        same(url.password, urls[i].password, urls[i].text);
        same(url.path, urls[i].path, urls[i].text);
        cr_expect_eq(url.port, urls[i].port, "%s", urls[i].text);
        cr_expect_eq(url.database, urls[i].database, "%s", urls[i].text);
        rs_redis_url_finish(&url);
    }
}

static const char *const bad_urls[] = {
    NULL,
    "",
    "127.0.0.1:6379",
    "http://h",
    "rediss://h",
    "redis://h:0",
    "redis://h:65536",
    "redis://h:x",
    "redis://h:123456",
    "redis://h/x",
    "redis://h/-1",
    "redis://h/65536",
    "redis://[::1",
    "redis://[::1]x",
    "redis://u:%zz@h",
    "redis://u:%4@h",
    "redis://u:%00@h",
    "redis://[]",
    "unix://relative",
};

Test(redis, a_url_that_cannot_be_used_is_refused_without_its_password)
{
    struct rs_error error;
    struct rs_redis_url url;
    for (size_t i = 0; i < sizeof(bad_urls) / sizeof(*bad_urls); i++)
        cr_expect_not(rs_redis_url_init(&url, bad_urls[i], NULL), "%s", bad_urls[i]);
    cr_expect_not(rs_redis_url_init(&url, "redis://u:s3cret@h:x", &error));
    cr_expect_null(strstr(error.text, "s3cret"));
}

static const struct {
    const char *id, *key;
} ids[] = {
    {"r-1", "reviews:cache:g1:review:{r-1}"},
    {"}x", "reviews:cache:g1:review:{%7Dx}"},
    {"a{b}%c%25", "reviews:cache:g1:review:{a%7Bb%7D%25c%2525}"},
    {"a:b c\xc3\xa9", "reviews:cache:g1:review:{a:b c\xc3\xa9}"},
};

Test(redis, an_id_stands_in_a_key_and_comes_back)
{
    struct rs_buffer key = {0}, id = {0};
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        rs_redis_key(&key, "reviews:cache:g1:", "review", rs_text(ids[i].id));
        cr_expect_str_eq(key.data, ids[i].key);
        struct rs_bytes bytes = {key.data, key.len};
        cr_expect(rs_redis_key_id(bytes, "reviews:cache:g1:", "review", &id));
        cr_expect_str_eq(id.data, ids[i].id);
        cr_expect_not(rs_redis_key_id(bytes, "reviews:cache:g1:", "product", &id));
        cr_expect_not(rs_redis_key_id(bytes, "reviews:cache:g2:", "review", &id));
    }
    cr_expect_not(rs_redis_key_id(rs_text("p:k:{a%2}"), "p:", "k", &id), "half a code");
    cr_expect_not(rs_redis_key_id(rs_text("p:k:{a%41}"), "p:", "k", &id), "no code of ours");
    cr_expect_not(rs_redis_key_id(rs_text("p:k:{}"), "p:", "k", &id), "no id");
    rs_buffer_finish(&key);
    rs_buffer_finish(&id);
}

/* --- replies --- */

static const struct {
    const char *name, *bytes;
    bool good;
} replies[] = {
    {"an integer", ":1\r\n", true},
    {"a string", "$2\r\nab\r\n", true},
    {"an array of arrays", "*1\r\n*1\r\n:1\r\n", true},
    {"nothing", "", false},
    {"half a string", "$5\r\nab", false},
    {"an array in an array in an array", "*1\r\n*1\r\n*1\r\n:1\r\n", false},
    {"eight levels", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", false},
    {"a billion elements", "*1000000000\r\n", false},
    {"many elements in two levels", "*2\r\n*1000000\r\n", false},
    {"less than nothing", "*-7\r\n", false},
    {"garbage", "HTTP/1.1 400 Bad Request\r\n\r\n", false},
};

Test(redis, a_reply_is_bounded_while_it_is_read)
{
    for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
        struct rs_arena arena = {0};
        struct rs_reply *reply = rs_reply_parse(replies[i].bytes, strlen(replies[i].bytes), &arena);
        cr_expect_eq(reply != NULL, replies[i].good, "%s", replies[i].name);
        rs_arena_finish(&arena);
    }
}

/* --- a real server --- */

static struct private_redis server;

static void start(void)
{
    private_redis_start(&server, NULL);
}

static void stop(void)
{
    private_redis_stop(&server);
}

static const char *reason_of(struct rs_redis *redis, const struct rs_answer **ret_row)
{
    const char *reason;
    *ret_row = rs_redis_failure(redis, &reason);
    return reason;
}

Test(redis, forgotten_scripts_are_loaded_again_at_once, .init = start, .fini = stop)
{
    struct rs_redis *redis = incrementing_create(&server.config);
    cr_expect_eq(incrementing_run(redis), 1);
    private_redis_do(&server, "SCRIPT FLUSH");
    cr_assert(rs_redis_begin(redis));
    for (int i = 0; i < 3; i++) {
        incrementing_add(redis);
        rs_redis_command(redis, 1);
        rs_redis_arg_text(redis, "PING");
    }
    cr_assert(rs_redis_run(redis));
    for (size_t i = 0; i < 3; i++) {
        int64_t value = 0;
        cr_expect(rs_reply_integer(rs_redis_reply(redis, 2 * i), &value));
        cr_expect_eq(value, 2 + (int64_t)i, "in their order");
    }
    rs_redis_destroy(redis);
}

Test(redis, a_restarted_server_is_found_again_without_an_error, .init = start, .fini = stop)
{
    struct rs_redis *redis = incrementing_create(&server.config);
    cr_expect_eq(incrementing_run(redis), 1);
    private_redis_restart(&server, NULL);
    cr_expect_eq(incrementing_run(redis), 1, "the idle connection's end is seen before it is used");
    rs_redis_destroy(redis);
}

Test(redis, a_server_that_is_gone_is_an_outage, .init = start, .fini = stop)
{
    const struct rs_answer *row;
    struct rs_redis *redis = incrementing_create(&server.config);
    cr_expect_eq(incrementing_run(redis), 1);
    private_redis_stop(&server);
    cr_expect_eq(incrementing_run(redis), -1);
    cr_expect_not_null(strstr(reason_of(redis, &row), "127.0.0.1"));
    cr_expect_str_eq(row->answer, "not connected");
    rs_redis_destroy(redis);
}

static const struct {
    const char *name, *url, *password, *row;
} logins[] = {
    {"right password", "redis://:right@127.0.0.1:%d/3", NULL, NULL},
    {"password beside the URL", "redis://127.0.0.1:%d", "right", NULL},
    {"a user", "redis://app:app@127.0.0.1:%d", NULL, NULL},
    {"wrong password", "redis://:wrong@127.0.0.1:%d", NULL, "-WRONGPASS"},
    {"no password", "redis://127.0.0.1:%d", NULL, "-NOAUTH"},
    {"a user without rights", "redis://weak:weak@127.0.0.1:%d", NULL, "-NOPERM"},
    {"a database that is not there", "redis://:right@127.0.0.1:%d/99", NULL, "login refused"},
};

static void start_locked(void)
{
    /* The helper's own connection is made before there is a password. */
    private_redis_start(&server, NULL);
    private_redis_do(&server, "ACL SETUSER app on >app ~* +@all");
    private_redis_do(&server, "ACL SETUSER weak on >weak ~* +@read");
    private_redis_do(&server, "CONFIG SET requirepass right");
}

Test(redis, a_login_is_judged_and_its_password_never_told, .init = start_locked, .fini = stop)
{
    for (size_t i = 0; i < sizeof(logins) / sizeof(*logins); i++) {
        char url[64], password[16];
        const struct rs_answer *row;
        (void)snprintf(url, sizeof(url), logins[i].url, server.port);
        (void)snprintf(password, sizeof(password), "%s",
                       logins[i].password ? logins[i].password : "");
        struct rs_redis_config config = server.config;
        config.url = url;
        config.password = logins[i].password ? password : NULL;
        struct rs_redis *redis = incrementing_create(&config);
        cr_expect_eq(incrementing_run(redis) > 0, logins[i].row == NULL, "%s", logins[i].name);
        const char *reason = reason_of(redis, &row);
        if (logins[i].row) {
            cr_expect_str_eq(row->answer, logins[i].row, "%s", logins[i].name);
            cr_expect_eq(row->status, RS_FATAL, "%s", logins[i].name);
            cr_expect_null(strstr(reason, "wrong@"), "%s", reason);
        }
        rs_redis_destroy(redis);
    }
}

Test(redis, works_over_a_unix_socket)
{
    char path[96], url[128];
    private_redis_start(&server, (const char *[]){"--unixsocket", "socket", NULL});
    (void)snprintf(path, sizeof(path), "%s/socket", server.folder);
    (void)snprintf(url, sizeof(url), "unix://%s", path);
    server.config.url = url;
    struct rs_redis *redis = incrementing_create(&server.config);
    cr_expect_eq(incrementing_run(redis), 1);
    rs_redis_destroy(redis);
    remove(path);
    private_redis_stop(&server);
}

/* --- a server that misbehaves --- */

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

Test(redis, a_connection_is_never_used_again_after_an_error)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
        char url[64];
        const struct rs_answer *row;
        struct play play = {.first = bads[i].answer};
        struct scripted_resp *bad = scripted_resp_start(play_bad, &play);
        (void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", scripted_resp_port(bad));
        const struct rs_redis_config config = {
            .url = url, .connect_timeout_ms = 5000, .command_timeout_ms = 600};
        struct rs_redis *redis = incrementing_create(&config);
        cr_expect_eq(incrementing_run(redis), -1, "%s", bads[i].name);
        (void)reason_of(redis, &row);
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

Test(redis, a_late_answer_is_never_taken_for_the_next_command)
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

Test(redis, answers_that_come_in_pieces_are_read_as_soon_as_all_are_there)
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

Test(redis, an_answer_that_nobody_asked_for_ends_the_connection)
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

Test(redis, a_reason_never_quotes_what_was_sent)
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

Test(redis, survives_every_failed_allocation, .init = start, .fini = stop)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_redis *redis = rs_redis_create(&server.config, incrementing_scripts, NULL);
        if (!redis)
            continue;
        (void)incrementing_run(redis);
        rs_redis_destroy(redis);
    }
    struct rs_redis *redis = incrementing_create(&server.config);
    cr_expect_gt(incrementing_run(redis), 0);
    rs_redis_destroy(redis);
}
