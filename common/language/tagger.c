#include "language/tagger.h"

#include <stdio.h>
#include <string.h>

#include "language/model.h"

/* --- features --- */

/* A hash that is cheap: the words' hashes are mixed well already. `space` is a constant. */
static inline uint32_t mix(uint32_t space, uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x85ebca6bu + b * 0xc2b2ae35u + space * 0x9e3779b1u;
    h = (h ^ h >> 16) * 0x7feb352du;
    return h ^ h >> 15;
}

static inline uint32_t kinds_of(const struct rs_tag_word *w)
{
    return w[-1].kind * 64u + w->kind * 8u + w[1].kind;
}

static inline uint32_t opinions_of(const struct rs_tag_word *w)
{
    return w->opinion + 4u * w[-1].opinion + 16u * w[1].opinion;
}

static inline uint32_t nouns_of(const struct rs_tag_word *w)
{
    return w->noun + 16u * w[-1].noun + 256u * w[1].noun;
}

/* The order is the model's: bit i of `features` is row i here and in hash_numbers. */
static inline void hash_words(const struct rs_tag_word *w, uint32_t *f)
{
    f[0] = mix(0, w->word, 0);
    f[1] = mix(1, w->stem, 0);
    f[2] = mix(2, w[-1].word, w->word);
    f[3] = mix(3, w->word, w[1].word);
    f[4] = mix(4, w[-1].word, 0);
    f[5] = mix(5, w[1].word, 0);
    f[6] = mix(6, w[-2].word, 0);
    f[7] = mix(7, w[2].word, 0);
    f[8] = mix(8, w[-2].word, w[-1].word);
    f[9] = mix(9, w->suffix, 0);
    f[10] = mix(10, w->prefix, 0);
    f[19] = mix(19, w->noun, w[-1].word);
    f[20] = mix(20, w->noun, w[1].word);
}

/* Those that look at small numbers alone, with the numbers they look at. */
enum {
    OF_NEAR = 1 << 13 | 1 << 22,
    OF_OPINIONS = 1 << 11 | 1 << 18, /* and the noun */
    OF_KINDS = 1 << 12 | 1 << 21,    /* and the noun */
    OF_DISTANCE = 1 << 14 | 1 << 15 | 1 << 17,
    OF_NOUNS = 1 << 16,
    OF_NUMBERS = OF_NEAR | OF_OPINIONS | OF_KINDS | OF_DISTANCE | OF_NOUNS,
};

static void hash_numbers(const struct rs_tag_word *w, uint32_t *f)
{
    uint32_t beside = 1u + w[-1].opinion + 4u * w[1].opinion;
    f[11] = mix(11, opinions_of(w), 0);
    f[12] = mix(12, kinds_of(w), 0);
    f[13] = mix(13, 0, 0);
    f[14] = mix(14, w->distance, 0);
    f[15] = mix(15, w->noun, 0);
    f[16] = mix(16, nouns_of(w), 0);
    f[17] = mix(17, w->noun, w->distance);
    f[18] = mix(18, w->noun, beside);
    f[21] = mix(21, w->noun, kinds_of(w));
    f[22] = mix(22, w->near, 0);
}

void rs_tagger_features(const struct rs_tag_word *word, uint32_t ret[RS_TAGGER_FEATURES])
{
    hash_words(word, ret);
    hash_numbers(word, ret);
}

static inline rs_tagger_pair row_of(const struct rs_linear *table, uint32_t hash)
{
    const int8_t *row = rs_linear_row(table, hash);
    return row[0] * (1 << 16) + row[1];
}

/* How much more the word is B and I than O. */
static void weigh(const struct rs_tagger *tagger, const struct rs_tag_word *word,
                  int32_t ret[RS_TAG_LABELS])
{
    const struct rs_tagger_sums *sums = &tagger->sums;
    uint32_t features[RS_TAGGER_FEATURES], noun = word->noun;
    rs_tagger_pair pair =
        sums->by_kinds[noun << 9 | kinds_of(word)] + sums->by_distance[noun << 8 | word->distance] +
        sums->by_nouns[nouns_of(word)] + sums->by_opinions[noun << 6 | opinions_of(word)] +
        sums->by_near[word->near];
    hash_words(word, features);
    for (uint32_t i = 0; i < tagger->used_count; i++)
        pair += row_of(&tagger->table, features[tagger->used[i]]);
    int32_t inside = (int16_t)(pair & 0xffff);
    ret[RS_TAG_O] = 0;
    ret[RS_TAG_B] = (pair - inside) / (1 << 16);
    ret[RS_TAG_I] = inside;
}

/* --- the best sequence of labels --- */

static int best_of(const int32_t scores[RS_TAG_LABELS])
{
    int best = 0; /* the first of equals */
    for (int label = 1; label < RS_TAG_LABELS; label++)
        best = scores[label] > scores[best] ? label : best;
    return best;
}

/* Add a word to the best sequences that end in each label; `back`: where each came from. */
static void step(const struct rs_tagger *tagger, const int32_t sums[RS_TAG_LABELS],
                 int32_t totals[RS_TAG_LABELS], uint8_t back[RS_TAG_LABELS])
{
    int32_t next[RS_TAG_LABELS];
    for (int to = 0; to < RS_TAG_LABELS; to++) {
        int32_t scores[RS_TAG_LABELS];
        for (int from = 0; from < RS_TAG_LABELS; from++)
            scores[from] = totals[from] + tagger->moves[from][to];
        back[to] = (uint8_t)best_of(scores);
        next[to] = scores[back[to]] + sums[to];
    }
    memcpy(totals, next, sizeof(next));
}

void rs_tagger_label(const struct rs_tagger *tagger, const struct rs_tag_sentence *sentence,
                     uint8_t ret_labels[RS_SENTENCE_MAX], int32_t ret_margins[RS_SENTENCE_MAX])
{
    uint8_t back[RS_SENTENCE_MAX][RS_TAG_LABELS];
    int32_t totals[RS_TAG_LABELS];
    size_t count = sentence->to - sentence->from;
    for (size_t i = 0; i < count; i++) {
        int32_t sums[RS_TAG_LABELS];
        weigh(tagger, &sentence->words[i], sums);
        ret_margins[i] = sums[RS_TAG_B] > sums[RS_TAG_I] ? sums[RS_TAG_B] : sums[RS_TAG_I];
        for (int label = 0; i == 0 && label < RS_TAG_LABELS; label++)
            totals[label] = tagger->moves[RS_TAG_LABELS][label] + sums[label];
        if (i > 0)
            step(tagger, sums, totals, back[i]);
    }
    for (size_t i = count; i-- > 0;)
        ret_labels[i] = i + 1 == count ? (uint8_t)best_of(totals) : back[i + 1][ret_labels[i + 1]];
}

/* --- from the model --- */

static int32_t setting(const struct rs_model *model, const char *name)
{
    long value = rs_model_setting(model, name, 0);
    return (int32_t)(value < -RS_TAGGER_MARGIN_MAX  ? -RS_TAGGER_MARGIN_MAX
                     : value > RS_TAGGER_MARGIN_MAX ? RS_TAGGER_MARGIN_MAX
                                                    : value);
}

/* The sum of the features whose bits are set. */
static rs_tagger_pair sum_up(const struct rs_tagger *tagger, const struct rs_tag_word *word,
                             uint32_t features)
{
    uint32_t hashes[RS_TAGGER_FEATURES] = {0};
    rs_tagger_pair pair = 0;
    hash_numbers(word, hashes);
    for (uint32_t i = 0; i < RS_TAGGER_FEATURES; i++)
        if (features >> i & 1)
            pair += row_of(&tagger->table, hashes[i]);
    return pair;
}

static void sum_numbers(struct rs_tagger *tagger, uint32_t features)
{
    struct rs_tagger_sums *sums = &tagger->sums;
    struct rs_tag_word words[3] = {0}, *w = &words[1];
    for (uint8_t i = 0; i < 4; i++) {
        w->near = i;
        sums->by_near[i] = sum_up(tagger, w, features & OF_NEAR);
    }
    for (uint32_t i = 0; i < 16 << 9; i++) {
        w->noun = (uint8_t)(i >> 9);
        w[-1].kind = i >> 6 & 7;
        w->kind = i >> 3 & 7;
        w[1].kind = i & 7;
        sums->by_kinds[i] = sum_up(tagger, w, features & OF_KINDS);
    }
    for (uint32_t i = 0; i < 16 << 8; i++) {
        w->noun = (uint8_t)(i >> 8);
        w->distance = (uint8_t)i;
        sums->by_distance[i] = sum_up(tagger, w, features & OF_DISTANCE);
    }
    for (uint32_t i = 0; i < 16 << 6; i++) {
        w->noun = (uint8_t)(i >> 6);
        w[1].opinion = i >> 4 & 3;
        w[-1].opinion = i >> 2 & 3;
        w->opinion = i & 3;
        sums->by_opinions[i] = sum_up(tagger, w, features & OF_OPINIONS);
    }
    for (uint32_t i = 0; i < 16 << 8; i++) {
        w[1].noun = (uint8_t)(i >> 8);
        w[-1].noun = i >> 4 & 15;
        w->noun = i & 15;
        sums->by_nouns[i] = sum_up(tagger, w, features & OF_NOUNS);
    }
}

void rs_tagger_use(struct rs_tagger *tagger, uint32_t features)
{
    tagger->used_count = 0;
    for (uint8_t i = 0; i < RS_TAGGER_FEATURES; i++)
        if ((features & ~(uint32_t)OF_NUMBERS) >> i & 1)
            tagger->used[tagger->used_count++] = i;
    sum_numbers(tagger, features);
}

bool rs_tagger_read(struct rs_tagger *tagger, const struct rs_model *model, struct rs_error *error)
{
    struct rs_bytes section = rs_model_section(model, "tagger.en");
    *tagger = (struct rs_tagger){.used_count = 0};
    if (!section.data)
        return true;
    if (!rs_linear_read(&tagger->table, section) || tagger->table.heads != RS_TAGGER_HEADS)
        return rs_error_set(error, "section tagger.en: no table of %d heads", RS_TAGGER_HEADS);
    rs_tagger_use(tagger, (uint32_t)rs_model_setting(model, "tagger.features", 0));
    for (int from = 0; from <= RS_TAG_LABELS; from++) {
        for (int to = 0; to < RS_TAG_LABELS; to++) {
            char name[32];
            (void)snprintf(name, sizeof(name), "tagger.move.%d.%d", from, to);
            tagger->moves[from][to] = setting(model, name);
        }
    }
    tagger->nouns = setting(model, "tags.nouns") != 0;
    tagger->noun_limit = setting(model, "tags.noun_limit");
    tagger->thing_limit = setting(model, "tags.thing_limit");
    tagger->span_limit = setting(model, "tags.span_limit");
    tagger->noun_bonus = setting(model, "tags.noun_bonus");
    tagger->far_cost = setting(model, "tags.far_cost");
    tagger->count_bonus = setting(model, "tags.count_bonus");
    return true;
}
