#include <criterion/criterion.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/elasticsearch_index.h"
#include "sink/elasticsearch_marker.h"
#include "support/alloc.h"
#include "support/scripted_http.h"

TestSuite(elasticsearch_index, .timeout = 60);

/* A conversation: each request must begin so, and gets this answer. */
struct exchange {
    const char *request;
    int status;
    const char *body;
};

enum { MOST = 9 };

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
    if (said == MOST || !now->request ||
        strncmp(request->head, now->request, strlen(now->request)) != 0) {
        snprintf(surprise, sizeof(surprise), "request %zu is %.80s", said, request->head);
        ret_answer->status = 418;
        return;
    }
    said++;
    ret_answer->status = now->status;
    ret_answer->body = strdup(now->body);
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

static void open_view(struct rs_es_view *view)
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

/* Play a conversation from its beginning. */
static void play(const struct exchange *exchanges)
{
    script = exchanges;
    said = 0;
    surprise[0] = '\0';
}

static void expect_said(const char *name, const struct exchange *exchanges)
{
    size_t count = 0;
    while (count < MOST && exchanges[count].request)
        count++;
    cr_expect_str_eq(surprise, "", "%s: %s", name, surprise);
    cr_expect_eq(said, count, "%s: %zu of %zu requests", name, said, count);
}

/* --- prepare --- */

#define NO_INDEX "{\"error\":{\"type\":\"index_not_found_exception\"},\"status\":404}"
#define REFUSED(type, words) "{\"error\":{\"type\":\"" type "\",\"reason\":\"" words "\"}}"
#define FOUND(aliases, mappings)                                                                   \
    "{\"reviews-g1\":{\"aliases\":{" aliases "},\"mappings\":{" mappings                           \
    "},\"settings\":{\"index\":{\"uuid\":\"u1\"}}}}"
#define OURS "\"dynamic\":\"strict\",\"_meta\":{\"reviewstream\":{\"generation\":\"g1\"}}"
#define WRITABLE "\"reviews-g1.write\":{}"
#define GOOD FOUND(WRITABLE, OURS)
#define DONE "{\"acknowledged\":true}"
#define LOOK "GET /reviews-g1?filter_path="
#define MAKE "PUT /reviews-g1?filter_path="
#define MARKERS "GET /reviews-markers?", 200, "{}"
#define ALIAS "GET /_alias/reviews "
#define ADD "POST /_aliases?"

static const struct {
    const char *name;
    struct exchange exchanges[MOST];
    enum rs_status status;
    const char *reason;
} rows[] = {
    {"a first start",
     {{LOOK, 404, NO_INDEX},
      {MAKE, 200, DONE},
      {LOOK, 200, GOOD},
      {"GET /reviews-markers?", 404, NO_INDEX},
      {"PUT /reviews-markers?", 200, DONE},
      {ALIAS, 404, "{\"error\":\"alias [reviews] missing\",\"status\":404}"},
      {ADD, 200, DONE},
      {ALIAS, 200, "{\"reviews-g1\":{\"aliases\":{}}}"}},
     RS_OK,
     NULL},
    {"all is there",
     {{LOOK, 200, GOOD}, {MARKERS}, {ALIAS, 200, "{\"reviews-g1\":{}}"}},
     RS_OK,
     NULL},
    {"the alias stands for another generation",
     {{LOOK, 200, GOOD}, {MARKERS}, {ALIAS, 200, "{\"reviews-g0\":{}}"}},
     RS_OK,
     NULL},
    {"another process is quicker with both indices",
     {{LOOK, 404, NO_INDEX},
      {MAKE, 400, REFUSED("resource_already_exists_exception", "x")},
      {LOOK, 200, GOOD},
      {"GET /reviews-markers?", 404, NO_INDEX},
      {"PUT /reviews-markers?", 400, REFUSED("resource_already_exists_exception", "x")},
      {ALIAS, 200, "{\"reviews-g1\":{}}"}},
     RS_OK,
     NULL},
    {"another generation adds its alias at the same moment",
     {{LOOK, 200, GOOD},
      {MARKERS},
      {ALIAS, 404, "{}"},
      {ADD, 200, DONE},
      {ALIAS, 200, "{\"reviews-g2\":{},\"reviews-g1\":{},\"reviews-g3\":{}}"},
      {ADD, 200, DONE}},
     RS_OK,
     NULL},
    {"an index without the write alias",
     {{LOOK, 200, FOUND("", OURS)},
      {ADD, 200, DONE},
      {MARKERS},
      {ALIAS, 200, "{\"reviews-g1\":{}}"}},
     RS_OK,
     NULL},
    {"an index that a person made",
     {{LOOK, 200, FOUND(WRITABLE, "\"dynamic\":\"strict\"")},
      {MARKERS},
      {ALIAS, 200, "{\"reviews-g1\":{}}"}},
     RS_OK,
     NULL},
    {"an index made by accident",
     {{LOOK, 200, FOUND("", "")}},
     RS_FATAL,
     "index \"reviews-g1\" was not made for generation \"g1\" (by accident?); delete it, or set "
     "another generation"},
    {"an index of another generation",
     {{LOOK, 200,
       FOUND("", "\"dynamic\":\"strict\",\"_meta\":{\"reviewstream\":{\"generation\":\"g7\"}}")}},
     RS_FATAL,
     "index \"reviews-g1\" was not made for generation \"g1\" (by accident?); delete it, or set "
     "another generation"},
    {"an alias in the place of the index",
     {{LOOK, 200, "{\"other\":{}}"}},
     RS_FATAL,
     "\"reviews-g1\" is the alias of another index; remove it, or set another generation"},
    {"a mapping that the server refuses",
     {{LOOK, 404, NO_INDEX},
      {MAKE, 400, REFUSED("mapper_parsing_exception", "no analyzer [folded]")}},
     RS_FATAL,
     "400 mapper_parsing_exception: no analyzer [folded]"},
    {"an index with the name of the alias",
     {{LOOK, 200, GOOD},
      {MARKERS},
      {ALIAS, 404, "{}"},
      {ADD, 400, REFUSED("invalid_alias_name_exception", "an index exists with the same name")}},
     RS_FATAL,
     "400 invalid_alias_name_exception: an index exists with the same name"},
    {"a block",
     {{LOOK, 403, REFUSED("cluster_block_exception", "blocked by: [FORBIDDEN/9/x]")}},
     RS_RETRY,
     "403 cluster_block_exception, FORBIDDEN/9/x: index or cluster is blocked, e.g. disk full"},
    {"no master",
     {{LOOK, 503, REFUSED("master_not_discovered_exception", "")}},
     RS_RETRY,
     "503 master_not_discovered_exception: no master"},
    {"a failing server",
     {{LOOK, 500, "{}"}},
     RS_RETRY,
     "500: the server or a proxy is not available"},
    {"a missing right",
     {{LOOK, 404, NO_INDEX}, {MAKE, 403, REFUSED("security_exception", "unauthorized")}},
     RS_FATAL,
     "403 security_exception: user or API key lacks a right"},
    {"a page", {{LOOK, 200, "<html>"}}, RS_RETRY, NULL},
    {"an index without uuid",
     {{LOOK, 200, "{\"reviews-g1\":{\"mappings\":{" OURS "}}}"}},
     RS_RETRY,
     "index \"reviews-g1\" has no uuid"},
    {"an index that vanishes",
     {{LOOK, 404, NO_INDEX}, {MAKE, 200, DONE}, {LOOK, 404, NO_INDEX}},
     RS_RETRY,
     "index \"reviews-g1\" vanished as soon as made"},
};

Test(elasticsearch_index, makes_what_is_missing_and_touches_nothing_else, .init = begin,
     .fini = end)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_es_view view;
        char reason[RS_REASON_BYTES] = "";
        open_view(&view);
        play(rows[i].exchanges);
        enum rs_status status = rs_es_prepare(&view, reason);
        cr_expect_eq(status, rows[i].status, "%s: %s", rows[i].name, reason);
        if (rows[i].reason)
            cr_expect_str_eq(reason, rows[i].reason, "%s: %s", rows[i].name, reason);
        expect_said(rows[i].name, rows[i].exchanges);
        rs_es_view_finish(&view);
    }
}

Test(elasticsearch_index, marks_the_index_as_its_own, .init = begin, .fini = end)
{
    static const struct exchange exchanges[MOST] = {{LOOK, 404, NO_INDEX}, {MAKE, 400, "{}"}};
    struct rs_es_view view;
    char reason[RS_REASON_BYTES] = "";
    open_view(&view);
    play(exchanges);
    (void)rs_es_prepare(&view, reason);
    cr_expect_str_eq(last_body,
                     "{\"aliases\":{\"reviews-g1.write\":{}},\"mappings\":{\"_meta\":"
                     "{\"reviewstream\":{\"generation\":\"g1\"}},\"c\":3},\"settings\":{\"a\":1}}",
                     "%s", last_body);
    rs_es_view_finish(&view);
}

Test(elasticsearch_index, filters_the_read_alias_by_status, .init = begin, .fini = end)
{
    static const struct exchange exchanges[MOST] = {
        {LOOK, 200, GOOD}, {MARKERS}, {ALIAS, 404, "{}"}, {ADD, 500, "{}"}};
    struct rs_es_view view;
    char reason[RS_REASON_BYTES] = "";
    open_view(&view);
    play(exchanges);
    cr_expect_eq(rs_es_prepare(&view, reason), RS_RETRY);
    cr_expect_str_eq(last_body,
                     "{\"actions\":[{\"add\":{\"index\":\"reviews-g1\",\"alias\":\"reviews\","
                     "\"filter\":{\"term\":{\"status\":\"published\"}}}}]}",
                     "%s", last_body);
    rs_es_view_finish(&view);
}

Test(elasticsearch_index, leaves_one_of_two_generations_behind_the_alias, .init = begin,
     .fini = end)
{
    static const struct exchange exchanges[MOST] = {
        {LOOK, 200, GOOD},
        {MARKERS},
        {ALIAS, 404, "{}"},
        {ADD, 200, DONE},
        {ALIAS, 200, "{\"reviews-g2\":{},\"reviews-g1\":{}}"},
        {ADD, 200, DONE}};
    struct rs_es_view view;
    char reason[RS_REASON_BYTES] = "";
    open_view(&view);
    play(exchanges);
    cr_expect_eq(rs_es_prepare(&view, reason), RS_OK, "%s", reason);
    cr_expect_str_eq(
        last_body, "{\"actions\":[{\"remove\":{\"index\":\"reviews-g2\",\"alias\":\"reviews\"}}]}");
    rs_es_view_finish(&view);
}

static const struct {
    const char *name;
    struct exchange exchanges[MOST];
    enum rs_status status;
    const char *sent; /* at last, or the reason */
} switches[] = {
    {"from another generation",
     {{LOOK, 200, GOOD}, {ALIAS, 200, "{\"reviews-g0\":{},\"reviews-g1\":{}}"}, {ADD, 200, DONE}},
     RS_OK,
     "{\"actions\":[{\"add\":{\"index\":\"reviews-g1\",\"alias\":\"reviews\",\"filter\":{\"term\":"
     "{\"status\":\"published\"}}}},{\"remove\":{\"index\":\"reviews-g0\",\"alias\":\"reviews\"}}]"
     "}"},
    {"from none",
     {{LOOK, 200, GOOD}, {ALIAS, 404, "{}"}, {ADD, 200, DONE}},
     RS_OK,
     "{\"actions\":[{\"add\":{\"index\":\"reviews-g1\",\"alias\":\"reviews\",\"filter\":{\"term\":"
     "{\"status\":\"published\"}}}}]}"},
    {"to an index that is not there",
     {{LOOK, 404, NO_INDEX}},
     RS_FATAL,
     "index \"reviews-g1\" is missing; start the processor with this generation first"},
    {"of a server that is down",
     {{LOOK, 200, GOOD}, {ALIAS, 503, "{}"}},
     RS_RETRY,
     "503: the server or a proxy is not available"},
};

Test(elasticsearch_index, switches_the_read_alias_in_one_step, .init = begin, .fini = end)
{
    for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
        struct rs_es_view view;
        char reason[RS_REASON_BYTES] = "";
        open_view(&view);
        play(switches[i].exchanges);
        cr_expect_eq(rs_es_activate(&view, reason), switches[i].status, "%s: %s", switches[i].name,
                     reason);
        expect_said(switches[i].name, switches[i].exchanges);
        const char *sent = switches[i].status == RS_OK ? last_body : reason;
        cr_expect_str_eq(sent, switches[i].sent, "%s: %s", switches[i].name, sent);
        rs_es_view_finish(&view);
    }
}

/* --- the file --- */

static const struct {
    const char *name, *json, *reason;
} files[] = {
    {"no JSON", "{", "file: "},
    {"a member twice", "{\"settings\":{},\"settings\":{},\"mappings\":{}}", "file: "},
    {"an unknown member", "{\"settings\":{},\"mappings\":{},\"aliases\":{}}",
     "file: unknown member \"aliases\"; use settings and mappings"},
    {"no mappings", "{\"settings\":{}}", "file: needs the objects settings and mappings"},
    {"settings of another type", "{\"settings\":[],\"mappings\":{}}",
     "file: needs the objects settings and mappings"},
};

Test(elasticsearch_index, refuses_a_bad_file_by_name)
{
    const struct rs_view of = {.processor = "search", .generation = "g1"};
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct rs_es_view view;
        struct rs_error error = {""};
        cr_expect_not(
            rs_es_view_init(&view, &of, "reviews", rs_text(files[i].json), "file", &error));
        cr_expect_eq(strncmp(error.text, files[i].reason, strlen(files[i].reason)), 0, "%s: %s",
                     files[i].name, error.text);
        rs_es_view_finish(&view);
    }
}

Test(elasticsearch_index, has_the_file_of_the_configuration_built_in)
{
    const struct rs_view of = {.processor = "search", .generation = "g1"};
    struct rs_es_view view;
    struct rs_error error = {""};
    cr_expect(rs_es_view_init(&view, &of, "reviews", rs_es_built_in_index(), "built-in", &error),
              "%s", error.text);
    cr_expect(strstr(view.creation.data, "\"dynamic\":\"strict\""), "%s", view.creation.data);
    rs_es_view_finish(&view);
}

Test(elasticsearch_index, survives_every_failed_allocation)
{
    const struct rs_view of = {.processor = "search", .generation = "g1"};
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_es_view view;
        struct rs_error error = {""};
        if (!rs_es_view_init(&view, &of, "reviews", rs_es_built_in_index(), "built-in", &error))
            cr_expect(strstr(error.text, "out of memory"), "%s", error.text);
        rs_es_view_finish(&view);
    }
}

/* --- the marker --- */

#define AS(uuid)                                                                                   \
    "{\"_seq_no\":5,\"_primary_term\":2,\"_source\":{\"indexUuid\":\"" uuid                        \
    "\",\"format\":3,\"fingerprint\":\"abc\",\"partitions\":4,\"atEndMs\":[10,0,30]}}"
#define LOAD "GET /reviews-markers/_doc/search-g1 "
#define NONE "{\"found\":false}"
#define REFRESH "POST /reviews-g1/_refresh?"
#define COUNT "GET /reviews-g1/_count?"

static const struct {
    const char *name;
    struct exchange exchanges[MOST];
    enum rs_status status;
    bool found, has_data;
} reads[] = {
    {"a marker, and documents",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":7,\"_shards\":{\"failed\":0}}"}},
     RS_OK,
     true,
     true},
    {"a marker, and an empty index",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":0}"}},
     RS_OK,
     true,
     false},
    {"the marker of an index that was there before",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u0")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":1}"}},
     RS_OK,
     false,
     true},
    {"no marker",
     {{LOOK, 200, GOOD}, {LOAD, 404, NONE}, {REFRESH, 200, "{}"}, {COUNT, 200, "{\"count\":0}"}},
     RS_OK,
     false,
     false},
    {"no index of markers",
     {{LOOK, 200, GOOD},
      {LOAD, 404, NO_INDEX},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":0}"}},
     RS_OK,
     false,
     false},
    {"no right to refresh",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 403, "{}"},
      {COUNT, 200, "{\"count\":7}"}},
     RS_OK,
     true,
     true},
    {"no index", {{LOOK, 404, NO_INDEX}}, RS_OK, false, false},
    {"a shard that is down",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 503, REFUSED("search_phase_execution_exception", "")}},
     RS_RETRY,
     true,
     false},
    {"one of several shards down, the others empty",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":0,\"_shards\":{\"failed\":1}}"}},
     RS_RETRY,
     true,
     false},
    {"a document that is no marker",
     {{LOOK, 200, GOOD}, {LOAD, 200, "{\"_source\":{}}"}},
     RS_RETRY,
     false,
     false},
};

Test(elasticsearch_index, reads_the_marker_of_this_index_alone, .init = begin, .fini = end)
{
    for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++) {
        struct rs_es_view view;
        struct rs_marker marker;
        char reason[RS_REASON_BYTES] = "";
        open_view(&view);
        play(reads[i].exchanges);
        cr_expect_eq(rs_es_read_marker(&view, &marker, reason), reads[i].status, "%s: %s",
                     reads[i].name, reason);
        expect_said(reads[i].name, reads[i].exchanges);
        cr_expect_eq(marker.found, reads[i].found, "%s", reads[i].name);
        cr_expect_eq(marker.has_data, reads[i].has_data, "%s", reads[i].name);
        if (marker.found) {
            cr_expect_eq(marker.format, 3);
            cr_expect_str_eq(marker.fingerprint, "abc");
            cr_expect_eq(marker.partitions, 4);
            cr_expect(marker.at_end_ms[0] == 10 && marker.at_end_ms[1] == 0 &&
                      marker.at_end_ms[2] == 30 && marker.at_end_ms[3] == 0);
        }
        rs_es_view_finish(&view);
    }
}

#define CREATE "PUT /reviews-markers/_create/search-g1 "
#define REPLACE "PUT /reviews-markers/_doc/search-g1?if_seq_no=5&if_primary_term=2 "
#define WRITTEN(times)                                                                             \
    "{\"processor\":\"search\",\"generation\":\"g1\",\"indexUuid\":\"u1\",\"format\":4,"           \
    "\"fingerprint\":\"def\",\"partitions\":8,\"atEndMs\":[" times "]}"
#define CONFLICT REFUSED("version_conflict_engine_exception", "x")

static const struct {
    const char *name, *known; /* the index as it was first seen; "": not yet */
    struct exchange exchanges[MOST];
    enum rs_status status;
    const char *written, *reason;
} writes[] = {
    {"the first",
     "",
     {{LOOK, 200, GOOD}, {LOAD, 404, NONE}, {CREATE, 201, "{}"}},
     RS_OK,
     WRITTEN("5,20"),
     NULL},
    {"times are raised only",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 200, AS("u1")}, {REPLACE, 200, "{}"}},
     RS_OK,
     WRITTEN("10,20,30"),
     NULL},
    {"what a lost index had is forgotten",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 200, AS("u0")}, {REPLACE, 200, "{}"}},
     RS_OK,
     WRITTEN("5,20"),
     NULL},
    {"two first writers",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 404, NONE}, {CREATE, 409, CONFLICT}},
     RS_RETRY,
     NULL,
     "another member wrote the marker of \"reviews-g1\" meanwhile"},
    {"two writers",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 200, AS("u1")}, {REPLACE, 409, CONFLICT}},
     RS_RETRY,
     NULL,
     "another member wrote the marker of \"reviews-g1\" meanwhile"},
    {"an index made anew",
     "u0",
     {{LOOK, 200, GOOD}},
     RS_RETRY,
     NULL,
     "index \"reviews-g1\" was made anew while this program ran, so what it held is lost; rewind "
     "the group and start again"},
    {"no index", "u1", {{LOOK, 404, NO_INDEX}}, RS_RETRY, NULL, "index \"reviews-g1\" is missing"},
};

Test(elasticsearch_index, writes_the_marker_of_this_index_alone, .init = begin, .fini = end)
{
    static const struct rs_marker marker = {
        .format = 4, .fingerprint = "def", .partitions = 8, .at_end_ms = {5, 20}};
    for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
        struct rs_es_view view;
        char reason[RS_REASON_BYTES] = "";
        open_view(&view);
        snprintf(view.uuid, sizeof(view.uuid), "%s", writes[i].known);
        play(writes[i].exchanges);
        cr_expect_eq(rs_es_write_marker(&view, &marker, reason), writes[i].status, "%s: %s",
                     writes[i].name, reason);
        expect_said(writes[i].name, writes[i].exchanges);
        if (writes[i].written)
            cr_expect_str_eq(last_body, writes[i].written, "%s: %s", writes[i].name, last_body);
        if (writes[i].reason)
            cr_expect_str_eq(reason, writes[i].reason, "%s: %s", writes[i].name, reason);
        rs_es_view_finish(&view);
    }
}
