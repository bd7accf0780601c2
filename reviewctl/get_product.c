/* get product ID */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "processors.h"
#include "sink/active.h"
#include "sink/summary.h"
#include "stores.h"
#include "table.h"

enum { BAR = 30, TOP = 8 };

struct args {
    struct common common;
    const char *id, *generation;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct rs_pair *one = a, *other = b;
    size_t shared = one->name.len < other->name.len ? one->name.len : other->name.len;
    int order = memcmp(one->name.data, other->name.data, shared);
    return order ? order : one->name.len < other->name.len ? -1 : one->name.len > other->name.len;
}

/* The hash as the summary's value, the very bytes that go to the topic. */
static bool render(const char *id, const struct rs_reply *reply, struct rs_buffer *out)
{
    size_t count = rs_reply_count(reply) / 2, kept = 0;
    struct rs_pair *pairs = calloc(count + 1, sizeof(*pairs));
    int64_t revision = 0;
    bool done = pairs != NULL;
    for (size_t i = 0; done && i < count; i++) {
        struct rs_pair *pair = &pairs[kept];
        done = rs_reply_bytes(rs_reply_at(reply, 2 * i), &pair->name) &&
               rs_reply_bytes(rs_reply_at(reply, 2 * i + 1), &pair->value);
        if (done && rs_bytes_equal(pair->name, rs_text("rev")))
            revision = strtoll(pair->value.data, NULL, 10);
        else
            kept++;
    }
    if (done) {
        qsort(pairs, kept, sizeof(*pairs), compare_pairs);
        done = rs_summary_render(rs_text(id), revision, pairs, kept, out);
    }
    free(pairs);
    return done && !out->failed;
}

static void add_bar(char *text, size_t size, json_int_t count, json_int_t most)
{
    int len = most > 0 ? (int)((count * BAR + most - 1) / most) : 0;
    text[0] = '\0';
    for (int i = 0; i < len && strlen(text) + sizeof("█") < size; i++)
        strcat(text, "█");
}

static void print_histogram(const json_t *histogram)
{
    char bar[BAR * 4 + 4], name[8];
    json_int_t most = 0;
    for (int stars = 5; stars >= 1; stars--) {
        (void)snprintf(name, sizeof(name), "%d", stars);
        json_int_t count = json_integer_value(json_object_get(histogram, name));
        most = count > most ? count : most;
    }
    for (int stars = 5; stars >= 1; stars--) {
        (void)snprintf(name, sizeof(name), "%d", stars);
        json_int_t count = json_integer_value(json_object_get(histogram, name));
        add_bar(bar, sizeof(bar), count, most);
        (void)printf("    %d %8" JSON_INTEGER_FORMAT "  %s\n", stars, count, bar);
    }
}

struct count {
    const char *name;
    json_int_t count;
};

static int compare_counts(const void *a, const void *b)
{
    const struct count *one = a, *other = b;
    return one->count != other->count ? (one->count < other->count ? 1 : -1)
                                      : strcmp(one->name, other->name);
}

static void print_counts(const char *title, json_t *counts)
{
    size_t size = json_object_size(counts), at = 0;
    struct count *list = calloc(size + 1, sizeof(*list));
    const char *name;
    json_t *value;
    if (!list || size == 0) {
        free(list);
        return;
    }
    json_object_foreach(counts, name, value) list[at++] =
        (struct count){name, json_integer_value(value)};
    qsort(list, size, sizeof(*list), compare_counts);
    (void)printf("  %-11s", title);
    for (size_t i = 0; i < size && i < TOP; i++) {
        char *clean = text_clean(list[i].name, strlen(list[i].name), 40);
        (void)printf("%s%s %" JSON_INTEGER_FORMAT, i ? ", " : "", clean, list[i].count);
        free(clean);
    }
    (void)printf(size > TOP ? ", … (%zu)\n" : "\n", size);
    free(list);
}

static void print_summary(const char *id, const char *generation, json_t *summary)
{
    const char *name;
    json_t *rating, *ratings = json_object_get(summary, "ratings");
    (void)printf("product %s: %" JSON_INTEGER_FORMAT " reviews (generation %s, revision "
                 "%" JSON_INTEGER_FORMAT ")\n",
                 id, json_integer_value(json_object_get(summary, "reviews")), generation,
                 json_integer_value(json_object_get(summary, "revision")));
    json_object_foreach(ratings, name, rating)
    {
        (void)printf("  %-24s %.2f of %" JSON_INTEGER_FORMAT "\n", name,
                     json_number_value(json_object_get(rating, "average")),
                     json_integer_value(json_object_get(rating, "count")));
        if (strcmp(name, "overall") == 0)
            print_histogram(json_object_get(rating, "histogram"));
    }
    print_counts("locales", json_object_get(summary, "locales"));
    print_counts("trip types", json_object_get(summary, "tripTypes"));
    print_counts("countries", json_object_get(summary, "countries"));
    print_counts("months", json_object_get(summary, "months"));
}

static int show(const struct args *args, const char *generation, const struct rs_reply *reply)
{
    struct rs_buffer text = {0};
    int code = CTL_OK;
    if (rs_reply_count(reply) == 0)
        return complain(CTL_FAILED, "no product %s in generation %s of the aggregation", args->id,
                        generation);
    json_t *summary = NULL;
    if (render(args->id, reply, &text))
        summary = json_loadb(text.data, text.len, 0, NULL);
    if (!summary)
        code = complain(CTL_FAILED, "the summary of product %s cannot be read", args->id);
    else if (args->common.json)
        (void)printf("%.*s\n", (int)text.len, text.data);
    else
        print_summary(args->id, generation, summary);
    json_decref(summary);
    rs_buffer_finish(&text);
    return code;
}

static int get(const struct args *args, const struct rs_settings *settings)
{
    char generation[RS_GENERATION_BYTES], prefix[RS_GENERATION_BYTES + 32];
    char reason[RS_REASON_BYTES] = "";
    struct rs_redis *redis = open_redis(settings);
    if (!redis)
        return CTL_USAGE;
    int code = active_generation(settings, redis, "aggregation", args->generation, generation,
                                 sizeof(generation));
    if (code == CTL_OK) {
        (void)snprintf(prefix, sizeof(prefix), "reviews:aggregation:%s:", generation);
        (void)rs_redis_begin(redis);
        size_t command = rs_redis_command(redis, 2);
        rs_redis_arg_text(redis, "HGETALL");
        rs_redis_arg_key(redis, prefix, "summary", rs_text(args->id));
        (void)rs_redis_run(redis);
        enum rs_status status = rs_redis_status(redis, command, reason);
        code = status == RS_OK ? show(args, generation, rs_redis_reply(redis, command))
                               : redis_failed(settings, status, reason);
    }
    rs_redis_destroy(redis);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "generation",
     .key = 'g',
     .arg = "G",
     .doc = "instead of the one that readers use (reviews:active:aggregation)"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'g':
        check_generation(state, text);
        args->generation = text;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one product at a time");
        args->id = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which product? ID is its productId");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp product_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .args_doc = "ID",
    .doc = "Show a product's summary as the aggregation holds it, from Redis.\v"
           "Examples:\n"
           "  reviewctl get product hotel-9\n"
           "  reviewctl get product hotel-9 --json | jq .ratings.overall.average\n\n"
           "With --json: the value of its record in the topic product-summaries.\n"
           "Exit codes: 0 found, 1 not found, 4 Redis did not answer."};

static int run_get(int argc, char **argv)
{
    struct args args = {0};
    (void)argp_parse(&product_argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = get(&args, settings);
    rs_settings_destroy(settings);
    return code;
}

const struct command get_product = {.group = "get",
                                    .name = "product",
                                    .summary = "a product's summary: counts, averages, histogram",
                                    .argp = &product_argp,
                                    .run = run_get};
