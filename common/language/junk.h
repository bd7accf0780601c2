/* junk.h - the gate before the models: what is no review gets no opinion. */
#ifndef RS_LANGUAGE_JUNK_H
#define RS_LANGUAGE_JUNK_H

#include "language/reading.h"

/* Whether a title or a text may be analysed: it has words that are not only signs, destroyed
 * characters, a spreadsheet's error, keyboard noise or boilerplate; an emoji alone may speak. */
bool rs_junk_passes(const struct rs_reading_part *part);

#endif
