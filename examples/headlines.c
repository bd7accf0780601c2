/* headlines - what a list of reviews shows: title, date and overall rating, without the text. */
#include "core/json.h"
#include "core/processor.h"
#include "sink/index.h"

extern const struct rs_processor headlines;

static const char *const members[] = {"reviewId", "submittedAt", "ratings.overall", "title"};

static const struct rs_option options[] = {RS_OPTIONS_END};

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    struct rs_buffer body = {0};
    (void)self;
    rs_buffer_add_text(&body, "{");
    if (event->state == RS_PUBLISHED)
        (void)rs_json_write_members(event->document, members, sizeof(members) / sizeof(*members),
                                    &body);
    rs_buffer_add_text(&body, "}");
    enum rs_status status =
        body.failed ? RS_FATAL : rs_index_put(out, event, (struct rs_bytes){body.data, body.len});
    rs_buffer_finish(&body);
    return status;
}

const struct rs_processor headlines = {
    .base = {.section = "headlines",
             .summary = "title, date and rating of each review, for lists",
             .options = options},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_index, NULL},
    .default_port = 9421,
    .process = process,
};
