#include "language/tokens.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/array.h"
#include "language/character.h"
#include "language/hash.h"

struct reading {
    struct rs_tokens *tokens;
    struct rs_bytes text;
    size_t at;
    uint32_t sentence, clause, in_sentence;
    bool space, stopped, line; /* since the last token: white space, . ! ? before it, a new line */
    uint32_t hash;             /* of what is folded of this token, not yet mixed */
};

static struct rs_character look(const struct reading *reading, size_t at)
{
    if (at >= reading->text.len)
        return (struct rs_character){.class = RS_CLASS_SKIP};
    return rs_character_at(reading->text, at);
}

static bool is_letter(const struct rs_character *c)
{
    return c->class == RS_CLASS_LETTER || c->class == RS_CLASS_MARK;
}

static void put(struct reading *reading, int32_t code)
{
    struct rs_tokens *tokens = reading->tokens;
    size_t at = tokens->folded_len;
    if (code < 0x80)
        tokens->folded[tokens->folded_len++] = (char)code;
    else
        tokens->folded_len +=
            (size_t)utf8proc_encode_char(code, (utf8proc_uint8_t *)tokens->folded + at);
    for (; at < tokens->folded_len; at++)
        reading->hash = rs_hash_byte(reading->hash, (unsigned char)tokens->folded[at]);
}

/* Lower-case ASCII letters, which most characters are; how many. */
static uint32_t put_plain(struct reading *reading)
{
    const char *from = reading->text.data + reading->at, *at = from,
               *end = reading->text.data + reading->text.len;
    char *folded = reading->tokens->folded + reading->tokens->folded_len;
    uint32_t hash = reading->hash;
    for (; at < end && *at >= 'a' && *at <= 'z'; at++) {
        *folded++ = *at;
        hash = rs_hash_byte(hash, (unsigned char)*at);
    }
    reading->hash = hash;
    reading->at += (size_t)(at - from);
    reading->tokens->folded_len += (size_t)(at - from);
    return (uint32_t)(at - from);
}

/* --- one reader for each kind; each starts at its first character and moves `at` behind it --- */

static enum rs_token_kind read_word(struct reading *reading, enum rs_token_shape *ret_shape)
{
    uint32_t letters = 0, capitals = 0;
    bool first = false;
    for (;;) {
        letters += put_plain(reading);
        struct rs_character c = look(reading, reading->at);
        if (is_letter(&c)) {
            bool capital = c.code != c.folded;
            first |= capital && letters == 0;
            capitals += capital;
            letters += c.class == RS_CLASS_LETTER;
            put(reading, c.folded);
        } else {
            bool joins = c.folded == '\'' || (c.class == RS_CLASS_SKIP && c.code > 0x7f);
            if (!joins || look(reading, reading->at + c.len).class != RS_CLASS_LETTER)
                break;
            if (c.folded == '\'')
                put(reading, '\'');
        }
        reading->at += c.len;
    }
    reading->tokens->letters += letters;
    *ret_shape = capitals == 0                         ? RS_LOWER
                 : capitals == letters && letters >= 2 ? RS_UPPER
                 : capitals == 1 && first              ? RS_CAPITAL
                                                       : RS_MIXED;
    return RS_WORD;
}

static enum rs_token_kind read_run(struct reading *reading)
{
    for (;;) {
        struct rs_character c = look(reading, reading->at);
        if (c.class != RS_CLASS_RUN)
            return RS_RUN;
        put(reading, c.folded);
        reading->tokens->letters++;
        reading->at += c.len;
    }
}

static enum rs_token_kind read_number(struct reading *reading)
{
    for (;;) {
        struct rs_character c = look(reading, reading->at);
        if (c.class != RS_CLASS_DIGIT) {
            bool inner = c.folded == '.' || c.folded == ',' || c.folded == ':';
            if (!inner || look(reading, reading->at + c.len).class != RS_CLASS_DIGIT)
                return RS_NUMBER;
        }
        put(reading, c.folded);
        reading->at += c.len;
    }
}

static enum rs_token_kind read_emoji(struct reading *reading, struct rs_character c)
{
    put(reading, c.folded);
    for (bool joined = false;;) {
        reading->at += c.len;
        c = look(reading, reading->at);
        bool modifier = c.class == RS_CLASS_MARK || (c.code >= 0x1f3fb && c.code <= 0x1f3ff);
        bool joiner = c.code == 0x200d;
        if (!modifier && !joiner && !(joined && c.class == RS_CLASS_EMOJI))
            return RS_EMOJI;
        joined = joiner;
    }
}

/* The length of an emoticon at `at`, or 0. Letters and digits behind it make it something else. */
static size_t emoticon(const struct reading *reading)
{
    const char *s = reading->text.data + reading->at;
    size_t left = reading->text.len - reading->at, len = 0;
    if (left >= 2 && s[0] == '<' && s[1] == '3')
        len = 2;
    else if (left >= 2 && (s[0] == ':' || s[0] == ';' || s[0] == '=')) {
        len = left >= 3 && (s[1] == '-' || s[1] == '\'') ? 2 : 1;
        len = memchr("()DPp/\\|", s[len], 8) ? len + 1 : 0;
    }
    if (len == 0)
        return 0;
    struct rs_character next = look(reading, reading->at + len);
    return next.class == RS_CLASS_LETTER || next.class == RS_CLASS_DIGIT || next.code == '/' ? 0
                                                                                             : len;
}

static enum rs_token_kind read_sign(struct reading *reading, struct rs_character c)
{
    size_t len = c.code < 0x80 ? emoticon(reading) : 0;
    if (len) {
        for (size_t i = 0; i < len; i++)
            put(reading, reading->text.data[reading->at + i]);
        reading->at += len;
        return RS_EMOTICON;
    }
    bool run = c.folded == '!' || c.folded == '?';
    size_t count = 0;
    for (struct rs_character next = c;
         count == 0 || (run && (next.folded == '!' || next.folded == '?'));
         next = look(reading, reading->at)) {
        if (count++ < 2)
            put(reading, next.folded);
        reading->at += next.len;
    }
    reading->stopped = run || c.folded == '.';
    if (reading->stopped && c.code >= 0x3000)
        reading->line = true; /* a wide one ends the sentence without a space */
    return c.class == RS_CLASS_SYMBOL ? RS_SYMBOL : RS_PUNCTUATION;
}

/* --- sentences and clauses --- */

static bool word_opens_clause(struct rs_bytes word)
{
#define WORD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    static const struct rs_bytes words[] = {WORD("and"),      WORD("but"),    WORD("however"),
                                            WORD("although"), WORD("though"), WORD("while"),
                                            WORD("except")};
#undef WORD
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (*words[i].data == *word.data && rs_bytes_equal(words[i], word))
            return true;
    return false;
}

static bool opens_clause(const struct rs_token *token, struct rs_bytes word)
{
    if (token->kind == RS_WORD)
        return word_opens_clause(word);
    return token->kind == RS_PUNCTUATION && strchr(".;:!?(),-", *word.data);
}

static void place(struct reading *reading, struct rs_token *token, bool sentence)
{
    bool opens = opens_clause(token, rs_token_text(reading->tokens, token));
    reading->sentence += sentence;
    reading->clause += sentence || opens;
    reading->in_sentence = sentence ? 1 : reading->in_sentence + 1;
    token->sentence = reading->sentence;
    token->clause = reading->clause;
    token->space_before = reading->space;
    reading->space = reading->line = false;
}

/* --- the whole --- */

static struct rs_token *add(struct rs_tokens *tokens)
{
    if (!rs_array_reserve(&tokens->at, &tokens->size, tokens->count + 1, sizeof(*tokens->at)))
        return NULL;
    return &tokens->at[tokens->count];
}

static bool read_token(struct reading *reading, struct rs_character c)
{
    struct rs_tokens *tokens = reading->tokens;
    struct rs_token *token = add(tokens);
    enum rs_token_shape shape = RS_LOWER;
    if (!token)
        return false;
    bool sentence = tokens->count > 0 && (reading->line || (reading->stopped && reading->space) ||
                                          reading->in_sentence >= RS_SENTENCE_MAX);
    if (tokens->count)
        tokens->folded[tokens->folded_len++] = ' ';
    *token =
        (struct rs_token){.start = (uint32_t)reading->at, .fold = (uint32_t)tokens->folded_len};
    reading->hash = RS_HASH_BEGIN;
    reading->line = reading->stopped = false;
    token->kind = (uint8_t)(c.class == RS_CLASS_LETTER  ? read_word(reading, &shape)
                            : c.class == RS_CLASS_RUN   ? read_run(reading)
                            : c.class == RS_CLASS_DIGIT ? read_number(reading)
                            : c.class == RS_CLASS_EMOJI ? read_emoji(reading, c)
                                                        : read_sign(reading, c));
    token->shape = (uint8_t)shape;
    token->end = (uint32_t)reading->at;
    token->fold_len = (uint32_t)(tokens->folded_len - token->fold);
    token->hash = rs_hash_mix(reading->hash);
    bool wide = reading->line;
    place(reading, token, sentence);
    reading->line = wide;
    tokens->count++;
    return true;
}

static bool reserve(struct rs_tokens *tokens, size_t len)
{
    size_t size = len * 2 + 16; /* a character grows by at most one byte, and one space */
    if (tokens->folded_size >= size)
        return true;
    free(tokens->folded);
    tokens->folded = malloc(size);
    tokens->folded_size = tokens->folded ? size : 0;
    return tokens->folded;
}

bool rs_tokens_read(struct rs_tokens *tokens, struct rs_bytes text)
{
    struct reading reading = {.tokens = tokens, .text = text};
    tokens->count = tokens->folded_len = 0;
    tokens->letters = tokens->replaced = 0;
    tokens->cut = false;
    if (!reserve(tokens, text.len))
        return false;
    while (reading.at < text.len && !tokens->cut) {
        struct rs_character c = rs_character_at(text, reading.at);
        if (c.class >= RS_CLASS_LETTER && c.class != RS_CLASS_MARK) {
            tokens->cut = tokens->count == RS_TOKENS_MAX;
            if (tokens->cut || read_token(&reading, c))
                continue;
            tokens->count = 0;
            return false;
        }
        reading.space |= c.class == RS_CLASS_SPACE || c.class == RS_CLASS_LINE;
        reading.line |= c.class == RS_CLASS_LINE;
        tokens->replaced += c.class == RS_CLASS_BAD;
        reading.at += c.len;
    }
    return true;
}

void rs_tokens_finish(struct rs_tokens *tokens)
{
    if (!tokens)
        return;
    free(tokens->at);
    free(tokens->folded);
    *tokens = (struct rs_tokens){0};
}

struct rs_bytes rs_token_text(const struct rs_tokens *tokens, const struct rs_token *token)
{
    return (struct rs_bytes){tokens->folded + token->fold, token->fold_len};
}
