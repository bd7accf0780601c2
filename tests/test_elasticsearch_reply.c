#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/elasticsearch.h"
#include "sink/elasticsearch_reply.h"
#include "support/alloc.h"

static struct rs_json_reader *reader;

static void set_up(void)
{
    reader = rs_json_reader_create();
}

static void tear_down(void)
{
    rs_json_reader_destroy(reader);
}

TestSuite(elasticsearch_reply, .init = set_up, .fini = tear_down);

/* --- the table --- */

enum asked { ITEM, REQUEST, OUTCOME, BY_NAME };

static const struct {
    enum asked asked;
    int number; /* HTTP status, or how the request ended */
    const char *type, *row;
    enum rs_status status;
    enum rs_fault fault;
} rows[] = {
    {ITEM, 200, "", "200", RS_OK, RS_OUTAGE},
    {ITEM, 201, "", "201", RS_OK, RS_OUTAGE},
    {ITEM, 409, "version_conflict_engine_exception", "409 version_conflict_engine_exception", RS_OK,
     RS_OUTAGE},
    {ITEM, 409, "", "*", RS_RETRY, RS_ITEM},
    {ITEM, 409, "resource_already_exists_exception", "*", RS_RETRY, RS_ITEM},
    {ITEM, 400, "mapper_parsing_exception", "400 mapper_parsing_exception", RS_REJECT, RS_ITEM},
    {ITEM, 400, "document_parsing_exception", "400 document_parsing_exception", RS_REJECT, RS_ITEM},
    {ITEM, 400, "strict_dynamic_mapping_exception", "400 strict_dynamic_mapping_exception",
     RS_RETRY, RS_ITEM},
    {ITEM, 400, "illegal_argument_exception", "400 illegal_argument_exception", RS_RETRY, RS_ITEM},
    {ITEM, 400, "parse_exception", "400 *", RS_RETRY, RS_ITEM},
    {ITEM, 400, "index_closed_exception", "* index_closed_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 401, "security_exception", "401 *", RS_FATAL, RS_OUTAGE},
    {ITEM, 403, "security_exception", "403 *", RS_FATAL, RS_OUTAGE},
    {ITEM, 403, "cluster_block_exception", "* cluster_block_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 429, "cluster_block_exception", "* cluster_block_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 403, "index_create_block_exception", "* index_create_block_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 404, "index_not_found_exception", "* index_not_found_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 404, "shard_not_found_exception", "* shard_not_found_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 404, "illegal_index_shard_state_exception", "* illegal_index_shard_state_exception",
     RS_RETRY, RS_OUTAGE},
    {ITEM, 404, "index_shard_closed_exception", "* index_shard_closed_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 404, "another_exception", "404 *", RS_RETRY, RS_OUTAGE},
    {ITEM, 429, "es_rejected_execution_exception", "* es_rejected_execution_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 429, "rejected_execution_exception", "* rejected_execution_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 429, "circuit_breaking_exception", "* circuit_breaking_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 503, "circuit_breaking_exception", "* circuit_breaking_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 429, "", "429 *", RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "null_pointer_exception", "*", RS_RETRY, RS_ITEM},
    {ITEM, 500, "", "*", RS_RETRY, RS_ITEM},
    {ITEM, 500, "already_closed_exception", "* already_closed_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "engine_closed_exception", "* engine_closed_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "i_o_exception", "* i_o_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "node_closed_exception", "* node_closed_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "node_disconnected_exception", "* node_disconnected_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 500, "node_not_connected_exception", "* node_not_connected_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 500, "connect_transport_exception", "* connect_transport_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 500, "receive_timeout_transport_exception", "* receive_timeout_transport_exception",
     RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "not_master_exception", "* not_master_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "failed_to_commit_cluster_state_exception",
     "* failed_to_commit_cluster_state_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 400, "task_cancelled_exception", "* task_cancelled_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 503, "unavailable_shards_exception", "* unavailable_shards_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 503, "no_shard_available_action_exception", "* no_shard_available_action_exception",
     RS_RETRY, RS_OUTAGE},
    {ITEM, 500, "shard_not_in_primary_mode_exception", "* shard_not_in_primary_mode_exception",
     RS_RETRY, RS_OUTAGE},
    {ITEM, 503, "process_cluster_event_timeout_exception",
     "* process_cluster_event_timeout_exception", RS_RETRY, RS_OUTAGE},
    {ITEM, 503, "no_node_available_exception", "* no_node_available_exception", RS_RETRY,
     RS_OUTAGE},
    {ITEM, 502, "", "502 *", RS_RETRY, RS_OUTAGE},
    {ITEM, 503, "another_exception", "503 *", RS_RETRY, RS_OUTAGE},
    {ITEM, 504, "", "504 *", RS_RETRY, RS_OUTAGE},
    {REQUEST, 301, "", "request 3xx", RS_FATAL, RS_OUTAGE},
    {REQUEST, 307, "", "request 3xx", RS_FATAL, RS_OUTAGE},
    {REQUEST, 400, "illegal_argument_exception", "request 400", RS_RETRY, RS_ITEM},
    {REQUEST, 400, "action_request_validation_exception", "request 400", RS_RETRY, RS_ITEM},
    {REQUEST, 400, "", "request 400 untyped", RS_FATAL, RS_OUTAGE},
    {REQUEST, 401, "security_exception", "request 401", RS_FATAL, RS_OUTAGE},
    {REQUEST, 401, "", "request 401", RS_FATAL, RS_OUTAGE},
    {REQUEST, 403, "security_exception", "request 403", RS_FATAL, RS_OUTAGE},
    {REQUEST, 403, "", "request 403", RS_FATAL, RS_OUTAGE},
    {REQUEST, 403, "cluster_block_exception", "* cluster_block_exception", RS_RETRY, RS_OUTAGE},
    {REQUEST, 404, "index_not_found_exception", "* index_not_found_exception", RS_RETRY, RS_OUTAGE},
    {REQUEST, 404, "", "request 4xx", RS_FATAL, RS_OUTAGE},
    {REQUEST, 405, "", "request 4xx", RS_FATAL, RS_OUTAGE},
    {REQUEST, 408, "", "request 408", RS_RETRY, RS_OUTAGE},
    {REQUEST, 413, "", "request 413", RS_REJECT, RS_ITEM},
    {REQUEST, 429, "", "request 429", RS_RETRY, RS_OUTAGE},
    {REQUEST, 429, "es_rejected_execution_exception", "* es_rejected_execution_exception", RS_RETRY,
     RS_OUTAGE},
    {REQUEST, 500, "null_pointer_exception", "request 500", RS_RETRY, RS_ITEM},
    {REQUEST, 500, "", "request 500", RS_RETRY, RS_ITEM},
    {REQUEST, 502, "", "request 5xx", RS_RETRY, RS_OUTAGE},
    {REQUEST, 503, "", "request 5xx", RS_RETRY, RS_OUTAGE},
    {REQUEST, 503, "master_not_discovered_exception", "* master_not_discovered_exception", RS_RETRY,
     RS_OUTAGE},
    {REQUEST, 503, "cluster_manager_not_discovered_exception",
     "* cluster_manager_not_discovered_exception", RS_RETRY, RS_OUTAGE},
    {REQUEST, 503, "search_phase_execution_exception", "* search_phase_execution_exception",
     RS_RETRY, RS_OUTAGE},
    {REQUEST, 504, "", "request 5xx", RS_RETRY, RS_OUTAGE},
    {REQUEST, 101, "", "bad answer", RS_RETRY, RS_OUTAGE},
    {OUTCOME, RS_HTTP_NO_CONNECTION, NULL, "no connection", RS_RETRY, RS_OUTAGE},
    {OUTCOME, RS_HTTP_TIMED_OUT, NULL, "time-out", RS_RETRY, RS_OUTAGE},
    {OUTCOME, RS_HTTP_RESET, NULL, "reset", RS_RETRY, RS_OUTAGE},
    {OUTCOME, RS_HTTP_TOO_LARGE, NULL, "answer too large", RS_RETRY, RS_OUTAGE},
    {OUTCOME, RS_HTTP_UNTRUSTED, NULL, "certificate", RS_FATAL, RS_OUTAGE},
    {OUTCOME, RS_HTTP_NO_MEMORY, NULL, "out of memory", RS_RETRY, RS_OUTAGE},
    {BY_NAME, 0, NULL, "call refused", RS_FATAL, RS_OUTAGE},
    {BY_NAME, 0, NULL, "upload cut", RS_RETRY, RS_ITEM},
    {BY_NAME, 0, NULL, "others fail", RS_RETRY, RS_OUTAGE},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static const struct rs_answer *ask(size_t i)
{
    struct rs_es_error error = {.status = rows[i].number};
    if (rows[i].type)
        snprintf(error.type, sizeof(error.type), "%s", rows[i].type);
    switch (rows[i].asked) {
    case ITEM:
        return rs_es_item_row(&error);
    case REQUEST:
        return rs_es_request_row(&error);
    case OUTCOME:
        return rs_es_outcome_row((enum rs_http_outcome)rows[i].number);
    default:
        return rs_es_row(rows[i].row);
    }
}

Test(elasticsearch_reply, has_a_row_for_every_answer)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct rs_answer *row = ask(i);
        cr_expect_str_eq(row->answer, rows[i].row, "%d %s", rows[i].number, rows[i].type);
        cr_expect_eq(row->status, rows[i].status, "%s", row->answer);
        if (row->status == RS_RETRY)
            cr_expect_eq(row->fault, rows[i].fault, "%s", row->answer);
    }
}

Test(elasticsearch_reply, has_no_row_that_no_answer_reaches)
{
    for (const struct rs_answer *row = rs_elasticsearch_answers; row->answer; row++) {
        bool reached = false;
        for (size_t i = 0; i < ROWS; i++)
            reached = reached || ask(i) == row;
        cr_expect(reached, "%s", row->answer);
        cr_expect(row->meaning && *row->meaning, "%s", row->answer);
    }
}

/* --- bulks of real servers --- */

enum { MOST = 8 };

static struct rs_operation ops[MOST], *pointers[MOST];

/* Operations of these ids, separated by spaces; "-" is one without a key. */
static size_t make_ops(const char *ids)
{
    static char names[MOST][32];
    size_t count = 0;
    for (const char *at = ids; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        cr_assert_lt(count, MOST);
        snprintf(names[count], sizeof(names[count]), "%.*s", (int)len, at);
        ops[count] = (struct rs_operation){.key = names[count], .status = RS_RETRY};
        if (strcmp(names[count], "-") == 0)
            ops[count].key = NULL;
        pointers[count] = &ops[count];
        count++;
        at += len;
    }
    return count;
}

/* What the operations were told, e.g. "+ ok reject(…)". */
static const char *told(size_t count)
{
    static char text[2048];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
                                ops[i].applied ? "+" : rs_status_name(ops[i].status));
        if (ops[i].status == RS_RETRY)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "-%s",
                                    rs_fault_name(ops[i].fault));
        if (ops[i].status != RS_OK)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "(%s)", ops[i].reason);
    }
    return text;
}

/* A recorded answer: its status, and the body from malloc. */
static int load(const char *server, const char *name, char **ret_body)
{
    char path[512];
    snprintf(path, sizeof(path), RS_SOURCE_DIR "/tests/data/elasticsearch/%s/%s", server, name);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    int status = 0;
    char *body = NULL;
    size_t size = 0;
    cr_assert_eq(fscanf(file, "%d", &status), 1, "%s", path);
    cr_assert_eq(fgetc(file), '\n', "%s", path);
    if (getdelim(&body, &size, EOF, file) < 0)
        body[0] = '\0';
    fclose(file);
    *ret_body = body;
    return status;
}

static const char *const servers[] = {"elasticsearch-7.10.2", "opensearch-2.18.0"};

static const struct {
    const char *name, *ids, *told;
} bulks[] = {
    {"created", "a b", "+ +"},
    {"mixed", "a b c d",
     "+ ok reject(400 mapper_parsing_exception, field stars: the mapping refuses a value) +"},
    {"unknown-field", "e",
     "retry-item(400 strict_dynamic_mapping_exception, field colour: the mapping lacks a field: it "
     "is not the one of this program)"},
    {"object-for-text", "e",
     "reject(400 mapper_parsing_exception, field text: the mapping refuses a value)"},
    {"long-word", "e",
     "retry-item(400 illegal_argument_exception, field word: a limit of the index)"},
    {"unfit-document", "e", "reject(400 mapper_parsing_exception: the mapping refuses a value)"},
    {"blocked-read-only-allow-delete", "a",
     "retry-outage(429 cluster_block_exception, TOO_MANY_REQUESTS/12/disk usage exceeded "
     "flood-stage watermark, index has read-o: index or cluster is blocked, e.g. disk full)"},
    {"blocked-write", "a",
     "retry-outage(403 cluster_block_exception, FORBIDDEN/8/index write (api): index or cluster is "
     "blocked, e.g. disk full)"},
    {"blocked-read-only", "a",
     "retry-outage(403 cluster_block_exception, FORBIDDEN/5/index read-only (api): index or "
     "cluster "
     "is blocked, e.g. disk full)"},
    {"closed", "a", "retry-outage(400 index_closed_exception: the index is closed)"},
    {"missing", "a b",
     "retry-outage(404 index_not_found_exception: the index is missing: a start makes it anew, the "
     "marker tells that it was lost) retry-outage(404 index_not_found_exception: the index is "
     "missing: a start makes it anew, the marker tells that it was lost)"},
    {"missing-without-creation", "a",
     "retry-outage(404 index_not_found_exception: the index is missing: a start makes it anew, the "
     "marker tells that it was lost)"},
    {"no-shard", "a", "retry-outage(503 unavailable_shards_exception: no active primary shard)"},
};

Test(elasticsearch_reply, gives_each_item_of_a_real_bulk_its_own_answer)
{
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sizeof(bulks) / sizeof(*bulks); i++) {
            char *body, why[RS_REASON_BYTES] = "";
            size_t count = make_ops(bulks[i].ids);
            cr_expect_eq(load(servers[s], bulks[i].name, &body), 200);
            cr_expect(rs_es_read_bulk(reader, rs_text(body), pointers, count, "", why), "%s: %s",
                      bulks[i].name, why);
            cr_expect_str_eq(told(count), bulks[i].told, "%s of %s: %s", bulks[i].name, servers[s],
                             told(count));
            free(body);
        }
    }
}

static const struct {
    const char *name, *row, *reason;
} wholes[] = {
    {"whole-long-id", "request 400",
     "400 action_request_validation_exception: halved down to one document that alone is refused"},
    {"whole-bad-version", "request 400",
     "400 action_request_validation_exception: halved down to one document that alone is refused"},
    {"whole-bad-action", "request 400",
     "400 illegal_argument_exception, field sort: halved down to one document that alone is "
     "refused"},
    {"whole-unknown-parameter", "request 400",
     "400 illegal_argument_exception: halved down to one document that alone is refused"},
    {"whole-no-such-path", "request 400 untyped", "400: no Elasticsearch behind this URL"},
    {"whole-cluster-read-only", "* cluster_block_exception",
     "403 cluster_block_exception, FORBIDDEN/6/cluster read-only (api): index or cluster is "
     "blocked, e.g. disk full"},
    {"whole-too-large", "request 413", "413: halved down to one document that alone is too large"},
};

Test(elasticsearch_reply, finds_the_row_of_a_real_whole_answer)
{
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sizeof(wholes) / sizeof(*wholes); i++) {
            char *body, reason[RS_REASON_BYTES];
            struct rs_es_error error;
            int status = load(servers[s], wholes[i].name, &body);
            rs_es_read_error(reader, status, rs_text(body), &error);
            const struct rs_answer *row = rs_es_request_row(&error);
            rs_es_describe(&error, row, reason);
            cr_expect_str_eq(row->answer, wholes[i].row, "%s of %s", wholes[i].name, servers[s]);
            cr_expect_str_eq(reason, wholes[i].reason, "%s of %s: %s", wholes[i].name, servers[s],
                             reason);
            free(body);
        }
    }
}

Test(elasticsearch_reply, knows_the_overload_of_both_servers)
{
    for (size_t s = 0; s < 2; s++) {
        char *body;
        struct rs_es_error error;
        int status = load(servers[s], "overloaded", &body);
        rs_es_read_error(reader, status, rs_text(body), &error);
        cr_expect_eq(rs_es_request_row(&error)->status, RS_RETRY);
        cr_expect_eq(rs_es_request_row(&error)->fault, RS_OUTAGE);
        cr_expect(strstr(error.type, "rejected_execution_exception"), "%s", error.type);
        free(body);
    }
}

/* --- answers that lie --- */

#define OK_(id) "{\"index\":{\"_id\":\"" id "\",\"status\":201}}"
#define LESS "the answer to a bulk has fewer items than were sent"
#define MORE "the answer to a bulk has more items than were sent"
#define OTHER "an item of the answer is not the one that was sent"
#define NO_ITEMS "the answer to a bulk has no items"
#define NO_JSON "the answer to a bulk is no JSON"

static const struct {
    const char *name, *body, *why;
} lies[] = {
    {"too few", "{\"items\":[" OK_("a") "]}", LESS},
    {"none", "{\"items\":[]}", LESS},
    {"too many", "{\"items\":[" OK_("a") "," OK_("b") "," OK_("c") "]}", MORE},
    {"another order", "{\"items\":[" OK_("b") "," OK_("a") "]}", OTHER},
    {"one twice", "{\"items\":[" OK_("a") "," OK_("a") "]}", OTHER},
    {"no id", "{\"items\":[" OK_("a") ",{\"index\":{\"status\":201}}]}", OTHER},
    {"no status", "{\"items\":[" OK_("a") ",{\"index\":{\"_id\":\"b\"}}]}", OTHER},
    {"a status that is none", "{\"items\":[" OK_("a") ",{\"index\":{\"_id\":\"b\",\"status\":1}}]}",
     OTHER},
    {"a status as text",
     "{\"items\":[" OK_("a") ",{\"index\":{\"_id\":\"b\",\"status\":\"201\"}}]}", OTHER},
    {"success with an error",
     "{\"items\":[" OK_(
         "a") ",{\"index\":{\"_id\":\"b\",\"status\":200,\"error\":{\"type\":\"x\"}}}]}",
     OTHER},
    {"an item that is no object", "{\"items\":[" OK_("a") ",7]}", OTHER},
    {"an empty item", "{\"items\":[" OK_("a") ",{}]}", OTHER},
    {"no items", "{\"errors\":false}", NO_ITEMS},
    {"items that are no list", "{\"items\":{}}", NO_ITEMS},
    {"a list", "[]", NO_ITEMS},
    {"a page", "<html>ok</html>", NO_JSON},
    {"cut", "{\"items\":[" OK_("a") "," OK_("b"), NO_JSON},
    {"nothing", "", NO_JSON},
};

Test(elasticsearch_reply, believes_no_answer_whose_items_are_not_those_that_were_sent)
{
    for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
        char why[RS_REASON_BYTES] = "";
        size_t count = make_ops("a b");
        cr_expect_not(rs_es_read_bulk(reader, rs_text(lies[i].body), pointers, count, "", why),
                      "%s", lies[i].name);
        cr_expect_str_eq(why, lies[i].why, "%s", lies[i].name);
        for (size_t j = 0; j < count; j++)
            cr_expect(ops[j].status == RS_RETRY && !ops[j].applied, "%s", lies[i].name);
    }
}

Test(elasticsearch_reply, judges_items_whatever_errors_says)
{
    static const char body[] =
        "{\"took\":3,\"errors\":false,\"items\":["
        "{\"index\":{\"_index\":\"i\",\"_type\":\"_doc\",\"_id\":\"a\",\"_version\":4,\"result\":"
        "\"created\",\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},\"_seq_no\":0,"
        "\"_primary_term\":1,\"status\":201}},"
        "{\"index\":{\"_id\":\"b\",\"status\":503,\"error\":{\"type\":\"strange_exception\"}}},"
        "{\"index\":{\"_id\":\"c\",\"status\":429}},"
        "{\"index\":{\"_id\":\"d\",\"status\":500,\"error\":\"old style\"}},"
        "{\"index\":{\"_id\":\"view-canary\",\"status\":200}}]}";
    char why[RS_REASON_BYTES] = "";
    size_t count = make_ops("a b c d -");
    cr_expect(rs_es_read_bulk(reader, rs_text(body), pointers, count, "view-canary", why), "%s",
              why);
    cr_expect_str_eq(told(count),
                     "+ retry-outage(503 strange_exception: a shard or the cluster is not "
                     "available) retry-outage(429: overloaded) retry-item(500: any other error of "
                     "an item; poison if its neighbours succeed) +",
                     "%s", told(count));
}

Test(elasticsearch_reply, shows_nothing_of_a_document_in_a_reason)
{
    static const char *const texts[] = {
        ("failed to parse field [stars] of type [long] in document with id 'a'. Preview of field's "
         "value: 'PRIVATE'"),
        "failed to parse field [PRIVATE words] of type [long]",
        "field [PRIVATE",
        "field []",
        "introduction of [<PRIVATE>]",
        "PRIVATE",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        char body[512], why[RS_REASON_BYTES];
        snprintf(body, sizeof(body),
                 "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":400,\"error\":{\"type\":"
                 "\"mapper_parsing_exception\",\"reason\":\"%s\"}}}]}",
                 texts[i]);
        size_t count = make_ops("a");
        cr_expect(rs_es_read_bulk(reader, rs_text(body), pointers, count, "", why));
        cr_expect_eq(ops[0].status, RS_REJECT);
        cr_expect_null(strstr(ops[0].reason, "PRIVATE"), "%s", ops[0].reason);
    }
}

Test(elasticsearch_reply, survives_names_that_are_too_long_or_no_names)
{
    char body[2048], why[RS_REASON_BYTES], type[512];
    memset(type, 'x', sizeof(type) - 1);
    type[sizeof(type) - 1] = '\0';
    memcpy(type, "a\\nb\\u0001\\\"", 12);
    snprintf(body, sizeof(body),
             "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":403,\"error\":{\"type\":\"%s\"}}}]}",
             type);
    size_t count = make_ops("a");
    cr_expect(rs_es_read_bulk(reader, rs_text(body), pointers, count, "", why));
    cr_expect_eq(strncmp(ops[0].reason, "403 a?b??xxxx", 13), 0, "%s", ops[0].reason);
    cr_expect_eq(ops[0].status, RS_FATAL);
}

Test(elasticsearch_reply, answers_nothing_when_memory_is_short)
{
    static const char body[] = "{\"items\":[" OK_("a") "," OK_("b") "]}";
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_json_reader *own = rs_json_reader_create();
        if (!own)
            continue;
        char why[RS_REASON_BYTES] = "";
        size_t count = make_ops("a b");
        if (rs_es_read_bulk(own, rs_text(body), pointers, count, "", why)) {
            cr_expect_str_eq(told(count), "+ +");
        } else {
            cr_expect_str_eq(why, "out of memory");
            cr_expect_eq(ops[0].status, RS_RETRY);
        }
        rs_json_reader_destroy(own);
    }
}
