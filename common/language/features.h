/* features.h - what the linear heads see of a text. The training tool takes them from here too
 * (tools/language/features.c), so that training and use cannot differ. */
#ifndef RS_LANGUAGE_FEATURES_H
#define RS_LANGUAGE_FEATURES_H

#include "language/bag.h"
#include "language/reading.h"

/* Kinds of features. Three in a row belong together: word, turned word, pair of neighbours. A new
 * meaning of a number is another hash id. */
enum rs_space {
    RS_SPACE_TEXT = 1,      /* 1 to 3: the whole review */
    RS_SPACE_OPINIONS = 4,  /* sums of the dictionary's opinions: the whole review */
    RS_SPACE_PIECE = 5,     /* pieces of words, and of runs without spaces */
    RS_SPACE_SENTENCE = 6,  /* 6 to 8: a sentence, for the opinion about an aspect */
    RS_SPACE_CLAUSE = 9,    /* 9 to 11 */
    RS_SPACE_WINDOW = 12,   /* 12, 13: around the cue */
    RS_SPACE_LABELLED = 14, /* clause words together with the aspect; 14, 15 */
    RS_SPACE_SENTENCE_OPINIONS = 16,
    RS_SPACE_CLAUSE_OPINIONS = 17,
    RS_SPACE_WINDOW_OPINIONS = 18,
    RS_SPACE_ASPECT = 19,
    RS_SPACE_DETECT = 20, /* 20 to 22: a sentence, for which aspects it speaks of */
    RS_SPACE_GAZETTEER = 23,
    RS_SPACE_TAGS = 32, /* and above: the tagger's */
};

/* A stretch of tokens of one part. */
struct rs_range {
    const struct rs_reading_part *part;
    size_t from, to;
};

/* How many calls of rs_bag_add each takes at most: RS_ADDS_WORDS for each token, and the rest. */
enum { RS_ADDS_WORDS = 3, RS_ADDS_OPINIONS = 4, RS_ADDS_MORE = 64 };

/* Words (space), turned words (space + 1) and pairs (space + 2, with the borders). `where`, if not
 * NULL, gets the features' indices: RS_ADDS_WORDS a token (word, turned word or UINT32_MAX, the
 * pair that ends in it). */
void rs_features_words(struct rs_range range, uint32_t space, struct rs_bag *bag, uint32_t *where);

/* Sums of opinions, in steps: positive, negative, difference, ratio. `where`: 4 indices. */
void rs_features_opinions(struct rs_sums sums, uint32_t space, struct rs_bag *bag,
                          uint32_t where[RS_ADDS_OPINIONS]);

/* How many calls rs_features_pieces makes. */
size_t rs_features_pieces_count(struct rs_range range);
/* Pieces of 3 to 5 characters of words, of 1 to 3 of runs. */
void rs_features_pieces(struct rs_range range, struct rs_bag *bag);

#endif
