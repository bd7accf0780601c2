/* model_state.h - what the folder's own files see of a model. */
#ifndef RS_LANGUAGE_MODEL_STATE_H
#define RS_LANGUAGE_MODEL_STATE_H

#include "language/dictionary.h"
#include "language/familiar.h"
#include "language/linear.h"
#include "language/model.h"
#include "language/tagger.h"

enum { RS_MODEL_LANGUAGES = 16, RS_MODEL_SECTIONS = 32 };

struct rs_model_section {
    char name[21];
    struct rs_bytes bytes;
};

/* A table of two heads for one language: positive against negative, neutral against both. */
struct rs_model_language {
    char code[8];
    struct rs_linear polarity;
    int32_t score_width; /* the margin that is a score of 0.7; thousandths */
    /* Neutral when weight b - factor |a| - opinion |sum of opinions| > limit; thousandths. */
    int32_t neutral_weight, neutral_factor, neutral_opinion, neutral_limit;
};

struct rs_model {
    struct rs_model_section sections[RS_MODEL_SECTIONS];
    size_t section_count;
    struct rs_dictionary dictionary;
    struct rs_familiar *familiar;
    struct rs_model_language languages[RS_MODEL_LANGUAGES]; /* English first */
    size_t language_count;
    struct rs_tagger tagger;
    struct rs_linear aspects, opinion;   /* `weights` NULL: the model has no such table */
    int32_t aspect_limits[RS_HEADS_MAX]; /* thousandths */
    int32_t aspect_slack;                /* below a limit where a rare aspect's word is enough */
    int32_t aspect_neutral;              /* opinions above it are neutral; thousandths */
    bool aspect_neutral_kept, aspect_labels;
    char hash[65], name[64];
};

/* The table of a language code; NULL: the model does not read it. */
const struct rs_model_language *rs_model_language(const struct rs_model *model, const char *code);

#endif
