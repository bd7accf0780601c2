/* tokens.h - a text as words, numbers, punctuation and emoji, with their places in it.
 *
 * Any bytes are taken: what is no UTF-8 counts as `replaced` and separates words. The rules are
 * those of `tools/language/tokens.py`, character for character; a list of strings in tests/data
 * holds the two together. Character properties and case come from utf8proc, one character at a
 * time, so that offsets stay exact. */
#ifndef RS_LANGUAGE_TOKENS_H
#define RS_LANGUAGE_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"

enum {
    RS_TOKENS_MAX = 65536, /* the rest of a longer text is not read: bounded memory and time */
    RS_SENTENCE_MAX = 250, /* tokens; a longer run without an end is cut */
};

enum rs_token_kind {
    RS_WORD,        /* letters and marks, with inner apostrophes */
    RS_NUMBER,      /* digits, with inner . , : */
    RS_PUNCTUATION, /* one character, or a run of ! and ? */
    RS_EMOTICON,    /* :-) and <3 */
    RS_EMOJI,       /* with its modifiers; folded, only the first character */
    RS_SYMBOL,
    RS_RUN, /* of a script without spaces: Han, Kana, Thai, Lao, Khmer, Burmese */
};

enum rs_token_shape {
    RS_LOWER,   /* or without case */
    RS_CAPITAL, /* first letter only */
    RS_UPPER,   /* two letters or more */
    RS_MIXED,
};

struct rs_token {
    uint32_t start, end;     /* bytes in the text as it came */
    uint32_t fold, fold_len; /* bytes in `folded`: lower case, straight apostrophes */
    uint32_t hash;           /* rs_hash of the folded form */
    uint32_t sentence;       /* grows behind . ! ? before white space, and at a line's end */
    uint32_t clause;         /* grows at punctuation, "and" and words like "but", in all */
    uint8_t kind, shape;
    bool space_before;
};

/* In the caller's memory; a zeroed one is empty. Reused for text after text. */
struct rs_tokens {
    struct rs_token *at;
    size_t count, size;
    char *folded; /* the folded forms in order, one space between two: phrases are memory */
    size_t folded_len, folded_size;
    uint32_t letters;  /* characters */
    uint32_t replaced; /* U+FFFD, and bytes that are no UTF-8 */
    bool cut;          /* longer than RS_TOKENS_MAX */
};

/* Read a text (at most 4 GiB; borrowed for the call). False: out of memory, and no tokens. */
bool rs_tokens_read(struct rs_tokens *tokens, struct rs_bytes text);
void rs_tokens_finish(struct rs_tokens *tokens);

/* The folded form of a token, borrowed from `tokens`. */
struct rs_bytes rs_token_text(const struct rs_tokens *tokens, const struct rs_token *token);

#endif
