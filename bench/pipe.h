/* pipe.h - a plain connection to Redis: raw bytes out, replies only counted. */
#ifndef BENCH_PIPE_H
#define BENCH_PIPE_H

#include <stddef.h>
#include <stdint.h>

struct pipe {
    int fd;
    char buffer[65536];
    size_t used, len; /* of the buffer */
    uint64_t errors;  /* error replies, also inside arrays */
    char first_error[128];
};

/* Connect to "host:port". */
void pipe_open(struct pipe *pipe, const char *address);
void pipe_close(struct pipe *pipe);
void pipe_send(struct pipe *pipe, const void *data, size_t len);
/* Read so many replies and count the errors among them. */
void pipe_receive(struct pipe *pipe, uint64_t replies);

/* Commands in Redis' protocol, collected to be sent at once; a zeroed one is empty. */
struct commands {
    char *data;
    size_t len, size;
    uint64_t count;
};

/* Start a command of so many arguments, which follow. */
void commands_begin(struct commands *commands, size_t arguments);
void commands_add(struct commands *commands, const void *data, size_t len);
void commands_add_text(struct commands *commands, const char *text);
/* The argument `<prefix>{<id>}`. Generated ids need no escapes. */
void commands_add_key(struct commands *commands, const char *prefix, const char *id);

/* Two lots of commands of which one is with the server while the other is filled. */
struct double_buffer {
    struct pipe *pipe;
    struct commands lots[2];
    int filling;
    uint64_t waiting; /* replies that the other lot will get */
};

/* Send what is filled if it has at least `least` commands; then wait for the other lot. */
void double_buffer_turn(struct double_buffer *both, uint64_t least);
/* Send the rest, wait for all replies, free the lots. */
void double_buffer_finish(struct double_buffer *both);

#endif
