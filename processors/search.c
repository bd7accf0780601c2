/* search - a document for each review, with every field to sort, filter and search by, and what its
 * text says; a withdrawn or erased one leaves a tombstone that guards its version. */
#include "core/processor.h"
#include "language/render.h"
#include "sink/elasticsearch.h"

extern const struct rs_processor search;

struct search {
    bool language;
};

/* What a document holds of an event, as it came. Members that nobody knows stay out: the mapping
 * is strict. */
static const char *const members[] = {
    "reviewId",  "version",        "productId", "productName", "status", "locale", "submittedAt",
    "author.id", "author.country", "tripType",  "ratings",     "title",  "text",   "source",
};

static const struct rs_option options[] = {
    RS_OPTION(struct search, language, "true", NULL, NULL,
              "also store the sentiment, aspects and tags of each text, to filter, sort and count "
              "by; another value, or another model, needs a reindex"),
    RS_OPTIONS_END,
};

static bool wants_analysis(const void *self)
{
    return ((const struct search *)self)->language;
}

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    struct rs_buffer said = {0};
    (void)self;
    if (event->state != RS_PUBLISHED)
        return rs_elasticsearch_tombstone(out, event);
    if (event->analysis)
        rs_render_searched(event->analysis, event->model, &said);
    enum rs_status status =
        rs_elasticsearch_put(out, event, members, sizeof(members) / sizeof(*members), &said);
    rs_buffer_finish(&said);
    return status;
}

const struct rs_processor search = {
    .base = {.section = "search",
             .summary = "a document per review in Elasticsearch or OpenSearch",
             .options = options,
             .size = sizeof(struct search)},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_elasticsearch, NULL},
    .default_port = 9402,
    .analyses = true,
    .wants_analysis = wants_analysis,
    .process = process,
};
