#include <criterion/criterion.h>

#include "core/processor.h"
#include "sink/ledger.h"
#include "support/alloc.h"
#include "support/parts.h"

extern const struct rs_processor aggregation;

static const struct rs_rating ratings[] = {{"overall", 450}, {"staff", 449}, {"wifi", 100}};

/* Parts of the operation: product, contribution. */
static const struct {
    const char *name;
    struct rs_event event;
    const char *want;
} rows[] = {
    {"a review counts, even with nothing else",
     {.id = "r-1", .version = 3, .product_id = "h-9"},
     "3:h-94:n\t1\n"},
    {"ratings count, sum up and fall into buckets, halves up",
     {.id = "r-1", .version = 3, .product_id = "h-9", .ratings = ratings, .rating_count = 3},
     "3:h-9115:n\t1\n"
     "n:overall\t1\nsum:overall\t450\nh:overall:5\t1\n"
     "n:staff\t1\nsum:staff\t449\nh:staff:4\t1\n"
     "n:wifi\t1\nsum:wifi\t100\nh:wifi:1\t1\n"},
    {"keywords and the month count",
     {.id = "r-1",
      .version = 3,
      .product_id = "h-9",
      .locale = "en",
      .trip_type = "family",
      .country = "FR",
      .month = "2026-01"},
     "3:h-959:n\t1\nlocale:en\t1\ntrip:family\t1\ncountry:FR\t1\nmonth:2026-01\t1\n"},
    {"a withdrawn review contributes nothing",
     {.id = "r-1",
      .version = 4,
      .state = RS_WITHDRAWN,
      .product_id = "h-9",
      .ratings = ratings,
      .rating_count = 3,
      .locale = "en",
      .month = "2026-01"},
     "0:0:"},
    {"an erased review contributes nothing",
     {.id = "r-1", .version = INT64_MAX, .state = RS_ERASED},
     "0:0:"},
};

Test(aggregation, counts_what_its_state_allows)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_operations *out = rs_operations_create();
        enum rs_status status = aggregation.process(NULL, &rows[i].event, out);
        cr_expect_eq(status, RS_OK, "%s", rows[i].name);
        cr_assert_eq(rs_operations_count(out), 1, "%s", rows[i].name);
        const struct rs_operation *op = rs_operations_at(out, 0);
        char text[PARTS_BYTES];
        cr_expect_str_eq(parts_text(op, text), rows[i].want, "%s: %s", rows[i].name, text);
        cr_expect_str_eq(op->key, rows[i].event.id, "%s", rows[i].name);
        cr_expect_eq(op->version, rows[i].event.version, "%s", rows[i].name);
        cr_expect_eq(op->sink, &rs_ledger, "%s", rows[i].name);
        rs_operations_destroy(out);
    }
}

Test(aggregation, says_when_memory_is_out_and_adds_nothing)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_operations *out = rs_operations_create();
        if (!out)
            continue;
        enum rs_status status = aggregation.process(NULL, &rows[1].event, out);
        cr_expect(status == RS_OK || status == RS_FATAL);
        cr_expect_eq(rs_operations_count(out), status == RS_OK);
        rs_operations_destroy(out);
    }
}
