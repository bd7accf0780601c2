/* tag_words.h - one sentence as the tagger sees it: hashes of words, and what the dictionary knows
 * of them. Case plays no part: "GREAT STAFF" has the tags of "great staff". */
#ifndef RS_LANGUAGE_TAG_WORDS_H
#define RS_LANGUAGE_TAG_WORDS_H

#include "language/reading.h"

enum {
    RS_TAG_BORDER = 3, /* words that stand for "nothing" on each side of a sentence */
    RS_TAG_NOUNS = 128,
    RS_TAG_ASPECTS = (1 << RS_ASPECTS) - 2, /* of an entry's bits, those that name an aspect */
};

enum rs_tag_kind { RS_TAG_SIGN, RS_TAG_NUMBER, RS_TAG_STOP, RS_TAG_WORD, RS_TAG_OUTSIDE = 7 };

struct rs_tag_word {
    uint32_t word, stem;     /* hashes; stem: without the plural's s */
    uint32_t suffix, prefix; /* three bytes */
    uint8_t kind;            /* enum rs_tag_kind */
    uint8_t opinion;         /* 0 none, 1 positive, 2 negative, 3 outside */
    uint8_t noun;            /* 0 none, 15 outside, else 1 + first in its noun + 2 last + 4 core */
    uint8_t distance;        /* steps to the next opinion on the left and right, with their signs */
    uint8_t near;            /* 2: an opinion in the six words to the left, 1: to the right */
    bool name;               /* part of the hotel's name: no tag */
};

/* Dictionary nouns side by side ("front desk staff"): tokens of the part, from `from` up to,
 * without, `to`. */
struct rs_tag_noun {
    uint32_t from, to;
    uint32_t aspects; /* bit 1 << enum rs_aspect; of the last one */
    bool core;        /* a tag wherever it stands; others need an opinion beside them */
};

struct rs_tag_sentence {
    const struct rs_reading_part *part;
    size_t from, to;
    struct rs_tag_word all[RS_SENTENCE_MAX + 2 * RS_TAG_BORDER];
    struct rs_tag_word *words; /* the first token's; the borders lie around it */
    struct rs_tag_noun nouns[RS_TAG_NOUNS];
    size_t noun_count;
};

/* The hash of a folded word without the s of the plural ("bodies": "body", "dishes": "dish"). */
uint32_t rs_tag_stem(struct rs_bytes word);
/* The same as bytes: the length that stays, and `ret_y` where "y" follows it. */
size_t rs_tag_stem_len(struct rs_bytes word, bool *ret_y);

/* Read tokens `from` to `to`: one sentence. `names` has a flag for each token of the part, or is
 * NULL. Borrows the part. */
void rs_tag_sentence_read(struct rs_tag_sentence *sentence, const struct rs_reading_part *part,
                          size_t from, size_t to, const bool *names);

#endif
