#include "language/tag_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "language/bag.h"
#include "language/hash.h"
#include "language/sentiment.h"

enum {
    LOOK = 32,       /* so many of the best are looked through for slips of the pen */
    LONG_ENOUGH = 8, /* bytes of a key in which one letter may differ */
    WIDTH = 1000,    /* the score at which a tag weighs 0.85 */
};

void rs_tag_list_clear(struct rs_tag_list *list)
{
    list->count = 0;
    memset(list->slots, 0, sizeof(list->slots));
}

static struct rs_tag_item *find(struct rs_tag_list *list, const struct rs_tag_text *key)
{
    for (uint32_t i = rs_hash(key->data, key->len);; i++) {
        uint16_t *slot = &list->slots[i % RS_TAG_SLOTS];
        if (*slot == 0 && list->count == RS_TAG_LIST_MAX)
            return NULL;
        if (*slot == 0) {
            *slot = (uint16_t)++list->count;
            list->items[*slot - 1].count = 0;
            return &list->items[*slot - 1];
        }
        const struct rs_tag_text *other = &list->items[*slot - 1].best.key;
        if (other->len == key->len && memcmp(other->data, key->data, key->len) == 0)
            return &list->items[*slot - 1];
    }
}

static void add_span(struct rs_tag_item *item, struct rs_span span)
{
    if (item->span_count < RS_TAG_SPANS_MAX)
        item->spans[item->span_count++] = span;
}

void rs_tag_list_add(struct rs_tag_list *list, const struct rs_tag_mention *mention)
{
    struct rs_tag_item *item = find(list, &mention->key);
    if (!item)
        return;
    if (item->count == 0)
        *item = (struct rs_tag_item){.best = *mention};
    if (item->best.phrase.len == 0)
        item->best.phrase = mention->phrase;
    if (item->best.score < mention->score)
        item->best.score = mention->score;
    item->best.aspects |= mention->aspects;
    item->count++;
    item->positive += mention->opinion > 0;
    item->negative += mention->opinion < 0;
    add_span(item, mention->span);
}

/* --- the best --- */

static int by_score(const void *a, const void *b)
{
    const struct rs_tag_mention *x = &(*(struct rs_tag_item *const *)a)->best,
                                *y = &(*(struct rs_tag_item *const *)b)->best;
    size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    int order = memcmp(x->key.data, y->key.data, len);
    return order ? order : (int)x->key.len - (int)y->key.len;
}

static bool is_slip(const struct rs_tag_text *a, const struct rs_tag_text *b)
{
    char x[RS_TAG_BYTES + 1], y[RS_TAG_BYTES + 1];
    if (a->len < LONG_ENOUGH || b->len < LONG_ENOUGH || a->data[0] != b->data[0])
        return false;
    memcpy(x, a->data, a->len);
    memcpy(y, b->data, b->len);
    x[a->len] = y[b->len] = '\0';
    return rs_name_distance(x, y) <= 1;
}

/* Add the mentions of one that was spelt another way. */
static void join(struct rs_tag_item *item, const struct rs_tag_item *other)
{
    if (item->best.phrase.len == 0)
        item->best.phrase = other->best.phrase;
    item->best.aspects |= other->best.aspects;
    item->count += other->count;
    item->positive += other->positive;
    item->negative += other->negative;
    for (size_t i = 0; i < other->span_count; i++)
        add_span(item, other->spans[i]);
}

static enum rs_polarity polarity_of(const struct rs_tag_item *item)
{
    if (item->positive && item->negative)
        return RS_POLARITY_MIXED;
    return item->positive   ? RS_POLARITY_POSITIVE
           : item->negative ? RS_POLARITY_NEGATIVE
                            : RS_POLARITY_NONE;
}

/* The narrowest: what is about the whole house only where there is nothing else. */
static enum rs_aspect aspect_of(uint32_t aspects)
{
    for (int aspect = RS_ASPECTS - 1; aspect > RS_ASPECT_NONE; aspect--)
        if (aspects >> aspect & 1)
            return (enum rs_aspect)aspect;
    return RS_ASPECT_NONE;
}

static void write_tag(const struct rs_tag_item *item, struct rs_tag *ret)
{
    *ret = (struct rs_tag){
        .tag = {item->best.tag.data, item->best.tag.len},
        .aspect = aspect_of(item->best.aspects),
        .polarity = polarity_of(item),
        .weight = 500 + rs_squash(item->best.score, WIDTH) / 2,
        .span_count = item->span_count,
    };
    if (item->best.phrase.len)
        ret->phrase = (struct rs_bytes){item->best.phrase.data, item->best.phrase.len};
    memcpy(ret->spans, item->spans, item->span_count * sizeof(*item->spans));
}

void rs_tag_list_take(struct rs_tag_list *list, int32_t count_bonus, struct rs_analysis *out)
{
    struct rs_tag_item *order[RS_TAG_LIST_MAX], *kept[RS_TAGS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        order[i] = &list->items[i];
        int64_t bonus = (int64_t)count_bonus * rs_bag_weight(list->items[i].count - 1) / 1024;
        list->items[i].best.score += (int32_t)bonus;
    }
    qsort(order, list->count, sizeof(*order), by_score);
    for (size_t i = 0; i < list->count && i < LOOK; i++) {
        size_t same = 0;
        while (same < count && !is_slip(&kept[same]->best.key, &order[i]->best.key))
            same++;
        if (same < count)
            join(kept[same], order[i]);
        else if (count < RS_TAGS_MAX)
            kept[count++] = order[i];
    }
    for (size_t i = 0; i < count; i++)
        write_tag(kept[i], &out->tags[i]);
    out->tag_count = count;
}
