/* detect.h - which language a review is in, and whether that can be told. */
#ifndef RS_LANGUAGE_DETECT_H
#define RS_LANGUAGE_DETECT_H

#include "language/familiar.h"
#include "language/reading.h"

enum { RS_LANGUAGE_CODE = 8 };

/* The code of the language, into `ret`: "en", "zh", or "und". Parts that `keep` says no to are not
 * looked at. The text decides where it is long enough to tell, the locale ("en", "pt-BR";
 * {NULL, 0}: none) otherwise. English that the dictionary's words show, and a text that is plainly
 * in the language of its locale, need no detector. */
void rs_detect_language(const struct rs_familiar *familiar, const struct rs_reading *reading,
                        const bool keep[RS_PARTS], struct rs_bytes locale,
                        char ret[RS_LANGUAGE_CODE]);

#endif
