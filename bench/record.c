/* record - a TCP relay that keeps what clients send: each connection's bytes in a file of its own.
 *
 *   bench-record --listen PORT --forward HOST:PORT --folder D     ends on SIGTERM
 *
 * Run a processor through it once, unmeasured; bench-replay then sends the very same bytes. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pipe.h"
#include "support.h"

enum { CHUNK_BYTES = 1 << 18 };

struct relay {
    int from, to;
    FILE *copy; /* NULL: keep nothing */
};

static atomic_int open_clients;

static void *pump(void *context)
{
    struct relay *relay = context;
    struct pipe out = {.fd = relay->to};
    char *buffer = must_alloc(NULL, CHUNK_BYTES);
    ssize_t got;
    while ((got = recv(relay->from, buffer, CHUNK_BYTES, 0)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        if (relay->copy && fwrite(buffer, 1, (size_t)got, relay->copy) != (size_t)got)
            die("cannot write the recording: %s", strerror(errno));
        pipe_send(&out, buffer, (size_t)got);
    }
    (void)shutdown(relay->to, SHUT_WR);
    free(buffer);
    return NULL;
}

struct client {
    int fd;
    unsigned number;
    const char *forward, *folder;
};

static void *serve(void *context)
{
    struct client client = *(struct client *)context;
    char path[512];
    struct pipe server;
    pthread_t back;
    free(context);
    pipe_open(&server, client.forward);
    snprintf(path, sizeof(path), "%s/%04u", client.folder, client.number);
    FILE *copy = fopen(path, "wb");
    if (!copy)
        die("%s: %s", path, strerror(errno));
    struct relay there = {client.fd, server.fd, copy}, answers = {server.fd, client.fd, NULL};
    if (pthread_create(&back, NULL, pump, &answers) != 0)
        die("cannot start a thread");
    (void)pump(&there);
    pthread_join(back, NULL);
    if (fclose(copy) != 0)
        die("%s: %s", path, strerror(errno));
    (void)close(client.fd);
    pipe_close(&server);
    atomic_fetch_sub(&open_clients, 1);
    return NULL;
}

static int listen_on(int64_t port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 64) != 0)
        die("--listen %" PRId64 ": %s", port, strerror(errno));
    return fd;
}

/* Clients that are still open have their files complete before the program ends. */
static void *await_end(void *context)
{
    sigset_t *signals = context;
    int number;
    sigwait(signals, &number);
    for (int i = 0; atomic_load(&open_clients) > 0 && i < 500; i++)
        pause_ms(10);
    exit(atomic_load(&open_clients) > 0 ? 1 : 0);
}

int main(int argc, char **argv)
{
    const char *forward, *folder;
    int64_t port;
    sigset_t signals;
    pthread_t waiter, thread;
    read_arguments(argc, argv,
                   (struct argument[]){{.name = "listen", .number = &port, .required = true},
                                       {.name = "forward", .text = &forward, .required = true},
                                       {.name = "folder", .text = &folder, .required = true},
                                       {.name = NULL}});
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (pthread_create(&waiter, NULL, await_end, &signals) != 0)
        die("cannot start a thread");
    int listener = listen_on(port), on = 1;
    for (unsigned number = 0;; number++) {
        struct client *client = must_alloc(NULL, sizeof(*client));
        *client = (struct client){accept(listener, NULL, NULL), number, forward, folder};
        if (client->fd < 0)
            die("accept: %s", strerror(errno));
        (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        atomic_fetch_add(&open_clients, 1);
        if (pthread_create(&thread, NULL, serve, client) != 0)
            die("cannot start a thread");
        pthread_detach(thread);
    }
}
