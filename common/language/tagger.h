/* tagger.h - where in a sentence the things are that reviews talk about: an averaged perceptron
 * (Collins 2002) over hashed features, labels B I O, the best sequence by Viterbi.
 *
 * All in integers: weights are int8, so the labels are the same on every machine. The training
 * tool takes the features from here (tools/language/tagger_features.c). */
#ifndef RS_LANGUAGE_TAGGER_H
#define RS_LANGUAGE_TAGGER_H

#include "core/error.h"
#include "language/linear.h"
#include "language/tag_words.h"

enum rs_tag_label { RS_TAG_O, RS_TAG_B, RS_TAG_I, RS_TAG_LABELS };

enum { RS_TAGGER_FEATURES = 23, RS_TAGGER_HEADS = 2, RS_TAGGER_MARGIN_MAX = 1 << 20 };

struct rs_model;

/* A margin of B in the upper half and of I in the lower one, signed: a single addition for both. */
typedef int32_t rs_tagger_pair;

/* Features that look at small numbers alone have their weights added up beforehand. */
struct rs_tagger_sums {
    rs_tagger_pair by_kinds[16 << 9];    /* of noun and three kinds */
    rs_tagger_pair by_distance[16 << 8]; /* of noun and distance */
    rs_tagger_pair by_nouns[16 << 8];    /* of three nouns */
    rs_tagger_pair by_opinions[16 << 6]; /* of noun and three opinions */
    rs_tagger_pair by_near[4];
};

struct rs_tagger {
    struct rs_linear table; /* B and I against O; `weights` NULL: the model has no tagger */
    uint8_t used[RS_TAGGER_FEATURES]; /* which features of words are, `used_count` of them */
    uint32_t used_count;
    struct rs_tagger_sums sums;                      /* of the other ones */
    int32_t moves[RS_TAG_LABELS + 1][RS_TAG_LABELS]; /* from a label, or the start, to a label */
    /* What counts as a tag, and in which order; in the weights' units. See tags.c. */
    bool nouns;          /* the dictionary's nouns are candidates too */
    int32_t noun_limit;  /* margin of a core noun */
    int32_t thing_limit; /* of another noun that an opinion stands beside */
    int32_t span_limit;  /* of what the tagger alone has found */
    int32_t noun_bonus;  /* for a core noun */
    int32_t far_cost;    /* no opinion within six words, and as much again: none at all */
    int32_t count_bonus; /* for e times as many mentions */
};

/* Read section `tagger.en` and the settings `tagger.*` and `tags.*`. True without such a section;
 * false with the reason: damaged. The model must outlive the tagger. */
bool rs_tagger_read(struct rs_tagger *tagger, const struct rs_model *model, struct rs_error *error);

/* Use the features whose bits are set, no others; the table's weights are read for it. */
void rs_tagger_use(struct rs_tagger *tagger, uint32_t features);

/* The features of a sentence's word, as hashes; the model uses some of them. */
void rs_tagger_features(const struct rs_tag_word *word, uint32_t ret[RS_TAGGER_FEATURES]);

/* Label a sentence's words. `ret_margins`: by how much B or I is above O, for each word. */
void rs_tagger_label(const struct rs_tagger *tagger, const struct rs_tag_sentence *sentence,
                     uint8_t ret_labels[RS_SENTENCE_MAX], int32_t ret_margins[RS_SENTENCE_MAX]);

#endif
