#include <criterion/criterion.h>
#include <stdio.h>

#include "core/processor.h"
#include "sink/index.h"
#include "support/alloc.h"
#include "support/parts.h"

extern const struct rs_processor cache;
static const struct {
    int64_t max_body_bytes;
} config = {20};

/* Parts of the operation: product, score, then state, submittedAt and, where there is none to
 * borrow, an empty body. A borrowed one is shown behind them. */
static const struct {
    const char *name;
    struct rs_event event;
    enum rs_status status;
    const char *want; /* bytes of the one operation, or the reason */
} rows[] = {
    {"a published review keeps its body",
     {.id = "r-1",
      .version = 3,
      .product_id = "h-9",
      .has_submitted = true,
      .submitted_ms = 5,
      .body = {"{}", 2}},
     RS_OK,
     "3:h-91:51:p1:5{}"},
    {"a review before 1970",
     {.id = "r-1",
      .version = 3,
      .product_id = "h-9",
      .has_submitted = true,
      .submitted_ms = -7,
      .body = {"{}", 2}},
     RS_OK,
     "3:h-92:-71:p2:-7{}"},
    {"a review without a date is listed at 0",
     {.id = "r-1", .version = 3, .product_id = "h-9", .body = {"{}", 2}},
     RS_OK,
     "3:h-91:01:p0:{}"},
    {"a withdrawn review keeps nothing",
     {.id = "r-1",
      .version = 4,
      .state = RS_WITHDRAWN,
      .product_id = "h-9",
      .has_submitted = true,
      .submitted_ms = 5,
      .body = {"{}", 2}},
     RS_OK,
     "0:0:1:w0:0:"},
    {"an erased review has no product and no body",
     {.id = "r-1", .version = INT64_MAX, .state = RS_ERASED},
     RS_OK,
     "0:0:1:e0:0:"},
    {"a body at the limit",
     {.id = "r-1", .version = 5, .product_id = "h-9", .body = {"{\"text\":\"too long\"}!", 20}},
     RS_OK,
     "3:h-91:01:p0:{\"text\":\"too long\"}!"},
    {"a body over the limit is a dead letter",
     {.id = "r-1", .version = 5, .product_id = "h-9", .body = {"{\"text\":\"too long\"}!!", 21}},
     RS_REJECT,
     "body has 21 bytes, limit is 20"},
    {"a withdrawn review's body may be of any size",
     {.id = "r-1",
      .version = 5,
      .state = RS_WITHDRAWN,
      .product_id = "h-9",
      .body = {"{\"text\":\"too long\"}!!", 21}},
     RS_OK,
     "0:0:1:w0:0:"},
};

Test(cache, replaces_the_review_by_what_its_state_allows)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_operations *out = rs_operations_create();
        enum rs_status status = cache.process(&config, &rows[i].event, out);
        cr_expect_eq(status, rows[i].status, "%s", rows[i].name);
        cr_assert_eq(rs_operations_count(out), 1, "%s", rows[i].name);
        const struct rs_operation *op = rs_operations_at(out, 0);
        char parts[PARTS_BYTES], text[PARTS_BYTES + 64];
        (void)snprintf(text, sizeof(text), "%s%.*s", op->bytes ? parts_text(op, parts) : op->reason,
                       op->bytes ? (int)op->body.len : 0, op->body.data ? op->body.data : "");
        cr_expect_str_eq(text, rows[i].want, "%s: %s", rows[i].name, text);
        if (op->bytes) {
            cr_expect_str_eq(op->key, rows[i].event.id, "%s", rows[i].name);
            cr_expect_eq(op->version, rows[i].event.version, "%s", rows[i].name);
            cr_expect_eq(op->sink, &rs_index, "%s", rows[i].name);
        }
        rs_operations_destroy(out);
    }
}

Test(cache, says_when_memory_is_out_and_adds_nothing)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_operations *out = rs_operations_create();
        if (!out)
            continue;
        enum rs_status status = cache.process(&config, &rows[0].event, out);
        cr_expect(status == RS_OK || status == RS_FATAL);
        cr_expect_eq(rs_operations_count(out), status == RS_OK);
        rs_operations_destroy(out);
    }
}
