/* http.h - one HTTP connection of one thread: a request out, a bounded answer in.
 *
 * libcurl's easy interface with everything off that a sink does not want: no redirects, no proxy
 * from the environment, no .netrc, no signals, no Expect, no compression, no cookies. It speaks
 * to one server at a time of a list and moves on when told. It never retries, waits or logs.
 * curl_global_init() is called once by main, before threads. */
#ifndef RS_SINK_HTTP_H
#define RS_SINK_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/error.h"

struct rs_http;

struct rs_http_options {
    const char *urls; /* http or https, with a path or not; several are separated by commas */
    const char *user, *password; /* basic authentication; NULL: what the URL carries, or none */
    const char *api_key;         /* "Authorization: ApiKey …" instead; NULL or "": none */
    const char *ca_file;         /* PEM; NULL or "": the system's authorities */
    int64_t connect_ms, request_ms;
};

/* How a request ended. Only RS_HTTP_ANSWERED has a status and a body. */
enum rs_http_outcome {
    RS_HTTP_ANSWERED,
    RS_HTTP_NO_CONNECTION, /* not resolved, refused, no TLS; nothing was sent */
    RS_HTTP_TIMED_OUT,     /* the request may have been applied */
    RS_HTTP_RESET,         /* ended in the middle; it may have been applied */
    RS_HTTP_TOO_LARGE,     /* the answer is over `max_bytes`; cut off */
    RS_HTTP_UNTRUSTED,     /* the server's certificate does not verify, or the CA file is bad */
    RS_HTTP_NO_MEMORY,
};

struct rs_http_request {
    const char *method;       /* "GET", "PUT", "POST" */
    const char *path;         /* behind the URL's own path, begins with '/', already encoded */
    const char *content_type; /* NULL: without a body */
    struct rs_bytes body;     /* borrowed for the call */
    size_t max_bytes;         /* of the answer's body */
    int64_t within_ms;        /* 0: request_ms */
};

struct rs_http_answer {
    enum rs_http_outcome outcome;
    int status;
    struct rs_bytes body; /* borrowed until the next request; data has a terminator behind it */
    char why[160];        /* server and cause, without credentials; empty when answered */
};

/* NULL with the reason: a URL that is none, credentials twice, out of memory. Copies all. Does
 * not connect. */
struct rs_http *rs_http_create(const struct rs_http_options *options, struct rs_error *error);
void rs_http_destroy(struct rs_http *http); /* accepts NULL */

/* Send one request to the current server and read its answer, within its time. */
void rs_http_send(struct rs_http *http, const struct rs_http_request *request,
                  struct rs_http_answer *ret_answer);
/* The next request goes to the next server of the list. */
void rs_http_move_on(struct rs_http *http);
/* The current server as "scheme://host:port/path", without credentials. Borrowed. */
const char *rs_http_server(const struct rs_http *http);

/* Add text with everything but [A-Za-z0-9_.~-] percent-encoded, for a path. */
void rs_http_add_encoded(struct rs_buffer *path, const char *text);

#endif
