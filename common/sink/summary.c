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

/* The counters whose names begin with these parts. */
static struct counters within(struct counters counters, const char *kind, struct rs_bytes rating)
{
    char prefix[NAME_BYTES];
    size_t len = strlen(kind);
    struct counters ret;
    memcpy(prefix, kind, len);
    if (rating.len) {
        memcpy(prefix + len, rating.data, rating.len);
        len += rating.len;
        prefix[len++] = ':';
    }
    ret.fields = rs_pairs_within(counters.fields, counters.count, (struct rs_bytes){prefix, len},
                                 &ret.count);
    return ret;
}

/* What follows a prefix of so many bytes in a name; empty if nothing does. */
static struct rs_bytes rest(struct rs_bytes name, size_t len)
{
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

/* What is known of all ratings, each kind apart. */
struct ratings {
    struct counters counts, sums, buckets;
};

/* The names of the buckets of a rating end in their digits. */
static void add_histogram(struct rs_buffer *out, struct counters buckets, struct rs_bytes rating)
{
    enum { BEST = 5 };
    int64_t histogram[BEST + 1] = {0};
    char star[] = "\"0\":";
    struct counters own = within(buckets, "h:", rating);
    for (size_t i = 0; i < own.count; i++) {
        struct rs_bytes bucket = rest(own.fields[i].name, strlen("h:") + rating.len + strlen(":"));
        if (bucket.len == 1 && *bucket.data >= '1' && *bucket.data <= '0' + BEST)
            (void)rs_number_integer(own.fields[i].value, &histogram[*bucket.data - '0']);
    }
    for (int i = 1; i <= BEST; i++) {
        star[1] = (char)('0' + i);
        rs_buffer_add_text(out, i == 1 ? "" : ",");
        add_number(out, star, histogram[i]);
    }
}

static void add_rating(struct rs_buffer *out, const struct ratings *ratings, struct rs_bytes rating,
                       int64_t count)
{
    char name[NAME_BYTES] = "sum:";
    memcpy(name + strlen(name), rating.data, rating.len); /* the rest is zeros */
    int64_t sum = find(ratings->sums, name);
    int64_t average = (2 * sum + count) / (2 * count); /* hundredths, halves up */
    add_number(out, "{\"count\":", count);
    add_number(out, ",\"sumHundredths\":", sum);
    add_number(out, ",\"average\":", average / 100);
    add_number(out, average % 100 < 10 ? ".0" : ".", average % 100);
    rs_buffer_add_text(out, ",\"histogram\":{");
    add_histogram(out, ratings->buckets, rating);
    rs_buffer_add_text(out, "}}");
}

static void add_ratings(struct rs_buffer *out, struct counters counters)
{
    const struct rs_bytes all = {0};
    const struct ratings ratings = {within(counters, "n:", all), within(counters, "sum:", all),
                                    within(counters, "h:", all)};
    bool first = true;
    rs_buffer_add_text(out, ",\"ratings\":{");
    for (size_t i = 0; i < ratings.counts.count; i++) {
        struct rs_bytes rating = rest(ratings.counts.fields[i].name, strlen("n:"));
        int64_t count = 0;
        if (!rating.len || rating.len > NAME_BYTES / 2 ||
            !rs_number_integer(ratings.counts.fields[i].value, &count) || count < 1)
            continue;
        add_name(out, &first, rating);
        add_rating(out, &ratings, rating, count);
    }
    rs_buffer_add_text(out, "}");
}

static void add_counts(struct rs_buffer *out, struct counters counters, const char *member,
                       const char *prefix)
{
    struct counters own = within(counters, prefix, (struct rs_bytes){0});
    bool first = true;
    rs_buffer_printf(out, ",\"%s\":{", member);
    for (size_t i = 0; i < own.count; i++) {
        struct rs_bytes keyword = rest(own.fields[i].name, strlen(prefix));
        int64_t value;
        if (!keyword.len || !rs_number_integer(own.fields[i].value, &value))
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
