#include "line_input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static void read_more(struct line_input *input)
{
    char chunk[CHUNK];
    struct pollfd ready = {.fd = input->fd, .events = POLLIN};
    if (poll(&ready, 1, 0) == 0)
        input->pause();
    ssize_t got = read(input->fd, chunk, sizeof(chunk));
    if (got < 0 && errno == EINTR)
        return;
    if (input->data.data && input->at > 0) { /* forget the lines that were taken */
        input->data.len -= input->at;
        memmove(input->data.data, input->data.data + input->at, input->data.len);
        input->at = 0;
    }
    if (got > 0)
        rs_buffer_add(&input->data, chunk, (size_t)got);
    input->ended = got == 0;
    input->failed = got < 0 || input->data.failed || input->data.len > MAX_INPUT_LINE;
}

bool line_input_next(struct line_input *input, struct rs_bytes *ret_line)
{
    size_t looked = 0;
    for (;;) {
        char *line = input->data.data ? input->data.data + input->at : NULL;
        size_t left = input->data.len - input->at;
        char *end = line && left > looked ? memchr(line + looked, '\n', left - looked) : NULL;
        if (end || (input->ended && left)) {
            *ret_line = (struct rs_bytes){line, end ? (size_t)(end - line) : left};
            input->at += ret_line->len + (end != NULL);
            return true;
        }
        looked = left;
        if (input->ended || input->failed)
            return false;
        read_more(input);
    }
}

void line_input_finish(struct line_input *input)
{
    rs_buffer_finish(&input->data);
}
