/* line_input.h - lines of a file descriptor, telling before it would wait for more. */
#ifndef RS_REVIEWCTL_LINE_INPUT_H
#define RS_REVIEWCTL_LINE_INPUT_H

#include <stdbool.h>

#include "core/bytes.h"

struct line_input {
    int fd;
    void (*pause)(void); /* called before a read that would wait */
    struct rs_buffer data;
    size_t at;          /* of the next line in data */
    bool ended, failed; /* failed: errno, or out of memory, or a line over MAX_INPUT_LINE */
};

enum { MAX_INPUT_LINE = 64 << 20 };

/* The next line without its end; borrowed until the next call. False: no more, or failed. */
bool line_input_next(struct line_input *input, struct rs_bytes *ret_line);
void line_input_finish(struct line_input *input);

#endif
