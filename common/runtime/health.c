#include "runtime/health.h"

#include <stdio.h>
#include <string.h>

#include "runtime/pipeline.h"
#include "sink/http.h"

enum { CONNECT_MS = 2000, REQUEST_MS = 4000, ANSWER_BYTES = 4096 };

/* Where one asks who listens on every address. */
static const struct {
    const char *listens, *ask;
} everywhere[] = {{"", "127.0.0.1"}, {"0.0.0.0", "127.0.0.1"}, {"[::]", "[::1]"}, {"::", "[::1]"}};

bool rs_health_url(const char *listen, int default_port, char *url, size_t size,
                   struct rs_error *error)
{
    char usual[32], host[256];
    (void)snprintf(usual, sizeof(usual), "127.0.0.1:%d", default_port);
    listen = listen ? listen : usual;
    const char *colon = strrchr(listen, ':');
    if (!colon || !colon[1] || (size_t)(colon - listen) >= sizeof(host))
        return rs_error_set(error, "http.listen: \"%s\" is not host:port", listen);
    if (strspn(colon + 1, "0") == strlen(colon + 1))
        return rs_error_set(error, "http.listen: \"%s\" takes any free port; set one", listen);
    (void)snprintf(host, sizeof(host), "%.*s", (int)(colon - listen), listen);
    for (size_t i = 0; i < sizeof(everywhere) / sizeof(*everywhere); i++)
        if (strcmp(host, everywhere[i].listens) == 0)
            (void)snprintf(host, sizeof(host), "%s", everywhere[i].ask);
    return (size_t)snprintf(url, size, "http://%s:%s", host, colon + 1) < size ||
           rs_error_set(error, "http.listen: \"%s\" is too long", listen);
}

static int say(const char *text, int code)
{
    (void)fprintf(code == RS_EXIT_OK ? stdout : stderr, "%s\n", text);
    return code;
}

int rs_health_run(const char *listen, int default_port)
{
    char url[320];
    struct rs_error error = {"out of memory"};
    if (!rs_health_url(listen, default_port, url, sizeof(url), &error))
        return say(error.text, RS_EXIT_FAILED);
    struct rs_http *http = rs_http_create(
        &(struct rs_http_options){.urls = url, .connect_ms = CONNECT_MS, .request_ms = REQUEST_MS},
        &error);
    if (!http)
        return say(error.text, RS_EXIT_FAILED);
    struct rs_http_answer answer = {0};
    const struct rs_http_request request = {
        .method = "GET", .path = "/healthz", .max_bytes = ANSWER_BYTES};
    rs_http_send(http, &request, &answer);
    bool alive = answer.outcome == RS_HTTP_ANSWERED && answer.status == 200;
    char text[320];
    if (answer.outcome == RS_HTTP_ANSWERED)
        (void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(answer.body.data, "\n"),
                       answer.body.data);
    else
        (void)snprintf(text, sizeof(text), "%s", answer.why);
    rs_http_destroy(http);
    return say(text, alive ? RS_EXIT_OK : RS_EXIT_FAILED);
}
