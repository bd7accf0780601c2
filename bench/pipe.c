#include "pipe.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

void pipe_open(struct pipe *pipe, const char *address)
{
    char host[256];
    int on = 1;
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(address, ':');
    if (!colon || (size_t)(colon - address) >= sizeof(host))
        die("%s: expected host:port", address);
    snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
    memset(pipe, 0, sizeof(*pipe));
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        die("%s: no such host", address);
    pipe->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (pipe->fd < 0 || connect(pipe->fd, found->ai_addr, found->ai_addrlen) != 0)
        die("%s: %s", address, strerror(errno));
    (void)setsockopt(pipe->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    freeaddrinfo(found);
}

void pipe_close(struct pipe *pipe)
{
    (void)close(pipe->fd);
}

void pipe_send(struct pipe *pipe, const void *data, size_t len)
{
    const char *next = data;
    while (len > 0) {
        ssize_t sent = send(pipe->fd, next, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            die("send to Redis: %s", strerror(errno));
        next += sent;
        len -= (size_t)sent;
    }
}

static void fill(struct pipe *pipe)
{
    ssize_t got;
    if (pipe->used > 0) {
        memmove(pipe->buffer, pipe->buffer + pipe->used, pipe->len - pipe->used);
        pipe->len -= pipe->used;
        pipe->used = 0;
    }
    if (pipe->len == sizeof(pipe->buffer))
        die("a line of Redis is over %zu bytes", sizeof(pipe->buffer));
    do {
        got = recv(pipe->fd, pipe->buffer + pipe->len, sizeof(pipe->buffer) - pipe->len, 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0)
        die("Redis closed the connection%s%s", got < 0 ? ": " : "", got < 0 ? strerror(errno) : "");
    pipe->len += (size_t)got;
}

/* The next line without its end; valid until the next read. */
static const char *read_line(struct pipe *pipe, size_t *ret_len)
{
    char *end;
    size_t seen = 0; /* what need not be searched again */
    while (!(end = memchr(pipe->buffer + pipe->used + seen, '\n', pipe->len - pipe->used - seen))) {
        seen = pipe->len - pipe->used;
        fill(pipe);
    }
    const char *line = pipe->buffer + pipe->used;
    *ret_len = (size_t)(end - line) - 1;
    pipe->used += *ret_len + 2;
    return line;
}

static void skip(struct pipe *pipe, size_t len)
{
    while (len > pipe->len - pipe->used) {
        len -= pipe->len - pipe->used;
        pipe->used = pipe->len;
        fill(pipe);
    }
    pipe->used += len;
}

void pipe_receive(struct pipe *pipe, uint64_t replies)
{
    while (replies > 0) {
        size_t len;
        const char *line = read_line(pipe, &len);
        long value = line[0] == '$' || line[0] == '*' ? strtol(line + 1, NULL, 10) : 0;
        replies--;
        if (line[0] == '*' && value > 0)
            replies += (uint64_t)value;
        else if (line[0] == '-' && pipe->errors++ == 0)
            snprintf(pipe->first_error, sizeof(pipe->first_error), "%.*s", (int)len, line);
        if (line[0] == '$' && value >= 0)
            skip(pipe, (size_t)value + 2);
    }
}

static void append(struct commands *commands, const void *data, size_t len)
{
    if (len > commands->size - commands->len) {
        commands->size = (commands->len + len) * 2 + 4096;
        commands->data = must_alloc(commands->data, commands->size);
    }
    memcpy(commands->data + commands->len, data, len);
    commands->len += len;
}

static void append_head(struct commands *commands, char kind, size_t number)
{
    char head[32];
    append(commands, head, (size_t)snprintf(head, sizeof(head), "%c%zu\r\n", kind, number));
}

void commands_begin(struct commands *commands, size_t arguments)
{
    append_head(commands, '*', arguments);
    commands->count++;
}

void commands_add(struct commands *commands, const void *data, size_t len)
{
    append_head(commands, '$', len);
    append(commands, data, len);
    append(commands, "\r\n", 2);
}

void commands_add_text(struct commands *commands, const char *text)
{
    commands_add(commands, text, strlen(text));
}

void commands_add_key(struct commands *commands, const char *prefix, const char *id)
{
    append_head(commands, '$', strlen(prefix) + strlen(id) + 2);
    append(commands, prefix, strlen(prefix));
    append(commands, "{", 1);
    append(commands, id, strlen(id));
    append(commands, "}\r\n", 3);
}

void double_buffer_turn(struct double_buffer *both, uint64_t least)
{
    struct commands *full = &both->lots[both->filling];
    if (full->count < least)
        return;
    pipe_send(both->pipe, full->data, full->len);
    pipe_receive(both->pipe, both->waiting);
    both->waiting = full->count;
    both->filling = !both->filling;
    both->lots[both->filling].len = 0;
    both->lots[both->filling].count = 0;
}

void double_buffer_finish(struct double_buffer *both)
{
    double_buffer_turn(both, 1);
    pipe_receive(both->pipe, both->waiting);
    both->waiting = 0;
    free(both->lots[0].data);
    free(both->lots[1].data);
}
