#include "runtime/admin.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "runtime/pipeline.h"

enum { CONNECTIONS = 64, PER_ADDRESS = 48, MEMORY_BYTES = 32 * 1024, TIMEOUT_S = 10 };

struct rs_admin_server {
    struct rs_pipeline *pipeline;
    struct MHD_Daemon *daemon;
};

static const struct {
    const char *path, *type;
    unsigned (*report)(struct rs_pipeline *, struct rs_buffer *);
} pages[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", rs_report_metrics},
    {"/healthz", "text/plain; charset=utf-8", rs_report_health},
    {"/readyz", "text/plain; charset=utf-8", rs_report_ready},
    {"/status", "application/json", rs_report_status},
};

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
                             struct rs_buffer *body)
{
    size_t len = 0;
    char *text = rs_buffer_take(body, &len);
    struct MHD_Response *response =
        text ? MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!response) {
        free(text);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Called once with the headers and again for the body: answered the second time, so that the
 * connection can stay open. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *data_size, void **state)
{
    static int seen;
    struct rs_admin_server *server = context;
    struct rs_buffer body = {0};
    (void)version, (void)data;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    if (*data_size) {
        *data_size = 0; /* nobody sends us a body; it is read and forgotten */
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        rs_buffer_add_text(&body, "only GET\n");
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", &body);
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
        if (strcmp(path, pages[i].path) == 0) {
            unsigned status = pages[i].report(server->pipeline, &body);
            return reply(connection, status, pages[i].type, &body);
        }
    rs_buffer_add_text(&body, "try /metrics, /healthz, /readyz or /status\n");
    return reply(connection, MHD_HTTP_NOT_FOUND, "text/plain", &body);
}

/* The library would print each failed accept. */
static void forget(void *context, const char *format, va_list list)
{
    (void)context, (void)format, (void)list;
}

static struct MHD_Daemon *listen_at(struct rs_admin_server *server, const struct sockaddr *address)
{
    return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ERROR_LOG |
                                (address->sa_family == AF_INET6 ? MHD_USE_IPv6 : 0),
                            0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, forget, NULL,
                            MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                            (unsigned)PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)MEMORY_BYTES, MHD_OPTION_END);
}

/* "host:port", "[v6]:port", ":port". */
static struct addrinfo *resolve(const char *listen, struct rs_error *error)
{
    char host[256];
    const char *colon = strrchr(listen, ':');
    if (!colon || (size_t)(colon - listen) >= sizeof(host)) {
        (void)rs_error_set(error, "http.listen: \"%s\" is not host:port, e.g. 127.0.0.1:9401",
                           listen);
        return NULL;
    }
    (void)snprintf(host, sizeof(host), "%.*s", (int)(colon - listen), listen);
    char *name = host;
    if (name[0] == '[' && strchr(name, ']')) {
        *strchr(name, ']') = '\0';
        name++;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(*name ? name : NULL, colon + 1, &hints, &found);
    if (!failed)
        return found;
    (void)rs_error_set(error, "http.listen: \"%s\": %s", listen, gai_strerror(failed));
    return NULL;
}

static bool try_listen(struct rs_admin_server *server, const char *listen, struct rs_error *error)
{
    struct addrinfo *address = resolve(listen, error);
    if (!address)
        return false;
    server->daemon = listen_at(server, address->ai_addr);
    freeaddrinfo(address);
    return server->daemon ||
           rs_error_set(error,
                        "http.listen: cannot listen on %s (is the port taken?); set another one, "
                        "port 0 takes any",
                        listen);
}

static void log_address(struct rs_admin_server *server)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);
    char host[64] = "?", port[16] = "0";
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    if (info && getsockname(info->listen_fd, (struct sockaddr *)&bound, &size) == 0)
        (void)getnameinfo((struct sockaddr *)&bound, size, host, sizeof(host), port, sizeof(port),
                          NI_NUMERICHOST | NI_NUMERICSERV);
    rs_log(RS_LOG_INFO, "http", NULL, "listen=%s:%s", host, port);
}

struct rs_admin_server *rs_admin_start(struct rs_pipeline *pipeline, const char *listen,
                                       struct rs_error *error)
{
    struct rs_admin_server *server = calloc(1, sizeof(*server));
    char usual[32];
    if (!server) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    server->pipeline = pipeline;
    (void)snprintf(usual, sizeof(usual), "127.0.0.1:%d", pipeline->processor->default_port);
    bool listens = try_listen(server, listen ? listen : usual, error);
    if (!listens && !listen) {
        rs_log(RS_LOG_WARN, "http", "the usual port is taken, taking a free one", "port=%d",
               pipeline->processor->default_port);
        listens = try_listen(server, "127.0.0.1:0", error);
    }
    if (!listens) {
        free(server);
        return NULL;
    }
    log_address(server);
    return server;
}

void rs_admin_stop(struct rs_admin_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}
