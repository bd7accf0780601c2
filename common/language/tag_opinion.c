#include "language/tag_opinion.h"

#include <string.h>

enum { BEFORE = 3, BEHIND = 5, NEAR_LEFT = 6, NEAR_RIGHT = 8 };

static const struct rs_tag_word *word_at(const struct rs_tag_sentence *sentence, size_t token)
{
    return &sentence->words[token - sentence->from];
}

static bool is_one_of(const struct rs_tag_sentence *sentence, size_t token,
                      const char *const *words)
{
    const struct rs_tokens *tokens = &sentence->part->tokens;
    struct rs_bytes text = rs_token_text(tokens, &tokens->at[token]);
    for (; *words; words++) /* most differ in the first letter */
        if (**words == *text.data && strlen(*words) == text.len &&
            memcmp(*words, text.data, text.len) == 0)
            return true;
    return false;
}

static bool is_copula(const struct rs_tag_sentence *sentence, size_t token)
{
    static const char *const words[] = {"is",     "was",    "are",    "were",   "been",
                                        "be",     "wasn't", "isn't",  "aren't", "weren't",
                                        "seemed", "seems",  "looked", "looks",  "felt",
                                        "feels",  "has",    "had",    NULL};
    return is_one_of(sentence, token, words);
}

/* May stand between a form of "to be" and the opinion. */
static bool is_between(const struct rs_tag_sentence *sentence, size_t token)
{
    static const char *const words[] = {"also", "just", "always", "all",   "both",
                                        "a",    "bit",  "rather", "quite", NULL};
    const struct rs_entry *entry = sentence->part->facts[token].entry;
    return (entry && (entry->boost || (entry->flags & RS_ENTRY_NEGATOR))) ||
           is_one_of(sentence, token, words);
}

static bool before(const struct rs_tag_sentence *sentence, size_t from, size_t *ret_token)
{
    static const char *const and[] = {"and", NULL};
    for (size_t k = 1; k <= BEFORE && k <= from - sentence->from; k++) {
        const struct rs_tag_word *word = word_at(sentence, from - k);
        if (word->opinion) {
            *ret_token = from - k;
            return true;
        }
        if (word->kind != RS_TAG_WORD && !is_one_of(sentence, from - k, and))
            return false;
    }
    return false;
}

/* "Staff friendly." has no verb. */
static bool ends_behind(const struct rs_tag_sentence *sentence, size_t token)
{
    static const char *const and[] = {"and", NULL};
    uint8_t kind = sentence->words[token + 1 - sentence->from].kind;
    return kind == RS_TAG_SIGN || kind == RS_TAG_OUTSIDE || is_one_of(sentence, token + 1, and);
}

static bool behind(const struct rs_tag_sentence *sentence, size_t to, size_t *ret_token)
{
    bool copula = false;
    for (size_t token = to; token < sentence->to && token < to + BEHIND; token++) {
        *ret_token = token;
        if (word_at(sentence, token)->opinion)
            return copula || ends_behind(sentence, token);
        bool is = is_copula(sentence, token);
        if (!is && !is_between(sentence, token))
            return false;
        copula |= is;
    }
    return false;
}

bool rs_tag_opinion_beside(const struct rs_tag_sentence *sentence, size_t from, size_t to,
                           size_t *ret_token)
{
    size_t token;
    if (!before(sentence, from, &token) && !behind(sentence, to, &token))
        return false;
    *ret_token = token;
    return true;
}

size_t rs_tag_opinion_distance(const struct rs_tag_sentence *sentence, size_t from, size_t to,
                               size_t reach)
{
    for (size_t k = 1; k <= reach; k++) {
        bool left = k <= from - sentence->from, right = to + k - 1 < sentence->to;
        if ((left && word_at(sentence, from - k)->opinion) ||
            (right && word_at(sentence, to + k - 1)->opinion))
            return k;
    }
    return RS_TAG_NO_OPINION;
}

int32_t rs_tag_opinion_near(const struct rs_tag_sentence *sentence, size_t from, size_t to)
{
    const struct rs_token *tokens = sentence->part->tokens.at;
    size_t first = from - sentence->from < NEAR_LEFT ? sentence->from : from - NEAR_LEFT;
    size_t end = sentence->to - to < NEAR_RIGHT ? sentence->to : to + NEAR_RIGHT;
    while (tokens[first].clause != tokens[from].clause)
        first++;
    while (tokens[end - 1].clause != tokens[to - 1].clause)
        end--;
    struct rs_sums sums = rs_reading_sums(sentence->part, first, end);
    return sums.positive - sums.negative;
}
