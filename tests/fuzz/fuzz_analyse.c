/* fuzz_analyse - any bytes as title, text, locale and product name, parted by the first four zero
 * bytes: an analysis whose spans lie on characters, twice the same. */
#include <assert.h>
#include <string.h>

#include "core/utf8.h"
#include "language/analysis.h"
#include "language/model.h"
#include "language/render.h"

static struct rs_bytes take(struct rs_bytes *rest)
{
    const char *end = rest->len ? memchr(rest->data, '\0', rest->len) : NULL;
    struct rs_bytes field = {rest->data, end ? (size_t)(end - rest->data) : rest->len};
    size_t used = field.len + (end != NULL);
    *rest = (struct rs_bytes){rest->data + used, rest->len - used};
    return field;
}

/* In valid text a piece is valid exactly when it begins and ends between characters. */
static void check_span(const struct rs_review_text *review, struct rs_span span)
{
    struct rs_bytes field = span.part == RS_TITLE ? review->title : review->text;
    assert(span.start < span.end && span.end <= field.len);
    if (rs_utf8_is_valid(field))
        assert(rs_utf8_is_valid((struct rs_bytes){field.data + span.start, span.end - span.start}));
}

static void check(const struct rs_review_text *review, const struct rs_analysis *out)
{
    assert(out->tag_count <= RS_TAGS_MAX && out->evidence_count <= RS_EVIDENCE_MAX);
    for (size_t i = 0; i < out->evidence_count; i++)
        check_span(review, out->evidence[i].span);
    for (size_t i = 0; i < out->aspect_count; i++)
        check_span(review, out->aspects[i].span);
    for (size_t i = 0; i < out->tag_count; i++) {
        const struct rs_tag *tag = &out->tags[i];
        assert(tag->tag.len && rs_utf8_is_valid(tag->tag) && rs_utf8_is_valid(tag->phrase));
        assert(tag->weight >= 0 && tag->weight <= (i ? out->tags[i - 1].weight : 1000));
        for (size_t k = 0; k < tag->span_count; k++)
            check_span(review, tag->spans[k]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rs_model *model;
    static struct rs_analyser *analyser;
    struct rs_buffer texts[2] = {{0}, {0}};
    struct rs_bytes rest = {(const char *)data, size};
    struct rs_review_text review;
    struct rs_analysis out;
    if (!model)
        model = rs_model_read(rs_model_built_in(), NULL);
    if (!analyser)
        analyser = rs_analyser_create(model);
    review.title = take(&rest);
    review.text = take(&rest);
    review.locale = take(&rest);
    review.product_name = take(&rest);
    for (int i = 0; i < 2; i++) {
        assert(rs_analyse(analyser, &review, &out));
        check(&review, &out);
        rs_render_sentiment(&out, rs_model_name(model), &texts[i]);
        rs_render_tags(&out, &texts[i]);
    }
    assert(texts[0].len == texts[1].len && memcmp(texts[0].data, texts[1].data, texts[0].len) == 0);
    assert(rs_utf8_is_valid((struct rs_bytes){texts[0].data, texts[0].len}));
    rs_buffer_finish(&texts[0]);
    rs_buffer_finish(&texts[1]);
    return 0;
}
