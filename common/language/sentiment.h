/* sentiment.h - the polarity of a whole review, and which words carry it. */
#ifndef RS_LANGUAGE_SENTIMENT_H
#define RS_LANGUAGE_SENTIMENT_H

#include "language/features.h"
#include "language/model_state.h"

/* Scratch memory; a zeroed one is empty. */
struct rs_sentiment {
    struct rs_bag bag;
    uint32_t *where; /* RS_ADDS_WORDS a token of both parts */
    int64_t *shares; /* one a token: its part of the margin, in the table's units */
    size_t size;     /* of both, in tokens */
    uint32_t opinions[RS_ADDS_OPINIONS];
    struct rs_sums sums; /* of the dictionary's opinions */
    double margins[2];   /* positive against negative; neutral */
};

void rs_sentiment_finish(struct rs_sentiment *sentiment);

/* Put the review's features into the bag: words and the dictionary's opinions for English, words
 * and their pieces otherwise. False: out of memory. */
bool rs_sentiment_features(struct rs_sentiment *sentiment, const struct rs_reading *reading,
                           bool english);

/* Polarity, score, confidence and evidence, from the features that were put in last. */
void rs_sentiment_judge(struct rs_sentiment *sentiment, const struct rs_reading *reading,
                        const struct rs_model_language *language, struct rs_analysis *out);

/* margin / sqrt(margin^2 + width^2) in thousandths: between -1000 and 1000. */
int32_t rs_squash(double margin, double width);

#endif
