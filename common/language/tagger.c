#include "language/tagger.h"

#include <stdio.h>
#include <string.h>

#include "language/features.h"
#include "language/hash.h"
#include "language/model.h"

/* --- features --- */

/* The order is the model's: bit i of `features` is row i here. */
void rs_tagger_features(const struct rs_tag_word *w, uint32_t *ret)
{
    uint32_t space = RS_SPACE_TAGS, *f = ret;
    uint32_t kinds = w[-1].kind * 64u + w->kind * 8u + w[1].kind;
    uint32_t opinions = w->opinion + 4u * w[-1].opinion + 16u * w[1].opinion;
    uint32_t beside = 1u + w[-1].opinion + 4u * w[1].opinion;
    *f++ = rs_hash_join(space++, w->word, 0);
    *f++ = rs_hash_join(space++, w->stem, 0);
    *f++ = rs_hash_join(space++, w[-1].word, w->word);
    *f++ = rs_hash_join(space++, w->word, w[1].word);
    *f++ = rs_hash_join(space++, w[-1].word, 0);
    *f++ = rs_hash_join(space++, w[1].word, 0);
    *f++ = rs_hash_join(space++, w[-2].word, 0);
    *f++ = rs_hash_join(space++, w[2].word, 0);
    *f++ = rs_hash_join(space++, w[-2].word, w[-1].word);
    *f++ = rs_hash_join(space++, w->suffix, 0);
    *f++ = rs_hash_join(space++, w->prefix, 0);
    *f++ = rs_hash_join(space++, opinions, 0);
    *f++ = rs_hash_join(space++, kinds, 0);
    *f++ = rs_hash_join(space++, 0, 0);
    *f++ = rs_hash_join(space++, w->distance, 0);
    *f++ = rs_hash_join(space++, w->noun, 0);
    *f++ = rs_hash_join(space++, w->noun + 16u * w[-1].noun + 256u * w[1].noun, 0);
    *f++ = rs_hash_join(space++, w->noun, 1u + w->distance);
    *f++ = rs_hash_join(space++, w->noun, beside);
    *f++ = rs_hash_join(space++, w->noun, w[-1].word);
    *f++ = rs_hash_join(space++, w->noun, w[1].word);
    *f++ = rs_hash_join(space++, w->noun, 1u + kinds);
    *f++ = rs_hash_join(space++, w->near, 0);
}

static void weigh(const struct rs_tagger *tagger, const struct rs_tag_word *word,
                  int32_t sums[RS_TAG_LABELS])
{
    uint32_t features[RS_TAGGER_FEATURES];
    rs_tagger_features(word, features);
    for (int i = 0; i < RS_TAGGER_FEATURES; i++) {
        if (!(tagger->features >> i & 1))
            continue;
        const int8_t *row = rs_linear_row(&tagger->table, features[i]);
        for (int label = 0; label < RS_TAG_LABELS; label++)
            sums[label] += row[label];
    }
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
        int32_t sums[RS_TAG_LABELS] = {0};
        weigh(tagger, &sentence->words[i], sums);
        int32_t in = sums[RS_TAG_B] > sums[RS_TAG_I] ? sums[RS_TAG_B] : sums[RS_TAG_I];
        ret_margins[i] = in - sums[RS_TAG_O];
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

bool rs_tagger_read(struct rs_tagger *tagger, const struct rs_model *model, struct rs_error *error)
{
    struct rs_bytes section = rs_model_section(model, "tagger.en");
    *tagger = (struct rs_tagger){.features = 0};
    if (!section.data)
        return true;
    if (!rs_linear_read(&tagger->table, section) || tagger->table.heads != RS_TAG_LABELS)
        return rs_error_set(error, "section tagger.en: no table of %d heads", RS_TAG_LABELS);
    tagger->features = (uint32_t)rs_model_setting(model, "tagger.features", 0);
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
