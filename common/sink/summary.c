#include "sink/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/number.h"
#include "core/utf8.h"

enum { NAME_BYTES = 256 };

struct counters {
    const struct rs_pair *fields;
    size_t count;
};

/* The value of a counter; 0 if there is none. */
static int64_t find(struct counters counters, const char *name)
{
    int64_t value = 0;
    struct rs_pair key = {.name = rs_text(name)};
    const struct rs_pair *found = NULL;
    if (counters.count)
        found = bsearch(&key, counters.fields, counters.count, sizeof(key), rs_pair_compare);
    if (found)
        (void)rs_number_integer(found->value, &value); /* checked before */
    return value;
}

/* What follows a prefix in a name; absent if it has another one. */
static struct rs_bytes rest(struct rs_bytes name, const char *prefix)
{
    size_t len = strlen(prefix);
    if (name.len <= len || memcmp(name.data, prefix, len) != 0)
        return (struct rs_bytes){0};
    return (struct rs_bytes){name.data + len, name.len - len};
}

static void add_name(struct rs_buffer *out, bool *first, struct rs_bytes name)
{
    rs_buffer_add_text(out, *first ? "" : ",");
    rs_json_write_string(name, out);
    rs_buffer_add_text(out, ":");
    *first = false;
}

static void add_rating(struct rs_buffer *out, struct counters counters, struct rs_bytes rating,
                       int64_t count)
{
    char name[NAME_BYTES];
    int len = (int)rating.len;
    (void)snprintf(name, sizeof(name), "sum:%.*s", len, rating.data);
    int64_t sum = find(counters, name);
    int64_t average = (2 * sum + count) / (2 * count); /* hundredths, halves up */
    rs_buffer_printf(out,
                     "{\"count\":%" PRId64 ",\"sumHundredths\":%" PRId64 ",\"average\":%" PRId64
                     ".%02d,\"histogram\":{",
                     count, sum, average / 100, (int)(average % 100));
    for (int star = 1; star <= 5; star++) {
        (void)snprintf(name, sizeof(name), "h:%.*s:%d", len, rating.data, star);
        rs_buffer_printf(out, "%s\"%d\":%" PRId64, star == 1 ? "" : ",", star,
                         find(counters, name));
    }
    rs_buffer_add_text(out, "}}");
}

static void add_ratings(struct rs_buffer *out, struct counters counters)
{
    bool first = true;
    rs_buffer_add_text(out, ",\"ratings\":{");
    for (size_t i = 0; i < counters.count; i++) {
        struct rs_bytes rating = rest(counters.fields[i].name, "n:");
        int64_t count = 0;
        if (!rating.data || rating.len > NAME_BYTES / 2 ||
            !rs_number_integer(counters.fields[i].value, &count) || count < 1)
            continue;
        add_name(out, &first, rating);
        add_rating(out, counters, rating, count);
    }
    rs_buffer_add_text(out, "}");
}

static void add_counts(struct rs_buffer *out, struct counters counters, const char *member,
                       const char *prefix)
{
    bool first = true;
    rs_buffer_printf(out, ",\"%s\":{", member);
    for (size_t i = 0; i < counters.count; i++) {
        struct rs_bytes keyword = rest(counters.fields[i].name, prefix);
        int64_t value;
        if (!keyword.data || !rs_number_integer(counters.fields[i].value, &value))
            continue;
        add_name(out, &first, keyword);
        rs_buffer_printf(out, "%" PRId64, value);
    }
    rs_buffer_add_text(out, "}");
}

bool rs_summary_render(struct rs_bytes product, int64_t revision, const struct rs_pair *fields,
                       size_t count, struct rs_buffer *out)
{
    const struct counters counters = {fields, count};
    int64_t value;
    for (size_t i = 0; i < count; i++)
        if (!rs_number_integer(fields[i].value, &value) || !rs_utf8_is_valid(fields[i].name))
            return false;
    rs_buffer_add_text(out, "{\"productId\":");
    rs_json_write_string(product, out);
    rs_buffer_printf(out, ",\"revision\":%" PRId64 ",\"reviews\":%" PRId64, revision,
                     find(counters, "n"));
    add_ratings(out, counters);
    add_counts(out, counters, "locales", "locale:");
    add_counts(out, counters, "tripTypes", "trip:");
    add_counts(out, counters, "countries", "country:");
    add_counts(out, counters, "months", "month:");
    rs_buffer_add_text(out, "}");
    return true;
}

const struct rs_publication rs_product_summaries = {
    .topic = "product-summaries",
    .render = rs_summary_render,
};
