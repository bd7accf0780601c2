/* analysis.h - what a review says: its language, its polarity, its aspects and its tags.
 *
 *     model = rs_model_read(bytes, &error);     once; read-only, shared by threads
 *     analyser = rs_analyser_create(model);     one a thread: scratch memory, reused
 *     rs_analyse(analyser, &review, &analysis)  for each review
 *
 * Pure: the same model and review give the same analysis on every machine. Scores are integers in
 * thousandths; offsets are bytes into the title or the text as they came, on character borders. */
#ifndef RS_LANGUAGE_ANALYSIS_H
#define RS_LANGUAGE_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

enum rs_polarity {
    RS_POLARITY_NONE,        /* of a tag or an aspect that has none */
    RS_POLARITY_UNKNOWN,     /* no words, or junk */
    RS_POLARITY_UNSUPPORTED, /* a language that the model does not read */
    RS_POLARITY_NEUTRAL,
    RS_POLARITY_POSITIVE,
    RS_POLARITY_NEGATIVE,
    RS_POLARITY_MIXED,
};

enum rs_aspect {
    RS_ASPECT_NONE,
    RS_ASPECT_OVERALL,
    RS_ASPECT_LOCATION,
    RS_ASPECT_STAFF,
    RS_ASPECT_CHECKIN,
    RS_ASPECT_ROOM,
    RS_ASPECT_BATHROOM,
    RS_ASPECT_BED,
    RS_ASPECT_COMFORT,
    RS_ASPECT_NOISE,
    RS_ASPECT_CLEANLINESS,
    RS_ASPECT_VALUE,
    RS_ASPECT_BREAKFAST,
    RS_ASPECT_FOOD,
    RS_ASPECT_AMENITIES,
    RS_ASPECT_WELLNESS,
    RS_ASPECT_WIFI,
    RS_ASPECT_PARKING,
    RS_ASPECT_PROPERTY,
    RS_ASPECTS, /* one more than the last */
};

/* "positive", "wifi"; NULL for NONE. */
const char *rs_polarity_name(enum rs_polarity polarity);
const char *rs_aspect_name(enum rs_aspect aspect);
/* NONE: no such name. */
enum rs_aspect rs_aspect_named(struct rs_bytes name);

enum rs_part { RS_TITLE, RS_BODY, RS_PARTS };
/* "title", "text". */
const char *rs_part_name(enum rs_part part);

struct rs_span {
    enum rs_part part;
    uint32_t start, end;
};

struct rs_evidence {
    struct rs_span span;
    int32_t weight; /* share of the absolute score, thousandths */
};

struct rs_aspect_opinion {
    enum rs_aspect aspect;
    enum rs_polarity polarity;
    int32_t score;       /* -1000 to 1000 */
    struct rs_span span; /* the strongest evidence: a clause or a sentence */
    int32_t strength;    /* of that evidence, to rank it among reviews: 0 to 1000 */
};

enum { RS_EVIDENCE_MAX = 12, RS_TAGS_MAX = 10, RS_TAG_SPANS_MAX = 8 };

struct rs_tag {
    struct rs_bytes tag;       /* "check-in"; owned by the analyser, until its next use */
    struct rs_bytes phrase;    /* "slow check-in", or {NULL, 0} */
    enum rs_aspect aspect;     /* or NONE */
    enum rs_polarity polarity; /* or NONE */
    int32_t weight;            /* 0 to 1000, falling */
    struct rs_span spans[RS_TAG_SPANS_MAX];
    size_t span_count;
};

struct rs_analysis {
    const char *language; /* "en", "zh", "und"; static, or the analyser's until its next use */
    enum rs_polarity polarity;
    bool scored;        /* false for UNKNOWN and UNSUPPORTED: the next two mean nothing */
    int32_t score;      /* -1000 to 1000 */
    int32_t confidence; /* 0 to 1000 */
    struct rs_evidence evidence[RS_EVIDENCE_MAX]; /* best first */
    size_t evidence_count;
    struct rs_aspect_opinion aspects[RS_ASPECTS - 1]; /* in the order of enum rs_aspect */
    size_t aspect_count;
    struct rs_tag tags[RS_TAGS_MAX]; /* best first */
    size_t tag_count;
};

/* Any bytes; {NULL, 0} is absent. Borrowed for the call. */
struct rs_review_text {
    struct rs_bytes title, text, locale, product_name;
};

struct rs_model;
struct rs_analyser;

/* `model` is borrowed and must live as long. NULL: out of memory. */
struct rs_analyser *rs_analyser_create(const struct rs_model *model);
void rs_analyser_destroy(struct rs_analyser *analyser);

/* Analyse a review. `ret` is written on success only and borrows from the analyser until its next
 * use. False: out of memory; the analyser can be used again. One thread an analyser. */
bool rs_analyse(struct rs_analyser *analyser, const struct rs_review_text *review,
                struct rs_analysis *ret);

#endif
