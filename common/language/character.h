/* character.h - what a character is to the tokenizer. */
#ifndef RS_LANGUAGE_CHARACTER_H
#define RS_LANGUAGE_CHARACTER_H

#include <stdint.h>

#include "core/bytes.h"

enum rs_class {
    RS_CLASS_SKIP,   /* controls, format characters, the underscore, what is not assigned */
    RS_CLASS_BAD,    /* U+FFFD, or a byte that is no UTF-8 */
    RS_CLASS_SPACE,  /* separators but lines' */
    RS_CLASS_LINE,   /* ends a line */
    RS_CLASS_LETTER, /* of a script that sets spaces between words */
    RS_CLASS_MARK,   /* combining */
    RS_CLASS_RUN,    /* of a script without spaces */
    RS_CLASS_DIGIT,
    RS_CLASS_PUNCTUATION,
    RS_CLASS_SYMBOL,
    RS_CLASS_EMOJI,
};

struct rs_character {
    int32_t code, folded; /* folded: simple lower case, typographic signs as plain ones */
    uint32_t len;         /* bytes in the text, at least 1 */
    enum rs_class class;
};

/* enum rs_class of each ASCII character. */
extern const uint8_t rs_ascii_classes[128];
/* One that is not ASCII. */
struct rs_character rs_character_wide(struct rs_bytes text, size_t at);

/* The character at `at` < text.len. */
static inline struct rs_character rs_character_at(struct rs_bytes text, size_t at)
{
    unsigned char first = (unsigned char)text.data[at];
    if (first >= 0x80)
        return rs_character_wide(text, at);
    int32_t folded = first >= 'A' && first <= 'Z' ? first + ('a' - 'A') : first;
    return (struct rs_character){first, folded, 1, (enum rs_class)rs_ascii_classes[first]};
}

#endif
