/* sentiment - polarity of each review and of the aspects of its stay; per product how many speak
 * well and ill of each, and where they say so. */
#include "core/processor.h"
#include "language/render.h"
#include "sink/annotation.h"

extern const struct rs_processor sentiment;

enum { COUNTS_BYTES = 400 /* usually */ };

static const struct rs_option options[] = {RS_OPTIONS_END};

static void count_aspect(struct rs_buffer *out, const struct rs_aspect_opinion *opinion)
{
    const char *aspect = rs_aspect_name(opinion->aspect);
    rs_buffer_add_text(out, "a:");
    rs_ledger_count(out, aspect, ":n:", rs_polarity_name(opinion->polarity), 1);
    rs_buffer_add_text(out, "a:");
    rs_ledger_count(out, aspect, ":sum", "", opinion->score);
    if (opinion->score == 0)
        return;
    rs_annotation_evidence(out, aspect, opinion->score > 0 ? "pos" : "neg", opinion->strength,
                           rs_part_name(opinion->span.part), opinion->span.start,
                           opinion->span.end);
}

static enum rs_status process(const void *self, const struct rs_event *event,
                              struct rs_operations *out)
{
    const struct rs_analysis *found = event->analysis;
    struct rs_buffer result = {0}, counts = {0};
    (void)self;
    if (event->state == RS_PUBLISHED) {
        rs_render_record(event, &result);
        (void)rs_buffer_reserve(&counts, COUNTS_BYTES); /* a failure shows at the end */
        rs_ledger_count(&counts, "n", "", "", 1);
        rs_ledger_count(&counts, "n:", rs_polarity_name(found->polarity), "", 1);
        if (found->scored)
            rs_ledger_count(&counts, "sum", "", "", found->score);
        for (size_t i = 0; i < found->aspect_count; i++)
            count_aspect(&counts, &found->aspects[i]);
    }
    enum rs_status status = rs_annotation_put(out, event, &result, &counts);
    rs_buffer_finish(&result);
    rs_buffer_finish(&counts);
    return status;
}

static const struct rs_publication publication = {
    .topic = "review-sentiments", .version = "v", .render = rs_annotation_render};

const struct rs_processor sentiment = {
    .base = {.section = "sentiment",
             .summary = "what travellers feel about each aspect of a stay",
             .options = options},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&rs_annotation, NULL},
    .publication = &publication,
    .default_port = 9404,
    .analyses = true,
    .process = process,
};
