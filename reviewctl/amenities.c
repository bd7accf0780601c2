#include "amenities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "core/number.h"
#include "evidence.h"
#include "json_out.h"
#include "language/analysis.h"
#include "sink/active.h"
#include "sink/pair.h"
#include "stores.h"

/* --- counters --- */

struct counters {
    struct rs_pair *pairs; /* owned; they borrow from the reply */
    size_t count;
};

static bool read_counters(const struct rs_reply *reply, struct counters *ret)
{
    int64_t revision;
    *ret = (struct counters){calloc(rs_reply_count(reply) / 2 + 1, sizeof(*ret->pairs)), 0};
    return ret->pairs && rs_pairs_read(reply, "rev", ret->pairs, &ret->count, &revision);
}

static int64_t counter(const struct counters *counters, const char *name)
{
    int64_t value = 0;
    (void)rs_number_integer(rs_pairs_find(counters->pairs, counters->count, name), &value);
    return value;
}

/* Thousandths on average, as a decimal; null of none. */
static json_t *average(int64_t sum, int64_t count)
{
    return count > 0 ? json_real((double)sum / (double)count / 1000) : json_null();
}

/* How many of each polarity, by the counters `<prefix>n:<polarity>`; returns their sum. */
static int64_t add_polarities(const struct counters *counters, const char *prefix,
                              enum rs_polarity first, json_t *into)
{
    int64_t all = 0;
    for (enum rs_polarity polarity = first; polarity <= RS_POLARITY_MIXED; polarity++) {
        char name[96];
        (void)snprintf(name, sizeof(name), "%sn:%s", prefix, rs_polarity_name(polarity));
        int64_t count = counter(counters, name);
        json_object_set_new(into, rs_polarity_name(polarity), json_integer(count));
        all += count;
    }
    return all;
}

/* --- sentiment --- */

static const char *name_of(const json_t *item)
{
    const json_t *aspect = json_object_get(item, "aspect");
    const char *name = json_string_value(aspect ? aspect : json_object_get(item, "tag"));
    return name ? name : "";
}

static int compare_reviews(const void *a, const void *b)
{
    const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
    json_int_t first = json_integer_value(json_object_get(one, "reviews"));
    json_int_t second = json_integer_value(json_object_get(other, "reviews"));
    return first != second ? (first < second ? 1 : -1) : strcmp(name_of(one), name_of(other));
}

/* The array with the most reviewed first, then by name. Takes it. */
static json_t *sorted(json_t *array)
{
    size_t count = json_array_size(array);
    json_t **items = calloc(count + 1, sizeof(json_t *)), *made = json_array();
    for (size_t i = 0; items && i < count; i++)
        items[i] = json_array_get(array, i);
    if (items)
        qsort(items, count, sizeof(json_t *), compare_reviews);
    for (size_t i = 0; items && i < count; i++)
        json_array_append(made, items[i]);
    free(items);
    json_decref(array);
    return made;
}

static json_t *aspects_json(const struct counters *counters)
{
    json_t *aspects = json_array();
    for (enum rs_aspect aspect = RS_ASPECT_NONE + 1; aspect < RS_ASPECTS; aspect++) {
        char prefix[48], sum[56];
        json_t *one = json_pack("{s:s}", "aspect", rs_aspect_name(aspect));
        (void)snprintf(prefix, sizeof(prefix), "a:%s:", rs_aspect_name(aspect));
        (void)snprintf(sum, sizeof(sum), "%ssum", prefix);
        int64_t all = add_polarities(counters, prefix, RS_POLARITY_NEUTRAL, one);
        json_object_set_new(one, "reviews", json_integer(all));
        json_object_set_new(one, "score", average(counter(counters, sum), all));
        if (all > 0)
            json_array_append(aspects, one);
        json_decref(one);
    }
    return sorted(aspects);
}

static json_t *sentiment_json(const struct counters *counters, const char *generation)
{
    json_t *polarities = json_object();
    int64_t all = add_polarities(counters, "", RS_POLARITY_UNKNOWN, polarities);
    int64_t scored = all - counter(counters, "n:unknown") - counter(counters, "n:unsupported");
    return json_pack("{s:s, s:I, s:o, s:o, s:o}", "generation", generation, "reviews",
                     (json_int_t)all, "score", average(counter(counters, "sum"), scored),
                     "polarities", polarities, "aspects", aspects_json(counters));
}

/* --- tags --- */

/* "tag:<tag>:n:<polarity>"; a tag may hold anything. */
static bool split_tag(struct rs_bytes name, struct rs_bytes *ret_tag, struct rs_bytes *ret_polarity)
{
    const char *colon = name.len > 4 && memcmp(name.data, "tag:", 4) == 0
                            ? memrchr(name.data, ':', name.len)
                            : NULL;
    if (!colon || colon < name.data + 7 || memcmp(colon - 2, ":n", 2) != 0)
        return false;
    *ret_tag = (struct rs_bytes){name.data + 4, (size_t)(colon - 2 - name.data) - 4};
    *ret_polarity = (struct rs_bytes){colon + 1, (size_t)(name.data + name.len - colon) - 1};
    return true;
}

static void count_up(json_t *into, const char *name, int64_t value)
{
    json_object_set_new(into, name,
                        json_integer(json_integer_value(json_object_get(into, name)) + value));
}

/* A tag's polarities are neighbours: the counters are sorted. */
static json_t *tags_json(const struct counters *counters, const char *generation)
{
    json_t *tags = json_array(), *one = NULL;
    struct rs_bytes before = {NULL, 0}, tag, polarity;
    for (size_t i = 0; i < counters->count; i++) {
        char name[16];
        int64_t value = 0;
        if (!split_tag(counters->pairs[i].name, &tag, &polarity) || polarity.len >= sizeof(name) ||
            !rs_number_integer(counters->pairs[i].value, &value))
            continue;
        (void)snprintf(name, sizeof(name), "%.*s", (int)polarity.len, polarity.data);
        if (!before.data || !rs_bytes_equal(tag, before)) {
            one = json_pack("{s:o, s:i}", "tag", json_of_bytes(tag), "reviews", 0);
            json_array_append_new(tags, one);
            before = tag;
        }
        count_up(one, "reviews", value);
        count_up(one, name, value);
    }
    return json_pack("{s:s, s:o}", "generation", generation, "tags", sorted(tags));
}

/* --- reading --- */

struct view {
    const char *name;
    json_t *(*make)(const struct counters *counters, const char *generation);
};

static int read_view(const struct rs_settings *settings, struct rs_redis *redis,
                     const struct view *view, const char *product, const char *given, json_t **ret)
{
    char generation[RS_GENERATION_BYTES], prefix[RS_GENERATION_BYTES + 32];
    char reason[RS_REASON_BYTES] = "";
    int code = known_generation(settings, redis, view->name, given, generation, sizeof(generation));
    if (code != CTL_OK || !*generation)
        return code;
    (void)snprintf(prefix, sizeof(prefix), "reviews:%s:%s:", view->name, generation);
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_command(redis, 2);
    rs_redis_arg_text(redis, "HGETALL");
    rs_redis_arg_key(redis, prefix, "summary", rs_text(product));
    (void)rs_redis_run(redis);
    enum rs_status status = rs_redis_status(redis, command, reason);
    if (status != RS_OK)
        return redis_failed(settings, status, reason);
    struct counters counters;
    if (!read_counters(rs_redis_reply(redis, command), &counters))
        code = complain(CTL_FAILED, "the summary of product %s in %s cannot be read", product,
                        view->name);
    else if (counters.count)
        *ret = view->make(&counters, generation);
    free(counters.pairs);
    return code;
}

int amenities_read(const struct rs_settings *settings, struct rs_redis *redis, const char *product,
                   const char *given, int evidence, struct amenities *ret)
{
    static const struct view sentiment = {"sentiment", sentiment_json}, tags = {"tags", tags_json};
    int code = read_view(settings, redis, &sentiment, product, given, &ret->sentiment);
    if (code == CTL_OK)
        code = read_view(settings, redis, &tags, product, given, &ret->tags);
    if (code == CTL_OK && ret->sentiment && evidence > 0)
        code = evidence_read(settings, redis, product, given, evidence, ret->sentiment);
    return code;
}

void amenities_finish(struct amenities *amenities)
{
    json_decref(amenities->sentiment);
    json_decref(amenities->tags);
    *amenities = (struct amenities){0};
}
