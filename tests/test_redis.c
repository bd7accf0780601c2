#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "sink/redis.h"
#include "sink/redis_key.h"
#include "sink/redis_url.h"
#include "support/alloc.h"
#include "support/incrementing.h"
#include "support/private_redis.h"

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
