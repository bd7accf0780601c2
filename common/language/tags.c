#include "language/tags.h"

#include <stdlib.h>
#include <string.h>

#include "language/tag_list.h"
#include "language/tag_names.h"
#include "language/tag_opinion.h"

enum { TOKENS_MAX = 6, NEAR = 6, FAR = 24 };

struct rs_tags {
    struct rs_tag_sentence sentence;
    struct rs_tag_list list;
    struct rs_tag_names names;
    uint8_t labels[RS_SENTENCE_MAX];
    int32_t margins[RS_SENTENCE_MAX];
    enum rs_part part; /* that is read */
};

struct rs_tags *rs_tags_create(void)
{
    return calloc(1, sizeof(struct rs_tags));
}

void rs_tags_destroy(struct rs_tags *tags)
{
    if (!tags)
        return;
    rs_tag_names_finish(&tags->names);
    free(tags);
}

/* --- the words of a tag --- */

static bool add_bytes(struct rs_tag_text *text, struct rs_bytes bytes, size_t limit)
{
    if (text->len + bytes.len > limit)
        return false;
    memcpy(text->data + text->len, bytes.data, bytes.len);
    text->len = (uint8_t)(text->len + bytes.len);
    return true;
}

/* The folded words, with one space where the review has white space. */
static bool show(const struct rs_tokens *tokens, size_t from, size_t to, struct rs_tag_text *ret)
{
    bool fits = true;
    for (size_t i = from; i < to && fits; i++) {
        if (i > from && tokens->at[i].space_before)
            fits = add_bytes(ret, rs_text(" "), RS_TAG_BYTES);
        fits = fits && add_bytes(ret, rs_token_text(tokens, &tokens->at[i]), RS_TAG_BYTES);
    }
    return fits && ret->len;
}

/* What "Check-in", "check in" and "checkins" have in common. */
static bool make_key(const struct rs_tokens *tokens, size_t from, size_t to,
                     struct rs_tag_text *ret)
{
    for (size_t i = from; i < to; i++) {
        struct rs_bytes word = rs_token_text(tokens, &tokens->at[i]);
        bool y = false;
        if (tokens->at[i].kind != RS_WORD && tokens->at[i].kind != RS_NUMBER)
            continue;
        if (i + 1 == to)
            word.len = rs_tag_stem_len(word, &y);
        if (!add_bytes(ret, word, RS_TAG_BYTES) ||
            (y && !add_bytes(ret, rs_text("y"), RS_TAG_BYTES)))
            return false;
    }
    return ret->len > 1;
}

/* "slow" and "check-in"; not of a verb, nor where a negation turns it. */
static void add_phrase(const struct rs_reading_part *part, size_t opinion,
                       struct rs_tag_mention *mention)
{
    struct rs_bytes word = rs_token_text(&part->tokens, &part->tokens.at[opinion]);
    struct rs_bytes tag = {mention->tag.data, mention->tag.len};
    if (part->facts[opinion].negated || !(part->facts[opinion].entry->flags & RS_ENTRY_ADJECTIVE))
        return;
    if (!add_bytes(&mention->phrase, word, RS_TAG_PHRASE_BYTES) ||
        !add_bytes(&mention->phrase, rs_text(" "), RS_TAG_PHRASE_BYTES) ||
        !add_bytes(&mention->phrase, tag, RS_TAG_PHRASE_BYTES))
        mention->phrase.len = 0;
}

static void add(struct rs_tags *tags, size_t from, size_t to, uint32_t aspects, int32_t score)
{
    const struct rs_reading_part *part = tags->sentence.part;
    const struct rs_token *tokens = part->tokens.at;
    struct rs_tag_mention mention = {.aspects = aspects, .score = score};
    size_t opinion;
    if (to - from > TOKENS_MAX || !show(&part->tokens, from, to, &mention.tag) ||
        !make_key(&part->tokens, from, to, &mention.key))
        return;
    if (rs_tag_opinion_beside(&tags->sentence, from, to, &opinion)) {
        add_phrase(part, opinion, &mention);
        mention.opinion = part->facts[opinion].value;
    } else {
        mention.opinion = rs_tag_opinion_near(&tags->sentence, from, to);
    }
    mention.span = (struct rs_span){tags->part, tokens[from].start, tokens[to - 1].end};
    rs_tag_list_add(&tags->list, &mention);
}

/* --- candidates; tokens are counted in the part, words in the sentence --- */

static void add_noun(struct rs_tags *tags, const struct rs_tagger *tagger,
                     const struct rs_tag_noun *noun)
{
    const struct rs_tag_sentence *sentence = &tags->sentence;
    int32_t score = tags->margins[noun->to - 1 - sentence->from];
    size_t beside;
    if (noun->core ? score <= tagger->noun_limit
                   : score <= tagger->thing_limit ||
                         !rs_tag_opinion_beside(sentence, noun->from, noun->to, &beside))
        return;
    size_t distance = rs_tag_opinion_distance(sentence, noun->from, noun->to, FAR);
    score += noun->core ? tagger->noun_bonus : 0;
    score -= distance > FAR ? 2 * tagger->far_cost : distance > NEAR ? tagger->far_cost : 0;
    add(tags, noun->from, noun->to, noun->aspects, score);
}

/* Neither "the" nor "great" nor a sign begins a tag, unless a noun of the dictionary does. */
static bool is_edge(const struct rs_tag_word *word)
{
    return !word->noun && (word->opinion || word->kind == RS_TAG_STOP || word->kind == RS_TAG_SIGN);
}

static void add_span(struct rs_tags *tags, const struct rs_tagger *tagger, size_t from, size_t to)
{
    const struct rs_tag_word *words = tags->sentence.words;
    const struct rs_fact *facts = tags->sentence.part->facts + tags->sentence.from;
    int32_t score = tags->margins[from];
    uint32_t aspects = 0;
    for (size_t i = from; i < to; i++) {
        score = tags->margins[i] > score ? tags->margins[i] : score;
        aspects = facts[i].aspects ? facts[i].aspects : aspects;
        if (words[i].name || (tagger->nouns && words[i].noun))
            return;
    }
    while (from < to && is_edge(&words[from]))
        from++;
    while (from < to && is_edge(&words[to - 1]))
        to--;
    if (from < to && score > tagger->span_limit)
        add(tags, tags->sentence.from + from, tags->sentence.from + to, aspects, score);
}

static void add_spans(struct rs_tags *tags, const struct rs_tagger *tagger)
{
    size_t count = tags->sentence.to - tags->sentence.from;
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        if (tags->labels[from] == RS_TAG_O)
            continue;
        while (to < count && tags->labels[to] == RS_TAG_I)
            to++;
        add_span(tags, tagger, from, to);
    }
}

static void find_in(struct rs_tags *tags, const struct rs_tagger *tagger,
                    const struct rs_reading_part *part, const bool *names)
{
    struct rs_tag_sentence *sentence = &tags->sentence;
    for (size_t from = 0, to; from < part->tokens.count; from = to) {
        to = rs_sentence_end(part, from);
        rs_tag_sentence_read(sentence, part, from, to, names);
        rs_tagger_label(tagger, sentence, tags->labels, tags->margins);
        for (size_t i = 0; tagger->nouns && i < sentence->noun_count; i++)
            add_noun(tags, tagger, &sentence->nouns[i]);
        add_spans(tags, tagger);
    }
}

bool rs_tags_find(struct rs_tags *tags, const struct rs_tagger *tagger,
                  const struct rs_dictionary *dictionary, const struct rs_reading *reading,
                  const bool keep[RS_PARTS], struct rs_bytes product_name, struct rs_analysis *out)
{
    out->tag_count = 0;
    if (!tagger->table.weights)
        return true;
    rs_tag_list_clear(&tags->list);
    if (!rs_tag_names_read(&tags->names, dictionary, product_name))
        return false;
    for (tags->part = RS_TITLE; tags->part < RS_PARTS; tags->part++) {
        const struct rs_reading_part *part = &reading->parts[tags->part];
        const bool *names;
        if (!keep[tags->part])
            continue;
        if (!rs_tag_names_mark(&tags->names, part, &names))
            return false;
        find_in(tags, tagger, part, names);
    }
    rs_tag_list_take(&tags->list, tagger->count_bonus, out);
    return true;
}
