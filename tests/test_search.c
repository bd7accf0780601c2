#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "core/processor.h"
#include "sink/elasticsearch.h"
#include "support/body.h"

extern const struct rs_processor search;

#define TEXT "\"" BODY_TEXT "\""
#define SEARCHED                                                                                   \
    "{\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"hotel-9\",\"productName\":" TEXT          \
    ",\"status\":\"published\",\"locale\":\"en\",\"submittedAt\":\"2026-01-31T09:30:00Z\","        \
    "\"author\":{\"id\":\"a-7\",\"country\":\"FR\"},\"tripType\":\"family\",\"ratings\":"          \
    "{\"overall\":4,\"cleanliness\":5},\"title\":" TEXT ",\"text\":" TEXT ",\"source\":\"site\","  \
    "\"submitted\":\"2026-01-31T09:30:00.000Z\"}"
#define WITHDRAWN                                                                                  \
    "{\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"hotel-9\",\"status\":\"withdrawn\"}"

static const struct {
    const char *name, *member, *json; /* what is changed in a good body */
    const char *header;               /* version header of an erasure; NULL: a body */
    const char *document;
} rows[] = {
    {"a published review is searched by every member", NULL, NULL, NULL, SEARCHED},
    {"an unknown member stays out", "colour", "\"red\"", NULL, SEARCHED},
    {"a withdrawn one leaves a tombstone", "status", "\"withdrawn\"", NULL, WITHDRAWN},
    {"an erased one leaves less", NULL, NULL, "3",
     "{\"reviewId\":\"r-1\",\"version\":3,\"status\":\"erased\"}"},
};

Test(search, replaces_the_document_by_what_the_state_allows)
{
    static const char *const types[] = {"review", NULL};
    struct rs_decoder *decoder = rs_decoder_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *body = body_with(rows[i].member, rows[i].json);
        const struct rs_header header = {"version", rs_text(rows[i].header)};
        const struct rs_record record = {.key = rs_text("r-1"),
                                         .value = rows[i].header ? rs_text(NULL) : rs_text(body),
                                         .headers = &header,
                                         .header_count = rows[i].header != NULL};
        struct rs_event event;
        cr_assert_eq(rs_decode(decoder, &record, types, &event, NULL), RS_EVENT, "%s",
                     rows[i].name);
        struct rs_operations *out = rs_operations_create();
        cr_expect_eq(search.process(NULL, &event, out), RS_OK, "%s", rows[i].name);
        cr_assert_eq(rs_operations_count(out), 1, "%s", rows[i].name);
        const struct rs_operation *op = rs_operations_at(out, 0);
        cr_expect_str_eq(op->bytes, rows[i].document, "%s: %s", rows[i].name, op->bytes);
        cr_expect_str_eq(op->key, "r-1", "%s", rows[i].name);
        cr_expect_eq(op->version, 3, "%s", rows[i].name);
        cr_expect_eq(op->sink, &rs_elasticsearch, "%s", rows[i].name);
        rs_operations_destroy(out);
        free(body);
    }
    rs_decoder_destroy(decoder);
}
