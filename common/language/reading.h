/* reading.h - a review's parts as tokens, with what the dictionary knows about each.
 *
 * A negator turns the opinions of the next four tokens, up to punctuation or a word like "but"; a
 * turned positive one counts -0.7 and a turned negative one -0.4 of itself, an intensifier
 * before it scales it. */
#ifndef RS_LANGUAGE_READING_H
#define RS_LANGUAGE_READING_H

#include "language/analysis.h"
#include "language/dictionary.h"
#include "language/tokens.h"

/* Sums of opinion in hundredths. */
struct rs_sums {
    int32_t positive, negative; /* both >= 0 */
};

struct rs_fact {
    const struct rs_entry *entry; /* of the token itself; NULL: not in the dictionary */
    const struct rs_entry *noun;  /* the longest that begins here and is a NOUN or a THING */
    uint32_t aspects;             /* of the longest entry that begins here and has any */
    int16_t value;                /* opinion in hundredths, after boost and negation */
    int16_t phrase;               /* of the phrases that begin here, as it stands */
    uint8_t aspect_tokens;        /* in the entry that has the aspects */
    bool negated;                 /* a negator reaches here */
    bool boilerplate;             /* an entry of that kind begins here */
    struct rs_sums before;        /* of all tokens before this one */
};

struct rs_reading_part {
    struct rs_bytes text;
    struct rs_tokens tokens;
    struct rs_fact *facts; /* one for each token, and one for the end */
    size_t size;
};

/* In the caller's memory; a zeroed one is empty. Reused for review after review. */
struct rs_reading {
    struct rs_reading_part parts[RS_PARTS];
};

/* Read one part; `text` is borrowed until the next reading. False: out of memory. */
bool rs_reading_read(struct rs_reading_part *part, const struct rs_dictionary *dictionary,
                     struct rs_bytes text);
void rs_reading_finish(struct rs_reading *reading);

/* The opinions of the tokens from `from` up to, without, `to`. */
struct rs_sums rs_reading_sums(const struct rs_reading_part *part, size_t from, size_t to);
/* The end of the sentence, or clause, that begins at or holds token `from`. */
size_t rs_sentence_end(const struct rs_reading_part *part, size_t from);
size_t rs_clause_end(const struct rs_reading_part *part, size_t from);

#endif
