#include <criterion/criterion.h>
#include <string.h>

#include "core/processor.h"
#include "language/analysis.h"
#include "sink/annotation.h"
#include "support/parts.h"

extern const struct rs_processor sentiment;

static const struct rs_analysis clean_but_loud = {
    .language = "en",
    .polarity = RS_POLARITY_MIXED,
    .scored = true,
    .score = -120,
    .confidence = 700,
    .aspects = {{RS_ASPECT_NOISE, RS_POLARITY_NEGATIVE, -800, {RS_BODY, 10, 24}, 800},
                {RS_ASPECT_CLEANLINESS, RS_POLARITY_POSITIVE, 600, {RS_TITLE, 0, 5}, 600}},
    .aspect_count = 2,
};
static const struct rs_analysis foreign = {.language = "zh", .polarity = RS_POLARITY_UNSUPPORTED};

static const struct {
    const char *name;
    enum rs_state state;
    const struct rs_analysis *analysis;
    const char *want[9]; /* parts of the operation's bytes */
} rows[] = {
    {"a review is counted with its aspects, and says where it speaks of them",
     RS_PUBLISHED,
     &clean_but_loud,
     {"n\t1\n", "n:mixed\t1\n", "\nsum\t-120\n", "a:noise:n:negative\t1\n", "a:noise:sum\t-800\n",
      "noise:neg\t800\ttext|10|24\n", "cleanliness:pos\t600\ttitle|0|5\n",
      "{\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"h-9\",\"language\":\"en\""}},
    {"one in another language is counted, without a score",
     RS_PUBLISHED,
     &foreign,
     {"n\t1\nn:unsupported\t1\n1:p", "\"score\":null"}},
    {"a withdrawn one contributes nothing", RS_WITHDRAWN, NULL, {"0:0:1:w0:"}},
};

Test(sentiment, contributes_what_the_analysis_says)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct rs_event event = {.id = "r-1",
                                       .version = 3,
                                       .product_id = "h-9",
                                       .state = rows[i].state,
                                       .analysis = rows[i].analysis,
                                       .model = "english@0123456789ab"};
        struct rs_operations *out = rs_operations_create();
        cr_expect_eq(sentiment.process(NULL, &event, out), RS_OK, "%s", rows[i].name);
        cr_assert_eq(rs_operations_count(out), 1, "%s", rows[i].name);
        char text[PARTS_BYTES];
        const char *bytes = parts_text(rs_operations_at(out, 0), text);
        for (size_t j = 0; j < 9 && rows[i].want[j]; j++)
            cr_expect_not_null(strstr(bytes, rows[i].want[j]), "%s: %s in %s", rows[i].name,
                               rows[i].want[j], bytes);
        cr_expect_eq(rs_operations_at(out, 0)->sink, &rs_annotation);
        rs_operations_destroy(out);
    }
}
