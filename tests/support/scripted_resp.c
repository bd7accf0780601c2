#include "support/scripted_resp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORDS = 64, DRIP_MS = 20 };
static const char digest[] = "$40\r\n0123456789abcdef0123456789abcdef01234567\r\n";

struct scripted_resp {
    struct scripted_resp_answer (*answer)(void *, const struct rs_bytes *, size_t);
    void *context;
    pthread_t thread;
    int listener, port;
    atomic_bool stopped;
    atomic_size_t connections;
};

/* A line's number behind its first byte, and where the next line begins; -1: incomplete. */
static long number(const struct rs_buffer *in, size_t *at)
{
    const char *end = memchr(in->data + *at, '\n', in->len - *at);
    if (!end)
        return -1;
    long value = strtol(in->data + *at + 1, NULL, 10);
    *at = (size_t)(end - in->data) + 1;
    return value;
}

/* The words of the first command, and its length; 0: incomplete. */
static size_t parse(const struct rs_buffer *in, struct rs_bytes *words, size_t *ret_count)
{
    size_t at = 0;
    long count = in->len ? number(in, &at) : -1;
    for (long i = 0; i < count; i++) {
        long len = at < in->len ? number(in, &at) : -1;
        if (len < 0 || at + (size_t)len + 2 > in->len)
            return 0;
        if (i < MAX_WORDS)
            words[i] = (struct rs_bytes){in->data + at, (size_t)len};
        at += (size_t)len + 2;
    }
    *ret_count = count > MAX_WORDS ? MAX_WORDS : (size_t)(count > 0 ? count : 0);
    return count < 0 ? 0 : at;
}

static void nap(int ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static bool put(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t some = send(fd, data, len, MSG_NOSIGNAL);
        if (some <= 0)
            return false;
        data += some;
        len -= (size_t)some;
    }
    return true;
}

/* Whether the client is still there, looking for up to some ms. */
static bool is_there(struct scripted_resp *server, int fd, int ms)
{
    char byte[4096];
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    if (atomic_load(&server->stopped))
        return false;
    return poll(&poller, 1, ms) == 0 || recv(fd, byte, sizeof(byte), 0) > 0;
}

/* Returns whether the connection goes on. */
static bool reply(struct scripted_resp *server, int fd, struct scripted_resp_answer answer)
{
    static const char junk[65536] = {'x'};
    if (answer.after_ms)
        nap(answer.after_ms);
    if (answer.manner == RESP_DRIP) {
        for (size_t i = 0; i < answer.bytes.len && is_there(server, fd, DRIP_MS); i++)
            if (!put(fd, answer.bytes.data + i, 1))
                return false;
    } else if (answer.manner != RESP_SILENT && !put(fd, answer.bytes.data, answer.bytes.len)) {
        return false;
    }
    while (answer.manner == RESP_FLOOD && !atomic_load(&server->stopped))
        if (!put(fd, junk, sizeof(junk)))
            return false;
    while (answer.manner == RESP_SILENT && is_there(server, fd, 50))
        continue;
    return answer.manner == RESP_SEND || answer.manner == RESP_DRIP;
}

static void serve(struct scripted_resp *server, int fd)
{
    struct rs_buffer in = {0};
    struct rs_bytes words[MAX_WORDS];
    char data[65536];
    bool on = true;
    while (on && !atomic_load(&server->stopped)) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        if (poll(&poller, 1, 50) == 0)
            continue;
        ssize_t some = recv(fd, data, sizeof(data), 0);
        if (some <= 0)
            break;
        rs_buffer_add(&in, data, (size_t)some);
        size_t count = 0, len;
        while (on && (len = parse(&in, words, &count)) > 0) {
            struct scripted_resp_answer answer = {.bytes = rs_text(digest)};
            if (!rs_bytes_equal(words[0], rs_text("SCRIPT")))
                answer = server->answer(server->context, words, count);
            on = reply(server, fd, answer);
            memmove(in.data, in.data + len, in.len - len);
            in.len -= len;
        }
    }
    rs_buffer_finish(&in);
}

static void *run(void *context)
{
    struct scripted_resp *server = context;
    while (!atomic_load(&server->stopped)) {
        struct pollfd poller = {.fd = server->listener, .events = POLLIN};
        if (poll(&poller, 1, 50) <= 0)
            continue;
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            continue;
        atomic_fetch_add(&server->connections, 1);
        serve(server, fd);
        close(fd);
    }
    return NULL;
}

struct scripted_resp *scripted_resp_start(
    struct scripted_resp_answer (*answer)(void *context, const struct rs_bytes *words,
                                          size_t count),
    void *context)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    struct scripted_resp *server = calloc(1, sizeof(*server));
    assert(server);
    server->answer = answer;
    server->context = context;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int failed = bind(server->listener, (struct sockaddr *)&address, len) ||
                 listen(server->listener, 16) ||
                 getsockname(server->listener, (struct sockaddr *)&address, &len) ||
                 pthread_create(&server->thread, NULL, run, server);
    assert(!failed);
    (void)failed;
    server->port = ntohs(address.sin_port);
    return server;
}

int scripted_resp_port(const struct scripted_resp *server)
{
    return server->port;
}

size_t scripted_resp_connections(const struct scripted_resp *server)
{
    return atomic_load(&server->connections);
}

void scripted_resp_stop(struct scripted_resp *server)
{
    atomic_store(&server->stopped, true);
    pthread_join(server->thread, NULL);
    close(server->listener);
    free(server);
}
