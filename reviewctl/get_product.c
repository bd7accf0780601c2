/* get product ID */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amenities.h"
#include "command.h"
#include "commands.h"
#include "core/json.h"
#include "json_out.h"
#include "processors.h"
#include "sink/active.h"
#include "sink/pair.h"
#include "sink/summary.h"
#include "stores.h"
#include "table.h"

enum { BAR = 30, TOP = 8 };

struct args {
    struct common common;
    const char *id, *generation;
    long evidence;
};

/* The hash as the summary's value, the very bytes that go to the topic. */
static bool render(const char *id, const struct rs_reply *reply, struct rs_buffer *out)
{
    struct rs_pair *pairs = calloc(rs_reply_count(reply) / 2 + 1, sizeof(*pairs));
    size_t count = 0;
    int64_t revision = 0;
    bool done = pairs && rs_pairs_read(reply, "rev", pairs, &count, &revision) &&
                rs_summary_render(rs_text(id), revision, pairs, count, out);
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

/* --- from Redis --- */

struct product {
    char generation[RS_GENERATION_BYTES]; /* of the aggregation; "" if there is none */
    struct rs_buffer text;                /* its summary as JSON; empty if there is none */
    struct amenities amenities;
};

static bool is_known(const struct product *product)
{
    return product->text.len || product->amenities.sentiment || product->amenities.tags;
}

static void add_member(struct rs_buffer *out, const char *name, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(4)) : NULL;
    rs_buffer_printf(out, ",\"%s\":%s", name, text ? text : "null");
    free(text);
}

/* The summary to the letter, and what travellers say behind it. */
static void print_json(const char *id, const struct product *product)
{
    struct rs_buffer out = {0};
    if (product->text.len) {
        rs_buffer_add(&out, product->text.data, product->text.len - 1);
    } else {
        rs_buffer_add_text(&out, "{\"productId\":");
        rs_json_write_string(rs_text(id), &out);
    }
    if (product->amenities.sentiment)
        add_member(&out, "sentiment", product->amenities.sentiment);
    if (product->amenities.tags)
        add_member(&out, "tags", product->amenities.tags);
    (void)printf("%.*s}\n", (int)out.len, out.data ? out.data : "");
    rs_buffer_finish(&out);
}

static int show(const struct args *args, const struct product *product)
{
    json_t *summary = NULL;
    if (product->text.len &&
        !(summary = json_loadb(product->text.data, product->text.len, 0, NULL)))
        return complain(CTL_FAILED, "the summary of product %s cannot be read", args->id);
    if (args->common.json) {
        print_json(args->id, product);
    } else {
        if (summary)
            print_summary(args->id, product->generation, summary);
        else
            (void)printf("product %s\n", args->id);
        amenities_print(&product->amenities);
    }
    json_decref(summary);
    return CTL_OK;
}

static int read_summary(const struct args *args, const struct rs_settings *settings,
                        struct rs_redis *redis, struct product *product)
{
    char prefix[RS_GENERATION_BYTES + 32], reason[RS_REASON_BYTES] = "";
    int code = known_generation(settings, redis, "aggregation", args->generation,
                                product->generation, sizeof(product->generation));
    if (code != CTL_OK || !*product->generation)
        return code;
    (void)snprintf(prefix, sizeof(prefix), "reviews:aggregation:%s:", product->generation);
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_command(redis, 2);
    rs_redis_arg_text(redis, "HGETALL");
    rs_redis_arg_key(redis, prefix, "summary", rs_text(args->id));
    (void)rs_redis_run(redis);
    enum rs_status status = rs_redis_status(redis, command, reason);
    if (status != RS_OK)
        return redis_failed(settings, status, reason);
    const struct rs_reply *reply = rs_redis_reply(redis, command);
    if (rs_reply_count(reply) && !render(args->id, reply, &product->text))
        return complain(CTL_FAILED, "the summary of product %s cannot be read", args->id);
    return CTL_OK;
}

static int get(const struct args *args, const struct rs_settings *settings)
{
    struct product product = {.generation = ""};
    struct rs_redis *redis = open_redis(settings);
    if (!redis)
        return CTL_USAGE;
    int code = read_summary(args, settings, redis, &product);
    if (code == CTL_OK)
        code = amenities_read(settings, redis, args->id, args->generation, (int)args->evidence,
                              &product.amenities);
    if (code == CTL_OK && is_known(&product))
        code = show(args, &product);
    else if (code == CTL_OK && !*product.generation) /* says so */
        code = active_generation(settings, redis, "aggregation", NULL, product.generation,
                                 sizeof(product.generation));
    else if (code == CTL_OK)
        code = complain(CTL_FAILED, "no product %s in generation %s of the aggregation", args->id,
                        product.generation);
    amenities_finish(&product.amenities);
    rs_buffer_finish(&product.text);
    rs_redis_destroy(redis);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "generation",
     .key = 'g',
     .arg = "G",
     .doc = "instead of those that readers use (reviews:active:<view>)"},
    {.name = "evidence",
     .key = 'e',
     .arg = "N",
     .doc = "so many places, 0 to 3, where reviews speak best and worst of each amenity (3)"},
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
    case 'e':
        args->evidence = parse_number(state, "evidence", text, 0, EVIDENCE_MAX);
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
    .doc =
        "Show a product's summary, its amenities and its tags as the views aggregation, "
        "sentiment and tags hold them, from Redis. The words of evidence come from the cached "
        "review, while it has the version that was judged.\v"
        "Examples:\n"
        "  reviewctl get product hotel-9\n"
        "  reviewctl get product hotel-9 --json | jq .ratings.overall.average\n"
        "  reviewctl get product hotel-9 --json | jq '.sentiment.aspects[] | {aspect, score}'\n\n"
        "With --json: the value of its record in the topic product-summaries, and `sentiment` "
        "{generation, reviews, score, polarities, aspects [{aspect, reviews, score, positive, "
        "neutral, negative, mixed, evidence}]} and `tags` {generation, tags [{tag, reviews, "
        "positive, …}]} where the views exist.\n"
        "Exit codes: 0 found, 1 not found, 4 Redis did not answer."};

static int run_get(int argc, char **argv)
{
    struct args args = {.evidence = EVIDENCE_MAX};
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
                                    .summary = "a product's summary, its amenities and tags",
                                    .argp = &product_argp,
                                    .run = run_get};
