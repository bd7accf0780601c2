/* cache - keep each review's body in Redis, and per product its published reviews by date; of a
 * withdrawn or erased review only the version stays. */
#include <inttypes.h>

#include "core/processor.h"
#include "sink/index.h"

extern const struct rs_processor cache;

struct cache {
    int64_t max_body_bytes;
};

static const struct rs_option options[] = {
    RS_OPTION(struct cache, max_body_bytes, "1048576", "1024", "1048576",
              "largest body to keep; a larger one is a dead letter"),
    RS_OPTIONS_END,
};

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    const struct cache *config = self;
    if (event->state == RS_PUBLISHED && event->body.len > (size_t)config->max_body_bytes)
        return rs_reject(out, "body has %zu bytes, limit is %" PRId64, event->body.len,
                         config->max_body_bytes);
    return rs_index_put(out, event, event->body); /* as it came: readers parse it, not we */
}

const struct rs_processor cache = {
    .base = {.section = "cache",
             .summary = "review bodies by id, and each product's published reviews by date",
             .options = options,
             .size = sizeof(struct cache)},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_index, NULL},
    .default_port = 9401,
    .process = process,
};
