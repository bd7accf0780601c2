/* aggregation - per product: how many reviews, exact sums and histograms of every rating, and
 * counts by locale, trip type, country and month. */
#include "core/processor.h"
#include "sink/ledger.h"
#include "sink/summary.h"

extern const struct rs_processor aggregation;

static void count_rating(struct rs_buffer *out, const struct rs_rating *rating)
{
    const char bucket[] = {':', (char)('0' + (rating->hundredths + 50) / 100), '\0'};
    rs_ledger_count(out, "n:", rating->name, "", 1);
    rs_ledger_count(out, "sum:", rating->name, "", rating->hundredths);
    rs_ledger_count(out, "h:", rating->name, bucket, 1);
}

static void count_keyword(struct rs_buffer *out, const char *kind, const char *keyword)
{
    if (keyword && *keyword)
        rs_ledger_count(out, kind, keyword, "", 1);
}

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    struct rs_buffer contribution = {0};
    (void)self;
    if (event->state == RS_PUBLISHED) {
        rs_ledger_count(&contribution, "n", "", "", 1);
        for (size_t i = 0; i < event->rating_count; i++)
            count_rating(&contribution, &event->ratings[i]);
        count_keyword(&contribution, "locale:", event->locale);
        count_keyword(&contribution, "trip:", event->trip_type);
        count_keyword(&contribution, "country:", event->country);
        count_keyword(&contribution, "month:", event->month);
    }
    enum rs_status status = rs_ledger_put(out, event, &contribution);
    rs_buffer_finish(&contribution);
    return status;
}

static const struct rs_option options[] = {RS_OPTIONS_END};

const struct rs_processor aggregation = {
    .base = {.section = "aggregation",
             .summary = "exact counts, sums and histograms of ratings per product",
             .options = options},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_ledger, NULL},
    .publication = &rs_product_summaries,
    .default_port = 9403,
    .process = process,
};
