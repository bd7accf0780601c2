#include <stdlib.h>
#include <string.h>

#include "language/analysis.h"
#include "language/aspects.h"
#include "language/detect.h"
#include "language/junk.h"
#include "language/sentiment.h"
#include "language/tags.h"

struct rs_analyser {
    const struct rs_model *model;
    struct rs_reading reading;
    struct rs_sentiment sentiment;
    struct rs_aspects aspects;
    struct rs_tags *tags;
    char language[RS_LANGUAGE_CODE];
};

struct rs_analyser *rs_analyser_create(const struct rs_model *model)
{
    struct rs_analyser *analyser = calloc(1, sizeof(*analyser));
    if (!analyser)
        return NULL;
    analyser->model = model;
    analyser->tags = rs_tags_create();
    if (analyser->tags)
        return analyser;
    free(analyser);
    return NULL;
}

void rs_analyser_destroy(struct rs_analyser *analyser)
{
    if (!analyser)
        return;
    rs_reading_finish(&analyser->reading);
    rs_sentiment_finish(&analyser->sentiment);
    rs_aspects_finish(&analyser->aspects);
    rs_tags_destroy(analyser->tags);
    free(analyser);
}

static bool read_parts(struct rs_analyser *analyser, const struct rs_review_text *review,
                       bool keep[RS_PARTS])
{
    const struct rs_bytes texts[RS_PARTS] = {[RS_TITLE] = review->title, [RS_BODY] = review->text};
    for (int i = 0; i < RS_PARTS; i++) {
        struct rs_reading_part *part = &analyser->reading.parts[i];
        if (!rs_reading_read(part, &analyser->model->dictionary, texts[i]))
            return false;
        keep[i] = part->tokens.count && rs_junk_passes(part);
        if (!keep[i])
            part->tokens.count = 0; /* nobody is to read it */
    }
    return true;
}

bool rs_analyse(struct rs_analyser *analyser, const struct rs_review_text *review,
                struct rs_analysis *ret)
{
    bool keep[RS_PARTS];
    struct rs_analysis out = {.language = analyser->language};
    const struct rs_model *model = analyser->model;
    if (!read_parts(analyser, review, keep))
        return false;
    rs_detect_language(model->familiar, &analyser->reading, keep, review->locale,
                       analyser->language);
    const struct rs_model_language *language = rs_model_language(model, analyser->language);
    bool english = language == &model->languages[0];
    out.polarity = RS_POLARITY_UNKNOWN;
    if (keep[RS_TITLE] || keep[RS_BODY]) {
        out.polarity = RS_POLARITY_UNSUPPORTED;
        if (language) {
            if (!rs_sentiment_features(&analyser->sentiment, &analyser->reading, english))
                return false;
            rs_sentiment_judge(&analyser->sentiment, &analyser->reading, language, &out);
        }
        if (english &&
            (!rs_aspects_find(&analyser->aspects, model, &analyser->reading, keep, &out) ||
             !rs_tags_find(analyser->tags, &model->tagger, &model->dictionary, &analyser->reading,
                           keep, review->product_name, &out)))
            return false;
    }
    *ret = out;
    return true;
}
