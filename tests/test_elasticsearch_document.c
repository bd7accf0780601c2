#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "sink/elasticsearch.h"
#include "support/alloc.h"

static struct rs_decoder *decoder;
static struct rs_event event;

static void set_up(void)
{
    decoder = rs_decoder_create();
}

static void tear_down(void)
{
    rs_decoder_destroy(decoder);
}

TestSuite(elasticsearch_document, .init = set_up, .fini = tear_down);

#define HEAD "\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"h-9\",\"status\":\"published\""

/* Decode a body; the event borrows from it. */
static void decode(const char *body)
{
    static const char *const types[] = {"review", NULL};
    struct rs_error why = {""};
    const struct rs_record record = {.key = rs_text("r-1"), .value = rs_text(body)};
    cr_assert_eq(rs_decode(decoder, &record, types, &event, &why), RS_EVENT, "%s: %s", body,
                 why.text);
}

static const char *const members[] = {"reviewId",       "version",     "productId",
                                      "status",         "submittedAt", "author.id",
                                      "author.country", "ratings",     "title"};
enum { MEMBERS = sizeof(members) / sizeof(*members) };

#define DATE(text) HEAD ",\"submittedAt\":\"" text "\""
#define LONG_NUMBER                                                                                \
    "4.50000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *name, *body, *document;
} rows[] = {
    {"the required members", "{" HEAD "}", "{" HEAD "}"},
    {"members as they came, unknown ones left out",
     "{ \"x\":[1], " HEAD
     ", \"title\" : \"a\\u00e9\\n\\\"\" , \"author\":{\"id\":\"a\",\"age\":3}}",
     "{" HEAD ",\"author\":{\"id\":\"a\"},\"title\":\"aé\\n\\\"\"}"},
    {"null members left out",
     "{" HEAD ",\"title\":null,\"ratings\":null,\"author\":null,\"submittedAt\":null}",
     "{" HEAD "}"},
    {"empty texts", "{" HEAD ",\"title\":\"\"}", "{" HEAD ",\"title\":\"\"}"},
    {"numbers to the letter", "{" HEAD ",\"ratings\":{\"overall\":4.30,\"wifi\":45e-1}}",
     "{" HEAD ",\"ratings\":{\"overall\":4.30,\"wifi\":45e-1}}"},
    {"a number that a server refuses for its length",
     "{" HEAD ",\"ratings\":{\"wifi\":" LONG_NUMBER ",\"overall\":5},\"title\":\"t\"}",
     "{" HEAD ",\"ratings\":{\"wifi\":4.50,\"overall\":5.00},\"title\":\"t\"}"},
    {"such a number, and nothing behind it",
     "{" HEAD ",\"author\":{\"id\":\"a\"},\"ratings\":{\"wifi\":" LONG_NUMBER "}}",
     "{" HEAD ",\"author\":{\"id\":\"a\"},\"ratings\":{\"wifi\":4.50}}"},
    {"an instant beside its text", "{" DATE("2026-01-31T09:30:00.5+01:00") "}",
     "{" DATE("2026-01-31T09:30:00.5+01:00") ",\"submitted\":\"2026-01-31T08:30:00.500Z\"}"},
    {"a leap second", "{" DATE("2016-12-31t23:59:60z") "}",
     "{" DATE("2016-12-31t23:59:60z") ",\"submitted\":\"2017-01-01T00:00:00.000Z\"}"},
    {"the last millisecond before 1970", "{" DATE("1969-12-31T23:59:59.9999Z") "}",
     "{" DATE("1969-12-31T23:59:59.9999Z") ",\"submitted\":\"1969-12-31T23:59:59.999Z\"}"},
    {"the first instant", "{" DATE("0000-01-01T00:00:00+23:59") "}",
     "{" DATE("0000-01-01T00:00:00+23:59") ",\"submitted\":\"-0001-12-31T00:01:00.000Z\"}"},
    {"the last instant", "{" DATE("9999-12-31T23:59:59.999-23:59") "}",
     "{" DATE("9999-12-31T23:59:59.999-23:59") ",\"submitted\":\"+10000-01-01T23:58:59.999Z\"}"},
};

static const struct rs_buffer nothing;

Test(elasticsearch_document, holds_chosen_members_of_the_event)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_operations *out = rs_operations_create();
        decode(rows[i].body);
        cr_expect_eq(rs_elasticsearch_put(out, &event, members, MEMBERS, &nothing), RS_OK);
        const struct rs_operation *op = rs_operations_at(out, 0);
        cr_expect_str_eq(op->bytes, rows[i].document, "%s: %s", rows[i].name, op->bytes);
        cr_expect_eq(op->len, strlen(op->bytes));
        cr_expect_str_eq(op->key, "r-1");
        cr_expect_eq(op->version, 3);
        cr_expect_eq(op->sink, &rs_elasticsearch);
        rs_operations_destroy(out);
    }
}

Test(elasticsearch_document, holds_further_members_behind_those_of_the_event)
{
    struct rs_buffer more = {0};
    struct rs_operations *out = rs_operations_create();
    decode("{" HEAD ",\"title\":\"t\"}");
    rs_buffer_add_text(&more, "\"tags\":[\"pool\"]");
    cr_expect_eq(rs_elasticsearch_put(out, &event, members, MEMBERS, &more), RS_OK);
    cr_expect_str_eq(rs_operations_at(out, 0)->bytes,
                     "{" HEAD ",\"title\":\"t\",\"tags\":[\"pool\"]}");
    more.failed = true;
    cr_expect_eq(rs_elasticsearch_put(out, &event, members, MEMBERS, &more), RS_FATAL);
    cr_expect_eq(rs_operations_count(out), 1);
    rs_buffer_finish(&more);
    rs_operations_destroy(out);
}

static const struct {
    struct rs_event event;
    const char *document;
} tombs[] = {
    {{.id = "r\"1", .version = INT64_MAX, .state = RS_WITHDRAWN, .product_id = "h\\9"},
     "{\"reviewId\":\"r\\\"1\",\"version\":9223372036854775807,\"productId\":\"h\\\\9\","
     "\"status\":\"withdrawn\"}"},
    {{.id = "r-1", .version = 1, .state = RS_ERASED},
     "{\"reviewId\":\"r-1\",\"version\":1,\"status\":\"erased\"}"},
};

Test(elasticsearch_document, leaves_a_tombstone_of_what_is_gone)
{
    for (size_t i = 0; i < sizeof(tombs) / sizeof(*tombs); i++) {
        struct rs_operations *out = rs_operations_create();
        cr_expect_eq(rs_elasticsearch_tombstone(out, &tombs[i].event), RS_OK);
        const struct rs_operation *op = rs_operations_at(out, 0);
        cr_expect_str_eq(op->bytes, tombs[i].document);
        cr_expect_str_eq(op->key, tombs[i].event.id);
        cr_expect_eq(op->version, tombs[i].event.version);
        rs_operations_destroy(out);
    }
}

Test(elasticsearch_document, adds_nothing_when_memory_is_short)
{
    static const char *const bodies[] = {
        "{" DATE("2026-01-31T09:30:00Z") ",\"title\":\"a\",\"ratings\":{\"wifi\":4}}",
        "{" DATE("2026-01-31T09:30:00Z") ",\"title\":\"a\",\"ratings\":{\"wifi\":" LONG_NUMBER "}}",
    };
    for (size_t i = 0; i < 4; i++) {
        decode(bodies[i % 2]);
        struct rs_operations *out = rs_operations_create();
        for (long n = 0; rs_alloc_more(n); n++) {
            size_t before = rs_operations_count(out);
            enum rs_status status =
                i < 2 ? rs_elasticsearch_put(out, &event, members, MEMBERS, &nothing)
                      : rs_elasticsearch_tombstone(out, &tombs[0].event);
            cr_expect_eq(rs_operations_count(out), before + (status == RS_OK));
            cr_expect(status == RS_OK || status == RS_FATAL);
        }
        cr_expect_eq(rs_operations_count(out), 1, "the last round alone succeeds");
        rs_operations_destroy(out);
    }
}
