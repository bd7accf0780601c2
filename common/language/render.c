#include "language/render.h"

#include <stdlib.h>

#include "core/decimal.h"
#include "core/json.h"

enum { USUAL_BYTES = 2000 /* of a result */ };

void rs_render_thousandths(int32_t value, struct rs_buffer *out)
{
    uint32_t size = (uint32_t)abs(value);
    if (value < 0)
        rs_buffer_add_text(out, "-");
    rs_decimal_add_padded(out, size / 1000, 1);
    rs_buffer_add_text(out, ".");
    rs_decimal_add_padded(out, size % 1000, 3);
}

static void separate(size_t i, struct rs_buffer *out)
{
    if (i)
        rs_buffer_add_text(out, ",");
}

/* A name in quotes, or null. */
static void name(const char *text, struct rs_buffer *out)
{
    if (!text) {
        rs_buffer_add_text(out, "null");
        return;
    }
    rs_buffer_add_text(out, "\"");
    rs_buffer_add_text(out, text);
    rs_buffer_add_text(out, "\"");
}

static void span(const struct rs_span *span, struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"field\":");
    name(rs_part_name(span->part), out);
    rs_buffer_add_text(out, ",\"start\":");
    rs_decimal_add(out, span->start);
    rs_buffer_add_text(out, ",\"end\":");
    rs_decimal_add(out, span->end);
}

static void score(const struct rs_analysis *analysis, int32_t value, struct rs_buffer *out)
{
    if (analysis->scored)
        rs_render_thousandths(value, out);
    else
        rs_buffer_add_text(out, "null");
}

/* "polarity":…,"score":… */
static void verdict(const struct rs_aspect_opinion *opinion, struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"polarity\":");
    name(rs_polarity_name(opinion->polarity), out);
    rs_buffer_add_text(out, ",\"score\":");
    rs_render_thousandths(opinion->score, out);
}

static void aspects(const struct rs_analysis *analysis, struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"aspects\":[");
    for (size_t i = 0; i < analysis->aspect_count; i++) {
        const struct rs_aspect_opinion *opinion = &analysis->aspects[i];
        separate(i, out);
        rs_buffer_add_text(out, "{\"aspect\":");
        name(rs_aspect_name(opinion->aspect), out);
        rs_buffer_add_text(out, ",");
        verdict(opinion, out);
        rs_buffer_add_text(out, ",");
        span(&opinion->span, out);
        rs_buffer_add_text(out, "}");
    }
    rs_buffer_add_text(out, "]");
}

void rs_render_sentiment(const struct rs_analysis *analysis, const char *model,
                         struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"language\":");
    name(analysis->language, out);
    rs_buffer_add_text(out, ",\"sentiment\":{\"polarity\":");
    name(rs_polarity_name(analysis->polarity), out);
    rs_buffer_add_text(out, ",\"score\":");
    score(analysis, analysis->score, out);
    rs_buffer_add_text(out, ",\"confidence\":");
    score(analysis, analysis->confidence, out);
    rs_buffer_add_text(out, ",\"model\":");
    name(model, out);
    rs_buffer_add_text(out, ",\"evidence\":[");
    for (size_t i = 0; i < analysis->evidence_count; i++) {
        separate(i, out);
        rs_buffer_add_text(out, "{");
        span(&analysis->evidence[i].span, out);
        rs_buffer_add_text(out, ",\"weight\":");
        rs_render_thousandths(analysis->evidence[i].weight, out);
        rs_buffer_add_text(out, "}");
    }
    rs_buffer_add_text(out, "]},");
    aspects(analysis, out);
}

static void tag(const struct rs_tag *tag, struct rs_buffer *out)
{
    rs_buffer_add_text(out, "{\"tag\":");
    rs_json_write_string(tag->tag, out);
    rs_buffer_add_text(out, ",\"phrase\":");
    if (tag->phrase.data)
        rs_json_write_string(tag->phrase, out);
    else
        rs_buffer_add_text(out, "null");
    rs_buffer_add_text(out, ",\"aspect\":");
    name(rs_aspect_name(tag->aspect), out);
    rs_buffer_add_text(out, ",\"polarity\":");
    name(rs_polarity_name(tag->polarity), out);
    rs_buffer_add_text(out, ",\"weight\":");
    rs_render_thousandths(tag->weight, out);
    rs_buffer_add_text(out, ",\"spans\":[");
    for (size_t i = 0; i < tag->span_count; i++) {
        separate(i, out);
        rs_buffer_add_text(out, "{");
        span(&tag->spans[i], out);
        rs_buffer_add_text(out, "}");
    }
    rs_buffer_add_text(out, "]}");
}

void rs_render_tags(const struct rs_analysis *analysis, struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"tags\":[");
    for (size_t i = 0; i < analysis->tag_count; i++) {
        separate(i, out);
        tag(&analysis->tags[i], out);
    }
    rs_buffer_add_text(out, "]");
}

static void searched_aspect(const struct rs_aspect_opinion *opinion, struct rs_buffer *out)
{
    name(rs_aspect_name(opinion->aspect), out);
    rs_buffer_add_text(out, ":{");
    verdict(opinion, out);
    rs_buffer_add_text(out, "}");
}

void rs_render_searched(const struct rs_analysis *analysis, const char *model,
                        struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"sentiment\":{\"polarity\":");
    name(rs_polarity_name(analysis->polarity), out);
    if (analysis->scored) {
        rs_buffer_add_text(out, ",\"score\":");
        rs_render_thousandths(analysis->score, out);
        rs_buffer_add_text(out, ",\"confidence\":");
        rs_render_thousandths(analysis->confidence, out);
    }
    rs_buffer_add_text(out, ",\"language\":");
    name(analysis->language, out);
    rs_buffer_add_text(out, ",\"model\":");
    name(model, out);
    rs_buffer_add_text(out, "},\"aspects\":{");
    for (size_t i = 0; i < analysis->aspect_count; i++) {
        separate(i, out);
        searched_aspect(&analysis->aspects[i], out);
    }
    rs_buffer_add_text(out, "},\"tags\":[");
    for (size_t i = 0; i < analysis->tag_count; i++) {
        separate(i, out);
        rs_json_write_string(analysis->tags[i].tag, out);
    }
    rs_buffer_add_text(out, "]");
}

void rs_render_record(const struct rs_event *event, struct rs_buffer *out)
{
    (void)rs_buffer_reserve(out, USUAL_BYTES); /* a failure shows at the end */
    rs_buffer_add_text(out, "{\"reviewId\":");
    rs_json_write_string(rs_text(event->id), out);
    rs_buffer_add_text(out, ",\"version\":");
    rs_decimal_add(out, event->version);
    rs_buffer_add_text(out, ",\"productId\":");
    rs_json_write_string(rs_text(event->product_id), out);
    rs_buffer_add_text(out, ",");
    rs_render_sentiment(event->analysis, event->model, out);
    rs_buffer_add_text(out, ",");
    rs_render_tags(event->analysis, out);
    rs_buffer_add_text(out, "}");
}
