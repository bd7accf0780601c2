#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sink/http.h"
#include "support/scripted_http.h"

TestSuite(http, .timeout = 60);

enum { MAX_BYTES = 4096 };

static struct scripted_http *server;
static char seen[4096];
static enum scripted_manner manner;
static int status = 200;
static const char *headers, *body = "{\"answer\":true}";

static void answer(void *context, const struct scripted_request *request,
                   struct scripted_answer *ret_answer)
{
    (void)context;
    snprintf(seen, sizeof(seen), "%s%.512s", request->head, request->body);
    ret_answer->manner = manner;
    ret_answer->status = status;
    ret_answer->headers = headers;
    ret_answer->body = strdup(body);
}

static void begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = scripted_http_start(answer, NULL);
}

static void end(void)
{
    scripted_http_stop(server);
    curl_global_cleanup();
}

static struct rs_http *client_of(struct rs_http_options options)
{
    struct rs_error error = {""};
    options.connect_ms = 500;
    options.request_ms = 400;
    if (!options.urls)
        options.urls = scripted_http_url(server);
    struct rs_http *http = rs_http_create(&options, &error);
    cr_assert_not_null(http, "%s", error.text);
    return http;
}

static struct rs_http_answer ask(struct rs_http *http, const char *method, const char *sent)
{
    struct rs_http_request request = {.method = method, .path = "/i/_bulk", .max_bytes = MAX_BYTES};
    struct rs_http_answer got;
    if (sent) {
        request.content_type = "application/x-ndjson";
        request.body = rs_text(sent);
    }
    rs_http_send(http, &request, &got);
    return got;
}

Test(http, sends_method_path_type_and_body, .init = begin, .fini = end)
{
    struct rs_http *http = client_of((struct rs_http_options){0});
    struct rs_http_answer got = ask(http, "POST", "{}\n");
    cr_expect_eq(got.outcome, RS_HTTP_ANSWERED, "%s", got.why);
    cr_expect_eq(got.status, 200);
    cr_expect_str_eq(got.body.data, body);
    cr_expect_eq(strncmp(seen, "POST /i/_bulk HTTP/1.1\r\n", 24), 0, "%s", seen);
    cr_expect(strstr(seen, "Content-Type: application/x-ndjson\r\n"), "%s", seen);
    cr_expect(strstr(seen, "Content-Length: 3\r\n"), "%s", seen);
    cr_expect(strstr(seen, "\r\n\r\n{}\n"), "%s", seen);
    for (const char *const *unwanted =
             (const char *const[]){"Expect:", "Accept-Encoding:", "Authorization:", NULL};
         *unwanted; unwanted++)
        cr_expect_null(strstr(seen, *unwanted), "%s", seen);
    rs_http_destroy(http);
}

Test(http, sends_a_request_without_a_body_after_one_that_has_it, .init = begin, .fini = end)
{
    struct rs_http *http = client_of((struct rs_http_options){0});
    (void)ask(http, "PUT", "{}");
    cr_expect_eq(strncmp(seen, "PUT ", 4), 0, "%s", seen);
    struct rs_http_answer got = ask(http, "GET", NULL);
    cr_expect_eq(got.outcome, RS_HTTP_ANSWERED, "%s", got.why);
    cr_expect_eq(strncmp(seen, "GET ", 4), 0, "%s", seen);
    cr_expect_null(strstr(seen, "Content-"), "%s", seen);
    cr_expect_eq(scripted_http_connections(server), 1, "one connection serves both");
    rs_http_destroy(http);
}

Test(http, keeps_the_answer_of_any_status, .init = begin, .fini = end)
{
    struct rs_http *http = client_of((struct rs_http_options){0});
    status = 503;
    struct rs_http_answer got = ask(http, "POST", "{}");
    cr_expect_eq(got.outcome, RS_HTTP_ANSWERED);
    cr_expect_eq(got.status, 503);
    cr_expect_str_eq(got.body.data, body);
    rs_http_destroy(http);
}

static const struct {
    const char *name, *user, *password, *api_key, *credentials, *header;
} logins[] = {
    {"user and password", "u", "p", NULL, "", "Authorization: Basic dTpw\r\n"},
    {"credentials in the URL", NULL, NULL, NULL, "u:%70@", "Authorization: Basic dTpw\r\n"},
    {"the options before the URL", "u", "p", NULL, "x:y@", "Authorization: Basic dTpw\r\n"},
    {"an API key", NULL, NULL, "aWQ6a2V5", "", "Authorization: ApiKey aWQ6a2V5\r\n"},
    {"an empty key is none", "u", "p", "", "", "Authorization: Basic dTpw\r\n"},
};

Test(http, authenticates_by_password_or_key, .init = begin, .fini = end)
{
    for (size_t i = 0; i < sizeof(logins) / sizeof(*logins); i++) {
        char url[128];
        snprintf(url, sizeof(url), "http://%s%s/", logins[i].credentials,
                 scripted_http_url(server) + 7);
        struct rs_http *http = client_of((struct rs_http_options){.urls = url,
                                                                  .user = logins[i].user,
                                                                  .password = logins[i].password,
                                                                  .api_key = logins[i].api_key});
        (void)ask(http, "GET", NULL);
        cr_expect(strstr(seen, logins[i].header), "%s: %s", logins[i].name, seen);
        cr_expect_str_eq(rs_http_server(http), scripted_http_url(server), "%s", logins[i].name);
        rs_http_destroy(http);
    }
}

Test(http, puts_the_path_of_the_url_before_its_own, .init = begin, .fini = end)
{
    char url[128];
    snprintf(url, sizeof(url), "%s/search/", scripted_http_url(server));
    struct rs_http *http = client_of((struct rs_http_options){.urls = url});
    (void)ask(http, "GET", NULL);
    cr_expect_eq(strncmp(seen, "GET /search/i/_bulk ", 20), 0, "%s", seen);
    rs_http_destroy(http);
}

static const struct {
    const char *name;
    enum scripted_manner manner;
    enum rs_http_outcome outcome;
} faults[] = {
    {"one byte at a time", SCRIPTED_DRIP, RS_HTTP_TIMED_OUT},
    {"no answer", SCRIPTED_SILENT, RS_HTTP_TIMED_OUT},
    {"an endless body", SCRIPTED_ENDLESS, RS_HTTP_TOO_LARGE},
    {"an endless head", SCRIPTED_ENDLESS_HEAD, RS_HTTP_TOO_LARGE},
    {"half a body", SCRIPTED_HALF, RS_HTTP_RESET},
    {"a reset", SCRIPTED_RESET, RS_HTTP_RESET},
};

Test(http, ends_bad_answers_and_works_again_afterwards, .init = begin, .fini = end)
{
    struct rs_http *http = client_of((struct rs_http_options){0});
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        manner = faults[i].manner;
        struct rs_http_answer got = ask(http, "POST", "{}");
        cr_expect_eq(got.outcome, faults[i].outcome, "%s: %d", faults[i].name, got.outcome);
        cr_expect_eq(strncmp(got.why, "http://127.0.0.1:", 17), 0, "%s: %s", faults[i].name,
                     got.why);
        cr_expect_null(got.body.data, "%s", faults[i].name);
        manner = SCRIPTED_WHOLE;
        got = ask(http, "POST", "{}");
        cr_expect_eq(got.outcome, RS_HTTP_ANSWERED, "after %s: %s", faults[i].name, got.why);
    }
    rs_http_destroy(http);
}

Test(http, takes_an_answer_of_exactly_the_limit, .init = begin, .fini = end)
{
    static char full[MAX_BYTES + 2];
    struct rs_http *http = client_of((struct rs_http_options){0});
    memset(full, 'x', MAX_BYTES);
    body = full;
    cr_expect_eq(ask(http, "GET", NULL).outcome, RS_HTTP_ANSWERED);
    full[MAX_BYTES] = 'x';
    cr_expect_eq(ask(http, "GET", NULL).outcome, RS_HTTP_TOO_LARGE);
    rs_http_destroy(http);
}

Test(http, sends_again_on_a_new_connection_what_an_idle_one_lost, .init = begin, .fini = end)
{
    struct rs_http *http = client_of((struct rs_http_options){0});
    manner = SCRIPTED_CLOSE;
    for (int i = 0; i < 3; i++)
        cr_expect_eq(ask(http, "POST", "{}").outcome, RS_HTTP_ANSWERED);
    rs_http_destroy(http);
}

Test(http, follows_no_redirect, .init = begin, .fini = end)
{
    char location[128];
    struct rs_http *http = client_of((struct rs_http_options){0});
    snprintf(location, sizeof(location), "Location: %s/elsewhere\r\n", scripted_http_url(server));
    headers = location;
    status = 307;
    cr_expect_eq(ask(http, "POST", "{}").status, 307);
    cr_expect_eq(scripted_http_count(server), 1);
    rs_http_destroy(http);
}

Test(http, ignores_the_proxy_of_the_environment, .init = begin, .fini = end)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    struct rs_http *http = client_of((struct rs_http_options){0});
    cr_expect_eq(ask(http, "GET", NULL).outcome, RS_HTTP_ANSWERED);
    rs_http_destroy(http);
}

/* A port that nobody listens on: bound, and kept, by us. */
static int dead_port(int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(*fd, (struct sockaddr *)&address, len), 0);
    cr_assert_eq(getsockname(*fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

Test(http, moves_on_to_the_next_server_when_told, .init = begin, .fini = end)
{
    int fd;
    char urls[256];
    snprintf(urls, sizeof(urls), "http://127.0.0.1:%d, %s", dead_port(&fd),
             scripted_http_url(server));
    struct rs_http *http = client_of((struct rs_http_options){.urls = urls});
    struct rs_http_answer got = ask(http, "GET", NULL);
    cr_expect_eq(got.outcome, RS_HTTP_NO_CONNECTION);
    cr_expect(strstr(got.why, "127.0.0.1"), "%s", got.why);
    rs_http_move_on(http);
    cr_expect_eq(ask(http, "GET", NULL).outcome, RS_HTTP_ANSWERED);
    rs_http_move_on(http);
    cr_expect_eq(ask(http, "GET", NULL).outcome, RS_HTTP_NO_CONNECTION, "round again");
    rs_http_destroy(http);
    close(fd);
}

static const struct {
    const char *name;
    struct rs_http_options options;
    const char *reason;
} refused[] = {
    {"no URL", {.urls = " , "}, "no URL given; set one like http://127.0.0.1:9200"},
    {"another protocol",
     {.urls = "http://a:1,ftp://u:geheim@b"},
     "URL 2 of the list is not like https://host:9200; correct it"},
    {"no protocol",
     {.urls = "127.0.0.1:9200"},
     "URL 1 of the list is not like https://host:9200; correct it"},
    {"two ways to log in",
     {.urls = "http://a", .user = "u", .password = "p", .api_key = "k"},
     "both user and api_key are set; remove one"},
};

Test(http, refuses_bad_configuration_without_showing_secrets)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct rs_error error = {""};
        cr_expect_null(rs_http_create(&refused[i].options, &error), "%s", refused[i].name);
        cr_expect_str_eq(error.text, refused[i].reason, "%s", refused[i].name);
    }
}

Test(http, encodes_what_a_path_cannot_hold)
{
    struct rs_buffer path = {0};
    rs_http_add_encoded(&path, "a-Z_0.9~/?#% é\"");
    cr_expect_str_eq(path.data, "a-Z_0.9~%2F%3F%23%25%20%C3%A9%22");
    rs_buffer_finish(&path);
}
