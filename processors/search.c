/* search - a document for each review, with every field to sort, filter and search by; a withdrawn
 * or erased one leaves a tombstone that guards its version. */
#include "core/processor.h"
#include "sink/elasticsearch.h"

/* What a document holds of an event, as it came. Members that nobody knows stay out: the mapping
 * is strict. */
static const char *const members[] = {
    "reviewId",  "version",        "productId", "productName", "status", "locale", "submittedAt",
    "author.id", "author.country", "tripType",  "ratings",     "title",  "text",   "source",
};

static const struct rs_option options[] = {
    RS_OPTIONS_END,
};

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    (void)self;
    if (event->state != RS_PUBLISHED)
        return rs_elasticsearch_tombstone(out, event);
    return rs_elasticsearch_put(out, event, members, sizeof(members) / sizeof(*members));
}

const struct rs_processor search = {
    .base = {.section = "search",
             .summary = "a document per review in Elasticsearch or OpenSearch",
             .options = options,
             .size = sizeof(char)},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_elasticsearch, NULL},
    .default_port = 9402,
    .process = process,
};
