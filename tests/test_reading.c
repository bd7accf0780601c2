/* What the dictionary says about words in their places: opinions, negation, phrases, aspects. */
#include <criterion/criterion.h>
#include <string.h>

#include "language/reading.h"
#include "support/alloc.h"

/* As in dictionary.h: value, boost, flags, aspects. */
static const char words[] = "but\t0\t0\tc\t0\n"
                            "clean\t200\t0\t8\t0\n"
                            "desk\t0\t0\t0\t4000\n"
                            "didn\t0\t0\t2\t0\n"
                            "dirty\t-200\t0\t8\t0\n"
                            "front desk\t0\t0\t0\t10\n"
                            "great\t200\t0\t8\t0\n"
                            "not\t0\t0\t1\t0\n"
                            "not bad\t300\t0\t100\t0\n"
                            "very\t0\t150\t0\t0\n"
                            "wi - fi\t0\t0\t20\t10000\n"
                            "work\t100\t0\t0\t0\n";

static const struct {
    const char *text;
    int32_t positive, negative;
} rows[] = {
    {"", 0, 0},
    {"clean", 200, 0},
    {"CLEAN", 200, 0},
    {"very clean", 300, 0},
    {"not clean", 0, 140},
    {"wasn't very clean", 0, 210},
    {"wasn\xe2\x80\x99t clean", 0, 140},
    {"not dirty", 80, 0},
    {"not bad", 300, 0},
    {"not, clean", 200, 0},
    {"not but clean", 200, 0},
    {"not. Clean", 200, 0},
    {"not\nclean", 200, 0},
    {"not one two three clean", 0, 140},
    {"not one two three four clean", 200, 0},
    {"didn t work", 0, 70},
    {"didn work", 100, 0},
    {"great but dirty", 200, 200},
};

static struct rs_dictionary dictionary_of(void)
{
    struct rs_dictionary out;
    struct rs_error error = {""};
    cr_assert(rs_dictionary_read(&out, (struct rs_bytes){words, sizeof(words) - 1}, &error), "%s",
              error.text);
    return out;
}

Test(reading, adds_up_opinions)
{
    struct rs_dictionary dictionary = dictionary_of();
    struct rs_reading reading = {0};
    struct rs_reading_part *part = &reading.parts[RS_BODY];
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cr_assert(rs_reading_read(part, &dictionary, rs_text(rows[i].text)));
        struct rs_sums sums = rs_reading_sums(part, 0, part->tokens.count);
        cr_expect_eq(sums.positive, rows[i].positive, "%s: %d", rows[i].text, sums.positive);
        cr_expect_eq(sums.negative, rows[i].negative, "%s: %d", rows[i].text, sums.negative);
    }
    rs_reading_finish(&reading);
    rs_reading_finish(NULL);
    rs_dictionary_finish(&dictionary);
}

Test(reading, gives_an_aspect_to_the_longest_entry)
{
    struct rs_dictionary dictionary = dictionary_of();
    struct rs_reading reading = {0};
    struct rs_reading_part *part = &reading.parts[RS_BODY];
    cr_assert(rs_reading_read(part, &dictionary, rs_text("front desk, desk, Wi-Fi")));
    cr_expect_eq(part->facts[0].aspects, 1 << RS_ASPECT_CHECKIN);
    cr_expect_eq(part->facts[0].aspect_tokens, 2);
    cr_expect_eq(part->facts[1].aspects, 0);
    cr_expect_eq(part->facts[3].aspects, 1 << RS_ASPECT_AMENITIES);
    cr_expect_eq(part->facts[5].aspects, 1 << RS_ASPECT_WIFI);
    rs_reading_finish(&reading);
    rs_dictionary_finish(&dictionary);
}

Test(reading, knows_where_sentences_and_clauses_end)
{
    struct rs_dictionary dictionary = dictionary_of();
    struct rs_reading reading = {0};
    struct rs_reading_part *part = &reading.parts[RS_BODY];
    cr_assert(rs_reading_read(part, &dictionary, rs_text("a b, c d. E f")));
    cr_expect_eq(rs_clause_end(part, 0), 2);
    cr_expect_eq(rs_clause_end(part, 2), 5);
    cr_expect_eq(rs_sentence_end(part, 0), 6);
    cr_expect_eq(rs_sentence_end(part, 6), 8);
    rs_reading_finish(&reading);
    rs_dictionary_finish(&dictionary);
}

Test(reading, survives_every_failed_allocation)
{
    struct rs_dictionary dictionary = dictionary_of();
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_reading reading = {0};
        struct rs_reading_part *part = &reading.parts[RS_BODY];
        bool read = rs_reading_read(part, &dictionary, rs_text("great front desk"));
        cr_expect_eq(part->tokens.count, read ? 3 : 0);
        rs_reading_finish(&reading);
    }
    rs_dictionary_finish(&dictionary);
}

static const char *const damaged[] = {
    "good\n",
    "good\t1\t0\t0\t0",
    "\t1\t0\t0\t0\n",
    "good\tx\t0\t0\t0\n",
    "good\t2000\t0\t0\t0\n",
    "good\t1\t0\t0\n",
    "good\t1\t0\t0\t0\t\n",
    "a\t1\t0\t0\t0\na\t1\t0\t0\t0\n",
    "a b c d e f g h i\t1\t0\t0\t0\n",
};

Test(dictionary, is_refused_when_damaged)
{
    for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
        struct rs_dictionary out;
        struct rs_error error = {""};
        cr_expect_not(rs_dictionary_read(&out, rs_text(damaged[i]), &error), "%s", damaged[i]);
        cr_expect(strstr(error.text, "line"), "%s", error.text);
    }
}
