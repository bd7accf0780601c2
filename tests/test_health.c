#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <curl/curl.h>
#include <string.h>

#include "runtime/health.h"
#include "runtime/pipeline.h"
#include "support/scripted_http.h"

TestSuite(health, .timeout = 60);

static const struct {
    const char *name, *listen, *url; /* url NULL: refused */
} rows[] = {
    {"nothing set is the usual port", NULL, "http://127.0.0.1:9401"},
    {"an address is asked as it is", "10.1.2.3:80", "http://10.1.2.3:80"},
    {"a name too", "localhost:9000", "http://localhost:9000"},
    {"every address is loopback", "0.0.0.0:9402", "http://127.0.0.1:9402"},
    {"no host is every address", ":9402", "http://127.0.0.1:9402"},
    {"every address of IPv6", "[::]:9402", "http://[::1]:9402"},
    {"one of IPv6", "[fe80::1]:9402", "http://[fe80::1]:9402"},
    {"any port cannot be known", "127.0.0.1:0", NULL},
    {"no port", "127.0.0.1:", NULL},
    {"no colon", "localhost", NULL},
};

Test(health, asks_where_the_program_listens)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char url[128] = "";
        struct rs_error error = {""};
        bool known = rs_health_url(rows[i].listen, 9401, url, sizeof(url), &error);
        cr_expect_eq(known, rows[i].url != NULL, "%s: %s", rows[i].name, error.text);
        if (rows[i].url)
            cr_expect_str_eq(url, rows[i].url, "%s", rows[i].name);
        else
            cr_expect(strstr(error.text, "http.listen"), "%s", rows[i].name);
    }
}

static int status;
static char path[32];

static void answer(void *context, const struct scripted_request *request,
                   struct scripted_answer *ret_answer)
{
    (void)context;
    (void)sscanf(request->head, "GET %31s", path);
    ret_answer->status = status;
    ret_answer->body = strdup(status == 200 ? "ok\n" : "lane 2 hangs\n");
}

static int ask(int answers_with, const char *url)
{
    status = answers_with;
    return rs_health_run(url + strlen("http://"), 9401);
}

Test(health, is_good_only_when_healthz_says_so)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    cr_redirect_stdout();
    cr_redirect_stderr();
    struct scripted_http *server = scripted_http_start(answer, NULL);
    const char *url = scripted_http_url(server);
    cr_expect_eq(ask(200, url), RS_EXIT_OK);
    cr_expect_str_eq(path, "/healthz");
    cr_expect_eq(ask(503, url), RS_EXIT_FAILED);
    cr_expect_eq(ask(404, url), RS_EXIT_FAILED);
    char gone[64];
    (void)snprintf(gone, sizeof(gone), "%s", url);
    scripted_http_stop(server);
    cr_expect_eq(ask(200, gone), RS_EXIT_FAILED, "nobody listens");
    curl_global_cleanup();
}
