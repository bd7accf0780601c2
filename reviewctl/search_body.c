#include "search_body.h"

#include <string.h>

/* Names as in the event; what stands in the index under another name to be compared. */
static const char *indexed_name(const char *name)
{
    static const char *const names[][2] = {{"submittedAt", "submitted"},
                                           {"productName", "productName.keyword"},
                                           {"country", "author.country"},
                                           {"rating", "ratings.overall"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(name, names[i][0]) == 0)
            return names[i][1];
    return name;
}

static bool is_prose(const char *name)
{
    return strcmp(name, "title") == 0 || strcmp(name, "text") == 0;
}

json_t *search_filter(const char *text, struct rs_error *error)
{
    static const char *const ranges[] = {"<=", "lte", ">=", "gte", "<", "lt", ">", "gt", NULL};
    char name[128];
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
    for (const char *const *range = ranges; *range; range += 2)
        if (strncmp(text + len, range[0], strlen(range[0])) == 0)
            return json_pack("{s:{s:{s:s}}}", "range", indexed_name(name), range[1],
                             text + len + strlen(range[0]));
    return json_pack("{s:{s:s}}", "term", indexed_name(name), text + len + 1);
}

json_t *search_sort(const char *text, struct rs_error *error)
{
    char name[128];
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
    return json_pack("{s:{s:s, s:s}}", indexed_name(name), "order", order, "missing", "_last");
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

json_t *search_body(const char *query, json_t *filters, json_t *sorts, long size, long page)
{
    /* the alias filters too, but a user may have named an index */
    json_array_append_new(filters, json_pack("{s:{s:s}}", "term", "status", "published"));
    if (json_array_size(sorts) == 0)
        json_array_append_new(sorts, json_pack("{s:s}", "_score", "desc"));
    json_array_append_new(sorts, json_pack("{s:s}", "reviewId", "asc")); /* pages never overlap */
    return json_pack("{s:b, s:b, s:b, s:i, s:i, s:o, s:{s:{s:o, s:o}}}", "version", 1,
                     "track_total_hits", 1, "track_scores", 1, "from", (int)((page - 1) * size),
                     "size", (int)size, "sort", sorts, "query", "bool", "must", query_json(query),
                     "filter", filters);
}
