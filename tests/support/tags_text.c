#include "support/tags_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *tags_text(const struct rs_analysis *analysis, bool sorted)
{
    static char rows[RS_TAGS_MAX][256], all[RS_TAGS_MAX * 256];
    char *order[RS_TAGS_MAX];
    all[0] = '\0';
    for (size_t i = 0; i < analysis->tag_count; i++) {
        const struct rs_tag *tag = &analysis->tags[i];
        const char *aspect = rs_aspect_name(tag->aspect);
        const char *polarity = rs_polarity_name(tag->polarity);
        order[i] = rows[i];
        (void)snprintf(rows[i], sizeof(rows[i]), "%.*s (%.*s) %s %s", (int)tag->tag.len,
                       tag->tag.data, (int)tag->phrase.len,
                       tag->phrase.data ? tag->phrase.data : "", aspect ? aspect : "-",
                       polarity ? polarity : "-");
    }
    if (sorted)
        qsort(order, analysis->tag_count, sizeof(*order), by_text);
    for (size_t i = 0; i < analysis->tag_count; i++) {
        strcat(all, i ? "; " : "");
        strcat(all, order[i]);
    }
    return all;
}
