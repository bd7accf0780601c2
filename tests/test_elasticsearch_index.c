#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/alloc.h"
#include "support/conversation.h"

TestSuite(elasticsearch_index, .timeout = 60);

/* --- prepare --- */

static const struct {
    const char *name;
    struct exchange exchanges[MOST_EXCHANGES];
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

Test(elasticsearch_index, makes_what_is_missing_and_touches_nothing_else,
     .init = conversation_begin, .fini = conversation_end)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_es_view view;
        char reason[RS_REASON_BYTES] = "";
        conversation_open(&view);
        conversation_play(rows[i].exchanges);
        enum rs_status status = rs_es_prepare(&view, reason);
        cr_expect_eq(status, rows[i].status, "%s: %s", rows[i].name, reason);
        if (rows[i].reason)
            cr_expect_str_eq(reason, rows[i].reason, "%s: %s", rows[i].name, reason);
        conversation_expect_said(rows[i].name);
        rs_es_view_finish(&view);
    }
}

Test(elasticsearch_index, marks_the_index_as_its_own, .init = conversation_begin,
     .fini = conversation_end)
{
    static const struct exchange exchanges[MOST_EXCHANGES] = {{LOOK, 404, NO_INDEX},
                                                              {MAKE, 400, "{}"}};
    struct rs_es_view view;
    char reason[RS_REASON_BYTES] = "";
    conversation_open(&view);
    conversation_play(exchanges);
    (void)rs_es_prepare(&view, reason);
    cr_expect_str_eq(conversation_last_body(),
                     "{\"aliases\":{\"reviews-g1.write\":{}},\"mappings\":{\"_meta\":"
                     "{\"reviewstream\":{\"generation\":\"g1\"}},\"c\":3},\"settings\":{\"a\":1}}",
                     "%s", conversation_last_body());
    rs_es_view_finish(&view);
}

Test(elasticsearch_index, filters_the_read_alias_by_status, .init = conversation_begin,
     .fini = conversation_end)
{
    static const struct exchange exchanges[MOST_EXCHANGES] = {
        {LOOK, 200, GOOD}, {MARKERS}, {ALIAS, 404, "{}"}, {ADD, 500, "{}"}};
    struct rs_es_view view;
    char reason[RS_REASON_BYTES] = "";
    conversation_open(&view);
    conversation_play(exchanges);
    cr_expect_eq(rs_es_prepare(&view, reason), RS_RETRY);
    cr_expect_str_eq(conversation_last_body(),
                     "{\"actions\":[{\"add\":{\"index\":\"reviews-g1\",\"alias\":\"reviews\","
                     "\"filter\":{\"term\":{\"status\":\"published\"}}}}]}",
                     "%s", conversation_last_body());
    rs_es_view_finish(&view);
}

Test(elasticsearch_index, leaves_one_of_two_generations_behind_the_alias,
     .init = conversation_begin, .fini = conversation_end)
{
    static const struct exchange exchanges[MOST_EXCHANGES] = {
        {LOOK, 200, GOOD},
        {MARKERS},
        {ALIAS, 404, "{}"},
        {ADD, 200, DONE},
        {ALIAS, 200, "{\"reviews-g2\":{},\"reviews-g1\":{}}"},
        {ADD, 200, DONE}};
    struct rs_es_view view;
    char reason[RS_REASON_BYTES] = "";
    conversation_open(&view);
    conversation_play(exchanges);
    cr_expect_eq(rs_es_prepare(&view, reason), RS_OK, "%s", reason);
    cr_expect_str_eq(
        conversation_last_body(),
        "{\"actions\":[{\"remove\":{\"index\":\"reviews-g2\",\"alias\":\"reviews\"}}]}");
    rs_es_view_finish(&view);
}

static const struct {
    const char *name;
    struct exchange exchanges[MOST_EXCHANGES];
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

Test(elasticsearch_index, switches_the_read_alias_in_one_step, .init = conversation_begin,
     .fini = conversation_end)
{
    for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
        struct rs_es_view view;
        char reason[RS_REASON_BYTES] = "";
        conversation_open(&view);
        conversation_play(switches[i].exchanges);
        cr_expect_eq(rs_es_activate(&view, reason), switches[i].status, "%s: %s", switches[i].name,
                     reason);
        conversation_expect_said(switches[i].name);
        const char *sent = switches[i].status == RS_OK ? conversation_last_body() : reason;
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
