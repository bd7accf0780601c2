#include <criterion/criterion.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "sink/elasticsearch.h"
#include "support/alloc.h"
#include "support/scripted_http.h"

TestSuite(elasticsearch, .timeout = 60);

/* What the server does. An answer to a bulk is made from the bulk itself. */
static struct {
    enum scripted_manner manner;
    int status; /* of whole answers; 0: bulks are answered by items */
    const char *headers;
    const char *body;     /* of whole answers */
    const char *bad;      /* the status holds only for bulks that have this text */
    size_t too_large;     /* bulks over so many bytes get 413 */
    const char *tail;     /* in place of the answer's end, to make it lie */
    char seen[64 * 1024]; /* the bodies of all requests, a '|' behind each */
    char paths[8192];     /* their first lines, a '|' behind each */
} script;

static struct scripted_http *server;

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

static char *answer_items(const char *bulk)
{
    struct rs_buffer out = {0};
    rs_buffer_add_text(&out, "{\"items\":[");
    for (const char *at = bulk; (at = strstr(at, "\"_id\":\"")); at++) {
        at += strlen("\"_id\":\"");
        add_item(&out, at, (int)strcspn(at, "\""));
    }
    rs_buffer_add_text(&out, script.tail ? script.tail : "]}");
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
    remember(script.seen, sizeof(script.seen), request->body, request->len);
    remember(script.paths, sizeof(script.paths), request->head, strcspn(request->head, "\r"));
    ret_answer->manner = script.manner;
    ret_answer->headers = script.headers;
    if (script.too_large && request->len > script.too_large) {
        ret_answer->status = 413;
    } else if (script.status && (!script.bad || strstr(request->body, script.bad))) {
        ret_answer->status = script.status;
        ret_answer->body = strdup(script.body ? script.body : "");
    } else {
        ret_answer->body = answer_items(request->body);
    }
}

/* --- an instance with operations --- */

enum { MOST = 64 };

static struct rs_settings *settings;
static struct rs_operation ops[MOST], *pointers[MOST];
static size_t op_count;
static char more_settings[4][128];
static size_t more_count;
static char urls[128]; /* in place of the server's own */

static void begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = scripted_http_start(answer, NULL);
}

static void end(void)
{
    for (size_t i = 0; i < op_count; i++) {
        free(ops[i].key);
        free(ops[i].bytes);
    }
    rs_settings_destroy(settings);
    scripted_http_stop(server);
    curl_global_cleanup();
}

static void *open_sink(const char *generation, struct rs_error *error)
{
    static const struct rs_component *const components[] = {&rs_elasticsearch_component, NULL};
    struct rs_view view = {.processor = "search", .generation = generation, .owner = "test"};
    rs_settings_destroy(settings);
    settings = rs_settings_create(components);
    char url[256];
    snprintf(url, sizeof(url), "elasticsearch.url=%s%s", urls,
             *urls ? "" : scripted_http_url(server));
    bool good = rs_settings_set(settings, url, error) &&
                rs_settings_set(settings, "elasticsearch.request_timeout_ms=400", error);
    for (size_t i = 0; good && i < more_count; i++)
        good = rs_settings_set(settings, more_settings[i], error);
    cr_assert(good && rs_settings_finish(settings, NULL, error), "%s", error->text);
    view.settings = settings;
    return rs_elasticsearch.open(&view, error);
}

static void *opened(void)
{
    struct rs_error error = {""};
    void *sink = open_sink("g1", &error);
    cr_assert_not_null(sink, "%s", error.text);
    return sink;
}

static void set(const char *text)
{
    snprintf(more_settings[more_count++], sizeof(*more_settings), "elasticsearch.%s", text);
}

/* Add an operation with a document of about so many bytes. */
static void add(const char *id, size_t bytes)
{
    struct rs_operation *op = &ops[op_count];
    char *text = malloc(bytes + 16);
    int len = snprintf(text, bytes + 16, "{\"t\":\"");
    memset(text + len, 'x', bytes);
    snprintf(text + len + bytes, 8, "\"}");
    *op = (struct rs_operation){.key = id ? strdup(id) : NULL,
                                .version = 7,
                                .bytes = text,
                                .len = strlen(text),
                                .status = RS_RETRY};
    pointers[op_count++] = op;
}

static void send_all(void *sink)
{
    for (size_t i = 0; i < op_count; i++) {
        ops[i].status = RS_RETRY;
        ops[i].fault = RS_OUTAGE;
        ops[i].applied = false;
        ops[i].reason[0] = '\0';
    }
    rs_elasticsearch.send(sink, pointers, op_count);
}

/* One letter an operation: '+' applied, 's' stale, 'o' outage, 'i' item, 'j' reject, 'f' fatal. */
static const char *told(void)
{
    static char text[MOST + 1];
    for (size_t i = 0; i < op_count; i++)
        text[i] = ops[i].status == RS_OK       ? (ops[i].applied ? '+' : 's')
                  : ops[i].status == RS_REJECT ? 'j'
                  : ops[i].status == RS_FATAL  ? 'f'
                  : ops[i].fault == RS_ITEM    ? 'i'
                                               : 'o';
    text[op_count] = '\0';
    return text;
}

/* --- bulks --- */

Test(elasticsearch, sends_documents_under_external_versions, .init = begin, .fini = end)
{
    void *sink = opened();
    add("a\"\\é", 1);
    ops[0].version = INT64_MAX;
    add(NULL, 1);
    add("b", 1);
    script.tail = "]}";
    send_all(sink);
    cr_expect_str_eq(script.seen,
                     "{\"index\":{\"_id\":\"a\\\"\\\\é\",\"version\":9223372036854775807,"
                     "\"version_type\":\"external\"}}\n{\"t\":\"x\"}\n"
                     "{\"index\":{\"_index\":\"reviews-markers\",\"require_alias\":false,"
                     "\"_id\":\"search-g1-canary\"}}\n{\"t\":\"x\"}\n"
                     "{\"index\":{\"_id\":\"b\",\"version\":7,\"version_type\":\"external\"}}\n"
                     "{\"t\":\"x\"}\n|",
                     "%s", script.seen);
    cr_expect_eq(
        strncmp(script.paths, "POST /reviews-g1.write/_bulk?require_alias=true&timeout=200ms&", 62),
        0, "%s", script.paths);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, gives_each_operation_the_answer_of_its_item, .init = begin, .fini = end)
{
    void *sink = opened();
    for (const char *const *id = (const char *const[]){"a", "200-b", "409-c", "400-d", "429-e",
                                                       "503-f", "500-g", "404-h", "403-i", NULL};
         *id; id++)
        add(*id, 10);
    add(NULL, 10);
    send_all(sink);
    cr_expect_str_eq(told(), "++sjooiof+", "%s", told());
    cr_expect_str_eq(ops[3].reason,
                     "400 mapper_parsing_exception, field text: the mapping refuses a value");
    cr_expect_eq(scripted_http_count(server), 1);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, bounds_its_bulks_in_bytes, .init = begin, .fini = end)
{
    set("bulk.max_bytes=2048");
    void *sink = opened();
    for (int i = 0; i < 10; i++)
        add("a", 500);
    add("b", 5000);
    add("c", 10);
    send_all(sink);
    cr_expect_str_eq(told(), "++++++++++++");
    cr_expect_eq(scripted_http_count(server), 6, "%zu: 3 3 3 1, the large one alone, the last",
                 scripted_http_count(server));
    rs_elasticsearch.close(sink);
}

/* --- answers to whole bulks --- */

static const struct {
    const char *name;
    int status;
    const char *headers, *body;
    char told;
    const char *reason;
} wholes[] = {
    {"overloaded", 429, NULL, "{\"error\":{\"type\":\"es_rejected_execution_exception\"}}", 'o',
     "429 es_rejected_execution_exception: the write queue is full"},
    {"a proxy without server", 503, NULL, "<html>", 'o',
     "503: the server or a proxy is not available"},
    {"a wrong password", 401, NULL, "{\"error\":{\"type\":\"security_exception\"}}", 'f',
     "401 security_exception: user, password or API key is wrong"},
    {"a missing right", 403, NULL, "{\"error\":{\"type\":\"security_exception\"}}", 'f',
     "403 security_exception: user or API key lacks a right"},
    {"a block", 403, NULL,
     "{\"error\":{\"type\":\"cluster_block_exception\",\"reason\":\"blocked by: "
     "[FORBIDDEN/6/x];\"}}",
     'o',
     "403 cluster_block_exception, FORBIDDEN/6/x: index or cluster is blocked, e.g. disk full"},
    {"a redirect", 307, "Location: http://127.0.0.1:1/\r\n", "", 'f',
     "307: a redirect, which is not followed: set the final URL"},
    {"another server", 404, NULL, "<html>", 'f', "404: the URL or a proxy does not serve this"},
    {"no such path", 400, NULL, "{\"error\":\"no handler found for uri\"}", 'f',
     "400: no Elasticsearch behind this URL"},
    {"a page", 200, NULL, "<html>", 'o', "the answer to a bulk is no JSON"},
    {"nothing", 200, NULL, "{}", 'o', "the answer to a bulk has no items"},
};

Test(elasticsearch, tells_an_outage_from_what_a_person_must_mend, .init = begin, .fini = end)
{
    void *sink = opened();
    add("a", 10);
    add("b", 10);
    for (size_t i = 0; i < sizeof(wholes) / sizeof(*wholes); i++) {
        size_t before = scripted_http_count(server);
        script.status = wholes[i].status;
        script.headers = wholes[i].headers;
        script.body = wholes[i].body;
        send_all(sink);
        cr_expect_eq(told()[0], wholes[i].told, "%s: %s", wholes[i].name, told());
        cr_expect_eq(told()[1], wholes[i].told, "%s: %s", wholes[i].name, told());
        cr_expect_str_eq(ops[1].reason, wholes[i].reason, "%s: %s", wholes[i].name, ops[1].reason);
        cr_expect_eq(scripted_http_count(server), before + 1, "%s", wholes[i].name);
    }
    script.status = 0;
    send_all(sink);
    cr_expect_str_eq(told(), "++");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, takes_a_lying_answer_for_none, .init = begin, .fini = end)
{
    static const char *const tails[] = {",{\"index\":{\"_id\":\"z\",\"status\":201}}]}", "]", "7"};
    set("bulk.max_bytes=1024");
    void *sink = opened();
    add("a", 600);
    add("b", 600);
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        size_t before = scripted_http_count(server);
        script.tail = tails[i];
        send_all(sink);
        cr_expect_str_eq(told(), "oo", "%s", tails[i]);
        cr_expect_eq(scripted_http_count(server), before + 1, "the second bulk is spared");
        cr_expect_str_eq(ops[0].reason, ops[1].reason);
    }
    rs_elasticsearch.close(sink);
}

static const struct {
    const char *name;
    enum scripted_manner manner;
    const char *body, *reason;
} hostile[] = {
    {"one byte at a time", SCRIPTED_DRIP, "{\"items\":[]}", "http://127.0.0.1:"},
    {"silence", SCRIPTED_SILENT, "", "http://127.0.0.1:"},
    {"a reset", SCRIPTED_RESET, "", "http://127.0.0.1:"},
    {"half an answer", SCRIPTED_HALF, "{\"items\":[]}", "http://127.0.0.1:"},
    {"an endless answer", SCRIPTED_ENDLESS, "{\"items\":[]}", "http://127.0.0.1:"},
};

Test(elasticsearch, waits_out_what_is_no_answer, .init = begin, .fini = end)
{
    void *sink = opened();
    add("a", 10);
    add("b", 10);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        script.status = 200;
        script.manner = hostile[i].manner;
        script.body = hostile[i].body;
        send_all(sink);
        cr_expect_str_eq(told(), "oo", "%s", hostile[i].name);
        cr_expect_eq(strncmp(ops[0].reason, hostile[i].reason, strlen(hostile[i].reason)), 0, "%s",
                     ops[0].reason);
        script.manner = SCRIPTED_WHOLE;
        script.status = 0;
        send_all(sink);
        cr_expect_str_eq(told(), "++", "after %s", hostile[i].name);
    }
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, asks_for_less_after_an_answer_that_was_too_large, .init = begin, .fini = end)
{
    void *sink = opened();
    add("a", 10);
    static char page[64 * 1024];
    memset(page, 'x', sizeof(page) - 1);
    script.status = 200;
    script.manner = SCRIPTED_ENDLESS;
    script.body = page;
    send_all(sink);
    cr_expect(strstr(script.paths, "items.index.error.reason"), "%s", script.paths);
    script.manner = SCRIPTED_WHOLE;
    script.status = 0;
    script.paths[0] = '\0';
    send_all(sink);
    cr_expect_null(strstr(script.paths, "items.index.error.reason"), "%s", script.paths);
    cr_expect_str_eq(told(), "+");
    rs_elasticsearch.close(sink);
}

/* --- halving --- */

static const struct {
    const char *name;
    int status;
    const char *body;
    char told;
    const char *reason;
} culprits[] = {
    {"too large", 413, "", 'j', "413: halved down to one document that alone is too large"},
    {"refused", 400, "{\"error\":{\"type\":\"action_request_validation_exception\"}}", 'i',
     "400 action_request_validation_exception: halved down to one document that alone is refused"},
    {"failing", 500, "{\"error\":{\"type\":\"null_pointer_exception\"}}", 'i',
     "500 null_pointer_exception: halved down to one document that alone fails"},
};

Test(elasticsearch, halves_down_to_the_one_document_that_is_refused, .init = begin, .fini = end)
{
    void *sink = opened();
    char id[32], want[MOST + 1];
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof(id), "id%02d", i);
        add(id, 10);
    }
    for (size_t i = 0; i < sizeof(culprits) / sizeof(*culprits); i++) {
        for (size_t at = 0; at < op_count; at++) {
            snprintf(id, sizeof(id), "\"id%02zu\"", at);
            script.status = culprits[i].status;
            script.body = culprits[i].body;
            script.bad = id;
            script.seen[0] = script.paths[0] = '\0';
            size_t before = scripted_http_count(server);
            send_all(sink);
            memset(want, '+', op_count);
            want[op_count] = '\0';
            want[at] = culprits[i].told;
            cr_expect_str_eq(told(), want, "%s at %zu: %s", culprits[i].name, at, told());
            cr_expect_str_eq(ops[at].reason, culprits[i].reason);
            cr_expect_leq(scripted_http_count(server) - before, 11, "twice the logarithm");
        }
    }
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, gives_up_when_every_document_alone_fails, .init = begin, .fini = end)
{
    void *sink = opened();
    for (int i = 0; i < 16; i++)
        add("a", 10);
    script.status = 500;
    script.body = "{}";
    send_all(sink);
    cr_expect_str_eq(told(), "iioooooooooooooo", "%s", told());
    cr_expect_eq(scripted_http_count(server), 6, "16 8 4 2 1 1");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, sends_smaller_bulks_after_a_413, .init = begin, .fini = end)
{
    void *sink = opened();
    for (int i = 0; i < 10; i++)
        add("a", 60000);
    script.too_large = 200000;
    send_all(sink);
    cr_expect_str_eq(told(), "++++++++++");
    size_t before = scripted_http_count(server);
    for (int i = 0; i < 3; i++)
        send_all(sink);
    cr_expect_eq(scripted_http_count(server), before + 3 * 5, "no refusal again: %zu",
                 scripted_http_count(server) - before);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, takes_a_cut_upload_for_a_413_that_could_not_be_said, .init = begin, .fini = end)
{
    void *sink = opened();
    for (int i = 0; i < 8; i++)
        add("a", 60000);
    add("b", 300000);
    add("c", 10);
    scripted_http_reset_over(server, 200000);
    send_all(sink);
    cr_expect_str_eq(told(), "++++++++i+", "%s", told());
    cr_expect_eq(strncmp(ops[8].reason, "http://127.0.0.1:", 17), 0, "%s", ops[8].reason);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, takes_a_cut_of_a_small_bulk_for_an_outage, .init = begin, .fini = end)
{
    void *sink = opened();
    add("a", 1000);
    add("b", 1000);
    scripted_http_reset_over(server, 100);
    send_all(sink);
    cr_expect_str_eq(told(), "oo");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, sends_smaller_bulks_after_a_time_out, .init = begin, .fini = end)
{
    void *sink = opened();
    for (int i = 0; i < 10; i++)
        add("a", 60000);
    script.manner = SCRIPTED_SILENT;
    send_all(sink);
    cr_expect_str_eq(told(), "oooooooooo");
    cr_expect_eq(scripted_http_count(server), 1);
    script.manner = SCRIPTED_WHOLE;
    send_all(sink);
    cr_expect_str_eq(told(), "++++++++++");
    cr_expect_gt(scripted_http_count(server), 2);
    rs_elasticsearch.close(sink);
}

/* --- servers, configuration, memory --- */

Test(elasticsearch, tries_the_servers_in_turn, .init = begin, .fini = end)
{
    snprintf(urls, sizeof(urls), "http://127.0.0.1:1,%s", scripted_http_url(server));
    void *sink = opened();
    add("a", 10);
    send_all(sink);
    cr_expect_str_eq(told(), "o");
    send_all(sink);
    cr_expect_str_eq(told(), "+");
    send_all(sink);
    cr_expect_str_eq(told(), "+", "it stays with the one that works");
    script.status = 503;
    send_all(sink);
    cr_expect_str_eq(told(), "o");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, makes_a_canary_that_is_no_review, .init = begin, .fini = end)
{
    void *sink = opened();
    struct rs_operations *out = rs_operations_create();
    cr_expect_eq(rs_elasticsearch.canary(sink, out), RS_OK);
    struct rs_operation *op = rs_operations_at(out, 0);
    cr_expect_null(op->key);
    cr_expect_eq(op->sink, &rs_elasticsearch);
    rs_elasticsearch.send(sink, &op, 1);
    cr_expect_eq(op->status, RS_OK);
    cr_expect(strstr(script.seen, "\"_index\":\"reviews-markers\""), "%s", script.seen);
    rs_operations_destroy(out);
    rs_elasticsearch.close(sink);
}

static const struct {
    const char *name, *generation, *setting, *reason;
} refused[] = {
    {"a generation with capitals", "G1", NULL,
     "generation \"G1\" makes no index name; use lower-case letters, digits, - and _, and not "
     "\"markers\""},
    {"the name of the markers", "markers", NULL,
     "generation \"markers\" makes no index name; use lower-case letters, digits, - and _, and not "
     "\"markers\""},
    {"an empty alias", "g1", "elasticsearch.alias=",
     "elasticsearch.alias \"\" is no name for it; use lower-case letters, digits, -, _ and ., and "
     "begin with other than \"reviews-\""},
    {"an alias like an index", "g1", "elasticsearch.alias=reviews-g1",
     "elasticsearch.alias \"reviews-g1\" is no name for it; use lower-case letters, digits, -, _ "
     "and ., and begin with other than \"reviews-\""},
    {"no such file", "g1", "elasticsearch.index_file=/nowhere/index.json",
     "elasticsearch.index_file /nowhere/index.json: No such file or directory"},
    {"a folder", "g1", "elasticsearch.index_file=/", "elasticsearch.index_file / cannot be read"},
};

Test(elasticsearch, refuses_bad_configuration_by_name, .init = begin, .fini = end)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct rs_error error = {""};
        more_count = 0;
        if (refused[i].setting)
            snprintf(more_settings[more_count++], sizeof(*more_settings), "%s", refused[i].setting);
        cr_expect_null(open_sink(refused[i].generation, &error), "%s", refused[i].name);
        cr_expect_str_eq(error.text, refused[i].reason, "%s: %s", refused[i].name, error.text);
    }
    struct rs_error error = {""};
    more_count = 0;
    snprintf(urls, sizeof(urls), "127.0.0.1:9200");
    cr_expect_null(open_sink("g1", &error));
    cr_expect_str_eq(error.text,
                     "elasticsearch: URL 1 of the list is not like https://host:9200; correct it");
}

Test(elasticsearch, loses_nothing_when_memory_is_short, .init = begin, .fini = end)
{
    add("a", 100);
    add("b", 100);
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_view view = {.processor = "search", .generation = "g1", .settings = settings};
        struct rs_error error = {""};
        if (!settings) {
            rs_alloc_reset();
            rs_elasticsearch.close(opened());
            view.settings = settings;
            rs_alloc_fail_at(n);
        }
        void *sink = rs_elasticsearch.open(&view, &error);
        if (!sink) {
            cr_expect(strstr(error.text, "out of memory"), "%s", error.text);
            continue;
        }
        send_all(sink);
        cr_expect(strcmp(told(), "++") == 0 || strcmp(told(), "oo") == 0, "%ld: %s", n, told());
        rs_elasticsearch.close(sink);
    }
    cr_expect_str_eq(told(), "++");
}
