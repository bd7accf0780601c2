/* The whole analysis with the model that ships: what must hold for any review. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "language/analysis.h"
#include "language/model.h"
#include "language/render.h"
#include "support/alloc.h"

static struct rs_model *model;
static struct rs_analyser *analyser;

static void set_up(void)
{
    struct rs_error error = {""};
    model = rs_model_read(rs_model_built_in(), &error);
    cr_assert(model, "%s", error.text);
    analyser = rs_analyser_create(model);
    cr_assert(analyser);
}

static void tear_down(void)
{
    rs_analyser_destroy(analyser);
    rs_analyser_destroy(NULL);
    rs_model_destroy(model);
}

static struct rs_analysis analyse(const char *title, const char *text, const char *locale)
{
    struct rs_analysis out;
    const struct rs_review_text review = {
        .title = rs_text(title), .text = rs_text(text), .locale = rs_text(locale)};
    cr_assert(rs_analyse(analyser, &review, &out));
    return out;
}

/* Bit 1 << aspect for each with the polarity; NONE: any. */
static uint32_t aspects(const struct rs_analysis *analysis, enum rs_polarity polarity)
{
    uint32_t out = 0;
    for (size_t i = 0; i < analysis->aspect_count; i++)
        if (!polarity || analysis->aspects[i].polarity == polarity)
            out |= 1u << analysis->aspects[i].aspect;
    return out;
}

/* A run of 108 bytes without a sign: "The room is clean, breakfast is good, …" */
#define LONG_RUN                                                                                   \
    "\xe6\x88\xbf\xe9\x97\xb4\xe5\xbe\x88\xe5\xb9\xb2\xe5\x87\x80\xe6\x97\xa9"                     \
    "\xe9\xa4\x90\xe4\xb9\x9f\xe5\xbe\x88\xe5\xa5\xbd\xe5\x90\x83\xe6\x9c\x8d"                     \
    "\xe5\x8a\xa1\xe5\x91\x98\xe9\x9d\x9e\xe5\xb8\xb8\xe7\x83\xad\xe6\x83\x85"                     \
    "\xe5\x9c\xb0\xe9\x93\x81\xe7\xab\x99\xe5\xb0\xb1\xe5\x9c\xa8\xe6\x97\x81"                     \
    "\xe8\xbe\xb9\xe6\x88\x91\xe4\xbb\xac\xe4\xb8\x8b\xe6\xac\xa1\xe8\xbf\x98"                     \
    "\xe4\xbc\x9a\xe5\x86\x8d\xe6\x9d\xa5\xe4\xbd\x8f\xe8\xbf\x99\xe9\x87\x8c"

static const struct {
    const char *title, *text, *locale, *language;
    enum rs_polarity polarity;
} rows[] = {
    {NULL, "The staff was friendly and the room was spotless.", NULL, "en", RS_POLARITY_POSITIVE},
    {NULL, "Dirty room, rude staff, never again.", NULL, "en", RS_POLARITY_NEGATIVE},
    {NULL, "We stayed here for two nights in May.", NULL, "en", RS_POLARITY_NEUTRAL},
    {NULL, "Excellent!", NULL, "en", RS_POLARITY_POSITIVE},
    {NULL, "Excellent!", "fr", "fr", RS_POLARITY_UNSUPPORTED},
    {NULL, "Excellent!", "en-GB", "en", RS_POLARITY_POSITIVE},
    {NULL, NULL, NULL, "und", RS_POLARITY_UNKNOWN},
    {"", "", "en", "en", RS_POLARITY_UNKNOWN},
    {NULL, " \n\t ", NULL, "und", RS_POLARITY_UNKNOWN},
    {NULL, "... !!! ,", NULL, "und", RS_POLARITY_UNKNOWN},
    {NULL, "12345 67", NULL, "und", RS_POLARITY_UNKNOWN},
    {NULL, "xxxxxxxxxxxxxxxx", NULL, "und", RS_POLARITY_UNKNOWN},
    {NULL, "#NAME?", NULL, "und", RS_POLARITY_UNKNOWN},
    {NULL, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd a", NULL, "und", RS_POLARITY_UNKNOWN},
    {NULL, "\xff\xfe\xfd", NULL, "und", RS_POLARITY_UNKNOWN},
    {"Wonderful hotel", "....", NULL, "en", RS_POLARITY_POSITIVE},
    {NULL, "Das Zimmer war leider sehr schmutzig und die Nacht war laut.", NULL, "de",
     RS_POLARITY_UNSUPPORTED},
    {NULL, "Das Zimmer war leider sehr schmutzig und die Nacht war laut.", "en", "de",
     RS_POLARITY_UNSUPPORTED},
    {NULL, "\xe6\x88\xbf\xe9\x97\xb4\xe5\xbe\x88\xe5\xb9\xb2\xe5\x87\x80", "zh", "zh",
     RS_POLARITY_UNSUPPORTED},
    {NULL, LONG_RUN LONG_RUN LONG_RUN LONG_RUN LONG_RUN, NULL, "zh", RS_POLARITY_UNSUPPORTED},
    {NULL, "The room was dirty and the staff were not helpful at all when we asked.", "de", "en",
     RS_POLARITY_NEGATIVE},
};

Test(analyse, says_what_a_text_says, .init = set_up, .fini = tear_down)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_analysis out = analyse(rows[i].title, rows[i].text, rows[i].locale);
        bool scored = rows[i].polarity > RS_POLARITY_UNSUPPORTED;
        cr_expect_eq(out.polarity, rows[i].polarity, "row %zu: %s", i,
                     rs_polarity_name(out.polarity));
        cr_expect_str_eq(out.language, rows[i].language, "row %zu: %s", i, out.language);
        cr_expect_eq(out.scored, scored, "row %zu", i);
        cr_expect(scored || (!out.aspect_count && !out.tag_count && !out.evidence_count));
    }
}

static const struct {
    const char *one, *other;
    enum rs_aspect aspect;
} opposites[] = {
    {"The room was clean.", "The room was not clean.", RS_ASPECT_CLEANLINESS},
    {"The staff was friendly.", "The staff wasn't friendly.", RS_ASPECT_STAFF},
    {"The breakfast was good.", "The breakfast was not good.", RS_ASPECT_BREAKFAST},
    {"The bed was comfortable.", "The bed was never comfortable.", RS_ASPECT_BED},
    {"The location is great.", "The location isn\xe2\x80\x99t great.", RS_ASPECT_LOCATION},
};

Test(analyse, turns_with_a_negation, .init = set_up, .fini = tear_down)
{
    for (size_t i = 0; i < sizeof(opposites) / sizeof(*opposites); i++) {
        struct rs_analysis one = analyse(NULL, opposites[i].one, NULL);
        cr_expect_eq(one.polarity, RS_POLARITY_POSITIVE, "%s", opposites[i].one);
        cr_expect(aspects(&one, RS_POLARITY_POSITIVE) & 1u << opposites[i].aspect);
        struct rs_analysis other = analyse(NULL, opposites[i].other, NULL);
        cr_expect_eq(other.polarity, RS_POLARITY_NEGATIVE, "%s", opposites[i].other);
        cr_expect(aspects(&other, RS_POLARITY_NEGATIVE) & 1u << opposites[i].aspect, "%s",
                  opposites[i].other);
    }
}

static const char *const sentences[] = {
    "The staff was friendly. ",
    "The room was not clean. ",
    "Parking costs a fortune! ",
    "We loved the breakfast. ",
    "The pool is cold, but the sauna is great. ",
};

Test(analyse, finds_the_same_aspects_in_any_order, .init = set_up, .fini = tear_down)
{
    enum { COUNT = sizeof(sentences) / sizeof(*sentences) };
    uint32_t first[2] = {0, 0};
    for (size_t start = 0; start < COUNT; start++) {
        char text[512] = "";
        for (size_t i = 0; i < COUNT; i++)
            strcat(text, sentences[(start + i) % COUNT]);
        struct rs_analysis out = analyse(NULL, text, NULL);
        const uint32_t found[2] = {aspects(&out, RS_POLARITY_NONE),
                                   aspects(&out, RS_POLARITY_POSITIVE)};
        if (start == 0)
            memcpy(first, found, sizeof(first));
        cr_expect_eq(found[0], first[0], "from sentence %zu", start);
        cr_expect_eq(found[1], first[1], "from sentence %zu", start);
    }
    cr_expect(first[0] & 1u << RS_ASPECT_STAFF && first[0] & 1u << RS_ASPECT_WELLNESS);
}

Test(analyse, does_not_mind_case_and_white_space, .init = set_up, .fini = tear_down)
{
    static const char *const texts[] = {
        "The staff was friendly, but the room wasn't clean.",
        "THE STAFF WAS FRIENDLY, BUT THE ROOM WASN'T CLEAN.",
        "  \n The staff was friendly, but the room wasn't clean. \t",
    };
    struct rs_analysis first = analyse(NULL, texts[0], NULL);
    for (size_t i = 1; i < sizeof(texts) / sizeof(*texts); i++) {
        struct rs_analysis out = analyse(NULL, texts[i], NULL);
        cr_expect_eq(out.score, first.score, "%s", texts[i]);
        cr_expect_eq(out.polarity, first.polarity, "%s", texts[i]);
        cr_expect_eq(aspects(&out, RS_POLARITY_POSITIVE), aspects(&first, RS_POLARITY_POSITIVE));
        cr_expect_eq(aspects(&out, RS_POLARITY_NONE), aspects(&first, RS_POLARITY_NONE));
    }
}

Test(analyse, shows_no_half_of_a_word, .init = set_up, .fini = tear_down)
{
    static const char text[] = "From check-in to check-out everything was great.";
    struct rs_analysis out = analyse(NULL, text, "en");
    cr_assert(aspects(&out, RS_POLARITY_POSITIVE) & 1u << RS_ASPECT_CHECKIN);
    for (size_t i = 0; i < out.aspect_count; i++) {
        struct rs_span span = out.aspects[i].span;
        cr_expect(span.start == 0 || text[span.start - 1] == ' ', "from %u", span.start);
        cr_expect(text[span.end] == ' ' || text[span.end] == '.' || !text[span.end], "to %u",
                  span.end);
    }
}

static void check_span(struct rs_bytes text, struct rs_span span)
{
    cr_assert(span.start < span.end && span.end <= text.len);
    cr_expect(rs_utf8_is_valid((struct rs_bytes){text.data + span.start, span.end - span.start}));
}

static const char *const hostile[] = {
    "great \xf0\x9f\x98\x80\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd staff \xe2\x80\xae"
    "desrever",
    "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81 good room",
    "\xef\xbb\xbfnice \xe2\x80\x8b place",
    "The r\xc3\xb6\xc3\xb6m was gr\xc3\xa9"
    "at \xe2\x80\x94 staff \xe2\x80\x9c"
    "friendly\xe2\x80\x9d",
    "<script>alert(1)</script> good hotel, bad staff",
    "%s%n%d great room \\0 \"quoted\"",
    "'; DROP TABLE reviews; -- nice staff",
    "good, good, good, good but bad and bad and bad",
};

Test(analyse, gives_spans_on_characters_that_carry_the_score, .init = set_up, .fini = tear_down)
{
    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        struct rs_analysis out = analyse(NULL, hostile[i], "en");
        int32_t weight = 0;
        for (size_t k = 0; k < out.evidence_count; k++) {
            check_span(rs_text(hostile[i]), out.evidence[k].span);
            weight += out.evidence[k].weight;
        }
        cr_expect(!out.scored || (weight >= 500 && weight <= 1000), "%s: %d", hostile[i], weight);
        for (size_t k = 0; k < out.aspect_count; k++)
            check_span(rs_text(hostile[i]), out.aspects[k].span);
    }
}

Test(analyse, takes_a_megabyte, .init = set_up, .fini = tear_down)
{
    static const char *const units[] = {
        "good ", "a", "!", "not bad, ", "\xe4\xb8\xad", "\xf0\x9f\x98\x80", "\xff", "x. "};
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        size_t len = strlen(units[i]), count = (1 << 20) / len;
        char *text = malloc(len * count);
        for (size_t k = 0; k < count; k++)
            memcpy(text + k * len, units[i], len);
        struct rs_analysis out;
        const struct rs_review_text review = {.text = {text, len * count}};
        cr_expect(rs_analyse(analyser, &review, &out), "%s", units[i]);
        free(text);
    }
}

Test(analyse, survives_every_failed_allocation, .init = set_up, .fini = tear_down)
{
    const struct rs_review_text review = {.title = rs_text("Great hotel"),
                                          .text = rs_text("Friendly staff, but a dirty room.")};
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_analyser *other = rs_analyser_create(model);
        struct rs_analysis out;
        if (other && !rs_analyse(other, &review, &out))
            cr_expect(rs_analyse(other, &review, &out)); /* it can be used again */
        rs_analyser_destroy(other);
    }
}

Test(render, writes_thousandths_as_decimals)
{
    struct rs_buffer out = {0};
    static const int32_t values[] = {0, -1, 34, -999, 1000, -1000};
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        rs_render_thousandths(values[i], &out);
        rs_buffer_add_text(&out, " ");
    }
    cr_expect_str_eq(out.data, "0.000 -0.001 0.034 -0.999 1.000 -1.000 ");
    rs_buffer_finish(&out);
}

Test(render, says_null_where_there_is_no_score, .init = set_up, .fini = tear_down)
{
    struct rs_buffer out = {0};
    struct rs_analysis none = analyse(NULL, "", NULL);
    rs_render_sentiment(&none, "m@1", &out);
    rs_buffer_add_text(&out, ",");
    rs_render_tags(&none, &out);
    cr_expect_str_eq(out.data, "\"language\":\"und\",\"sentiment\":{\"polarity\":\"unknown\","
                               "\"score\":null,\"confidence\":null,\"model\":\"m@1\","
                               "\"evidence\":[]},\"aspects\":[],\"tags\":[]");
    rs_buffer_finish(&out);
}
