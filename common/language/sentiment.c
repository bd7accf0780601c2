#include "language/sentiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "language/evidence.h"

enum {
    OPINION_MAX = 300,
    OPEN_SCORE = 200,  /* a score up to here leans to neither side … */
    OPEN_SENTENCES = 5 /* … of a text that says enough */
};

void rs_sentiment_finish(struct rs_sentiment *sentiment)
{
    if (!sentiment)
        return;
    rs_bag_finish(&sentiment->bag);
    free(sentiment->where);
    free(sentiment->shares);
    *sentiment = (struct rs_sentiment){0};
}

int32_t rs_squash(double margin, double width)
{
    return (int32_t)floor(1000 * margin / sqrt(margin * margin + width * width) + 0.5);
}

static struct rs_range whole(const struct rs_reading *reading, int part)
{
    return (struct rs_range){&reading->parts[part], 0, reading->parts[part].tokens.count};
}

static bool reserve(struct rs_sentiment *sentiment, size_t tokens)
{
    if (tokens <= sentiment->size)
        return true;
    size_t size = 256;
    while (size < tokens)
        size *= 2;
    free(sentiment->where);
    free(sentiment->shares);
    sentiment->where = malloc(size * RS_ADDS_WORDS * sizeof(*sentiment->where));
    sentiment->shares = malloc(size * sizeof(*sentiment->shares));
    sentiment->size = sentiment->where && sentiment->shares ? size : 0;
    return sentiment->size > 0;
}

bool rs_sentiment_features(struct rs_sentiment *sentiment, const struct rs_reading *reading,
                           bool english)
{
    size_t tokens = 0, adds = RS_ADDS_MORE;
    struct rs_sums *sums = &sentiment->sums;
    *sums = (struct rs_sums){0, 0};
    for (int i = 0; i < RS_PARTS; i++) {
        struct rs_range range = whole(reading, i);
        struct rs_sums part = rs_reading_sums(range.part, range.from, range.to);
        sums->positive += part.positive;
        sums->negative += part.negative;
        tokens += range.to;
        adds += english ? 0 : rs_features_pieces_count(range);
    }
    if (!reserve(sentiment, tokens) ||
        !rs_bag_begin(&sentiment->bag, adds + tokens * RS_ADDS_WORDS))
        return false;
    uint32_t *where = sentiment->where;
    for (int i = 0; i < RS_PARTS; i++) {
        struct rs_range range = whole(reading, i);
        rs_features_words(range, RS_SPACE_TEXT, &sentiment->bag, where);
        where += range.to * RS_ADDS_WORDS;
        if (!english)
            rs_features_pieces(range, &sentiment->bag);
    }
    for (int i = 0; i < RS_ADDS_OPINIONS; i++)
        sentiment->opinions[i] = UINT32_MAX;
    if (english)
        rs_features_opinions(*sums, RS_SPACE_OPINIONS, &sentiment->bag, sentiment->opinions);
    return true;
}

/* --- whose words it was --- */

/* What one occurrence of a feature adds, in 1/256 of the table's unit. */
static int32_t occurrence(const struct rs_sentiment *sentiment, const struct rs_linear *table,
                          uint32_t index)
{
    if (index == UINT32_MAX)
        return 0;
    const struct rs_feature *feature = &sentiment->bag.features[index];
    int32_t all = rs_linear_row(table, feature->hash)[0] * rs_bag_weight(feature->count) * 256;
    return feature->count == 1 ? all : all / (int32_t)feature->count;
}

/* What the sums of opinions add, for each hundredth of a positive and of a negative opinion. */
static void opinion_rates(const struct rs_sentiment *sentiment, const struct rs_linear *table,
                          int64_t rates[2])
{
    struct rs_sums sums = sentiment->sums;
    int64_t adds[RS_ADDS_OPINIONS];
    for (int i = 0; i < RS_ADDS_OPINIONS; i++) {
        uint32_t index = sentiment->opinions[i];
        adds[i] = occurrence(sentiment, table, index);
        if (index != UINT32_MAX)
            adds[i] *= sentiment->bag.features[index].count;
    }
    int64_t both = adds[2] + adds[3];
    rates[0] = adds[0] + (both > 0 ? both : 0);
    rates[1] = adds[1] + (both < 0 ? both : 0);
    rates[0] = sums.positive ? rates[0] / sums.positive : 0;
    rates[1] = sums.negative ? rates[1] / sums.negative : 0;
}

static void share(struct rs_sentiment *sentiment, const struct rs_reading *reading,
                  const struct rs_linear *table)
{
    int64_t rates[2], *share = sentiment->shares;
    const uint32_t *where = sentiment->where;
    opinion_rates(sentiment, table, rates);
    for (int p = 0; p < RS_PARTS; p++)
        for (size_t i = 0; i < reading->parts[p].tokens.count;
             i++, share++, where += RS_ADDS_WORDS) {
            struct rs_sums own = rs_reading_sums(&reading->parts[p], i, i + 1);
            *share = own.positive * rates[0] + own.negative * rates[1];
            for (int k = 0; k < RS_ADDS_WORDS; k++)
                *share += occurrence(sentiment, table, where[k]);
        }
}

/* --- the verdict --- */

/* Opinions of both kinds, in clauses of their own. */
static bool is_mixed(const struct rs_reading *reading)
{
    bool positive = false, negative = false;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_reading_part *part = &reading->parts[p];
        for (size_t from = 0, to; from < part->tokens.count; from = to) {
            to = rs_clause_end(part, from);
            struct rs_sums sums = rs_reading_sums(part, from, to);
            positive |= sums.positive >= sums.negative + 150;
            negative |= sums.negative >= sums.positive + 150;
        }
    }
    return positive && negative;
}

static size_t count_sentences(const struct rs_reading *reading)
{
    size_t count = 0;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_tokens *tokens = &reading->parts[p].tokens;
        count += tokens->count ? tokens->at[tokens->count - 1].sentence + 1 : 0;
    }
    return count;
}

static enum rs_polarity polarity_of(int32_t score, bool neutral, const struct rs_reading *reading)
{
    bool open = abs(score) <= OPEN_SCORE && count_sentences(reading) >= OPEN_SENTENCES;
    if ((neutral || open) && is_mixed(reading))
        return RS_POLARITY_MIXED;
    if (neutral)
        return RS_POLARITY_NEUTRAL;
    return score >= 0 ? RS_POLARITY_POSITIVE : RS_POLARITY_NEGATIVE;
}

/* How much speaks for neutral: the table's head, a small margin, and no opinion words. */
static double neutrality(const struct rs_sentiment *sentiment,
                         const struct rs_model_language *language)
{
    int32_t opinion = abs(sentiment->sums.positive - sentiment->sums.negative);
    opinion = opinion < OPINION_MAX ? opinion : OPINION_MAX;
    return (sentiment->margins[1] * language->neutral_weight -
            fabs(sentiment->margins[0]) * language->neutral_factor -
            (double)opinion / 100 * language->neutral_opinion - language->neutral_limit) /
           1000;
}

void rs_sentiment_judge(struct rs_sentiment *sentiment, const struct rs_reading *reading,
                        const struct rs_model_language *language, struct rs_analysis *out)
{
    const struct rs_linear *table = &language->polarity;
    double *margins = sentiment->margins;
    margins[0] = table->bias[0];
    margins[1] = table->bias[1];
    rs_linear_add(table, &sentiment->bag, margins);
    double neutral = neutrality(sentiment, language);
    out->scored = true;
    out->score = rs_squash(margins[0], (double)language->score_width / 1000);
    out->polarity = polarity_of(out->score, neutral > 0, reading);
    /* The logistic curve's algebraic sister: exact on every machine. */
    out->confidence = 500 + rs_squash(neutral > 0 ? neutral : fabs(margins[0]),
                                      (double)language->score_width / 1000) /
                                2;
    share(sentiment, reading, table);
    rs_evidence_find(reading, sentiment->shares, out);
}
