#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "core/processor.h"
#include "language/analysis.h"
#include "sink/elasticsearch.h"
#include "support/body.h"

extern const struct rs_processor search;

#define TEXT "\"" BODY_TEXT "\""
#define SEARCHED                                                                                   \
    "{\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"hotel-9\",\"productName\":" TEXT          \
    ",\"status\":\"published\",\"locale\":\"en\",\"submittedAt\":\"2026-01-31T09:30:00Z\","        \
    "\"author\":{\"id\":\"a-7\",\"country\":\"FR\"},\"tripType\":\"family\",\"ratings\":"          \
    "{\"overall\":4,\"cleanliness\":5},\"title\":" TEXT ",\"text\":" TEXT ",\"source\":\"site\","  \
    "\"submitted\":\"2026-01-31T09:30:00.000Z\""
/* what an analysis adds */
#define OPINION                                                                                    \
    ",\"sentiment\":{\"polarity\":\"mixed\",\"score\":-0.120,\"confidence\":0.700,"                \
    "\"language\":\"en\",\"model\":\"english@0123456789ab\"},\"aspects\":{\"noise\":{"             \
    "\"polarity\":"                                                                                \
    "\"negative\",\"score\":-0.800},\"staff\":{\"polarity\":\"positive\",\"score\":0.600}},"       \
    "\"tags\":"                                                                                    \
    "[\"check-in\",\"pool \\\"bar\\\"\"]}"
#define NO_OPINION                                                                                 \
    ",\"sentiment\":{\"polarity\":\"unsupported\",\"language\":\"zh\",\"model\":"                  \
    "\"english@0123456789ab\"},\"aspects\":{},\"tags\":[]}"
#define WITHDRAWN                                                                                  \
    "{\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"hotel-9\",\"status\":\"withdrawn\"}"

static const struct rs_analysis loud = {
    .language = "en",
    .polarity = RS_POLARITY_MIXED,
    .scored = true,
    .score = -120,
    .confidence = 700,
    .aspects = {{RS_ASPECT_NOISE, RS_POLARITY_NEGATIVE, -800, {RS_BODY, 10, 24}, 800},
                {RS_ASPECT_STAFF, RS_POLARITY_POSITIVE, 600, {RS_TITLE, 0, 5}, 600}},
    .aspect_count = 2,
    .tags = {{.tag = {"check-in", 8}, .phrase = {"slow check-in", 13}},
             {.tag = {"pool \"bar\"", 10}}},
    .tag_count = 2,
};
static const struct rs_analysis foreign = {.language = "zh", .polarity = RS_POLARITY_UNSUPPORTED};

static const struct {
    const char *name, *member, *json; /* what is changed in a good body */
    const char *header;               /* version header of an erasure; NULL: a body */
    const char *document;
    const struct rs_analysis *analysis;
} rows[] = {
    {"a published review is searched by every member", NULL, NULL, NULL, SEARCHED "}", NULL},
    {"an unknown member stays out", "colour", "\"red\"", NULL, SEARCHED "}", NULL},
    {"and by what its text says", NULL, NULL, NULL, SEARCHED OPINION, &loud},
    {"one in another language has no score, which is not a score of 0", NULL, NULL, NULL,
     SEARCHED NO_OPINION, &foreign},
    {"a withdrawn one leaves a tombstone", "status", "\"withdrawn\"", NULL, WITHDRAWN, NULL},
    {"an erased one leaves less", NULL, NULL, "3",
     "{\"reviewId\":\"r-1\",\"version\":3,\"status\":\"erased\"}", NULL},
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
        event.analysis = rows[i].analysis;
        event.model = "english@0123456789ab";
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

Test(search, analyses_texts_only_where_its_option_says_so)
{
    bool language = true; /* the first and only option */
    cr_expect(search.analyses && search.wants_analysis(&language));
    language = false;
    cr_expect_not(search.wants_analysis(&language));
}
