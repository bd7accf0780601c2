#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/alloc.h"
#include "support/scripted_bulk.h"

TestSuite(elasticsearch, .timeout = 60);

/* --- bulks --- */

Test(elasticsearch, sends_documents_under_external_versions, .init = bulk_begin, .fini = bulk_end)
{
    void *sink = bulk_open();
    bulk_add("a\"\\é", 1);
    bulk.ops[0].version = INT64_MAX;
    bulk_add(NULL, 1);
    bulk_add("b", 1);
    bulk.script.tail = "]}";
    bulk_send(sink);
    cr_expect_str_eq(bulk.script.seen,
                     "{\"index\":{\"_id\":\"a\\\"\\\\é\",\"version\":9223372036854775807,"
                     "\"version_type\":\"external\"}}\n{\"t\":\"x\"}\n"
                     "{\"index\":{\"_index\":\"reviews-markers\",\"require_alias\":false,"
                     "\"_id\":\"search-g1-canary\"}}\n{\"t\":\"x\"}\n"
                     "{\"index\":{\"_id\":\"b\",\"version\":7,\"version_type\":\"external\"}}\n"
                     "{\"t\":\"x\"}\n|",
                     "%s", bulk.script.seen);
    cr_expect_eq(strncmp(bulk.script.paths,
                         "POST /reviews-g1.write/_bulk?require_alias=true&timeout=200ms&", 62),
                 0, "%s", bulk.script.paths);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, gives_each_operation_the_answer_of_its_item, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    for (const char *const *id = (const char *const[]){"a", "200-b", "409-c", "400-d", "429-e",
                                                       "503-f", "500-g", "404-h", "403-i", NULL};
         *id; id++)
        bulk_add(*id, 10);
    bulk_add(NULL, 10);
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "++sjooiof+", "%s", bulk_told());
    cr_expect_str_eq(bulk.ops[3].reason,
                     "400 mapper_parsing_exception, field text: the mapping refuses a value");
    cr_expect_eq(bulk_requests(), 1);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, bounds_its_bulks_in_bytes, .init = bulk_begin, .fini = bulk_end)
{
    bulk_set("bulk.max_bytes=2048");
    void *sink = bulk_open();
    for (int i = 0; i < 10; i++)
        bulk_add("a", 500);
    bulk_add("b", 5000);
    bulk_add("c", 10);
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "++++++++++++");
    cr_expect_eq(bulk_requests(), 6, "%zu: 3 3 3 1, the large one alone, the last",
                 bulk_requests());
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

Test(elasticsearch, tells_an_outage_from_what_a_person_must_mend, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    bulk_add("a", 10);
    bulk_add("b", 10);
    for (size_t i = 0; i < sizeof(wholes) / sizeof(*wholes); i++) {
        size_t before = bulk_requests();
        bulk.script.status = wholes[i].status;
        bulk.script.headers = wholes[i].headers;
        bulk.script.body = wholes[i].body;
        bulk_send(sink);
        cr_expect_eq(bulk_told()[0], wholes[i].told, "%s: %s", wholes[i].name, bulk_told());
        cr_expect_eq(bulk_told()[1], wholes[i].told, "%s: %s", wholes[i].name, bulk_told());
        cr_expect_str_eq(bulk.ops[1].reason, wholes[i].reason, "%s: %s", wholes[i].name,
                         bulk.ops[1].reason);
        cr_expect_eq(bulk_requests(), before + 1, "%s", wholes[i].name);
    }
    bulk.script.status = 0;
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "++");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, takes_a_lying_answer_for_none, .init = bulk_begin, .fini = bulk_end)
{
    static const char *const tails[] = {",{\"index\":{\"_id\":\"z\",\"status\":201}}]}", "]", "7"};
    bulk_set("bulk.max_bytes=1024");
    void *sink = bulk_open();
    bulk_add("a", 600);
    bulk_add("b", 600);
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        size_t before = bulk_requests();
        bulk.script.tail = tails[i];
        bulk_send(sink);
        cr_expect_str_eq(bulk_told(), "oo", "%s", tails[i]);
        cr_expect_eq(bulk_requests(), before + 1, "the second bulk is spared");
        cr_expect_str_eq(bulk.ops[0].reason, bulk.ops[1].reason);
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

Test(elasticsearch, waits_out_what_is_no_answer, .init = bulk_begin, .fini = bulk_end)
{
    void *sink = bulk_open();
    bulk_add("a", 10);
    bulk_add("b", 10);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        bulk.script.status = 200;
        bulk.script.manner = hostile[i].manner;
        bulk.script.body = hostile[i].body;
        bulk_send(sink);
        cr_expect_str_eq(bulk_told(), "oo", "%s", hostile[i].name);
        cr_expect_eq(strncmp(bulk.ops[0].reason, hostile[i].reason, strlen(hostile[i].reason)), 0,
                     "%s", bulk.ops[0].reason);
        bulk.script.manner = SCRIPTED_WHOLE;
        bulk.script.status = 0;
        bulk_send(sink);
        cr_expect_str_eq(bulk_told(), "++", "after %s", hostile[i].name);
    }
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, asks_for_less_after_an_answer_that_was_too_large, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    bulk_add("a", 10);
    static char page[64 * 1024];
    memset(page, 'x', sizeof(page) - 1);
    bulk.script.status = 200;
    bulk.script.manner = SCRIPTED_ENDLESS;
    bulk.script.body = page;
    bulk_send(sink);
    cr_expect(strstr(bulk.script.paths, "items.index.error.reason"), "%s", bulk.script.paths);
    bulk.script.manner = SCRIPTED_WHOLE;
    bulk.script.status = 0;
    bulk.script.paths[0] = '\0';
    bulk_send(sink);
    cr_expect_null(strstr(bulk.script.paths, "items.index.error.reason"), "%s", bulk.script.paths);
    cr_expect_str_eq(bulk_told(), "+");
    rs_elasticsearch.close(sink);
}

/* --- servers, configuration, memory --- */

Test(elasticsearch, tries_the_servers_in_turn, .init = bulk_begin, .fini = bulk_end)
{
    snprintf(bulk.urls, sizeof(bulk.urls), "http://127.0.0.1:1,%s", scripted_http_url(bulk.server));
    void *sink = bulk_open();
    bulk_add("a", 10);
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "o");
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "+");
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "+", "it stays with the one that works");
    bulk.script.status = 503;
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "o");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch, makes_a_canary_that_is_no_review, .init = bulk_begin, .fini = bulk_end)
{
    void *sink = bulk_open();
    struct rs_operations *out = rs_operations_create();
    cr_expect_eq(rs_elasticsearch.canary(sink, out), RS_OK);
    struct rs_operation *op = rs_operations_at(out, 0);
    cr_expect_null(op->key);
    cr_expect_eq(op->sink, &rs_elasticsearch);
    rs_elasticsearch.send(sink, &op, 1);
    cr_expect_eq(op->status, RS_OK);
    cr_expect(strstr(bulk.script.seen, "\"_index\":\"reviews-markers\""), "%s", bulk.script.seen);
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

Test(elasticsearch, refuses_bad_configuration_by_name, .init = bulk_begin, .fini = bulk_end)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct rs_error error = {""};
        bulk.more_count = 0;
        if (refused[i].setting)
            snprintf(bulk.more[bulk.more_count++], sizeof(*bulk.more), "%s", refused[i].setting);
        cr_expect_null(bulk_try_open(refused[i].generation, &error), "%s", refused[i].name);
        cr_expect_str_eq(error.text, refused[i].reason, "%s: %s", refused[i].name, error.text);
    }
    struct rs_error error = {""};
    bulk.more_count = 0;
    snprintf(bulk.urls, sizeof(bulk.urls), "127.0.0.1:9200");
    cr_expect_null(bulk_try_open("g1", &error));
    cr_expect_str_eq(error.text,
                     "elasticsearch: URL 1 of the list is not like https://host:9200; correct it");
}

Test(elasticsearch, loses_nothing_when_memory_is_short, .init = bulk_begin, .fini = bulk_end)
{
    bulk_add("a", 100);
    bulk_add("b", 100);
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_view view = {
            .processor = "search", .generation = "g1", .settings = bulk.settings};
        struct rs_error error = {""};
        if (!bulk.settings) {
            rs_alloc_reset();
            rs_elasticsearch.close(bulk_open());
            view.settings = bulk.settings;
            rs_alloc_fail_at(n);
        }
        void *sink = rs_elasticsearch.open(&view, &error);
        if (!sink) {
            cr_expect(strstr(error.text, "out of memory"), "%s", error.text);
            continue;
        }
        bulk_send(sink);
        cr_expect(strcmp(bulk_told(), "++") == 0 || strcmp(bulk_told(), "oo") == 0, "%ld: %s", n,
                  bulk_told());
        rs_elasticsearch.close(sink);
    }
    cr_expect_str_eq(bulk_told(), "++");
}
