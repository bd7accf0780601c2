/* The weights of features are added up in ways that are fast; here in the one that is plain. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "language/linear.h"
#include "language/tagger.h"

enum { SEED = 20, ROUNDS = 200 };

static unsigned draw(unsigned below)
{
    return (unsigned)rand() % below;
}

static void fill(int8_t *weights, size_t count)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = (int8_t)((int)draw(255) - 127);
}

/* --- heads --- */

static void expect_margins(uint32_t heads, uint32_t bits, size_t features, unsigned counts)
{
    static int8_t weights[RS_HEADS_MAX << 12];
    struct rs_linear linear = {.weights = weights, .bits = bits, .heads = heads};
    struct rs_bag bag = {0};
    double margins[RS_HEADS_MAX] = {0};
    int64_t sums[RS_HEADS_MAX] = {0};
    for (uint32_t h = 0; h < heads; h++)
        linear.scale[h] = 0.25;
    fill(weights, (size_t)heads << bits);
    cr_assert(rs_bag_begin(&bag, features));
    for (size_t i = 0; i < features; i++)
        (void)rs_bag_add(&bag, (uint32_t)i * 2654435761u, 1 + draw(counts));
    for (size_t i = 0; i < bag.count; i++)
        for (uint32_t h = 0; h < heads; h++)
            sums[h] += rs_linear_row(&linear, bag.features[i].hash)[h] *
                       rs_bag_weight(bag.features[i].count);
    rs_linear_add(&linear, &bag, margins);
    for (uint32_t h = 0; h < heads; h++)
        cr_expect_eq(margins[h], 0.25 * (double)sums[h] / rs_bag_norm(&bag),
                     "head %u of %u, %zu features", h, heads, features);
    rs_bag_finish(&bag);
}

Test(linear, is_the_sum_of_rows_by_weight)
{
    srand(SEED);
    for (uint32_t heads = 1; heads <= RS_HEADS_MAX; heads++)
        for (size_t features = 1; features < 1200; features += 1 + features / 2)
            for (unsigned counts = 1; counts <= 100; counts *= 10)
                expect_margins(heads, 12, features, counts);
}

/* As many rows of the greatest weight as there are: no sum is too narrow. */
Test(linear, does_not_overflow)
{
    static int8_t weights[2 << 1];
    struct rs_linear linear = {.weights = weights, .bits = 1, .heads = 2, .scale = {1, 1}};
    struct rs_bag bag = {0};
    double margins[2] = {0, 0};
    enum { FEATURES = 5000 };
    for (int sign = -1; sign <= 1; sign += 2) {
        memset(weights, sign < 0 ? -128 : 127, sizeof(weights));
        cr_assert(rs_bag_begin(&bag, FEATURES));
        for (uint32_t i = 0; i < FEATURES; i++)
            (void)rs_bag_add(&bag, i * 2654435761u, 1);
        margins[0] = margins[1] = 0;
        rs_linear_add(&linear, &bag, margins);
        cr_expect_float_eq(margins[0], weights[0] * sqrt(FEATURES), 1e-6);
        cr_expect_float_eq(margins[1], weights[0] * sqrt(FEATURES), 1e-6);
    }
    rs_bag_finish(&bag);
}

/* --- the tagger --- */

enum { BITS = 12, WORDS = 30 };

static struct rs_tag_word any_word(void)
{
    return (struct rs_tag_word){.word = draw(50),
                                .stem = draw(50),
                                .suffix = draw(50),
                                .prefix = draw(50),
                                .kind = (uint8_t)draw(8),
                                .opinion = (uint8_t)draw(4),
                                .noun = (uint8_t)draw(16),
                                .distance = (uint8_t)draw(256),
                                .near = (uint8_t)draw(4)};
}

static int32_t plain_margin(const struct rs_tagger *tagger, const struct rs_tag_word *word,
                            uint32_t features)
{
    uint32_t hashes[RS_TAGGER_FEATURES];
    int32_t first = 0, inside = 0;
    rs_tagger_features(word, hashes);
    for (int i = 0; i < RS_TAGGER_FEATURES; i++) {
        const int8_t *row = rs_linear_row(&tagger->table, hashes[i]);
        first += features >> i & 1 ? row[0] : 0;
        inside += features >> i & 1 ? row[1] : 0;
    }
    return first > inside ? first : inside;
}

Test(linear, of_a_tagger_is_the_sum_of_its_features)
{
    static int8_t weights[RS_TAGGER_HEADS << BITS];
    static struct rs_tagger tagger;
    static struct rs_tag_sentence sentence = {.to = WORDS};
    uint8_t labels[RS_SENTENCE_MAX];
    int32_t margins[RS_SENTENCE_MAX];
    tagger.table = (struct rs_linear){.weights = weights, .bits = BITS, .heads = RS_TAGGER_HEADS};
    sentence.words = sentence.all + RS_TAG_BORDER;
    srand(SEED);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t all = (1u << RS_TAGGER_FEATURES) - 1;
        uint32_t features = round ? (uint32_t)rand() & all : all;
        fill(weights, sizeof(weights));
        rs_tagger_use(&tagger, features);
        for (int i = 0; i < WORDS + 2 * RS_TAG_BORDER; i++)
            sentence.all[i] = any_word();
        rs_tagger_label(&tagger, &sentence, labels, margins);
        for (int i = 0; i < WORDS; i++)
            cr_expect_eq(margins[i], plain_margin(&tagger, &sentence.words[i], features),
                         "features %x, word %d", features, i);
    }
}
