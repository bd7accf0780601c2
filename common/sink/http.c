#include "sink/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SERVERS = 64, UPLOAD_BYTES = 512 * 1024, MAX_HEADER_BYTES = 64 * 1024 };

struct server {
    char *base; /* without credentials and without a slash at its end */
    char *user, *password;
};

struct rs_http {
    CURL *curl;
    struct curl_slist *common; /* headers of every request */
    struct server servers[MAX_SERVERS];
    size_t server_count, current;
    bool has_user; /* from the options: for every server */
    struct rs_buffer body;
    size_t max_bytes, header_bytes;
    int64_t request_ms;
    bool too_large;
    char curl_says[CURL_ERROR_SIZE];
};

/* --- setting up --- */

static void finish_server(struct server *server)
{
    free(server->base);
    free(server->user);
    free(server->password);
}

/* One part of a URL as a copy of ours; "" where it is absent. NULL: out of memory. */
static char *part_of(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, flags);
    char *copy = code == CURLUE_OUT_OF_MEMORY ? NULL : strdup(code == CURLUE_OK ? text : "");
    curl_free(text);
    return copy;
}

static bool take_apart(CURLU *url, struct server *server)
{
    server->user = part_of(url, CURLUPART_USER, CURLU_URLDECODE);
    server->password = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
    (void)curl_url_set(url, CURLUPART_USER, NULL, 0);
    (void)curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    (void)curl_url_set(url, CURLUPART_QUERY, NULL, 0);
    (void)curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
    server->base = part_of(url, CURLUPART_URL, 0);
    if (!server->user || !server->password || !server->base)
        return false;
    size_t len = strlen(server->base);
    while (len > 0 && server->base[len - 1] == '/')
        server->base[--len] = '\0';
    return true;
}

/* Add one server. The text is not shown in errors: it may carry a password. */
static bool add_server(struct rs_http *http, const char *text, struct rs_error *error)
{
    if (http->server_count == MAX_SERVERS)
        return rs_error_set(error, "more than %d URLs; remove some", MAX_SERVERS);
    CURLU *url = curl_url();
    if (!url)
        return rs_error_set(error, "out of memory");
    struct server *server = &http->servers[http->server_count++]; /* finished by destroy */
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, 0);
    bool made = code != CURLUE_OK || take_apart(url, server);
    curl_url_cleanup(url);
    if (!made || code == CURLUE_OUT_OF_MEMORY)
        return rs_error_set(error, "out of memory");
    if (code != CURLUE_OK ||
        (strncmp(server->base, "http://", 7) != 0 && strncmp(server->base, "https://", 8) != 0))
        return rs_error_set(error, "URL %zu of the list is not like https://host:9200; correct it",
                            http->server_count);
    return true;
}

static bool add_servers(struct rs_http *http, const char *urls, struct rs_error *error)
{
    char *copy = strdup(urls ? urls : ""), *rest = copy, *text;
    bool good = copy || rs_error_set(error, "out of memory");
    while (good && (text = strsep(&rest, ","))) {
        text += strspn(text, " \t");
        text[strcspn(text, " \t")] = '\0';
        if (*text)
            good = add_server(http, text, error);
    }
    free(copy);
    if (good && http->server_count == 0)
        return rs_error_set(error, "no URL given; set one like http://127.0.0.1:9200");
    return good;
}

static bool has_text(const char *text)
{
    return text && *text;
}

static bool add_header(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool add_headers(struct rs_http *http, const struct rs_http_options *options)
{
    bool good = add_header(&http->common, "Accept: application/json") &&
                add_header(&http->common, "Expect:"); /* else large bodies wait a second */
    if (good && has_text(options->api_key)) {
        char *line = NULL;
        good = asprintf(&line, "Authorization: ApiKey %s", options->api_key) >= 0 &&
               add_header(&http->common, line);
        free(line);
    }
    return good;
}

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct rs_http *http = context;
    size_t len = size * count;
    if (len > http->max_bytes - http->body.len) {
        http->too_large = true;
        return 0; /* curl ends the transfer with CURLE_WRITE_ERROR */
    }
    rs_buffer_add(&http->body, data, len);
    return http->body.failed ? 0 : len;
}

/* curl keeps every header line: an endless head must end as well. */
static size_t receive_header(char *data, size_t size, size_t count, void *context)
{
    struct rs_http *http = context;
    (void)data;
    http->header_bytes += size * count;
    http->too_large = http->header_bytes > MAX_HEADER_BYTES;
    return http->too_large ? 0 : size * count;
}

static void set_up(struct rs_http *http, const struct rs_http_options *options)
{
    CURL *curl = http->curl;
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->curl_says);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "reviewstream/" RS_VERSION);
    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (has_text(options->ca_file))
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)options->request_ms);
    /* The server may think for the whole time before it answers, so no shorter than that. */
    (void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(options->request_ms / 1000 + 1));
    (void)curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, http);
}

struct rs_http *rs_http_create(const struct rs_http_options *options, struct rs_error *error)
{
    bool user = has_text(options->user);
    if (has_text(options->api_key) && user) {
        (void)rs_error_set(error, "both user and api_key are set; remove one");
        return NULL;
    }
    struct rs_http *http = calloc(1, sizeof(*http));
    if (!http) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    if (!add_servers(http, options->urls, error)) {
        rs_http_destroy(http);
        return NULL;
    }
    http->curl = curl_easy_init();
    if (!http->curl || !add_headers(http, options)) {
        (void)rs_error_set(error, "out of memory");
        rs_http_destroy(http);
        return NULL;
    }
    set_up(http, options);
    http->request_ms = options->request_ms;
    http->has_user = user;
    if (user && (curl_easy_setopt(http->curl, CURLOPT_USERNAME, options->user) != CURLE_OK ||
                 curl_easy_setopt(http->curl, CURLOPT_PASSWORD,
                                  options->password ? options->password : "") != CURLE_OK)) {
        (void)rs_error_set(error, "out of memory");
        rs_http_destroy(http);
        return NULL;
    }
    return http;
}

void rs_http_destroy(struct rs_http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    curl_slist_free_all(http->common);
    for (size_t i = 0; i < http->server_count; i++)
        finish_server(&http->servers[i]);
    rs_buffer_finish(&http->body);
    free(http);
}

/* --- a request --- */

static enum rs_http_outcome outcome_of(const struct rs_http *http, CURLcode code)
{
    if (http->too_large)
        return RS_HTTP_TOO_LARGE;
    switch (code) {
    case CURLE_OK:
        return RS_HTTP_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return RS_HTTP_NO_CONNECTION;
    case CURLE_OPERATION_TIMEDOUT:
        return RS_HTTP_TIMED_OUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return RS_HTTP_UNTRUSTED;
    case CURLE_OUT_OF_MEMORY:
        return RS_HTTP_NO_MEMORY;
    default:
        return http->body.failed ? RS_HTTP_NO_MEMORY : RS_HTTP_RESET;
    }
}

/* The headers of one request: the common ones, and the type of its body. False: memory. */
static bool headers_of(struct rs_http *http, const struct rs_http_request *request,
                       struct curl_slist **ret_own)
{
    struct curl_slist *own = NULL;
    bool good = true;
    if (request->content_type) {
        char line[96];
        (void)snprintf(line, sizeof(line), "Content-Type: %s", request->content_type);
        good = add_header(&own, line);
        for (const struct curl_slist *each = http->common; good && each; each = each->next)
            good = add_header(&own, each->data);
    }
    if (!good) {
        curl_slist_free_all(own);
        return false;
    }
    *ret_own = own;
    return true;
}

static CURLcode perform(struct rs_http *http, const struct rs_http_request *request)
{
    CURL *curl = http->curl;
    const struct server *server = &http->servers[http->current];
    struct curl_slist *own = NULL;
    char *url = NULL;
    if (!headers_of(http, request, &own))
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (asprintf(&url, "%s%s", server->base, request->path) < 0)
        url = NULL;
    else
        code = curl_easy_setopt(curl, CURLOPT_URL, url);
    free(url);
    if (code == CURLE_OK && !http->has_user) {
        const char *user = *server->user ? server->user : NULL;
        code = curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        if (code == CURLE_OK)
            code = curl_easy_setopt(curl, CURLOPT_PASSWORD, user ? server->password : NULL);
    }
    if (code == CURLE_OK && request->content_type) {
        (void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.data);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    } else {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, own ? own : http->common);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                           (long)(request->within_ms ? request->within_ms : http->request_ms));
    if (code == CURLE_OK)
        code = curl_easy_perform(curl);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
    curl_slist_free_all(own);
    return code;
}

void rs_http_send(struct rs_http *http, const struct rs_http_request *request,
                  struct rs_http_answer *ret_answer)
{
    rs_buffer_clear(&http->body);
    http->max_bytes = request->max_bytes;
    http->header_bytes = 0;
    http->too_large = false;
    http->curl_says[0] = '\0';
    CURLcode code = perform(http, request);
    rs_buffer_add(&http->body, "", 0); /* for the terminator */
    *ret_answer = (struct rs_http_answer){.outcome = outcome_of(http, code)};
    if (ret_answer->outcome == RS_HTTP_ANSWERED && http->body.failed)
        ret_answer->outcome = RS_HTTP_NO_MEMORY;
    if (ret_answer->outcome == RS_HTTP_ANSWERED) {
        long status = 0;
        (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
        ret_answer->status = (int)status;
        ret_answer->body = (struct rs_bytes){http->body.data, http->body.len};
    } else {
        (void)snprintf(ret_answer->why, sizeof(ret_answer->why), "%.80s: %.70s",
                       rs_http_server(http),
                       *http->curl_says ? http->curl_says : curl_easy_strerror(code));
    }
}

void rs_http_move_on(struct rs_http *http)
{
    http->current = (http->current + 1) % http->server_count;
}

const char *rs_http_server(const struct rs_http *http)
{
    return http->servers[http->current].base;
}

void rs_http_add_encoded(struct rs_buffer *path, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~-";
    for (; *text; text++) {
        if (strchr(plain, *text))
            rs_buffer_add(path, text, 1);
        else
            rs_buffer_printf(path, "%%%02X", (unsigned)(unsigned char)*text);
    }
}
