#include "language/tag_words.h"

#include <string.h>

#include "language/hash.h"

enum { REACH_LEFT = 6, REACH_RIGHT = 8, NEAR = 6 };

static bool ends(struct rs_bytes word, const char *end)
{
    size_t len = strlen(end);
    return word.len >= len && memcmp(word.data + word.len - len, end, len) == 0;
}

size_t rs_tag_stem_len(struct rs_bytes word, bool *ret_y)
{
    *ret_y = word.len > 3 && ends(word, "ies");
    if (*ret_y)
        return word.len - 3;
    if (word.len > 4 &&
        (ends(word, "sses") || ends(word, "shes") || ends(word, "ches") || ends(word, "xes")))
        return word.len - 2;
    bool plural = word.len > 3 && ends(word, "s") && !ends(word, "ss") && !ends(word, "us") &&
                  !ends(word, "is");
    return word.len - plural;
}

uint32_t rs_tag_stem(struct rs_bytes word)
{
    char copy[64];
    bool y;
    size_t len = rs_tag_stem_len(word, &y);
    if (!y || len >= sizeof(copy))
        return rs_hash(word.data, len);
    memcpy(copy, word.data, len);
    copy[len] = 'y';
    return rs_hash(copy, len + 1);
}

static bool has(const struct rs_fact *fact, int flag)
{
    return fact->entry && (fact->entry->flags & flag);
}

static uint8_t kind_of(const struct rs_token *token, const struct rs_fact *fact)
{
    if (token->kind == RS_NUMBER)
        return RS_TAG_NUMBER;
    if (token->kind != RS_WORD && token->kind != RS_RUN)
        return RS_TAG_SIGN;
    return has(fact, RS_ENTRY_STOP) ? RS_TAG_STOP : RS_TAG_WORD;
}

/* The sign as the dictionary has it: a negated opinion is an opinion. */
static uint8_t opinion_of(const struct rs_fact *fact)
{
    if (!fact->entry || has(fact, RS_ENTRY_PHRASE) || fact->entry->value == 0)
        return 0;
    return fact->entry->value > 0 ? 1 : 2;
}

static void read_word(struct rs_tag_word *word, const struct rs_reading_part *part, size_t i)
{
    const struct rs_token *token = &part->tokens.at[i];
    struct rs_bytes text = rs_token_text(&part->tokens, token);
    size_t piece = text.len < 3 ? text.len : 3;
    *word = (struct rs_tag_word){
        .word = token->hash,
        .stem = rs_tag_stem(text),
        .suffix = rs_hash(text.data + text.len - piece, piece),
        .prefix = rs_hash(text.data, piece),
        .kind = kind_of(token, &part->facts[i]),
        .opinion = opinion_of(&part->facts[i]),
    };
}

/* How far the next opinion is, in at most 4 steps of `step` words, with its sign; 0: a sign or
 * the sentence's end comes first. */
static uint8_t distance(const struct rs_tag_word *word, int way, int reach, int step)
{
    for (int k = 1; k <= reach; k++) {
        const struct rs_tag_word *other = word + way * k;
        if (other->kind == RS_TAG_SIGN || other->kind == RS_TAG_OUTSIDE)
            return 0;
        if (other->opinion) {
            int steps = (k + step - 1) / step;
            return (uint8_t)(2 * (steps < 4 ? steps : 4) + other->opinion - 1);
        }
    }
    return 0;
}

static bool is_near(const struct rs_tag_word *word, int way)
{
    for (int k = 1; k <= NEAR && word[way * k].kind != RS_TAG_OUTSIDE; k++)
        if (word[way * k].opinion)
            return true;
    return false;
}

/* --- nouns --- */

/* Of the noun, else of its last word that has any. */
static uint32_t aspects_of(const struct rs_fact *facts)
{
    uint32_t aspects = facts->noun->aspects & RS_TAG_ASPECTS;
    for (int i = facts->noun->tokens - 1; i >= 0 && !aspects; i--)
        if (facts[i].entry)
            aspects = facts[i].entry->aspects & RS_TAG_ASPECTS;
    return aspects;
}

static void add_noun(struct rs_tag_sentence *sentence, size_t at, const struct rs_fact *fact)
{
    struct rs_tag_noun *last =
        sentence->noun_count ? &sentence->nouns[sentence->noun_count - 1] : NULL;
    struct rs_tag_noun noun = {
        .from = (uint32_t)at,
        .to = (uint32_t)at + fact->noun->tokens,
        .aspects = aspects_of(fact),
        .core = fact->noun->flags & RS_ENTRY_NOUN,
    };
    if (last && last->to == noun.from) {
        /* "hotel staff" is "staff": what is the whole house's needs no saying */
        noun.from = last->aspects == 1u << RS_ASPECT_OVERALL ? noun.from : last->from;
        *last = noun;
    } else if (sentence->noun_count < RS_TAG_NOUNS) {
        sentence->nouns[sentence->noun_count++] = noun;
    }
}

static void find_nouns(struct rs_tag_sentence *sentence)
{
    sentence->noun_count = 0;
    for (size_t i = sentence->from; i < sentence->to;) {
        const struct rs_fact *fact = &sentence->part->facts[i];
        bool usable = fact->noun && i + fact->noun->tokens <= sentence->to;
        for (size_t k = i; usable && k < i + fact->noun->tokens; k++)
            usable = !sentence->words[k - sentence->from].name;
        if (usable)
            add_noun(sentence, i, fact);
        i += usable ? fact->noun->tokens : 1;
    }
    for (size_t n = 0; n < sentence->noun_count; n++) {
        const struct rs_tag_noun *noun = &sentence->nouns[n];
        for (size_t i = noun->from; i < noun->to; i++)
            sentence->words[i - sentence->from].noun =
                (uint8_t)(1 + (i == noun->from) + 2 * (i + 1 == noun->to) + 4 * noun->core);
    }
}

void rs_tag_sentence_read(struct rs_tag_sentence *sentence, const struct rs_reading_part *part,
                          size_t from, size_t to, const bool *names)
{
    sentence->part = part;
    sentence->from = from;
    sentence->to = to;
    sentence->words = sentence->all + RS_TAG_BORDER;
    for (int i = 1; i <= RS_TAG_BORDER; i++) {
        struct rs_tag_word outside = {.word = (uint32_t)i,
                                      .stem = (uint32_t)i,
                                      .suffix = (uint32_t)i,
                                      .prefix = (uint32_t)i,
                                      .kind = RS_TAG_OUTSIDE,
                                      .opinion = 3,
                                      .noun = 15};
        sentence->words[-i] = outside;
        outside.word = outside.stem = outside.suffix = outside.prefix += 10;
        sentence->words[to - from + (size_t)i - 1] = outside;
    }
    for (size_t i = from; i < to; i++) {
        read_word(&sentence->words[i - from], part, i);
        sentence->words[i - from].name = names && names[i];
    }
    for (struct rs_tag_word *word = sentence->words; word < sentence->words + (to - from); word++) {
        word->distance =
            (uint8_t)(16 * distance(word, -1, REACH_LEFT, 1) + distance(word, 1, REACH_RIGHT, 2));
        word->near = (uint8_t)(2 * is_near(word, -1) + is_near(word, 1));
    }
    find_nouns(sentence);
}
