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

/* The order is the model's: bit i of `features` is row i here. */
static inline void hash_features(const struct rs_tag_word *w, uint32_t *f)
{
    uint32_t kinds = w[-1].kind * 64u + w->kind * 8u + w[1].kind;
    uint32_t opinions = w->opinion + 4u * w[-1].opinion + 16u * w[1].opinion;
    uint32_t beside = 1u + w[-1].opinion + 4u * w[1].opinion;
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
    f[11] = mix(11, opinions, 0);
    f[12] = mix(12, kinds, 0);
    f[13] = mix(13, 0, 0);
    f[14] = mix(14, w->distance, 0);
    f[15] = mix(15, w->noun, 0);
    f[16] = mix(16, w->noun + 16u * w[-1].noun + 256u * w[1].noun, 0);
    f[17] = mix(17, w->noun, w->distance);
    f[18] = mix(18, w->noun, beside);
    f[19] = mix(19, w->noun, w[-1].word);
    f[20] = mix(20, w->noun, w[1].word);
    f[21] = mix(21, w->noun, kinds);
    f[22] = mix(22, w->near, 0);
}

void rs_tagger_features(const struct rs_tag_word *word, uint32_t ret[RS_TAGGER_FEATURES])
{
    hash_features(word, ret);
}

/* How much more the word is B and I than O. */
static void weigh(const struct rs_tagger *tagger, const struct rs_tag_word *word,
                  int32_t sums[RS_TAG_LABELS])
{
    uint32_t features[RS_TAGGER_FEATURES], mask = (1u << tagger->table.bits) - 1;
    int32_t first = 0, inside = 0;
    hash_features(word, features);
    for (uint32_t i = 0; i < tagger->used_count; i++) {
        const int8_t *row =
            tagger->table.weights + RS_TAGGER_HEADS * (size_t)(features[tagger->used[i]] & mask);
        first += row[0];
        inside += row[1];
    }
    sums[RS_TAG_O] = 0;
    sums[RS_TAG_B] = first;
    sums[RS_TAG_I] = inside;
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

void rs_tagger_use(struct rs_tagger *tagger, uint32_t features)
{
    tagger->used_count = 0;
    for (uint8_t i = 0; i < RS_TAGGER_FEATURES; i++)
        if (features >> i & 1)
            tagger->used[tagger->used_count++] = i;
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
