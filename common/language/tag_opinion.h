/* tag_opinion.h - which opinion word belongs to a thing: "slow check-in", "the room was small". */
#ifndef RS_LANGUAGE_TAG_OPINION_H
#define RS_LANGUAGE_TAG_OPINION_H

#include "language/tag_words.h"

enum { RS_TAG_NO_OPINION = 250 }; /* more than any distance in a sentence */

/* The token of the opinion that stands beside tokens `from` to `to` of the sentence: before them,
 * behind a form of "to be", or behind them at the end of a clause. False: none. */
bool rs_tag_opinion_beside(const struct rs_tag_sentence *sentence, size_t from, size_t to,
                           size_t *ret_token);
/* How many words away the next opinion of the sentence is, or RS_TAG_NO_OPINION. At most
 * `reach` words are looked at on each side. */
size_t rs_tag_opinion_distance(const struct rs_tag_sentence *sentence, size_t from, size_t to,
                               size_t reach);
/* The sum of what is said near these tokens in their clause, in hundredths, negation counted. What
 * the sentence says besides is about something else in one case of four. */
int32_t rs_tag_opinion_near(const struct rs_tag_sentence *sentence, size_t from, size_t to);

#endif
