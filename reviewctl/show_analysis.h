/* show_analysis.h - an analysis for people, with the words that are its evidence. */
#ifndef RS_REVIEWCTL_SHOW_ANALYSIS_H
#define RS_REVIEWCTL_SHOW_ANALYSIS_H

#include "language/analysis.h"

void show_analysis(const struct rs_analysis *analysis, const struct rs_review_text *review,
                   const char *model);

#endif
