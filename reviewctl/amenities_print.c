/* amenities_print - what travellers say, as tables with bars. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amenities.h"
#include "table.h"

enum { BAR = 30, WORDS = 60, TAG = 28, TAGS_SHOWN = 15 };

static json_int_t number(const json_t *of, const char *name)
{
    return json_integer_value(json_object_get(of, name));
}

/* So many cells of a bar whose longest is BAR, at least one of what is there. */
static size_t cells(json_int_t count, json_int_t most)
{
    return most > 0 ? (size_t)((count * BAR + most - 1) / most) : 0;
}

static void print_cells(const char *cell, size_t count)
{
    while (count-- > 0)
        (void)fputs(cell, stdout);
}

/* Well, neither or both, ill. */
static void print_bar(const json_t *of, json_int_t most)
{
    print_cells("█", cells(number(of, "positive"), most));
    print_cells("▒", cells(number(of, "neutral") + number(of, "mixed") + number(of, "none"), most));
    print_cells("░", cells(number(of, "negative"), most));
    (void)putchar('\n');
}

static void print_counts(const json_t *of)
{
    (void)printf(" %5" JSON_INTEGER_FORMAT " %5" JSON_INTEGER_FORMAT " %5" JSON_INTEGER_FORMAT "  ",
                 number(of, "positive"),
                 number(of, "neutral") + number(of, "mixed") + number(of, "none"),
                 number(of, "negative"));
}

static void print_evidence(const json_t *list, char sign)
{
    size_t at;
    json_t *one;
    json_array_foreach(list, at, one)
    {
        const char *words = json_string_value(json_object_get(one, "words"));
        const char *review = json_string_value(json_object_get(one, "reviewId"));
        char *clean = words ? text_clean(words, strlen(words), WORDS) : NULL;
        char *id = text_clean(review ? review : "?", strlen(review ? review : "?"), WORDS);
        if (clean)
            (void)printf("      %c \"%s\"  %s\n", sign, clean, id);
        free(clean);
        free(id);
    }
}

static void print_sentiment(const json_t *sentiment)
{
    size_t at;
    const json_t *polarities = json_object_get(sentiment, "polarities");
    json_t *aspect, *aspects = json_object_get(sentiment, "aspects");
    json_int_t most = number(json_array_get(aspects, 0), "reviews");
    (void)printf("\nwhat %" JSON_INTEGER_FORMAT " reviews say: %" JSON_INTEGER_FORMAT
                 " positive, %" JSON_INTEGER_FORMAT " neutral, %" JSON_INTEGER_FORMAT
                 " mixed, %" JSON_INTEGER_FORMAT " negative; %" JSON_INTEGER_FORMAT
                 " not read (generation %s)\n",
                 number(sentiment, "reviews"), number(polarities, "positive"),
                 number(polarities, "neutral"), number(polarities, "mixed"),
                 number(polarities, "negative"),
                 number(polarities, "unknown") + number(polarities, "unsupported"),
                 json_string_value(json_object_get(sentiment, "generation")));
    if (json_array_size(aspects))
        (void)printf("  %-12s %6s %5s %5s %5s  █ well ▒ neither or both ░ ill\n", "AMENITY",
                     "SCORE", "+", "~", "-");
    json_array_foreach(aspects, at, aspect)
    {
        (void)printf("  %-12s %+6.2f", json_string_value(json_object_get(aspect, "aspect")),
                     json_number_value(json_object_get(aspect, "score")));
        print_counts(aspect);
        print_bar(aspect, most);
        const json_t *evidence = json_object_get(aspect, "evidence");
        print_evidence(json_object_get(evidence, "positive"), '+');
        print_evidence(json_object_get(evidence, "negative"), '-');
    }
}

static void print_tags(const json_t *tags)
{
    size_t count = json_array_size(tags);
    json_int_t most = number(json_array_get(tags, 0), "reviews");
    (void)printf("\n  %-*s %7s %5s %5s %5s\n", TAG, "TAG", "REVIEWS", "+", "~", "-");
    for (size_t i = 0; i < count && i < TAGS_SHOWN; i++) {
        const json_t *tag = json_array_get(tags, i);
        const char *name = json_string_value(json_object_get(tag, "tag"));
        char *clean = text_clean(name ? name : "?", strlen(name ? name : "?"), TAG);
        (void)printf("  %s%*s %7" JSON_INTEGER_FORMAT, clean, TAG - (int)text_width(clean), "",
                     number(tag, "reviews"));
        print_counts(tag);
        print_bar(tag, most);
        free(clean);
    }
    if (count > TAGS_SHOWN)
        (void)printf("  … (%zu tags)\n", count);
}

void amenities_print(const struct amenities *amenities)
{
    if (amenities->sentiment)
        print_sentiment(amenities->sentiment);
    if (json_array_size(json_object_get(amenities->tags, "tags")))
        print_tags(json_object_get(amenities->tags, "tags"));
}
