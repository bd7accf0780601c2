#include "language/features.h"

#include "language/hash.h"

/* What stands before the first word and behind the last one. */
enum { BEGIN = 1, END = 2 };

void rs_features_words(struct rs_range range, uint32_t space, struct rs_bag *bag, uint32_t *where)
{
    uint32_t before = BEGIN;
    for (size_t i = range.from; i < range.to; i++) {
        uint32_t word = range.part->tokens.at[i].hash;
        uint32_t turned = UINT32_MAX, single = rs_bag_add(bag, rs_hash_join(space, word, 0), 1);
        if (range.part->facts[i].negated)
            turned = rs_bag_add(bag, rs_hash_join(space + 1, word, 0), 1);
        uint32_t pair = rs_bag_add(bag, rs_hash_join(space + 2, before, word), 1);
        if (where) {
            *where++ = single;
            *where++ = turned;
            *where++ = pair;
        }
        before = word;
    }
    if (range.from < range.to)
        (void)rs_bag_add(bag, rs_hash_join(space + 2, before, END), 1);
}

static uint32_t steps(int32_t sum)
{
    int32_t count = (sum * 2 + 50) / 100;
    return (uint32_t)(count < 12 ? count : 12);
}

void rs_features_opinions(struct rs_sums sums, uint32_t space, struct rs_bag *bag,
                          uint32_t where[RS_ADDS_OPINIONS])
{
    int32_t all = sums.positive + sums.negative, difference = sums.positive - sums.negative;
    int32_t step = (difference < 0 ? -difference : difference) / 150 + 1;
    int32_t signed_step = difference == 0 ? 0 : (step < 5 ? step : 5) * (difference < 0 ? -1 : 1);
    uint32_t ratio = all ? (uint32_t)((int64_t)sums.positive * 8 / all) : 9;
    uint32_t positive = steps(sums.positive), negative = steps(sums.negative);
    where[0] = where[1] = UINT32_MAX;
    if (positive)
        where[0] = rs_bag_add(bag, rs_hash_join(space, 1, 0), positive);
    if (negative)
        where[1] = rs_bag_add(bag, rs_hash_join(space, 2, 0), negative);
    where[2] = rs_bag_add(bag, rs_hash_join(space, 3, (uint32_t)(signed_step + 5)), 3);
    where[3] = rs_bag_add(bag, rs_hash_join(space, 4, ratio), 3);
}

/* --- pieces --- */

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* Pieces have 3 to 5 characters of a word, 1 to 3 of a run. */
static void limits(const struct rs_token *token, size_t *ret_least, size_t *ret_most)
{
    *ret_least = token->kind == RS_WORD ? 3 : 1;
    *ret_most = *ret_least + 2;
}

static bool has_pieces(const struct rs_token *token)
{
    return token->kind == RS_WORD || token->kind == RS_RUN;
}

size_t rs_features_pieces_count(struct rs_range range)
{
    size_t count = 0, least, most;
    for (size_t i = range.from; i < range.to; i++) {
        const struct rs_token *token = &range.part->tokens.at[i];
        struct rs_bytes text = rs_token_text(&range.part->tokens, token);
        size_t characters = 0;
        for (size_t k = 0; has_pieces(token) && k < text.len; k++)
            characters += begins_character(text.data[k]);
        limits(token, &least, &most);
        for (size_t len = least; len <= most && len <= characters; len++)
            count += characters - len + 1;
    }
    return count;
}

/* The pieces that begin at byte `from`; their hashes grow byte by byte (rs_hash). */
static void add_pieces(const struct rs_token *token, struct rs_bytes text, size_t from,
                       struct rs_bag *bag)
{
    size_t least, most, characters = 0;
    uint32_t hash = RS_HASH_BEGIN, word = token->kind == RS_WORD;
    limits(token, &least, &most);
    for (size_t to = from; to < text.len && characters < most;) {
        do
            hash = rs_hash_byte(hash, (unsigned char)text.data[to++]);
        while (to < text.len && !begins_character(text.data[to]));
        uint32_t border = word * ((from == 0) + 2u * (to == text.len));
        if (++characters >= least)
            (void)rs_bag_add(bag, rs_hash_join(RS_SPACE_PIECE, rs_hash_mix(hash), border), 1);
    }
}

void rs_features_pieces(struct rs_range range, struct rs_bag *bag)
{
    for (size_t i = range.from; i < range.to; i++) {
        const struct rs_token *token = &range.part->tokens.at[i];
        struct rs_bytes text = rs_token_text(&range.part->tokens, token);
        for (size_t from = 0; has_pieces(token) && from < text.len; from++)
            if (begins_character(text.data[from]))
                add_pieces(token, text, from, bag);
    }
}
