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

/* Up to three bytes as a number. */
static uint32_t piece(const char *at, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 0; i < len; i++)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

static void read_word(struct rs_tag_word *word, const struct rs_reading_part *part, size_t i)
{
    const struct rs_token *token = &part->tokens.at[i];
    struct rs_bytes text = rs_token_text(&part->tokens, token);
    size_t len = text.len < 3 ? text.len : 3;
    *word = (struct rs_tag_word){
        .word = token->hash,
        .stem = text.data[text.len - 1] == 's' ? rs_tag_stem(text) : token->hash,
        .suffix = piece(text.data + text.len - len, len),
        .prefix = piece(text.data, len),
        .kind = kind_of(token, &part->facts[i]),
        .opinion = opinion_of(&part->facts[i]),
    };
}

/* The opinion that was met last on the way through a sentence. */
struct met {
    size_t any, same; /* steps since; `same`: with no sign between. Large: none. */
    uint8_t opinion;  /* of `same` */
};

static void meet(struct met *met, const struct rs_tag_word *word)
{
    met->any = word->opinion ? 1 : met->any + 1;
    met->same = word->kind == RS_TAG_SIGN ? RS_SENTENCE_MAX : word->opinion ? 1 : met->same + 1;
    if (word->opinion)
        met->opinion = word->opinion;
}

/* At most 4 steps of `step` words, with the sign; 0: none within reach. */
static uint8_t distance(const struct met *met, size_t reach, size_t step)
{
    size_t steps = (met->same + step - 1) / step;
    if (met->same > reach)
        return 0;
    return (uint8_t)(2 * (steps < 4 ? steps : 4) + met->opinion - 1);
}

static void look_around(struct rs_tag_word *words, size_t count)
{
    struct met left = {RS_SENTENCE_MAX, RS_SENTENCE_MAX, 0}, right = left;
    for (size_t i = 0; i < count; i++) {
        words[i].distance = (uint8_t)(16 * distance(&left, REACH_LEFT, 1));
        words[i].near = left.any <= NEAR ? 2 : 0;
        meet(&left, &words[i]);
    }
    for (size_t i = count; i-- > 0;) {
        words[i].distance = (uint8_t)(words[i].distance + distance(&right, REACH_RIGHT, 2));
        words[i].near = (uint8_t)(words[i].near + (right.any <= NEAR));
        meet(&right, &words[i]);
    }
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
    look_around(sentence->words, to - from);
    find_nouns(sentence);
}
