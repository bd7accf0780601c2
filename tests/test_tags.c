/* Tags of reviews, with a small dictionary and a tagger that knows four words. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/utf8.h"
#include "language/analysis.h"
#include "language/hash.h"
#include "language/model.h"
#include "language/tags.h"
#include "support/alloc.h"
#include "support/tags_text.h"

/* As in dictionary.h: value, boost, flags (8 English, 10 stop, 20 core noun, 200 thing, 400
 * adjective, 1 negator, 4 ends its reach), aspects (2 overall, 4 location, 8 staff, 10 checkin,
 * 20 room, 40 bathroom, 1000 breakfast, 40000 wifi). */
static const char words[] = "a\t0\t0\t18\t0\n"
                            "all inclusive buffet\t0\t0\t20\t0\n"
                            "and\t0\t0\t18\t0\n"
                            "bathroom\t0\t0\t20\t40\n"
                            "breakfast\t0\t0\t20\t1000\n"
                            "breakfasts\t0\t0\t20\t1000\n"
                            "but\t0\t0\t1c\t0\n"
                            "buffet\t0\t0\t20\t1000\n"
                            "check - in\t0\t0\t20\t10\n"
                            "check in\t0\t0\t20\t10\n"
                            "checkin\t0\t0\t20\t10\n"
                            "clean\t200\t0\t408\t0\n"
                            "friendly\t200\t0\t408\t0\n"
                            "front desk\t0\t0\t20\t10\n"
                            "great\t200\t0\t408\t0\n"
                            "hotel\t0\t0\t28\t2\n"
                            "in\t0\t0\t18\t0\n"
                            "is\t0\t0\t18\t0\n"
                            "it\t0\t0\t18\t0\n"
                            "location\t0\t0\t20\t4\n"
                            "loved\t300\t0\t8\t0\n"
                            "not\t0\t0\t19\t0\n"
                            "of\t0\t0\t18\t0\n"
                            "price\t0\t0\t200\t0\n"
                            "receptionist\t0\t0\t20\t10\n"
                            "room\t0\t0\t20\t20\n"
                            "rooms\t0\t0\t20\t20\n"
                            "rude\t-200\t0\t400\t0\n"
                            "sea view\t0\t0\t20\t0\n"
                            "slow\t-200\t0\t408\t0\n"
                            "staff\t0\t0\t20\t8\n"
                            "the\t0\t0\t18\t0\n"
                            "very\t0\t140\t18\t0\n"
                            "view\t0\t0\t200\t20\n"
                            "was\t0\t0\t18\t0\n"
                            "were\t0\t0\t18\t0\n"
                            "wi - fi\t0\t0\t20\t40000\n"
                            "wifi\t0\t0\t20\t40000\n";

enum { BITS = 12, MARGIN = 100 };

struct kit {
    struct rs_dictionary dictionary;
    struct rs_tagger tagger;
    int8_t weights[RS_TAGGER_HEADS << BITS];
    struct rs_reading reading;
    struct rs_tags *tags;
    struct rs_analysis out;
};

/* The tagger knows words by themselves only (feature 0). */
static void teach(struct kit *kit, const char *word, enum rs_tag_label label)
{
    uint32_t features[RS_TAGGER_FEATURES];
    const struct rs_tag_word around[5] = {[2] = {.word = rs_hash(word, strlen(word))}};
    rs_tagger_features(&around[2], features);
    kit->weights[(features[0] & ((1u << BITS) - 1)) * RS_TAGGER_HEADS + label - RS_TAG_B] = MARGIN;
}

static struct kit *create(void)
{
    static struct kit kit;
    struct rs_error error;
    memset(&kit, 0, sizeof(kit));
    cr_assert(rs_dictionary_read(&kit.dictionary, rs_text(words), &error), "%s", error.text);
    kit.tags = rs_tags_create();
    cr_assert_not_null(kit.tags);
    kit.tagger = (struct rs_tagger){
        .table = {.weights = kit.weights, .bits = BITS, .heads = RS_TAGGER_HEADS},
        .nouns = true,
        .noun_limit = -1,
        .thing_limit = -1,
        .span_limit = MARGIN - 1,
        .noun_bonus = 500,
        .far_cost = 50,
        .count_bonus = 100,
    };
    rs_tagger_use(&kit.tagger, 1);
    kit.tagger.moves[RS_TAG_O][RS_TAG_I] = -RS_TAGGER_MARGIN_MAX;
    kit.tagger.moves[RS_TAG_LABELS][RS_TAG_I] = -RS_TAGGER_MARGIN_MAX;
    teach(&kit, "chandelier", RS_TAG_B);
    teach(&kit, "marble", RS_TAG_B);
    teach(&kit, "floors", RS_TAG_I);
    teach(&kit, "it", RS_TAG_B);
    return &kit;
}

static void destroy(struct kit *kit)
{
    rs_tags_destroy(kit->tags);
    rs_reading_finish(&kit->reading);
    rs_dictionary_finish(&kit->dictionary);
}

static bool find_bytes(struct kit *kit, struct rs_bytes title, struct rs_bytes text,
                       struct rs_bytes name)
{
    static const bool keep[RS_PARTS] = {true, true};
    return rs_reading_read(&kit->reading.parts[RS_TITLE], &kit->dictionary, title) &&
           rs_reading_read(&kit->reading.parts[RS_BODY], &kit->dictionary, text) &&
           rs_tags_find(kit->tags, &kit->tagger, &kit->dictionary, &kit->reading, keep, name,
                        &kit->out);
}

static void find(struct kit *kit, const char *title, const char *text, const char *name)
{
    cr_assert(find_bytes(kit, rs_text(title), rs_text(text), rs_text(name)));
}

static const char *show(const struct kit *kit, bool sorted)
{
    return tags_text(&kit->out, sorted);
}

static const struct {
    const char *name, *title, *text, *product, *want;
} rows[] = {
    {"no words, no tags", NULL, "", NULL, ""},
    {"an opinion goes before the noun", NULL, "The check-in was slow", NULL,
     "check-in (slow check-in) checkin negative"},
    {"or stands there already", NULL, "Great location.", NULL,
     "location (great location) location positive"},
    {"a verb is no part of the phrase", NULL, "Loved breakfast", NULL,
     "breakfast () breakfast positive"},
    {"a negated opinion turns", NULL, "The rooms were not clean", NULL, "rooms () room negative"},
    {"opposite opinions are mixed", NULL, "Great room. The room was slow", NULL,
     "room (great room) room mixed"},
    {"without an opinion there is no polarity", NULL, "We had a room", NULL, "room () room -"},
    {"case is no difference", NULL, "GREAT Location. great LOCATION", NULL,
     "location (great location) location positive"},
    {"nor is number; the first form is shown", NULL, "Great rooms. The room was great", NULL,
     "rooms (great rooms) room positive"},
    {"nor are hyphens and spaces", NULL, "Checkin was slow, check in was slow, slow check-in", NULL,
     "checkin (slow checkin) checkin negative"},
    {"nor a slip of the pen", NULL, "Rude receptionist. The receptionst was rude", NULL,
     "receptionist (rude receptionist) checkin negative"},
    {"nouns side by side are one", NULL, "the front desk staff", NULL,
     "front desk staff () staff -"},
    {"the longer entry counts", NULL, "all inclusive buffet breakfast", NULL,
     "all inclusive buffet breakfast () breakfast -"},
    {"the house before a noun is left out", NULL, "hotel room", NULL, "room () room -"},
    {"other nouns need an opinion beside them", NULL, "we saw the price and a view", NULL, ""},
    {"which is before them", NULL, "great view", NULL, "view (great view) room positive"},
    {"or behind a form of to be", NULL, "the view was very great", NULL,
     "view (great view) room positive"},
    {"which may be left out", NULL, "staff friendly and helpful", NULL,
     "staff (friendly staff) staff positive"},
    {"if nothing follows that the opinion is about", NULL, "staff great chandelier", NULL,
     "staff () staff positive; chandelier (great chandelier) - positive"},
    {"but not behind a sign", NULL, "great, view", NULL, ""},
    {"the aspect of a phrase is its last word's", NULL, "Great sea view", NULL,
     "sea view (great sea view) room positive"},
    {"the tagger finds what no list has", NULL, "a chandelier", NULL, "chandelier () - -"},
    {"of more than one word", NULL, "they have marble floors", NULL, "marble floors () - -"},
    {"inside cannot come first", NULL, "floors", NULL, ""},
    {"stop words are no tags", NULL, "it was great", NULL, ""},
    {"title and text count together", "Great room", "A clean room, great location", NULL,
     "room (great room) room positive; location (great location) location positive"},
    {"the whole name is no tag", NULL, "The Great Location Hotel was great", "Great Location Hotel",
     ""},
    {"nor is its own word, with the house", NULL, "Hotel Casci was great, Casci is great",
     "Hotel Casci", ""},
    {"the rest of the sentence is", NULL, "Hotel Casci has great breakfasts", "HOTEL CASCI",
     "breakfasts (great breakfasts) breakfast positive"},
    {"common words of a name are free", NULL, "great sea view", "The Sea View Hotel",
     "sea view (great sea view) room positive"},
    {"the name of nothing is nothing", NULL, "great room", " - ",
     "room (great room) room positive"},
};

Test(tags, are_what_the_review_talks_about)
{
    struct kit *kit = create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        find(kit, rows[i].title, rows[i].text, rows[i].product);
        cr_expect_str_eq(show(kit, false), rows[i].want, "%s: %s", rows[i].name, show(kit, false));
    }
    destroy(kit);
}

Test(tags, are_ten_at_most_and_fall_in_weight)
{
    static const char text[] =
        "Great room. Great room. Great location. The staff. The bathroom. Breakfast. Wi-Fi. "
        "Check-in. Front desk. Chandelier. Marble floors. Sea view. Receptionist. Hotel. Buffet.";
    struct kit *kit = create();
    find(kit, NULL, text, NULL);
    cr_assert_eq(kit->out.tag_count, RS_TAGS_MAX);
    for (size_t i = 0; i < RS_TAGS_MAX; i++) {
        int32_t weight = kit->out.tags[i].weight;
        cr_expect(weight >= 0 && weight <= 1000);
        cr_expect(i == 0 || weight <= kit->out.tags[i - 1].weight);
    }
    cr_expect_eq(strncmp(kit->out.tags[0].tag.data, "room", 4), 0, "two mentions come first");
    cr_expect_eq(strncmp(kit->out.tags[1].tag.data, "location", 8), 0, "then one with an opinion");
    destroy(kit);
}

Test(tags, say_where_they_are)
{
    struct kit *kit = create();
    find(kit, "Gro\xc3\x9f WI-FI",
         "\xf0\x9f\x98\x80 wifi, Wi\xe2\x80\x91"
         "Fi",
         NULL);
    cr_assert_eq(kit->out.tag_count, 1);
    const struct rs_tag *tag = &kit->out.tags[0];
    cr_assert_eq(tag->span_count, 3);
    cr_expect(tag->spans[0].part == RS_TITLE && tag->spans[0].start == 6 &&
              tag->spans[0].end == 11);
    cr_expect(tag->spans[1].part == RS_BODY && tag->spans[1].start == 5 && tag->spans[1].end == 9);
    cr_expect(tag->spans[2].start == 11 && tag->spans[2].end == 18);
    for (int i = 0; i < 20; i++)
        find(kit, NULL, "wifi wifi wifi. wifi. wifi. wifi. wifi. wifi. wifi. wifi. wifi.", NULL);
    cr_assert_eq(kit->out.tag_count, 2, "\"wifi wifi wifi\" is one noun");
    cr_expect_eq(kit->out.tags[0].span_count, RS_TAG_SPANS_MAX);
    destroy(kit);
}

Test(tags, do_not_depend_on_case_white_space_or_the_order_of_sentences)
{
    static const char *const forms[] = {
        "Great location. Rude staff at the front desk. A chandelier. The room was not clean.",
        "GREAT LOCATION. RUDE STAFF AT THE FRONT DESK. A CHANDELIER. THE ROOM WAS NOT CLEAN.",
        "great location. rude staff at the front desk. a chandelier. the room was not clean.",
        (" \t\n Great location.\n\nRude   staff at the\tfront desk. A chandelier.  The room was "
         "not "
         "clean.  \r\n"),
        "The room was not clean. A chandelier. Rude staff at the front desk. Great location.",
    };
    struct kit *kit = create();
    char first[1024];
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        find(kit, NULL, forms[i], NULL);
        if (i == 0)
            (void)snprintf(first, sizeof(first), "%s", show(kit, true));
        cr_expect_str_eq(show(kit, true), first, "%s", forms[i]);
    }
    cr_expect_eq(kit->out.tag_count, 5);
    destroy(kit);
}

Test(tags, of_parts_that_are_not_kept_are_none)
{
    static const bool keep[RS_PARTS] = {false, true};
    struct kit *kit = create();
    find(kit, "Great room", "Great location", NULL);
    cr_expect_eq(kit->out.tag_count, 2);
    cr_expect(rs_tags_find(kit->tags, &kit->tagger, &kit->dictionary, &kit->reading, keep,
                           rs_text(NULL), &kit->out));
    cr_expect_str_eq(show(kit, false), "location (great location) location positive");
    kit->tagger.table.weights = NULL;
    find(kit, "Great room", "Great location", NULL);
    cr_expect_eq(kit->out.tag_count, 0, "a model without a tagger has no tags");
    destroy(kit);
}

Test(tags, come_from_the_tagger_alone_where_the_model_says_so)
{
    struct kit *kit = create();
    kit->tagger.nouns = false;
    find(kit, NULL, "Great room. Marble floors. A chandelier", NULL);
    cr_expect_str_eq(show(kit, false), "chandelier () - -; marble floors () - -");
    destroy(kit);
}

static void check(const struct kit *kit, size_t title_len, size_t text_len, const char *name)
{
    const size_t lens[RS_PARTS] = {title_len, text_len};
    cr_assert_leq(kit->out.tag_count, RS_TAGS_MAX, "%s", name);
    for (size_t i = 0; i < kit->out.tag_count; i++) {
        const struct rs_tag *tag = &kit->out.tags[i];
        cr_expect(tag->tag.len > 0 && rs_utf8_is_valid(tag->tag), "%s", name);
        cr_expect(rs_utf8_is_valid(tag->phrase), "%s", name);
        cr_expect(tag->span_count > 0, "%s", name);
        for (size_t k = 0; k < tag->span_count; k++)
            cr_expect(tag->spans[k].start < tag->spans[k].end &&
                          tag->spans[k].end <= lens[tag->spans[k].part],
                      "%s", name);
    }
}

Test(tags, of_any_bytes_are_text_inside_the_review)
{
    static const char *const hostile[] = {
        "great \xff room",
        "great room\xc3",
        "\xed\xa0\x80 room \xf4\x90\x80\x80",
        "r\xcc\x88oom great room",
        ("\xe2\x80\xae"
         "moor room"),
        "room\xe2\x80\x8broom great",
        "<script>room</script> '; DROP TABLE room; --",
        "\xd8\xba\xd8\xb1\xd9\x81\xd8\xa9 great room \xe6\x88\xbf\xe9\x97\xb4",
        "room room room room room room room room room room",
        "''''''-----room-----",
    };
    struct kit *kit = create();
    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        find(kit, hostile[i], hostile[i], hostile[i]);
        check(kit, strlen(hostile[i]), strlen(hostile[i]), hostile[i]);
        find(kit, hostile[i], hostile[i], NULL);
        check(kit, strlen(hostile[i]), strlen(hostile[i]), hostile[i]);
    }
    cr_assert(find_bytes(kit, (struct rs_bytes){"great\0room", 10}, rs_text("room"),
                         (struct rs_bytes){"\0", 1}));
    check(kit, 10, 4, "a zero byte");
    destroy(kit);
}

Test(tags, are_no_longer_than_a_phrase)
{
    struct kit *kit = create();
    char text[400] = "great ";
    memset(text + 6, 'x', 300);
    memcpy(text + 306, "room", 5);
    find(kit, NULL, text, NULL);
    cr_expect_eq(kit->out.tag_count, 0);
    find(kit, NULL, "room bathroom location breakfast buffet staff room", NULL);
    cr_expect_eq(kit->out.tag_count, 0, "seven nouns in a row are no phrase");
    destroy(kit);
}

static double seconds(struct kit *kit, const char *unit, size_t bytes)
{
    char *text = malloc(bytes + 1);
    size_t len = strlen(unit);
    cr_assert_not_null(text);
    for (size_t i = 0; i < bytes; i++)
        text[i] = unit[i % len];
    text[bytes] = '\0';
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    find(kit, text, text, "Room View Hotel");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    check(kit, bytes, bytes, unit);
    free(text);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

Test(tags, of_a_megabyte_take_time_in_proportion)
{
    static const char *const units[] = {"great room ", "room ",   "x",       "room view hotel ",
                                        "a1 ",         "great, ", "room.\n", "\xf0\x9f\x98\x80",
                                        "(((",         "- "};
    struct kit *kit = create();
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        double part = seconds(kit, units[i], 64 << 10), whole = seconds(kit, units[i], 1 << 20);
        cr_expect_lt(whole, 64 * part + 0.5, "%s: %g s, then %g s", units[i], part, whole);
    }
    destroy(kit);
}

/* More different things than there is room for: the best are kept, and nothing else happens. */
Test(tags, of_a_thousand_things_are_still_ten)
{
    struct kit *kit = create();
    char text[16384] = "";
    size_t len = 0;
    memset(kit->weights, 0, sizeof(kit->weights));
    for (size_t i = 0; i < sizeof(kit->weights); i += RS_TAGGER_HEADS)
        kit->weights[i] = MARGIN;
    for (int i = 0; i < 1000; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "w%cq%cz%c, ", 'a' + i % 26,
                                'a' + i / 26 % 26, 'a' + i / 676);
    find(kit, NULL, text, NULL);
    check(kit, 0, len, "a thousand words");
    cr_expect_eq(kit->out.tag_count, RS_TAGS_MAX);
    destroy(kit);
}

Test(tags, survive_every_failed_allocation)
{
    struct kit *kit = create();
    rs_tags_destroy(kit->tags);
    for (long n = 0; rs_alloc_more(n); n++) {
        kit->out.tag_count = 7;
        kit->tags = rs_tags_create();
        bool found = kit->tags && find_bytes(kit, rs_text("Great room"), rs_text("A location"),
                                             rs_text("Hotel Casci"));
        cr_expect(!found || kit->out.tag_count == 2);
        rs_tags_destroy(kit->tags);
        rs_reading_finish(&kit->reading);
        kit->tags = NULL;
    }
    cr_expect_eq(kit->out.tag_count, 2, "the last round is whole");
    destroy(kit);
}
