#include "show_analysis.h"

#include <stdio.h>
#include <stdlib.h>

#include "language/render.h"
#include "table.h"

enum { WIDTH = 70 };

static void print_words(const struct rs_review_text *review, const struct rs_span *span)
{
    struct rs_bytes text = span->part == RS_TITLE ? review->title : review->text;
    char *clean = text_clean(text.data + span->start, span->end - span->start, WIDTH);
    (void)printf("  %-5s \"%s\"\n", rs_part_name(span->part), clean ? clean : "");
    free(clean);
}

static void print_score(int32_t score)
{
    (void)printf("%s%d.%03d", score < 0 ? "-" : "+", abs(score) / 1000, abs(score) % 1000);
}

static void show_tag(const struct rs_tag *tag)
{
    struct rs_bytes name = tag->phrase.data ? tag->phrase : tag->tag;
    const char *polarity = rs_polarity_name(tag->polarity), *aspect = rs_aspect_name(tag->aspect);
    char *clean = text_clean(name.data, name.len, WIDTH);
    (void)printf("  %-28s %-9s %s\n", clean ? clean : "", polarity ? polarity : "-",
                 aspect ? aspect : "-");
    free(clean);
}

void show_analysis(const struct rs_analysis *analysis, const struct rs_review_text *review,
                   const char *model)
{
    (void)printf("language  %s\npolarity  %s", analysis->language,
                 rs_polarity_name(analysis->polarity));
    if (analysis->scored) {
        (void)fputs(", score ", stdout);
        print_score(analysis->score);
        (void)printf(", confidence %d.%03d", analysis->confidence / 1000,
                     analysis->confidence % 1000);
    }
    (void)printf("\nmodel     %s\n", model);
    if (analysis->evidence_count)
        (void)fputs("\nevidence\n", stdout);
    for (size_t i = 0; i < analysis->evidence_count; i++) {
        (void)printf("  %3d %% ", analysis->evidence[i].weight / 10);
        print_words(review, &analysis->evidence[i].span);
    }
    if (analysis->aspect_count)
        (void)fputs("\naspects\n", stdout);
    for (size_t i = 0; i < analysis->aspect_count; i++) {
        const struct rs_aspect_opinion *opinion = &analysis->aspects[i];
        (void)printf("  %-11s %-8s ", rs_aspect_name(opinion->aspect),
                     rs_polarity_name(opinion->polarity));
        print_score(opinion->score);
        print_words(review, &opinion->span);
    }
    if (analysis->tag_count)
        (void)fputs("\ntags\n", stdout);
    for (size_t i = 0; i < analysis->tag_count; i++)
        show_tag(&analysis->tags[i]);
}
