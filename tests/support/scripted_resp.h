/* scripted_resp.h - a Redis server of a test: a thread on loopback that answers as told, rightly or
 * in any bad way, and counts what it was asked. One connection at a time. */
#ifndef RS_TESTS_SCRIPTED_RESP_H
#define RS_TESTS_SCRIPTED_RESP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/bytes.h"

enum scripted_resp_manner {
    RESP_SEND,   /* the bytes */
    RESP_CLOSE,  /* the bytes, then the connection is closed */
    RESP_SILENT, /* nothing, until the client leaves */
    RESP_DRIP,   /* one byte each 20 ms, until the client leaves */
    RESP_FLOOD,  /* the bytes, then 'x' without end, until the client leaves */
};

struct scripted_resp_answer {
    enum scripted_resp_manner manner;
    struct rs_bytes bytes; /* borrowed; RESP on the wire */
    int after_ms;          /* wait first */
};

struct scripted_resp;

/* Start on a free port. `answer` is called by the server's thread for each command; `words` of the
 * command are without terminators. SCRIPT LOAD is answered with a digest, and not given to it. */
struct scripted_resp *scripted_resp_start(
    struct scripted_resp_answer (*answer)(void *context, const struct rs_bytes *words,
                                          size_t count),
    void *context);
int scripted_resp_port(const struct scripted_resp *server);
/* Connections that were accepted so far. */
size_t scripted_resp_connections(const struct scripted_resp *server);
void scripted_resp_stop(struct scripted_resp *server);

#endif
