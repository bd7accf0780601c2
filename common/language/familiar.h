/* familiar.h - whether a text is plainly in the language that its locale names: by its script, or
 * by the words that every text of the language is full of. Two that agree need no detector. */
#ifndef RS_LANGUAGE_FAMILIAR_H
#define RS_LANGUAGE_FAMILIAR_H

#include "language/reading.h"

/* The common words of languages by hash. Never changes once made. */
struct rs_familiar;

/* NULL: out of memory. */
struct rs_familiar *rs_familiar_create(void);
void rs_familiar_destroy(struct rs_familiar *familiar);

/* Whether the first words of the parts that `keep` says yes to are in the language `code` ("de")
 * rather than in another that is written alike. No for languages that it knows no words of. */
bool rs_familiar_words(const struct rs_familiar *familiar, const struct rs_reading *reading,
                       const bool keep[RS_PARTS], const char *code);
/* Whether a text (valid UTF-8) is in the script of `code` ("ja"), which no other language of the
 * kind uses. */
bool rs_familiar_script(struct rs_bytes text, const char *code);

#endif
