#include "support/conversation.h"

#include <criterion/criterion.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "support/scripted_http.h"

static struct scripted_http *server;
static const struct exchange *script;
static size_t said;
static char last_body[4096], surprise[512];

static void answer(void *context, const struct scripted_request *request,
                   struct scripted_answer *ret_answer)
{
    (void)context;
    const struct exchange *now = &script[said];
    snprintf(last_body, sizeof(last_body), "%s", request->body);
    if (said == MOST_EXCHANGES || !now->request ||
        strncmp(request->head, now->request, strlen(now->request)) != 0) {
        snprintf(surprise, sizeof(surprise), "request %zu is %.80s", said, request->head);
        ret_answer->status = 418;
        return;
    }
    said++;
    ret_answer->status = now->status;
    ret_answer->body = strdup(now->body);
}

void conversation_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = scripted_http_start(answer, NULL);
}

void conversation_end(void)
{
    scripted_http_stop(server);
    curl_global_cleanup();
}

void conversation_open(struct rs_es_view *view)
{
    static const char file[] =
        "{\"settings\":{\"a\":1},\"mappings\":{\"_meta\":{\"b\":2},\"c\":3}}";
    const struct rs_view of = {.processor = "search", .generation = "g1"};
    const struct rs_http_options options = {
        .urls = scripted_http_url(server), .connect_ms = 1000, .request_ms = 5000};
    struct rs_error error = {""};
    cr_assert(rs_es_view_init(view, &of, "reviews", rs_text(file), "file", &error), "%s",
              error.text);
    view->http = rs_http_create(&options, &error);
    cr_assert_not_null(view->http, "%s", error.text);
}

void conversation_play(const struct exchange *exchanges)
{
    script = exchanges;
    said = 0;
    surprise[0] = '\0';
}

void conversation_expect_said(const char *name)
{
    size_t count = 0;
    while (count < MOST_EXCHANGES && script[count].request)
        count++;
    cr_expect_str_eq(surprise, "", "%s: %s", name, surprise);
    cr_expect_eq(said, count, "%s: %zu of %zu requests", name, said, count);
}

const char *conversation_last_body(void)
{
    return last_body;
}
