#include "support/scripted_http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct scripted_http {
    int listener, stop[2];
    pthread_t thread;
    char url[64];
    atomic_size_t requests, connections, largest;
    void (*answer)(void *, const struct scripted_request *, struct scripted_answer *);
    void *context;
};

/* Wait for input. False: the time is over, or the test stops the server. */
static bool readable(const struct scripted_http *server, int fd, int timeout_ms)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
                            {.fd = server->stop[0], .events = POLLIN}};
    return poll(fds, 2, timeout_ms) > 0 && !fds[1].revents && fds[0].revents;
}

static bool stopped(const struct scripted_http *server)
{
    struct pollfd stop = {.fd = server->stop[0], .events = POLLIN};
    return poll(&stop, 1, 0) > 0;
}

/* Close so that the peer sees a reset. */
static void reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static bool write_all(const struct scripted_http *server, int fd, const char *data, size_t len)
{
    while (len > 0) {
        struct pollfd fds[2] = {{.fd = fd, .events = POLLOUT},
                                {.fd = server->stop[0], .events = POLLIN}};
        if (poll(fds, 2, 10000) <= 0 || fds[1].revents)
            return false;
        ssize_t done = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done <= 0)
            return false;
        data += done;
        len -= (size_t)done;
    }
    return true;
}

static size_t length_of(const char *head)
{
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "content-length:", 15) == 0)
            return strtoul(line + 17, NULL, 10);
    return 0;
}

/* Read up to the empty line. Returns the length of the head, 0 when the connection ended. */
static size_t read_head(const struct scripted_http *server, int fd,
                        struct scripted_request *request)
{
    size_t len = 0;
    while (len + 1 < sizeof(request->head) && readable(server, fd, 60000)) {
        ssize_t got = recv(fd, request->head + len, 1, 0);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        request->head[len] = '\0';
        if (len >= 4 && strcmp(request->head + len - 4, "\r\n\r\n") == 0)
            return len;
    }
    return 0;
}

static char *read_body(const struct scripted_http *server, int fd, size_t len)
{
    char *body = malloc(len + 1);
    size_t have = 0;
    assert(body);
    while (have < len && readable(server, fd, 60000)) {
        ssize_t got = recv(fd, body + have, len - have, 0);
        if (got <= 0)
            break;
        have += (size_t)got;
    }
    body[have] = '\0';
    if (have == len)
        return body;
    free(body);
    return NULL;
}

/* Send a body in one of the slow or endless manners, until the client leaves. */
static void send_badly(const struct scripted_http *server, int fd,
                       const struct scripted_answer *answer)
{
    const char *body = answer->body ? answer->body : "";
    size_t len = strlen(body), at = 0;
    switch (answer->manner) {
    case SCRIPTED_DRIP:
        while (at < len && !readable(server, fd, 50) && write_all(server, fd, body + at, 1))
            at++;
        break;
    case SCRIPTED_ENDLESS_HEAD:
        while (!stopped(server) && write_all(server, fd, "X-More: 0123456789\r\n", 20))
            ;
        break;
    case SCRIPTED_ENDLESS:
        while (!stopped(server) && write_all(server, fd, body, len))
            ;
        break;
    case SCRIPTED_HALF:
        (void)write_all(server, fd, body, len / 2);
        reset(fd);
        break;
    default:
        (void)readable(server, fd, 60000); /* silent: until the client closes */
    }
}

/* Returns whether the connection is kept. */
static bool send_answer(const struct scripted_http *server, int fd,
                        const struct scripted_answer *answer)
{
    char head[1024];
    const char *body = answer->body ? answer->body : "";
    if (answer->manner == SCRIPTED_RESET) {
        reset(fd);
        return false;
    }
    int len = snprintf(head, sizeof(head), "HTTP/1.1 %d Scripted\r\n%s", answer->status,
                       answer->headers ? answer->headers : "");
    if (answer->manner == SCRIPTED_ENDLESS)
        len += snprintf(head + len, sizeof(head) - (size_t)len, "\r\n");
    else if (answer->manner != SCRIPTED_ENDLESS_HEAD)
        len += snprintf(head + len, sizeof(head) - (size_t)len, "Content-Length: %zu\r\n\r\n",
                        strlen(body));
    if (answer->manner != SCRIPTED_SILENT && !write_all(server, fd, head, (size_t)len))
        return false;
    if (answer->manner == SCRIPTED_WHOLE || answer->manner == SCRIPTED_CLOSE)
        return write_all(server, fd, body, strlen(body)) && answer->manner == SCRIPTED_WHOLE;
    send_badly(server, fd, answer);
    return false;
}

/* One request of a connection. Returns whether another one may come. */
static bool serve_one(struct scripted_http *server, int fd)
{
    struct scripted_request request = {.number = atomic_load(&server->requests)};
    struct scripted_answer answer = {.status = 200};
    if (read_head(server, fd, &request) == 0)
        return false;
    size_t len = length_of(request.head);
    if (len > atomic_load(&server->largest)) {
        reset(fd);
        atomic_fetch_add(&server->requests, 1);
        return false;
    }
    char *body = read_body(server, fd, len);
    if (!body)
        return false;
    request.body = body;
    request.len = len;
    server->answer(server->context, &request, &answer);
    atomic_fetch_add(&server->requests, 1);
    bool kept = send_answer(server, fd, &answer);
    free(answer.body);
    free(body);
    return kept;
}

static void *serve(void *context)
{
    struct scripted_http *server = context;
    while (readable(server, server->listener, -1)) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            continue;
        int at_once = 1; /* else each answer waits 40 ms for the client's delayed ACK */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
        atomic_fetch_add(&server->connections, 1);
        while (serve_one(server, fd))
            ;
        close(fd);
    }
    return NULL;
}

struct scripted_http *scripted_http_start(void (*answer)(void *, const struct scripted_request *,
                                                         struct scripted_answer *),
                                          void *context)
{
    struct scripted_http *server = calloc(1, sizeof(*server));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    assert(server);
    server->answer = answer;
    server->context = context;
    atomic_init(&server->largest, SIZE_MAX);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bad = server->listener < 0 ||
              bind(server->listener, (struct sockaddr *)&address, sizeof(address)) ||
              listen(server->listener, 16) ||
              getsockname(server->listener, (struct sockaddr *)&address, &len) ||
              pipe(server->stop);
    assert(!bad);
    (void)snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d",
                   ntohs(address.sin_port));
    bad = pthread_create(&server->thread, NULL, serve, server);
    assert(!bad);
    (void)bad;
    return server;
}

const char *scripted_http_url(const struct scripted_http *server)
{
    return server->url;
}

void scripted_http_reset_over(struct scripted_http *server, size_t bytes)
{
    atomic_store(&server->largest, bytes);
}

size_t scripted_http_count(const struct scripted_http *server)
{
    return atomic_load(&server->requests);
}

size_t scripted_http_connections(const struct scripted_http *server)
{
    return atomic_load(&server->connections);
}

void scripted_http_stop(struct scripted_http *server)
{
    ssize_t told = write(server->stop[1], "x", 1);
    assert(told == 1);
    (void)told;
    (void)pthread_join(server->thread, NULL);
    close(server->listener);
    close(server->stop[0]);
    close(server->stop[1]);
    free(server);
}
