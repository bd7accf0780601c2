/* Tags of reviews with the shipped model. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>

#include "language/model.h"
#include "support/tags_text.h"

struct shipped {
    struct rs_model *model;
    struct rs_analyser *analyser;
    struct rs_analysis out;
};

static struct shipped *create_shipped(void)
{
    static struct shipped shipped;
    struct rs_error error;
    shipped.model = rs_model_read(rs_model_built_in(), &error);
    cr_assert_not_null(shipped.model, "%s", shipped.model ? "" : error.text);
    shipped.analyser = rs_analyser_create(shipped.model);
    cr_assert_not_null(shipped.analyser);
    return &shipped;
}

static void destroy_shipped(struct shipped *shipped)
{
    rs_analyser_destroy(shipped->analyser);
    rs_model_destroy(shipped->model);
}

static const char *tags_of(struct shipped *shipped, const char *text, const char *product_name)
{
    const struct rs_review_text review = {
        .text = rs_text(text), .locale = rs_text("en"), .product_name = rs_text(product_name)};
    cr_assert(rs_analyse(shipped->analyser, &review, &shipped->out));
    return tags_text(&shipped->out, true);
}

static const struct {
    const char *text, *product, *want;
} shipped_rows[] = {
    {"We loved the sea view, but the check-in was slow.", NULL,
     "check-in (slow check-in) checkin negative; sea view () room positive"},
    {"The staff was friendly. The beds were not comfortable. Free Wi-Fi!", NULL,
     "beds () bed negative; staff (friendly staff) staff positive; "
     "wi-fi (free wi-fi) wifi positive"},
    {"The Margate Towers Hotel has a beautiful garden. Margate Towers is great.",
     "The Margate Towers Hotel", "garden (beautiful garden) property positive"},
    {"", NULL, ""},
    {". . .", NULL, ""},
    {"xxxxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL, ""},
    {"#NAME?", NULL, ""},
    {"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd room \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", NULL, ""},
};

Test(tags_shipped, are_what_travellers_say)
{
    struct shipped *shipped = create_shipped();
    for (size_t i = 0; i < sizeof(shipped_rows) / sizeof(*shipped_rows); i++)
        cr_expect_str_eq(tags_of(shipped, shipped_rows[i].text, shipped_rows[i].product),
                         shipped_rows[i].want, "%s: %s", shipped_rows[i].text,
                         tags_text(&shipped->out, true));
    destroy_shipped(shipped);
}

static const char *const sentences[] = {
    "The breakfast buffet was excellent and the coffee was hot.",
    "Our bathroom smelled of mould!",
    "Friendly people at the front desk gave us a late checkout.",
    "Is there a better location in town?",
    "The pool was closed, and parking cost a fortune.",
    "Thin walls: we heard the elevator all night.",
};

/* The sentences in an order, each letter through `change`, `gap` between them. */
static const char *compose(size_t first, size_t step, int (*change)(int), const char *gap)
{
    static char text[1024];
    enum { COUNT = sizeof(sentences) / sizeof(*sentences) };
    size_t len = (size_t)snprintf(text, sizeof(text), "%s", gap);
    for (size_t i = 0; i < COUNT; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
                                sentences[(first + i * step) % COUNT], gap);
    for (size_t i = 0; change && i < len; i++)
        text[i] = (char)change(text[i]);
    return text;
}

Test(tags_shipped, depend_on_words_only)
{
    struct shipped *shipped = create_shipped();
    char want[2048];
    (void)snprintf(want, sizeof(want), "%s", tags_of(shipped, compose(0, 1, NULL, " "), NULL));
    cr_expect_gt(shipped->out.tag_count, 6);
    cr_expect_str_eq(tags_of(shipped, compose(0, 1, toupper, " "), NULL), want);
    cr_expect_str_eq(tags_of(shipped, compose(0, 1, tolower, " "), NULL), want);
    cr_expect_str_eq(tags_of(shipped, compose(0, 1, NULL, " \t\r\n\n "), NULL), want);
    for (size_t first = 0; first < sizeof(sentences) / sizeof(*sentences); first++) {
        cr_expect_str_eq(tags_of(shipped, compose(first, 1, NULL, " "), NULL), want);
        cr_expect_str_eq(tags_of(shipped, compose(first, 5, NULL, "\n"), NULL), want);
    }
    destroy_shipped(shipped);
}
