/* The example of the README, as a stranger would test it. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/decode.h"
#include "core/processor.h"
#include "sink/index.h"
#include "support/body.h"
#include "support/parts.h"

extern const struct rs_processor headlines;

/* Parts of the operation, each with its length: product, score, then state, date and body. */
static const struct {
    const char *name, *member, *json; /* what is changed in a good body */
    const char *want;
} rows[] = {
    {"a published review keeps its head line", NULL, NULL,
     "7:hotel-913:17698518000001:p13:1769851800000103:"
     "{\"reviewId\":\"r-1\",\"submittedAt\":\"2026-01-31T09:30:00Z\",\"ratings\":{\"overall\":4},"
     "\"title\":\"" BODY_TEXT "\"}"},
    {"a withdrawn one keeps nothing", "status", "\"withdrawn\"", "0:0:1:w0:0:"},
};

Test(headlines, keeps_what_a_list_shows)
{
    static const char *const types[] = {"review", NULL};
    struct rs_decoder *decoder = rs_decoder_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *body = body_with(rows[i].member, rows[i].json);
        const struct rs_record record = {.key = rs_text("r-1"), .value = rs_text(body)};
        struct rs_operations *out = rs_operations_create();
        struct rs_event event;
        cr_assert_eq(rs_decode(decoder, &record, types, &event, NULL), RS_EVENT);
        cr_expect_eq(headlines.process(NULL, &event, out), RS_OK);
        cr_assert_eq(rs_operations_count(out), 1);
        char text[PARTS_BYTES];
        cr_expect_str_eq(parts_text(rs_operations_at(out, 0), text), rows[i].want, "%s: %s",
                         rows[i].name, text);
        cr_expect_eq(rs_operations_at(out, 0)->sink, &rs_index);
        rs_operations_destroy(out);
        free(body);
    }
    rs_decoder_destroy(decoder);
}
