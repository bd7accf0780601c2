#include "language/aspects.h"

#include <math.h>
#include <string.h>

#include "language/evidence.h"
#include "language/sentiment.h"

#define BIT(aspect) (1u << RS_ASPECT_##aspect)

/* A margin of 2 is a score of 0.7. */
enum { SCORE_WIDTH = 2 };

/* What the sentences so far say about an aspect. */
struct opinion {
    bool there;
    int64_t positive, negative; /* margins in thousandths, both >= 0 */
    int32_t strongest;          /* -1: none yet */
    struct rs_span span;
};

void rs_aspects_finish(struct rs_aspects *aspects)
{
    if (!aspects)
        return;
    rs_bag_finish(&aspects->sentence);
    rs_bag_finish(&aspects->clause);
    rs_bag_finish(&aspects->cue);
}

/* --- which ones --- */

static uint32_t gazetteer(struct rs_range sentence)
{
    static const uint32_t details = BIT(BATHROOM) | BIT(BED) | BIT(CLEANLINESS) | BIT(COMFORT) |
                                    BIT(NOISE) | BIT(VALUE) | BIT(AMENITIES);
    uint32_t seen = 0;
    for (size_t i = sentence.from; i < sentence.to; i++)
        seen |= sentence.part->facts[i].aspects;
    seen &= ~BIT(NONE); /* entries that only hide what lies inside of them */
    if (seen & ~BIT(OVERALL))
        seen &= ~BIT(OVERALL);
    if (seen & details)
        seen &= ~BIT(ROOM);
    if (seen & BIT(BREAKFAST))
        seen &= ~BIT(FOOD);
    return seen;
}

static bool detect(struct rs_aspects *aspects, const struct rs_model *model,
                   struct rs_range sentence, uint32_t *ret)
{
    /* Rare ones: the dictionary's word is enough, or nearly so where there was more to learn. */
    static const uint32_t by_word = BIT(WIFI) | BIT(PARKING);
    static const uint32_t nearly = BIT(WELLNESS) | BIT(CHECKIN) | BIT(AMENITIES);
    double margins[RS_HEADS_MAX];
    *ret = gazetteer(sentence);
    if (!model->aspects.weights)
        return true;
    if (!rs_aspects_detect_features(aspects, sentence))
        return false;
    memcpy(margins, model->aspects.bias, sizeof(margins));
    rs_linear_add(&model->aspects, &aspects->sentence, margins);
    *ret &= by_word | nearly;
    for (uint32_t a = 1; a < RS_ASPECTS; a++) {
        double above = margins[a - 1] * 1000 - model->aspect_limits[a - 1];
        if (above > 0)
            *ret |= 1u << a;
        else if (above <= -model->aspect_slack)
            *ret &= ~(nearly & 1u << a);
    }
    return true;
}

/* --- what is said --- */

static void note(struct opinion *opinion, int32_t margin, struct rs_span span)
{
    int32_t strength = margin < 0 ? -margin : margin;
    opinion->there = true;
    if (margin > 0)
        opinion->positive += margin;
    else
        opinion->negative -= margin;
    if (strength > opinion->strongest) {
        opinion->strongest = strength;
        opinion->span = span;
    }
}

/* Whether token i and the next one are parts of a word such as "check-out". */
static bool is_inside_word(const struct rs_tokens *tokens, size_t i)
{
    const struct rs_token *one = &tokens->at[i], *other = one + 1;
    const struct rs_token *hyphen = one->kind == RS_PUNCTUATION ? one : other;
    return one->end == other->start && one->kind + other->kind == RS_WORD + RS_PUNCTUATION &&
           rs_bytes_equal(rs_token_text(tokens, hyphen), rs_text("-"));
}

/* A hyphen ends a clause, but what is shown of it shall not begin or end inside of a word. */
static struct rs_span whole_words(enum rs_part part, struct rs_range clause)
{
    const struct rs_tokens *tokens = &clause.part->tokens;
    while (clause.from > 0 && is_inside_word(tokens, clause.from - 1))
        clause.from--;
    while (clause.to < tokens->count && is_inside_word(tokens, clause.to - 1))
        clause.to++;
    return rs_span_of(part, tokens, clause.from, clause.to);
}

static bool judge(struct rs_aspects *aspects, const struct rs_model *model, enum rs_part part,
                  struct rs_range sentence, enum rs_aspect aspect, const double *sentence_margins,
                  struct opinion *opinion)
{
    double margins[2] = {sentence_margins[0], sentence_margins[1]};
    size_t cue = rs_aspects_cue(model, sentence, aspect);
    struct rs_range clause = rs_aspects_clause(sentence, cue);
    if (!rs_aspects_cue_features(aspects, sentence, cue,
                                 model->aspect_labels ? aspect : RS_ASPECT_NONE))
        return false;
    rs_linear_add(&model->opinion, &aspects->clause, margins);
    rs_linear_add(&model->opinion, &aspects->cue, margins);
    bool neutral = margins[1] * 1000 > model->aspect_neutral;
    if (neutral && !model->aspect_neutral_kept)
        return true; /* nothing is said about it */
    int32_t margin = neutral ? 0 : (int32_t)floor(margins[0] * 1000 + 0.5);
    note(opinion, margin, whole_words(part, clause));
    return true;
}

static bool read_sentence(struct rs_aspects *aspects, const struct rs_model *model,
                          enum rs_part part, struct rs_range sentence, struct opinion *opinions)
{
    uint32_t found;
    double margins[2] = {model->opinion.bias[0], model->opinion.bias[1]};
    if (!detect(aspects, model, sentence, &found))
        return false;
    if (!found)
        return true;
    if (!rs_aspects_sentence_features(aspects, sentence))
        return false;
    rs_linear_add(&model->opinion, &aspects->sentence, margins);
    for (enum rs_aspect a = 1; a < RS_ASPECTS; a++)
        if ((found & 1u << a) && !judge(aspects, model, part, sentence, a, margins, &opinions[a]))
            return false;
    return true;
}

static void conclude(const struct opinion *opinion, enum rs_aspect aspect,
                     struct rs_aspect_opinion *ret)
{
    int64_t less = opinion->positive < opinion->negative ? opinion->positive : opinion->negative;
    int64_t sum = opinion->positive - opinion->negative,
            all = opinion->positive + opinion->negative;
    *ret = (struct rs_aspect_opinion){
        .aspect = aspect,
        .score = rs_squash((double)sum / 1000, SCORE_WIDTH),
        .strength = rs_squash((double)opinion->strongest / 1000, SCORE_WIDTH),
        .span = opinion->span,
        .polarity = all == 0         ? RS_POLARITY_NEUTRAL
                    : less * 3 > all ? RS_POLARITY_MIXED
                    : sum > 0        ? RS_POLARITY_POSITIVE
                                     : RS_POLARITY_NEGATIVE,
    };
}

bool rs_aspects_find(struct rs_aspects *aspects, const struct rs_model *model,
                     const struct rs_reading *reading, const bool keep[RS_PARTS],
                     struct rs_analysis *out)
{
    struct opinion opinions[RS_ASPECTS] = {0};
    out->aspect_count = 0;
    if (!model->opinion.weights)
        return true;
    for (int a = 0; a < RS_ASPECTS; a++)
        opinions[a].strongest = -1;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_reading_part *part = &reading->parts[p];
        for (size_t from = 0, to; keep[p] && from < part->tokens.count; from = to) {
            to = rs_sentence_end(part, from);
            if (!read_sentence(aspects, model, (enum rs_part)p, (struct rs_range){part, from, to},
                               opinions))
                return false;
        }
    }
    for (enum rs_aspect a = 1; a < RS_ASPECTS; a++)
        if (opinions[a].there)
            conclude(&opinions[a], a, &out->aspects[out->aspect_count++]);
    return true;
}
