/* analytics top, analytics trend, analytics product */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "commands.h"

struct args {
    struct common common;
    const char *product, *aspect, *by;
    long month, limit;
};

enum { LIMIT = 10, MOST = 1000 };

static const struct order {
    const char *name, *only, *by; /* conditions and order of product_changes */
} orders[] = {
    {"rising", "change > 0", "change DESC"},
    {"falling", "change < 0", "change ASC"},
    {"best", "reviews > 0", "average DESC"},
    {"worst", "reviews > 0", "average ASC"},
    {NULL, NULL, NULL},
};

static int run_query(struct args *args, int (*ask)(struct rs_ch_view *, const struct args *))
{
    struct rs_settings *settings = common_settings(&args->common);
    struct rs_ch_view view = {0};
    int code = CTL_USAGE;
    if (settings && columns_open(&view, settings, NULL))
        code = ask(&view, args);
    rs_ch_view_finish(&view);
    rs_settings_destroy(settings);
    return code;
}

static int show(struct rs_ch_view *view, const struct args *args, struct rs_buffer *sql,
                const char *title, const char *const *headings, size_t *ret_rows)
{
    int code = sql->failed
                   ? complain(CTL_FAILED, "out of memory")
                   : columns_show(view, &args->common, sql->data, title, headings, ret_rows);
    rs_buffer_finish(sql);
    return code;
}

/* --- top --- */

static int ask_top(struct rs_ch_view *view, const struct args *args)
{
    static const char *const headings[] = {"PRODUCT", ">REVIEWS", ">AVERAGE", ">BEFORE",
                                           ">WAS",    ">CHANGE",  NULL};
    const struct order *order = orders;
    char month[256];
    struct rs_buffer sql = {0};
    size_t rows = 0;
    while (strcmp(order->name, args->by) != 0)
        order++;
    if (args->month)
        (void)snprintf(month, sizeof(month), "%ld", args->month);
    else
        (void)snprintf(month, sizeof(month),
                       "(SELECT max(month) FROM %s.product_months WHERE ratings > 0)",
                       view->in_readers);
    rs_buffer_add_text(&sql, "SELECT productId, toUInt32(reviews) AS reviews, round(average, 2) AS "
                             "average, toUInt32(reviewsBefore) AS reviewsBefore, "
                             "round(averageBefore, 2) AS averageBefore, round(change, 2) AS change "
                             "FROM (SELECT * ");
    rs_buffer_printf(
        &sql, "FROM %s.product_changes WHERE month = %s AND %s ORDER BY %s, productId LIMIT %ld)",
        view->in_readers, month, order->only, order->by, args->limit);
    int code = show(view, args, &sql, NULL, headings, &rows);
    if (code == CTL_OK && rows == 0 && !args->common.json)
        (void)printf("no product has ratings in these three months and in the three before\n");
    return code;
}

/* --- trend --- */

static int ask_trend(struct rs_ch_view *view, const struct args *args)
{
    static const char *const headings[] = {"MONTH",     ">OPINIONS", ">POSITIVE", ">NEUTRAL",
                                           ">NEGATIVE", ">MIXED",    ">SCORE",    NULL};
    struct rs_buffer sql = {0};
    size_t rows = 0;
    rs_buffer_printf(&sql,
                     "SELECT month, o AS opinions, p AS positive, u AS neutral, n AS negative, "
                     "m AS mixed, s AS score FROM (SELECT month, toUInt32(sum(opinions)) AS o, "
                     "toUInt32(sum(positive)) AS p, toUInt32(sum(neutral)) AS u, "
                     "toUInt32(sum(negative)) AS n, toUInt32(sum(mixed)) AS m, "
                     "round(sum(sumThousandths) / sum(opinions) / 1000, 3) AS s "
                     "FROM %s.sentiment_trend WHERE aspect = ",
                     view->in_readers);
    columns_quote(&sql, args->aspect ? args->aspect : "");
    if (args->product) {
        rs_buffer_add_text(&sql, " AND productId = ");
        columns_quote(&sql, args->product);
    }
    rs_buffer_printf(&sql, " AND month > 0 GROUP BY month ORDER BY month DESC LIMIT %ld)",
                     args->limit);
    int code = show(view, args, &sql, NULL, headings, &rows);
    if (code == CTL_OK && rows == 0 && !args->common.json)
        (void)printf("no review says anything of it\n");
    return code;
}

/* --- product --- */

static int ask_product(struct rs_ch_view *view, const struct args *args)
{
    static const char *const months[] = {"MONTH", ">REVIEWS", ">RATINGS", ">AVERAGE", NULL};
    static const char *const ratings[] = {"ASPECT", ">RATINGS", ">AVERAGE", NULL};
    static const char *const opinions[] = {"SPOKEN OF", ">OPINIONS", ">POSITIVE",
                                           ">NEGATIVE", ">SCORE",    NULL};
    struct rs_buffer sql = {0};
    size_t rows = 0, more = 0;
    rs_buffer_printf(&sql,
                     "SELECT month, toUInt32(reviews) AS reviews, toUInt32(ratings) AS ratings, "
                     "round(average, 2) AS average FROM (SELECT * FROM %s.product_months WHERE "
                     "productId = ",
                     view->in_readers);
    columns_quote(&sql, args->product);
    rs_buffer_printf(&sql, " ORDER BY month DESC LIMIT %ld)", args->limit);
    int code = show(view, args, &sql, NULL, months, &rows);
    if (code != CTL_OK || rows == 0)
        return code != CTL_OK
                   ? code
                   : complain(CTL_FAILED, "product %s has no published review", args->product);
    rs_buffer_printf(&sql,
                     "SELECT aspect, r AS ratings, a AS average FROM (SELECT aspect, "
                     "toUInt32(sum(ratings)) AS r, round(sum(sumHundredths) / "
                     "sum(ratings) / 100, 2) AS a FROM %s.product_month_aspects WHERE productId = ",
                     view->in_readers);
    columns_quote(&sql, args->product);
    rs_buffer_add_text(&sql, " GROUP BY aspect ORDER BY r DESC, aspect)");
    code = show(view, args, &sql, "", ratings, &more);
    if (code != CTL_OK)
        return code;
    rs_buffer_printf(&sql,
                     "SELECT if(aspect = '', '(the whole)', aspect) AS spokenOf, o AS opinions, "
                     "p AS positive, n AS negative, s AS score FROM (SELECT aspect, "
                     "toUInt32(sum(opinions)) "
                     "AS o, toUInt32(sum(positive)) AS p, toUInt32(sum(negative)) AS n, "
                     "round(sum(sumThousandths) / sum(opinions) / 1000, 3) AS s FROM "
                     "%s.sentiment_trend WHERE productId = ",
                     view->in_readers);
    columns_quote(&sql, args->product);
    rs_buffer_add_text(&sql, " GROUP BY aspect ORDER BY o DESC, aspect)");
    return show(view, args, &sql, "", opinions, &more);
}

/* --- commands --- */

static const struct argp_option top_options[] = {
    {.name = "by", .key = 'b', .arg = "ORDER", .doc = "rising, falling, best or worst (rising)"},
    {.name = "month",
     .key = 'm',
     .arg = "YYYY-MM",
     .doc = "the last of the three months; the latest with ratings unless given"},
    {.name = "limit", .key = 'n', .arg = "N", .doc = "how many rows, to 1000 (10)"},
    {0},
};
static const struct argp_option trend_options[] = {
    {.name = "product", .key = 'p', .arg = "ID", .doc = "of one product; of all unless given"},
    {.name = "aspect",
     .key = 'a',
     .arg = "NAME",
     .doc = "room, staff, wifi …; the review as a whole unless given"},
    {.name = "limit", .key = 'n', .arg = "N", .doc = "how many months, to 1000 (10)"},
    {0},
};
static const struct argp_option product_options[] = {
    {.name = "limit", .key = 'n', .arg = "N", .doc = "how many months, to 1000 (10)"},
    {0},
};

static long parse_month(const struct argp_state *state, const char *text)
{
    int year = 0, month = 0, end = 0;
    if (sscanf(text, "%4d-%2d%n", &year, &month, &end) != 2 || end != 7 || text[7] || year < 0 ||
        month < 1 || month > 12)
        argp_error(state, "--month=%s: give one like 2026-01", text);
    return year * 100L + month;
}

static void take_order(const struct argp_state *state, struct args *args, const char *text)
{
    for (const struct order *order = orders; order->name; order++)
        if (strcmp(order->name, text) == 0)
            args->by = order->name;
    if (!args->by || strcmp(args->by, text) != 0)
        argp_error(state, "--by=%s: give rising, falling, best or worst", text);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'b':
        take_order(state, args, text);
        return 0;
    case 'm':
        args->month = parse_month(state, text);
        return 0;
    case 'n':
        args->limit = parse_number(state, "limit", text, 1, MOST);
        return 0;
    case 'p':
        args->product = text;
        return 0;
    case 'a':
        args->aspect = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_product(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    if (key == ARGP_KEY_ARG && state->arg_num == 0)
        args->product = text;
    else if (key == ARGP_KEY_ARG)
        argp_error(state, "one ID");
    else if (key == ARGP_KEY_END && !args->product)
        argp_error(state, "which product?");
    else
        return parse(key, text, state);
    return 0;
}

static const struct argp top_argp = {
    .options = top_options,
    .parser = parse,
    .children = common_children,
    .doc = "Which products' ratings rose or fell fastest: three months against the three before "
           "them.\v"
           "Examples:\n"
           "  reviewctl analytics top --by falling\n"
           "  reviewctl analytics top --month 2026-01 --json | jq .productId\n\n"
           "Exit codes: 0 done, 1 refused by the server, 4 no answer."};
static const struct argp trend_argp = {
    .options = trend_options,
    .parser = parse,
    .children = common_children,
    .doc = "How reviews speak of a product or an aspect, month by month.\v"
           "Examples:\n"
           "  reviewctl analytics trend --aspect wifi\n"
           "  reviewctl analytics trend --product hotel-9 --limit 24\n\n"
           "Exit codes: 0 done, 1 refused by the server, 4 no answer."};
static const struct argp product_argp = {
    .options = product_options,
    .parser = parse_product,
    .children = common_children,
    .args_doc = "ID",
    .doc = "A product's reviews by month, its ratings by aspect, and how texts speak of it.\v"
           "Examples:\n"
           "  reviewctl analytics product hotel-9\n\n"
           "Exit codes: 0 done, 1 refused by the server or no such product, 4 no answer."};

static int run_top(int argc, char **argv)
{
    struct args args = {.by = "rising", .limit = LIMIT};
    (void)argp_parse(&top_argp, argc, argv, 0, NULL, &args);
    return run_query(&args, ask_top);
}

static int run_trend(int argc, char **argv)
{
    struct args args = {.limit = LIMIT};
    (void)argp_parse(&trend_argp, argc, argv, 0, NULL, &args);
    return run_query(&args, ask_trend);
}

static int run_product(int argc, char **argv)
{
    struct args args = {.limit = LIMIT};
    (void)argp_parse(&product_argp, argc, argv, 0, NULL, &args);
    return run_query(&args, ask_product);
}

const struct command analytics_top = {.group = "analytics",
                                      .name = "top",
                                      .summary = "products whose ratings rose or fell fastest",
                                      .argp = &top_argp,
                                      .run = run_top};
const struct command analytics_trend = {.group = "analytics",
                                        .name = "trend",
                                        .summary = "how reviews speak of an aspect, by month",
                                        .argp = &trend_argp,
                                        .run = run_trend};
const struct command analytics_product = {.group = "analytics",
                                          .name = "product",
                                          .summary = "a product's months, ratings and opinions",
                                          .argp = &product_argp,
                                          .run = run_product};
