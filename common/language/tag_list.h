/* tag_list.h - the tags of one review while they are collected: mentions of one thing are merged
 * over case, number, hyphens and slips of the pen, then the best ten are taken.
 *
 * Fixed memory: of a text with more than RS_TAG_LIST_MAX different things the later new ones are
 * left out. Which order the sentences have makes no difference to the rest. */
#ifndef RS_LANGUAGE_TAG_LIST_H
#define RS_LANGUAGE_TAG_LIST_H

#include "language/analysis.h"

enum { RS_TAG_LIST_MAX = 512, RS_TAG_SLOTS = 1024, RS_TAG_BYTES = 64, RS_TAG_PHRASE_BYTES = 96 };

/* A word or phrase of valid UTF-8, or len 0. */
struct rs_tag_text {
    char data[RS_TAG_PHRASE_BYTES];
    uint8_t len;
};

struct rs_tag_mention {
    struct rs_tag_text key;    /* the same for what counts as the same; at most RS_TAG_BYTES */
    struct rs_tag_text tag;    /* as it is shown; at most RS_TAG_BYTES */
    struct rs_tag_text phrase; /* with the opinion word */
    uint32_t aspects;          /* bit 1 << enum rs_aspect */
    int32_t opinion;           /* its sign counts */
    int32_t score;
    struct rs_span span;
};

struct rs_tag_item {
    struct rs_tag_mention best; /* tag and phrase of the first mention that has one, best score */
    uint32_t count, positive, negative;
    struct rs_span spans[RS_TAG_SPANS_MAX];
    size_t span_count;
};

struct rs_tag_list {
    struct rs_tag_item items[RS_TAG_LIST_MAX];
    uint16_t slots[RS_TAG_SLOTS]; /* index + 1 of an item by hash of its key; 0 is empty */
    size_t count;
};

void rs_tag_list_clear(struct rs_tag_list *list);
/* Copies the mention. Mentions come in the order of the review: title, then text. */
void rs_tag_list_add(struct rs_tag_list *list, const struct rs_tag_mention *mention);
/* Write the best tags. `count_bonus`: for e times as many mentions. They borrow from the list
 * until it is cleared; nothing can be added before that. */
void rs_tag_list_take(struct rs_tag_list *list, int32_t count_bonus, struct rs_analysis *out);

#endif
