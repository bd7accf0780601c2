/* search [QUERY] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "search_body.h"
#include "sink/elasticsearch.h"
#include "stores.h"
#include "table.h"

enum { WINDOW = 10000 }; /* Elasticsearch's index.max_result_window */

struct args {
    struct common common;
    const char *query, *index;
    json_t *filters, *sorts, *facets;
    long size, page;
};

static struct rs_bytes string_at(const struct rs_json *value, const char *name)
{
    return rs_json_string(rs_json_get(value, name));
}

static void add_cell(struct table *table, struct rs_bytes text, size_t most)
{
    size_t len = most && text.len > most ? most : text.len;
    table_add(table, "%.*s", (int)len, text.data ? text.data : "");
}

/* --- facets --- */

/* A date's text, else the value itself. */
static const struct rs_json *bucket_value(const struct rs_json *bucket)
{
    const struct rs_json *text = rs_json_get(bucket, "key_as_string");
    return text ? text : rs_json_get(bucket, "key");
}

static void print_facets(const struct rs_json *facets)
{
    static const char *const headings[] = {"FACET", "VALUE", ">REVIEWS", NULL};
    struct table table;
    size_t rows = 0;
    table_init(&table, headings);
    table.widest[1] = 48;
    for (struct rs_json_walk facet = {.of = facets}; rs_json_next(&facet);)
        for (struct rs_json_walk bucket = {.of = rs_json_get(facet.value, "buckets")};
             rs_json_next(&bucket);) {
            rows++;
            const struct rs_json *value = bucket_value(bucket.value);
            struct rs_bytes text = rs_json_string(value);
            add_cell(&table, facet.name, 0);
            add_cell(&table, text.data ? text : rs_json_number(value), 0);
            add_cell(&table, rs_json_number(rs_json_get(bucket.value, "doc_count")), 0);
        }
    if (rows)
        table_print(&table, stdout);
    table_finish(&table);
}

static void write_facets(const struct rs_json *facets, struct rs_buffer *out)
{
    rs_buffer_add_text(out, ",\"facets\":{");
    for (struct rs_json_walk facet = {.of = facets}; rs_json_next(&facet);) {
        rs_buffer_add_text(out, facet.index > 1 ? "," : "");
        rs_json_write_string(facet.name, out);
        rs_buffer_add_text(out, ":[");
        for (struct rs_json_walk bucket = {.of = rs_json_get(facet.value, "buckets")};
             rs_json_next(&bucket);) {
            rs_buffer_add_text(out, bucket.index > 1 ? ",{\"value\":" : "{\"value\":");
            rs_json_write(bucket_value(bucket.value), out);
            rs_buffer_add_text(out, ",\"reviews\":");
            rs_json_write(rs_json_get(bucket.value, "doc_count"), out);
            rs_buffer_add_text(out, "}");
        }
        rs_buffer_add_text(out, "]");
    }
    rs_buffer_add_text(out, "}");
}

/* --- hits --- */

static void add_hit(struct table *table, const struct rs_json *hit)
{
    const struct rs_json *review = rs_json_get(hit, "_source");
    add_cell(table, rs_json_number(rs_json_get(rs_json_get(review, "ratings"), "overall")), 0);
    add_cell(table, string_at(review, "submittedAt"), 10);
    add_cell(table, string_at(review, "locale"), 0);
    struct rs_bytes product = string_at(review, "productName");
    add_cell(table, product.len ? product : string_at(review, "productId"), 0);
    struct rs_bytes title = string_at(review, "title");
    add_cell(table, title.len ? title : string_at(review, "text"), 0);
    add_cell(table, string_at(hit, "_id"), 0);
}

static void print_table(const struct rs_json *answer, const struct args *args)
{
    static const char *const headings[] = {">RATING", "DATE", "LOCALE", "PRODUCT",
                                           "TITLE",   "ID",   NULL};
    struct table table;
    size_t count = 0;
    const struct rs_json *hits = rs_json_get(answer, "hits");
    struct rs_bytes total = rs_json_number(rs_json_get(rs_json_get(hits, "total"), "value"));
    table_init(&table, headings);
    table.widest[3] = 30;
    table.widest[4] = 48;
    for (struct rs_json_walk walk = {.of = rs_json_get(hits, "hits")}; rs_json_next(&walk);) {
        add_hit(&table, walk.value);
        count++;
    }
    if (count > 0)
        table_print(&table, stdout);
    (void)printf("%zu of %.*s reviews, page %ld\n", count, (int)total.len, total.data, args->page);
    table_finish(&table);
    print_facets(rs_json_get(answer, "aggregations"));
}

/* Reviews stand in it to the letter. */
static void print_json(const struct rs_json *answer, const struct args *args)
{
    struct rs_buffer out = {0};
    const struct rs_json *hits = rs_json_get(answer, "hits");
    rs_buffer_add_text(&out, "{\"total\":");
    rs_json_write(rs_json_get(rs_json_get(hits, "total"), "value"), &out);
    rs_buffer_printf(&out, ",\"page\":%ld,\"size\":%ld,\"reviews\":[", args->page, args->size);
    for (struct rs_json_walk walk = {.of = rs_json_get(hits, "hits")}; rs_json_next(&walk);) {
        rs_buffer_add_text(&out, walk.index > 1 ? ",{\"id\":" : "{\"id\":");
        rs_json_write(rs_json_get(walk.value, "_id"), &out);
        rs_buffer_add_text(&out, ",\"version\":");
        rs_json_write(rs_json_get(walk.value, "_version"), &out);
        rs_buffer_add_text(&out, ",\"score\":");
        rs_json_write(rs_json_get(walk.value, "_score"), &out);
        rs_buffer_add_text(&out, ",\"review\":");
        rs_json_write(rs_json_get(walk.value, "_source"), &out);
        rs_buffer_add_text(&out, "}");
    }
    rs_buffer_add_text(&out, "]");
    if (json_object_size(args->facets))
        write_facets(rs_json_get(answer, "aggregations"), &out);
    rs_buffer_add_text(&out, "}\n");
    (void)fwrite(out.data, 1, out.len, stdout);
    rs_buffer_finish(&out);
}

/* A fixed preference: two copies of a shard refresh at different times, and a reader who is sent
 * now to one, now to the other would see results go back. */
static int search_with(const struct args *args, const struct rs_settings *settings)
{
    const struct rs_elasticsearch_config *config =
        rs_settings_get(settings, &rs_elasticsearch_component);
    struct elastic elastic;
    struct rs_buffer path = {0};
    json_t *document =
        search_body(args->query, json_incref(args->filters), json_incref(args->sorts),
                    json_incref(args->facets), args->size, args->page);
    char *body = document ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    rs_buffer_add_text(&path, "/");
    rs_http_add_encoded(&path, args->index ? args->index : config->alias);
    rs_buffer_add_text(&path, "/_search?preference=reviewctl");
    int code = CTL_USAGE;
    if (!body || path.failed) {
        code = complain(CTL_USAGE, "the query is no UTF-8");
    } else if (elastic_open(&elastic, settings)) {
        code = elastic_call(&elastic, "POST", path.data, body);
        if (code == CTL_OK && elastic.answer.status != 200)
            code = elastic_refused(&elastic);
        else if (code == CTL_OK)
            (args->common.json ? print_json : print_table)(elastic.value, args);
        elastic_close(&elastic);
    }
    free(body);
    rs_buffer_finish(&path);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "filter",
     .key = 'f',
     .arg = "NAME=VALUE",
     .doc = "only reviews with it: locale=en, rating>=4, submittedAt>=2026-01-01, productId=…, "
            "tripType=…, country=…, source=…, ratings.service<3; and by what texts say: "
            "sentiment=negative, sentiment>=0.5, language=en, aspects.wifi=negative, tag='sea "
            "view'; may be repeated"},
    {.name = "sort",
     .key = 'o',
     .arg = "NAME[:asc|desc]",
     .doc =
         "e.g. submittedAt:desc, rating:asc, aspects.wifi:asc (worst first); may be repeated; by "
         "relevance unless given"},
    {.name = "facet",
     .key = 'F',
     .arg = "NAME",
     .doc = "also count the reviews found by value, the 20 most frequent: tags, sentiment, "
            "aspects.wifi, aspects (each), locale, …; may be repeated"},
    {.name = "size", .key = 'n', .arg = "N", .doc = "reviews a page, 0 to 1000 (10)"},
    {.name = "page", .key = 'p', .arg = "N", .doc = "which page (1)"},
    {.name = "index",
     .key = 'i',
     .arg = "NAME",
     .doc = "instead of the alias (elasticsearch.alias), e.g. reviews-g2 before it is activated"},
    {.name = "url", .key = 'u', .arg = "URL", .doc = "short for --set elasticsearch.url=URL"},
    {0},
};

static void append(const struct argp_state *state, json_t *list, json_t *item,
                   const struct rs_error *error)
{
    if (!item)
        argp_error(state, "%s", *error->text ? error->text : "the text is no UTF-8");
    json_array_append_new(list, item);
}

static void set_url(const struct argp_state *state, struct common *common, const char *url)
{
    static char text[1024];
    if (common->given.set_count == RS_CONFIG_SETS || strlen(url) > sizeof(text) - 32)
        argp_error(state, "--url: too long");
    (void)snprintf(text, sizeof(text), "elasticsearch.url=%s", url);
    common->given.sets[common->given.set_count++] = text;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    struct rs_error error = {{0}};
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'f':
        append(state, args->filters, search_filter(text, &error), &error);
        return 0;
    case 'o':
        append(state, args->sorts, search_sort(text, &error), &error);
        return 0;
    case 'F':
        if (!search_facet(args->facets, text, &error))
            argp_error(state, "%s", error.text);
        return 0;
    case 'n':
        args->size = parse_number(state, "size", text, 0, 1000);
        return 0;
    case 'p':
        args->page = parse_number(state, "page", text, 1, WINDOW);
        return 0;
    case 'i':
        args->index = text;
        return 0;
    case 'u':
        set_url(state, &args->common, text);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one QUERY: quote it");
        args->query = text;
        return 0;
    case ARGP_KEY_END:
        if (args->page * args->size > WINDOW)
            argp_error(state, "page %ld of %ld reviews: only the first %d can be paged through",
                       args->page, args->size, WINDOW);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp search_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .args_doc = "[QUERY]",
    .doc =
        "Search published reviews by words, filters and order.\v"
        "Examples:\n"
        "  reviewctl search 'quiet room' --filter locale=en --filter 'rating>=4'\n"
        "  reviewctl search --filter productId=hotel-9 --sort submittedAt:desc --size 20\n"
        "  reviewctl search '\"front desk\" -slow' --page 2 --json | jq .reviews[].id\n"
        "  reviewctl search --filter aspects.noise=negative --sort aspects.noise --facet tags\n\n"
        "QUERY: all words must occur, in title, text or product name; \"…\" a phrase, -word "
        "not this one, wor* a beginning.\n"
        "With --json: total, page, size, reviews [{id, version, score, review}], and facets {name: "
        "[{value, reviews}]} where asked for.\n"
        "Exit codes: 0 done (also without a hit), 1 refused by the server, 4 no answer."};

static int run_search(int argc, char **argv)
{
    struct args args = {.filters = json_array(),
                        .sorts = json_array(),
                        .facets = json_object(),
                        .size = 10,
                        .page = 1};
    (void)argp_parse(&search_argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    int code = settings ? search_with(&args, settings) : CTL_USAGE;
    rs_settings_destroy(settings);
    json_decref(args.filters);
    json_decref(args.sorts);
    json_decref(args.facets);
    return code;
}

const struct command search = {.group = "search",
                               .summary = "search published reviews",
                               .argp = &search_argp,
                               .run = run_search};
