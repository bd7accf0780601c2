/* familiar.h - whether a text plainly is in the language that its locale names: it is full of that
 * language's stop words. Where the two agree, the detector need not be asked. */
#ifndef RS_LANGUAGE_FAMILIAR_H
#define RS_LANGUAGE_FAMILIAR_H

#include "language/reading.h"

/* Stop words of languages by hash. Never changes once made. */
struct rs_familiar;

/* NULL: out of memory. */
struct rs_familiar *rs_familiar_create(void);
void rs_familiar_destroy(struct rs_familiar *familiar);

/* Whether the first words of the parts that `keep` says yes to are in the language `code` ("de")
 * rather than in another that is written alike. No for languages that it does not vouch for. */
bool rs_familiar_is(const struct rs_familiar *familiar, const struct rs_reading *reading,
                    const bool keep[RS_PARTS], const char *code);

#endif
