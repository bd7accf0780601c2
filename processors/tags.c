/* tags - what each review talks about, as a traveller would say it; per product how often, and
 * whether well or ill. */
#include "core/processor.h"
#include "language/render.h"
#include "sink/annotation.h"

extern const struct rs_processor tags;

enum {
    TAG_BYTES = 150,   /* of one that is counted: a counter's name is bounded */
    COUNTS_BYTES = 400 /* usually */
};

static const struct rs_option options[] = {RS_OPTIONS_END};

static void count_tag(struct rs_buffer *out, const struct rs_tag *tag)
{
    const char *polarity = rs_polarity_name(tag->polarity);
    if (tag->tag.len > TAG_BYTES)
        return;
    rs_buffer_add_text(out, "tag:");
    rs_buffer_add(out, tag->tag.data, tag->tag.len);
    rs_ledger_count(out, ":n:", polarity ? polarity : "none", "", 1);
}

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    struct rs_buffer result = {0}, counts = {0};
    (void)self;
    if (event->state == RS_PUBLISHED) {
        rs_render_record(event, &result);
        (void)rs_buffer_reserve(&counts, COUNTS_BYTES); /* a failure shows at the end */
        for (size_t i = 0; i < event->analysis->tag_count; i++)
            count_tag(&counts, &event->analysis->tags[i]);
    }
    enum rs_status status = rs_annotation_put(out, event, &result, &counts);
    rs_buffer_finish(&result);
    rs_buffer_finish(&counts);
    return status;
}

static const struct rs_publication publication = {
    .topic = "review-tags", .version = "v", .render = rs_annotation_render};

const struct rs_processor tags = {
    .base = {.section = "tags", .summary = "what reviews talk about", .options = options},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_annotation, NULL},
    .publication = &publication,
    .default_port = 9405,
    .analyses = true,
    .process = process,
};
