#include "support/scripted_bulk.h"

#include <criterion/criterion.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bulk_test bulk;

/* One item of an answer; ids that begin with a status get it. */
static void add_item(struct rs_buffer *out, const char *id, int len)
{
    int status = atoi(id);
    if (status < 100)
        status = 201;
    rs_buffer_printf(out, "%s{\"index\":{\"_id\":\"%.*s\",\"status\":%d", out->len > 10 ? "," : "",
                     len, id, status);
    if (status == 409)
        rs_buffer_add_text(out, ",\"error\":{\"type\":\"version_conflict_engine_exception\"}");
    else if (status == 400)
        rs_buffer_add_text(out, ",\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":"
                                "\"failed to parse field [text] of type [text]\"}");
    else if (status > 299)
        rs_buffer_add_text(out, ",\"error\":{\"type\":\"some_exception\"}");
    rs_buffer_add_text(out, "}}");
}

static char *answer_items(const char *request)
{
    struct rs_buffer out = {0};
    rs_buffer_add_text(&out, "{\"items\":[");
    for (const char *at = request; (at = strstr(at, "\"_id\":\"")); at++) {
        at += strlen("\"_id\":\"");
        add_item(&out, at, (int)strcspn(at, "\""));
    }
    rs_buffer_add_text(&out, bulk.script.tail ? bulk.script.tail : "]}");
    return rs_buffer_take(&out, NULL);
}

static void remember(char *log, size_t size, const char *text, size_t len)
{
    size_t have = strlen(log);
    if (have + len + 2 < size)
        snprintf(log + have, size - have, "%.*s|", (int)len, text);
}

static void answer(void *context, const struct scripted_request *request,
                   struct scripted_answer *ret_answer)
{
    (void)context;
    remember(bulk.script.seen, sizeof(bulk.script.seen), request->body, request->len);
    remember(bulk.script.paths, sizeof(bulk.script.paths), request->head,
             strcspn(request->head, "\r"));
    ret_answer->manner = bulk.script.manner;
    ret_answer->headers = bulk.script.headers;
    if (bulk.script.too_large && request->len > bulk.script.too_large) {
        ret_answer->status = 413;
    } else if (bulk.script.status && (!bulk.script.bad || strstr(request->body, bulk.script.bad))) {
        ret_answer->status = bulk.script.status;
        ret_answer->body = strdup(bulk.script.body ? bulk.script.body : "");
    } else {
        ret_answer->body = answer_items(request->body);
    }
}

void bulk_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bulk.server = scripted_http_start(answer, NULL);
}

void bulk_end(void)
{
    for (size_t i = 0; i < bulk.op_count; i++) {
        free(bulk.ops[i].key);
        free(bulk.ops[i].bytes);
    }
    rs_settings_destroy(bulk.settings);
    scripted_http_stop(bulk.server);
    curl_global_cleanup();
}

void *bulk_try_open(const char *generation, struct rs_error *error)
{
    static const struct rs_component *const components[] = {&rs_elasticsearch_component, NULL};
    struct rs_view view = {.processor = "search", .generation = generation, .owner = "test"};
    rs_settings_destroy(bulk.settings);
    bulk.settings = rs_settings_create(components);
    char url[256];
    snprintf(url, sizeof(url), "elasticsearch.url=%s%s", bulk.urls,
             *bulk.urls ? "" : scripted_http_url(bulk.server));
    bool good = rs_settings_set(bulk.settings, url, error) &&
                rs_settings_set(bulk.settings, "elasticsearch.request_timeout_ms=400", error);
    for (size_t i = 0; good && i < bulk.more_count; i++)
        good = rs_settings_set(bulk.settings, bulk.more[i], error);
    cr_assert(good && rs_settings_finish(bulk.settings, NULL, error), "%s", error->text);
    view.settings = bulk.settings;
    return rs_elasticsearch.open(&view, error);
}

void *bulk_open(void)
{
    struct rs_error error = {""};
    void *sink = bulk_try_open("g1", &error);
    cr_assert_not_null(sink, "%s", error.text);
    return sink;
}

void bulk_set(const char *text)
{
    snprintf(bulk.more[bulk.more_count++], sizeof(*bulk.more), "elasticsearch.%s", text);
}

/* Add an operation with a document of about so many bytes. */
void bulk_add(const char *id, size_t bytes)
{
    struct rs_operation *op = &bulk.ops[bulk.op_count];
    char *text = malloc(bytes + 16);
    int len = snprintf(text, bytes + 16, "{\"t\":\"");
    memset(text + len, 'x', bytes);
    snprintf(text + len + bytes, 8, "\"}");
    *op = (struct rs_operation){.key = id ? strdup(id) : NULL,
                                .version = 7,
                                .bytes = text,
                                .len = strlen(text),
                                .status = RS_RETRY};
    bulk.pointers[bulk.op_count++] = op;
}

void bulk_send(void *sink)
{
    for (size_t i = 0; i < bulk.op_count; i++) {
        bulk.ops[i].status = RS_RETRY;
        bulk.ops[i].fault = RS_OUTAGE;
        bulk.ops[i].applied = false;
        bulk.ops[i].reason[0] = '\0';
    }
    rs_elasticsearch.send(sink, bulk.pointers, bulk.op_count);
}

/* One letter an operation: '+' applied, 's' stale, 'o' outage, 'i' item, 'j' reject, 'f' fatal. */
const char *bulk_told(void)
{
    static char text[MOST_OPS + 1];
    for (size_t i = 0; i < bulk.op_count; i++)
        text[i] = bulk.ops[i].status == RS_OK       ? (bulk.ops[i].applied ? '+' : 's')
                  : bulk.ops[i].status == RS_REJECT ? 'j'
                  : bulk.ops[i].status == RS_FATAL  ? 'f'
                  : bulk.ops[i].fault == RS_ITEM    ? 'i'
                                                    : 'o';
    text[bulk.op_count] = '\0';
    return text;
}

size_t bulk_requests(void)
{
    return scripted_http_count(bulk.server);
}
