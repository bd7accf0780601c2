/* analytics - a flat row per review for dashboards: what was rated, and what the text says. A
 * withdrawn or erased one leaves its id and version. */
#include <stdlib.h>

#include "core/instant.h"
#include "core/json.h"
#include "core/processor.h"
#include "core/utf8.h"
#include "language/analysis.h"
#include "sink/clickhouse.h"

extern const struct rs_processor analytics;

struct analytics {
    bool language;
};

static const struct rs_option options[] = {
    RS_OPTION(struct analytics, language, "true", NULL, NULL,
              "also store what each text says: polarity, aspects and tags; another value, or "
              "another model, needs a reindex"),
    RS_OPTIONS_END,
};

static bool wants_analysis(const void *self)
{
    return ((const struct analytics *)self)->language;
}

/* "2026-01" is 202601; 0 for a year outside of 0 to 9999, which only an offset makes. */
static int64_t month_number(const char *month)
{
    char *end = NULL;
    long year = strtol(month, &end, 10);
    return year >= 0 && end == month + 4 ? year * 100 + strtol(end + 1, NULL, 10) : 0;
}

static void add_facts(const struct rs_event *event, struct rs_buffer *row)
{
    struct rs_instant moderated;
    rs_row_text(row, "productId", event->product_id);
    rs_row_text(row, "locale", event->locale);
    rs_row_text(row, "tripType", event->trip_type);
    rs_row_text(row, "country", event->country);
    rs_row_integer(row, "submittedMs", event->submitted_ms);
    rs_row_integer(row, "month", month_number(event->month));
    rs_row_integer(row, "titleLength",
                   (int64_t)rs_utf8_length(rs_json_string(rs_json_get(event->document, "title"))));
    rs_row_integer(row, "textLength",
                   (int64_t)rs_utf8_length(rs_json_string(rs_json_get(event->document, "text"))));
    struct rs_bytes at = rs_json_string(rs_json_get(event->document, "moderatedAt"));
    if (!event->has_submitted || !at.data || !rs_instant_parse(at, &moderated))
        return;
    rs_row_integer(row, "moderated", 1);
    rs_row_integer(row, "moderationMs", moderated.ms - event->submitted_ms);
}

static void add_ratings(const struct rs_event *event, struct rs_buffer *row)
{
    rs_row_begin(row, "aspects");
    for (size_t i = 0; i < event->rating_count; i++)
        rs_row_item(row, rs_text(event->ratings[i].name));
    rs_row_end(row);
    rs_row_begin(row, "ratings");
    for (size_t i = 0; i < event->rating_count; i++)
        rs_row_number(row, event->ratings[i].hundredths);
    rs_row_end(row);
    for (size_t i = 0; i < event->rating_count; i++)
        if (rs_bytes_equal(rs_text(event->ratings[i].name), rs_text("overall")))
            rs_row_integer(row, "overall", event->ratings[i].hundredths);
}

static void add_opinions(const struct rs_analysis *found, struct rs_buffer *row)
{
    rs_row_text(row, "language", found->language);
    rs_row_text(row, "polarity", rs_polarity_name(found->polarity));
    rs_row_integer(row, "scored", found->scored);
    rs_row_integer(row, "score", found->scored ? found->score : 0);
    rs_row_begin(row, "opinionAspects");
    for (size_t i = 0; i < found->aspect_count; i++)
        rs_row_item(row, rs_text(rs_aspect_name(found->aspects[i].aspect)));
    rs_row_end(row);
    rs_row_begin(row, "opinionPolarities");
    for (size_t i = 0; i < found->aspect_count; i++)
        rs_row_item(row, rs_text(rs_polarity_name(found->aspects[i].polarity)));
    rs_row_end(row);
    rs_row_begin(row, "opinionScores");
    for (size_t i = 0; i < found->aspect_count; i++)
        rs_row_number(row, found->aspects[i].score);
    rs_row_end(row);
}

static void add_tags(const struct rs_analysis *found, struct rs_buffer *row)
{
    rs_row_begin(row, "tags");
    for (size_t i = 0; i < found->tag_count; i++)
        rs_row_item(row, found->tags[i].tag);
    rs_row_end(row);
    rs_row_begin(row, "tagPolarities");
    for (size_t i = 0; i < found->tag_count; i++) {
        const char *polarity = rs_polarity_name(found->tags[i].polarity);
        rs_row_item(row, rs_text(polarity ? polarity : "none"));
    }
    rs_row_end(row);
}

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    struct rs_buffer row = {0};
    (void)self;
    if (event->state == RS_PUBLISHED) {
        add_facts(event, &row);
        add_ratings(event, &row);
    }
    if (event->state == RS_PUBLISHED && event->analysis) {
        add_opinions(event->analysis, &row);
        add_tags(event->analysis, &row);
    }
    enum rs_status status = rs_clickhouse_put(out, event, &row);
    rs_buffer_finish(&row);
    return status;
}

const struct rs_processor analytics = {
    .base = {.section = "analytics",
             .summary = "a flat row per review in ClickHouse, and views for dashboards",
             .options = options,
             .size = sizeof(struct analytics)},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_clickhouse, NULL},
    .default_port = 9406,
    .analyses = true,
    .wants_analysis = wants_analysis,
    .process = process,
};
