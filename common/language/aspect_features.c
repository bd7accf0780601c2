/* aspect_features - what the heads for aspects and for opinions about them see. */
#include <stdlib.h>

#include "language/aspects.h"
#include "language/hash.h"

enum { BEFORE = 4, BEHIND = 5, SHORT = 4 };

bool rs_aspects_detect_features(struct rs_aspects *aspects, struct rs_range sentence)
{
    struct rs_bag *bag = &aspects->sentence;
    if (!rs_bag_begin(bag, (sentence.to - sentence.from) * RS_ADDS_WORDS + RS_ADDS_MORE))
        return false;
    rs_features_words(sentence, RS_SPACE_DETECT, bag, NULL);
    uint32_t seen = 0;
    for (size_t i = sentence.from; i < sentence.to; i++)
        seen |= sentence.part->facts[i].aspects;
    for (uint32_t a = 1; a < RS_ASPECTS; a++)
        if (seen & 1u << a)
            (void)rs_bag_add(bag, rs_hash_join(RS_SPACE_GAZETTEER, a, 0), 2);
    return true;
}

struct rs_range rs_aspects_clause(struct rs_range sentence, size_t cue)
{
    const struct rs_token *tokens = sentence.part->tokens.at;
    uint32_t clause = tokens[cue].clause, more = 0;
    struct rs_range out = {sentence.part, cue, cue + 1};
    for (;; more++) {
        while (out.from > sentence.from && tokens[out.from - 1].clause + more >= clause)
            out.from--;
        while (out.to < sentence.to && tokens[out.to].clause <= clause + more)
            out.to++;
        if (more || out.to - out.from >= SHORT)
            return out;
    }
}

/* The opinions of a stretch of tokens are strongest where |positive - negative| is greatest. */
static int32_t strength(struct rs_range range)
{
    struct rs_sums sums = rs_reading_sums(range.part, range.from, range.to);
    return abs(sums.positive - sums.negative);
}

/* The token that adds most to the head of an aspect. */
static size_t table_cue(const struct rs_linear *table, struct rs_range sentence, uint32_t head)
{
    size_t best = sentence.from;
    int32_t most = INT32_MIN;
    for (size_t i = sentence.from; i < sentence.to; i++) {
        uint32_t word = sentence.part->tokens.at[i].hash;
        int32_t weight = rs_linear_row(table, rs_hash_join(RS_SPACE_DETECT, word, 0))[head];
        if (weight > most) {
            most = weight;
            best = i;
        }
    }
    return best;
}

size_t rs_aspects_cue(const struct rs_model *model, struct rs_range sentence, enum rs_aspect aspect)
{
    size_t best = sentence.to;
    int32_t most = -1;
    for (size_t i = sentence.from; i < sentence.to; i++) {
        const struct rs_fact *fact = &sentence.part->facts[i];
        if (!(fact->aspects & 1u << aspect))
            continue;
        size_t last = i + fact->aspect_tokens - 1;
        int32_t strong = strength(rs_aspects_clause(sentence, last));
        if (strong > most) {
            most = strong;
            best = last;
        }
    }
    if (best < sentence.to)
        return best;
    if (model->aspects.weights && aspect != RS_ASPECT_NONE)
        return table_cue(&model->aspects, sentence, (uint32_t)aspect - 1);
    return sentence.from;
}

bool rs_aspects_sentence_features(struct rs_aspects *aspects, struct rs_range sentence)
{
    uint32_t where[RS_ADDS_OPINIONS];
    struct rs_bag *bag = &aspects->sentence;
    if (!rs_bag_begin(bag, (sentence.to - sentence.from) * RS_ADDS_WORDS + RS_ADDS_MORE))
        return false;
    rs_features_words(sentence, RS_SPACE_SENTENCE, bag, NULL);
    rs_features_opinions(rs_reading_sums(sentence.part, sentence.from, sentence.to),
                         RS_SPACE_SENTENCE_OPINIONS, bag, where);
    return true;
}

bool rs_aspects_cue_features(struct rs_aspects *aspects, struct rs_range sentence, size_t cue,
                             enum rs_aspect aspect)
{
    uint32_t where[RS_ADDS_OPINIONS];
    const struct rs_reading_part *part = sentence.part;
    struct rs_range clause = rs_aspects_clause(sentence, cue);
    size_t words = clause.to - clause.from;
    if (!rs_bag_begin(&aspects->clause, words * RS_ADDS_WORDS + RS_ADDS_MORE) ||
        !rs_bag_begin(&aspects->cue, words + RS_ADDS_MORE))
        return false;
    rs_features_words(clause, RS_SPACE_CLAUSE, &aspects->clause, NULL);
    rs_features_opinions(rs_reading_sums(part, clause.from, clause.to), RS_SPACE_CLAUSE_OPINIONS,
                         &aspects->clause, where);
    struct rs_bag *bag = &aspects->cue;
    struct rs_range window = {part, cue - sentence.from > BEFORE ? cue - BEFORE : sentence.from,
                              sentence.to - cue > BEHIND + 1 ? cue + BEHIND + 1 : sentence.to};
    for (size_t i = window.from; i < window.to; i++)
        (void)rs_bag_add(
            bag, rs_hash_join(RS_SPACE_WINDOW + part->facts[i].negated, part->tokens.at[i].hash, 0),
            1);
    rs_features_opinions(rs_reading_sums(part, window.from, window.to), RS_SPACE_WINDOW_OPINIONS,
                         bag, where);
    (void)rs_bag_add(bag, rs_hash_join(RS_SPACE_ASPECT, (uint32_t)aspect, 0), 1);
    for (size_t i = clause.from; aspect != RS_ASPECT_NONE && i < clause.to; i++)
        (void)rs_bag_add(bag,
                         rs_hash_join(RS_SPACE_LABELLED + part->facts[i].negated,
                                      part->tokens.at[i].hash, (uint32_t)aspect),
                         1);
    return true;
}
