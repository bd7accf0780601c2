/* aspects.h - which amenities a review speaks of, and what it says about each.
 *
 * Sentence by sentence: the dictionary's words (the gazetteer) and, where the model has a table
 * for it, learnt heads say which aspects there are; the word that says so is the cue. What is said
 * is read from the cue's window, its clause and its sentence. The sentences' margins are summed
 * as integers, so that their order does not matter. */
#ifndef RS_LANGUAGE_ASPECTS_H
#define RS_LANGUAGE_ASPECTS_H

#include "language/features.h"
#include "language/model_state.h"

struct rs_aspects {
    struct rs_bag sentence, clause, cue; /* scratch memory; zeroed ones are empty */
};

void rs_aspects_finish(struct rs_aspects *aspects);

/* Write the aspects of the parts that `keep` says yes to. False: out of memory. */
bool rs_aspects_find(struct rs_aspects *aspects, const struct rs_model *model,
                     const struct rs_reading *reading, const bool keep[RS_PARTS],
                     struct rs_analysis *out);

/* --- the steps, for the training tool --- */

/* The features by which a sentence's aspects are told. False: out of memory. */
bool rs_aspects_detect_features(struct rs_aspects *aspects, struct rs_range sentence);
/* The cue of an aspect: the dictionary's word for it with the strongest opinion around it, else
 * the table's, else the sentence's first token. */
size_t rs_aspects_cue(const struct rs_model *model, struct rs_range sentence,
                      enum rs_aspect aspect);
/* The clause of a cue, with its neighbours when it is short. */
struct rs_range rs_aspects_clause(struct rs_range sentence, size_t cue);
/* The features of an opinion: into the bags `clause` and `cue`; those of the sentence, into
 * `sentence`, are the same for all its aspects. RS_ASPECT_NONE: no aspect in particular. */
bool rs_aspects_sentence_features(struct rs_aspects *aspects, struct rs_range sentence);
bool rs_aspects_cue_features(struct rs_aspects *aspects, struct rs_range sentence, size_t cue,
                             enum rs_aspect aspect);

#endif
