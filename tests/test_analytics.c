#include <criterion/criterion.h>
#include <string.h>

#include "core/json.h"
#include "core/processor.h"
#include "language/analysis.h"
#include "sink/clickhouse.h"

extern const struct rs_processor analytics;

static const struct rs_analysis mixed = {
    .language = "en",
    .polarity = RS_POLARITY_MIXED,
    .scored = true,
    .score = -120,
    .aspects = {{RS_ASPECT_NOISE, RS_POLARITY_NEGATIVE, -800, {RS_BODY, 10, 24}, 800},
                {RS_ASPECT_CLEANLINESS, RS_POLARITY_POSITIVE, 600, {RS_TITLE, 0, 5}, 600}},
    .aspect_count = 2,
    .tags = {{.tag = {"check-in", 8}, .polarity = RS_POLARITY_NEGATIVE},
             {.tag = {"b\"r", 3}, .polarity = RS_POLARITY_NONE}},
    .tag_count = 2,
};
static const struct rs_analysis foreign = {.language = "zh", .polarity = RS_POLARITY_UNSUPPORTED};
static const struct rs_rating ratings[] = {{"room", 350}, {"overall", 400}};

static const struct {
    const char *name;
    enum rs_state state;
    const struct rs_analysis *analysis;
    const char *body, *month;
    int64_t submitted_ms;
    size_t rating_count;
    const char *want; /* behind id and version */
} rows[] = {
    {"a review with everything", RS_PUBLISHED, &mixed,
     "{\"title\":\"\xc3\x9c\xe2\x82\xac\",\"text\":\"abc\",\"moderatedAt\":\"1970-01-01T00:00:"
     "03Z\"}",
     "1970-01", 1000, 2,
     "\"status\":\"published\",\"productId\":\"h-9\",\"locale\":\"en\",\"tripType\":\"solo\","
     "\"country\":\"FR\",\"submittedMs\":1000,\"month\":197001,\"titleLength\":2,\"textLength\":3,"
     "\"moderated\":1,\"moderationMs\":2000,\"aspects\":[\"room\",\"overall\"],"
     "\"ratings\":[350,400],\"overall\":400,\"language\":\"en\",\"polarity\":\"mixed\","
     "\"scored\":1,\"score\":-120,\"opinionAspects\":[\"noise\",\"cleanliness\"],"
     "\"opinionPolarities\":[\"negative\",\"positive\"],\"opinionScores\":[-800,600],"
     "\"tags\":[\"check-in\",\"b\\\"r\"],\"tagPolarities\":[\"negative\",\"none\"]}\n"},
    {"a date before 1970, moderation that is no date, no ratings, another language", RS_PUBLISHED,
     &foreign, "{\"moderatedAt\":\"soon\"}", "1969-12", -5, 0,
     "\"status\":\"published\",\"productId\":\"h-9\",\"locale\":\"en\",\"tripType\":\"solo\","
     "\"country\":\"FR\",\"submittedMs\":-5,\"month\":196912,\"aspects\":[],\"ratings\":[],"
     "\"language\":\"zh\",\"polarity\":\"unsupported\",\"opinionAspects\":[],"
     "\"opinionPolarities\":[],\"opinionScores\":[],\"tags\":[],\"tagPolarities\":[]}\n"},
    {"a year that only an offset makes has no month", RS_PUBLISHED, &foreign, "{}", "-001-12", -7,
     0,
     "\"status\":\"published\",\"productId\":\"h-9\",\"locale\":\"en\",\"tripType\":\"solo\","
     "\"country\":\"FR\",\"submittedMs\":-7,\"aspects\":[],\"ratings\":[],\"language\":\"zh\","
     "\"polarity\":\"unsupported\",\"opinionAspects\":[],\"opinionPolarities\":[],"
     "\"opinionScores\":[],\"tags\":[],\"tagPolarities\":[]}\n"},
    {"a text that nobody is to read", RS_PUBLISHED, NULL, "{\"text\":\"abc\"}", "1970-01", 1, 0,
     "\"status\":\"published\",\"productId\":\"h-9\",\"locale\":\"en\",\"tripType\":\"solo\","
     "\"country\":\"FR\",\"submittedMs\":1,\"month\":197001,\"textLength\":3,\"aspects\":[],"
     "\"ratings\":[]}\n"},
    {"a withdrawn one leaves its version", RS_WITHDRAWN, NULL, "{\"text\":\"secret\"}", "1970-01",
     1, 2, "\"status\":\"withdrawn\"}\n"},
    {"an erased one too", RS_ERASED, NULL, NULL, "", 0, 0, "\"status\":\"erased\"}\n"},
};

Test(analytics, makes_a_row_of_what_its_state_allows)
{
    const struct rs_json_limits limits = {
        .bytes = 1000, .depth = 8, .members = 100, .string_bytes = 500};
    struct rs_json_reader *reader = rs_json_reader_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct rs_json *document = NULL;
        if (rows[i].body)
            cr_assert_eq(rs_json_read(reader, rs_text(rows[i].body), &limits, &document, NULL),
                         RS_JSON_READ);
        struct rs_event event = {.id = "r\"1",
                                 .version = INT64_MAX,
                                 .state = rows[i].state,
                                 .product_id = "h-9",
                                 .locale = "en",
                                 .trip_type = "solo",
                                 .country = "FR",
                                 .has_submitted = true,
                                 .submitted_ms = rows[i].submitted_ms,
                                 .ratings = ratings,
                                 .rating_count = rows[i].rating_count,
                                 .document = document,
                                 .analysis = rows[i].analysis};
        memcpy(event.month, rows[i].month, strlen(rows[i].month));
        struct rs_operations *out = rs_operations_create();
        cr_expect_eq(analytics.process(NULL, &event, out), RS_OK, "%s", rows[i].name);
        cr_assert_eq(rs_operations_count(out), 1, "%s", rows[i].name);
        const struct rs_operation *op = rs_operations_at(out, 0);
        static const char front[] = "{\"reviewId\":\"r\\\"1\",\"version\":9223372036854775807,";
        cr_assert_eq(strncmp(op->bytes, front, sizeof(front) - 1), 0, "%s", op->bytes);
        cr_expect_str_eq(op->bytes + sizeof(front) - 1, rows[i].want, "%s", rows[i].name);
        cr_expect_eq(op->sink, &rs_clickhouse);
        cr_expect_eq(op->len, strlen(op->bytes));
        rs_operations_destroy(out);
    }
    rs_json_reader_destroy(reader);
}
