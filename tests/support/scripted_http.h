/* scripted_http.h - an HTTP server of a test: a thread on loopback that answers as told, rightly
 * or in any bad way, and records what it was asked. One connection at a time. */
#ifndef RS_TESTS_SCRIPTED_HTTP_H
#define RS_TESTS_SCRIPTED_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum scripted_manner {
    SCRIPTED_WHOLE,        /* the answer as it is; the connection is kept */
    SCRIPTED_CLOSE,        /* the answer, then the connection is closed without telling */
    SCRIPTED_DRIP,         /* one byte of the body each 50 ms */
    SCRIPTED_ENDLESS,      /* the body again and again, until the client leaves */
    SCRIPTED_ENDLESS_HEAD, /* header lines without end */
    SCRIPTED_HALF,         /* half of the body, then a reset */
    SCRIPTED_RESET,        /* a reset after the request was read */
    SCRIPTED_SILENT,       /* nothing, until the client leaves */
};

struct scripted_request {
    char head[2048];  /* the request line and headers as they came, cut */
    const char *body; /* with a terminator behind it */
    size_t len;
    size_t number; /* 0 for the first */
};

struct scripted_answer {
    enum scripted_manner manner;
    int status;
    const char *headers; /* further lines, each with its CRLF; NULL: none */
    char *body;          /* from malloc, freed by the server; NULL: empty */
};

struct scripted_http;

/* Start on a free port. `answer` is called by the server's thread for each request. */
struct scripted_http *scripted_http_start(void (*answer)(void *context,
                                                         const struct scripted_request *request,
                                                         struct scripted_answer *ret_answer),
                                          void *context);
/* "http://127.0.0.1:<port>" */
const char *scripted_http_url(const struct scripted_http *server);
/* From now on, a request with a larger body is reset with its body unread, as a server does that
 * refuses it and closes. Not given to `answer`; counted. */
void scripted_http_reset_over(struct scripted_http *server, size_t bytes);
/* How many requests came so far. */
size_t scripted_http_count(const struct scripted_http *server);
/* Connections that were accepted. */
size_t scripted_http_connections(const struct scripted_http *server);
void scripted_http_stop(struct scripted_http *server);

#endif
