#include "sink/summary.h"

#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/json.h"
#include "core/number.h"
#include "core/utf8.h"

enum { NAME_BYTES = 256 };
static const int64_t MOST = 1LL << 53; /* what the ledger counts exactly */

struct counters {
    const struct rs_pair *fields;
    size_t count;
};

/* The value of a counter; 0 if there is none. */
static int64_t find(struct counters counters, const char *name)
{
    int64_t value = 0;
    struct rs_bytes found = rs_pairs_find(counters.fields, counters.count, name);
    if (found.data)
        (void)rs_number_integer(found, &value); /* checked before */
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

static void add_number(struct rs_buffer *out, const char *before, int64_t value)
{
    rs_buffer_add_text(out, before);
    rs_decimal_add(out, value);
}

/* The counter `<kind><rating><bucket>`. */
static int64_t find_rating(struct counters counters, const char *kind, struct rs_bytes rating,
                           const char *bucket)
{
    char name[NAME_BYTES];
    size_t before = strlen(kind);
    memcpy(name, kind, before);
    memcpy(name + before, rating.data, rating.len);
    strcpy(name + before + rating.len, bucket);
    return find(counters, name);
}

static void add_rating(struct rs_buffer *out, struct counters counters, struct rs_bytes rating,
                       int64_t count)
{
    int64_t sum = find_rating(counters, "sum:", rating, "");
    int64_t average = (2 * sum + count) / (2 * count); /* hundredths, halves up */
    char bucket[] = ":0", star[] = "\"0\":";
    add_number(out, "{\"count\":", count);
    add_number(out, ",\"sumHundredths\":", sum);
    add_number(out, ",\"average\":", average / 100);
    add_number(out, average % 100 < 10 ? ".0" : ".", average % 100);
    rs_buffer_add_text(out, ",\"histogram\":{");
    for (char digit = '1'; digit <= '5'; digit++) {
        bucket[1] = star[1] = digit;
        rs_buffer_add_text(out, digit == '1' ? "" : ",");
        add_number(out, star, find_rating(counters, "h:", rating, bucket));
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
        rs_decimal_add(out, value);
    }
    rs_buffer_add_text(out, "}");
}

bool rs_summary_render(struct rs_bytes product, int64_t revision, const struct rs_pair *fields,
                       size_t count, struct rs_buffer *out)
{
    const struct counters counters = {fields, count};
    int64_t value;
    for (size_t i = 0; i < count; i++)
        if (!rs_number_integer(fields[i].value, &value) || value < 0 || value > MOST ||
            !rs_utf8_is_valid(fields[i].name))
            return false;
    rs_buffer_add_text(out, "{\"productId\":");
    rs_json_write_string(product, out);
    add_number(out, ",\"revision\":", revision);
    add_number(out, ",\"reviews\":", find(counters, "n"));
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
    .version = "rev",
    .render = rs_summary_render,
};
