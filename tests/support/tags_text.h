/* tags_text.h - the tags of an analysis as one line, for tests. */
#ifndef RS_TESTS_TAGS_TEXT_H
#define RS_TESTS_TAGS_TEXT_H

#include <stdbool.h>

#include "language/analysis.h"

/* "tag (phrase) aspect polarity", separated by "; ", in alphabetical order if `sorted`; until the
 * next call. */
const char *tags_text(const struct rs_analysis *analysis, bool sorted);

#endif
