#include "search_body.h"

#include <stdio.h>
#include <string.h>

#include "language/analysis.h"

#define ASPECTS "aspects."

enum { NAME = 128, BUCKETS = 20 };

/* What is compared: words, or the order of numbers. */
enum form { WORD, NUMBER };

/* Names as in the event; what stands in the index under another name to be compared. */
static const char *const names[][3] = {
    {"submittedAt", "submitted", "submitted"},
    {"productName", "productName.keyword", "productName.keyword"},
    {"country", "author.country", "author.country"},
    {"rating", "ratings.overall", "ratings.overall"},
    {"sentiment", "sentiment.polarity", "sentiment.score"},
    {"language", "sentiment.language", "sentiment.language"},
    {"tag", "tags", "tags"},
};

static bool is_prose(const char *name)
{
    return strcmp(name, "title") == 0 || strcmp(name, "text") == 0;
}

/* "aspects.wifi" is its polarity or its score. False with the reason: no such aspect. */
static bool indexed_aspect(const char *name, enum form form, char ret[NAME], struct rs_error *error)
{
    const char *aspect = name + strlen(ASPECTS);
    size_t len = strcspn(aspect, ".");
    if (rs_aspect_named((struct rs_bytes){aspect, len}) == RS_ASPECT_NONE)
        return rs_error_set(error,
                            "%s: no such aspect; there are overall, location, staff, … (see "
                            "--facet aspects)",
                            name);
    (void)snprintf(ret, NAME, "%s%s", name,
                   aspect[len]      ? ""
                   : form == NUMBER ? ".score"
                                    : ".polarity");
    return true;
}

static bool indexed_name(const char *name, enum form form, char ret[NAME], struct rs_error *error)
{
    if (strncmp(name, ASPECTS, strlen(ASPECTS)) == 0)
        return indexed_aspect(name, form, ret, error);
    (void)snprintf(ret, NAME, "%s", name);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(name, names[i][0]) == 0)
            (void)snprintf(ret, NAME, "%s", names[i][form == NUMBER ? 2 : 1]);
    return true;
}

json_t *search_filter(const char *text, struct rs_error *error)
{
    static const char *const ranges[] = {"<=", "lte", ">=", "gte", "<", "lt", ">", "gt", NULL};
    char name[NAME / 2], indexed[NAME];
    size_t len = strcspn(text, "=<>");
    if (len == 0 || len >= sizeof(name) || !text[len]) {
        rs_error_set(error, "--filter=%.100s: NAME=VALUE, or with >=, <=, >, <", text);
        return NULL;
    }
    memcpy(name, text, len);
    name[len] = '\0';
    if (is_prose(name)) {
        rs_error_set(error, "--filter=%s: %s is searched, not filtered: put it into QUERY", text,
                     name);
        return NULL;
    }
    const char *const *range = ranges;
    while (*range && strncmp(text + len, range[0], strlen(range[0])) != 0)
        range += 2;
    if (!indexed_name(name, *range ? NUMBER : WORD, indexed, error))
        return NULL;
    if (*range)
        return json_pack("{s:{s:{s:s}}}", "range", indexed, range[1],
                         text + len + strlen(range[0]));
    return json_pack("{s:{s:s}}", "term", indexed, text + len + 1);
}

json_t *search_sort(const char *text, struct rs_error *error)
{
    char name[NAME / 2], indexed[NAME];
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    const char *order = colon ? colon + 1 : "asc";
    if (len == 0 || len >= sizeof(name) ||
        (strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)) {
        rs_error_set(error, "--sort=%.100s: NAME:asc or NAME:desc", text);
        return NULL;
    }
    memcpy(name, text, len);
    name[len] = '\0';
    if (is_prose(name)) {
        rs_error_set(error, "--sort=%s: %s is prose; sort by another member", text, name);
        return NULL;
    }
    if (strcmp(name, "score") == 0 || strcmp(name, "_score") == 0)
        return json_pack("{s:s}", "_score", order);
    if (!indexed_name(name, NUMBER, indexed, error))
        return NULL;
    return json_pack("{s:{s:s, s:s}}", indexed, "order", order, "missing", "_last");
}

static bool add_facet(json_t *facets, const char *name, struct rs_error *error)
{
    char indexed[NAME];
    if (!indexed_name(name, WORD, indexed, error))
        return false;
    return json_object_set_new(
               facets, name,
               json_pack("{s:{s:s, s:i}}", "terms", "field", indexed, "size", BUCKETS)) == 0 ||
           rs_error_set(error, "--facet: the name is no UTF-8");
}

bool search_facet(json_t *facets, const char *text, struct rs_error *error)
{
    char name[NAME];
    if (!*text || strlen(text) >= NAME / 2 || is_prose(text))
        return rs_error_set(error, "--facet=%.100s: a NAME, and not title or text", text);
    if (strcmp(text, "aspects") != 0)
        return add_facet(facets, text, error);
    for (enum rs_aspect aspect = RS_ASPECT_NONE + 1; aspect < RS_ASPECTS; aspect++) {
        (void)snprintf(name, sizeof(name), ASPECTS "%s", rs_aspect_name(aspect));
        if (!add_facet(facets, name, error))
            return false;
    }
    return true;
}

static json_t *query_json(const char *query)
{
    if (!query || !*query)
        return json_pack("{s:{}}", "match_all");
    return json_pack("{s:{s:s, s:s, s:[s, s, s, s, s, s, s, s]}}", "simple_query_string", "query",
                     query, "default_operator", "and", "fields", "title^2", "title.english^2",
                     "title.cjk^2", "text", "text.english", "text.cjk", "productName",
                     "productName.cjk");
}

json_t *search_body(const char *query, json_t *filters, json_t *sorts, json_t *facets, long size,
                    long page)
{
    /* the alias filters too, but a user may have named an index */
    json_array_append_new(filters, json_pack("{s:{s:s}}", "term", "status", "published"));
    if (json_array_size(sorts) == 0)
        json_array_append_new(sorts, json_pack("{s:s}", "_score", "desc"));
    json_array_append_new(sorts, json_pack("{s:s}", "reviewId", "asc")); /* pages never overlap */
    return json_pack("{s:b, s:b, s:b, s:i, s:i, s:o, s:o, s:{s:{s:o, s:o}}}", "version", 1,
                     "track_total_hits", 1, "track_scores", 1, "from", (int)((page - 1) * size),
                     "size", (int)size, "sort", sorts, "aggs", facets, "query", "bool", "must",
                     query_json(query), "filter", filters);
}
