#include "support/private_redis.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/bytes.h"

enum { START_MS = 10000, TEXTS = 16, TEXT_BYTES = 64 * 1024 };

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void launch(struct private_redis *redis, const char *const *extra)
{
    char port[16];
    const char *argv[64] = {"redis-server", "--port",    port, "--bind",
                            "127.0.0.1",    "--save",    "",   "--dir",
                            redis->folder,  "--logfile", "log"};
    size_t count = 11;
    (void)snprintf(port, sizeof(port), "%d", redis->port);
    for (; extra && *extra && count < 63; extra++)
        argv[count++] = *extra;
    pid_t parent = getpid();
    redis->pid = fork();
    cr_assert(redis->pid >= 0);
    if (redis->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
}

/* Whether it answers before the deadline; a port that somebody else took in between ends it. */
static bool wait_until_up(struct private_redis *redis)
{
    struct timespec nap = {.tv_nsec = 5 * 1000 * 1000};
    for (int waited = 0; waited < START_MS; waited += 5) {
        redis->context = redisConnect("127.0.0.1", redis->port);
        if (redis->context && !redis->context->err) {
            redisReply *reply = redisCommand(redis->context, "PING");
            bool up = reply && waitpid(redis->pid, NULL, WNOHANG) == 0;
            freeReplyObject(reply);
            if (up)
                return true;
        }
        if (redis->context)
            redisFree(redis->context);
        redis->context = NULL;
        if (waitpid(redis->pid, NULL, WNOHANG) != 0)
            return false;
        nanosleep(&nap, NULL);
    }
    return false;
}

static void end(struct private_redis *redis)
{
    if (redis->context)
        redisFree(redis->context);
    redis->context = NULL;
    if (redis->pid > 0) {
        kill(redis->pid, SIGKILL);
        waitpid(redis->pid, NULL, 0);
    }
    redis->pid = 0;
}

void private_redis_start(struct private_redis *redis, const char *const *extra)
{
    *redis = (struct private_redis){0};
    signal(SIGPIPE, SIG_IGN);
    (void)snprintf(redis->folder, sizeof(redis->folder), "/tmp/private_redis.XXXXXX");
    cr_assert_not_null(mkdtemp(redis->folder));
    bool up = false;
    for (int tries = 0; tries < 5 && !up; tries++) {
        redis->port = free_port();
        launch(redis, extra);
        up = wait_until_up(redis);
        if (!up)
            end(redis);
    }
    cr_assert(up, "redis-server did not start; is Debian's redis-server installed?");
    (void)snprintf(redis->url, sizeof(redis->url), "redis://127.0.0.1:%d", redis->port);
    redis->config = (struct rs_redis_config){
        .url = redis->url, .connect_timeout_ms = 2000, .command_timeout_ms = 5000};
}

void private_redis_restart(struct private_redis *redis, const char *const *extra)
{
    end(redis);
    launch(redis, extra);
    cr_assert(wait_until_up(redis), "redis-server did not start again");
}

void private_redis_stop(struct private_redis *redis)
{
    char log[96];
    end(redis);
    if (!redis->folder[0])
        return;
    (void)snprintf(log, sizeof(log), "%s/log", redis->folder);
    unlink(log);
    rmdir(redis->folder);
    redis->folder[0] = '\0';
}

static void print(struct rs_buffer *out, const redisReply *reply)
{
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        rs_buffer_printf(out, "%lld", reply->integer);
        break;
    case REDIS_REPLY_NIL:
        rs_buffer_add_text(out, "(nil)");
        break;
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < reply->elements; i++) {
            if (i > 0)
                rs_buffer_add_text(out, " ");
            print(out, reply->element[i]);
        }
        break;
    default:
        rs_buffer_add(out, reply->str, reply->len);
    }
}

const char *private_redis_do(struct private_redis *redis, const char *format, ...)
{
    static char texts[TEXTS][TEXT_BYTES];
    static unsigned next;
    char *text = texts[next++ % TEXTS], *words[64], *rest, line[4096];
    size_t count = 0;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    for (char *word = strtok_r(line, " ", &rest); word && count < 64;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    redisReply *reply = redisCommandArgv(redis->context, (int)count, (const char **)words, NULL);
    cr_assert_not_null(reply, "redis: %s", redis->context->errstr);
    struct rs_buffer out = {0};
    print(&out, reply);
    freeReplyObject(reply);
    (void)snprintf(text, TEXT_BYTES, "%s", out.data ? out.data : "");
    rs_buffer_finish(&out);
    return text;
}
