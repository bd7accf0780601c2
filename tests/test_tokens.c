#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "language/hash.h"
#include "language/tokens.h"
#include "support/alloc.h"

static json_int_t number(const json_t *row, size_t i)
{
    return json_integer_value(json_array_get(row, i));
}

static void compare(const struct rs_tokens *tokens, const json_t *want, const char *text)
{
    cr_assert_eq(tokens->count, json_array_size(want), "%s", text);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct rs_token *token = &tokens->at[i];
        const json_t *row = json_array_get(want, i);
        struct rs_bytes folded = rs_token_text(tokens, token);
        cr_expect(rs_bytes_equal(folded, rs_text(json_string_value(json_array_get(row, 0)))),
                  "%s: token %zu is '%.*s'", text, i, (int)folded.len, folded.data);
        const json_int_t have[] = {token->start,
                                   token->end,
                                   token->kind,
                                   token->shape,
                                   token->sentence,
                                   token->clause,
                                   token->space_before,
                                   token->hash,
                                   rs_hash_join(token->sentence + 1, token->hash, token->clause)};
        for (size_t k = 0; k < sizeof(have) / sizeof(*have); k++)
            cr_expect_eq(have[k], number(row, k + 1), "%s: token %zu, column %zu", text, i, k + 1);
    }
}

Test(tokens, are_those_of_the_training_tool)
{
    struct rs_tokens tokens = {0};
    size_t lines = 0, size = 0;
    char *line = NULL;
    FILE *file = fopen(RS_SOURCE_DIR "/tests/data/language/tokens.ndjson", "r");
    cr_assert(file);
    for (ssize_t len; (len = getline(&line, &size, file)) > 0; lines++) {
        json_t *row = json_loadb(line, (size_t)len, JSON_ALLOW_NUL, NULL);
        const json_t *text = json_object_get(row, "text");
        struct rs_bytes bytes = {json_string_value(text), json_string_length(text)};
        cr_assert(rs_tokens_read(&tokens, bytes));
        compare(&tokens, json_object_get(row, "tokens"), bytes.data);
        json_decref(row);
    }
    cr_expect_gt(lines, 20);
    (void)fclose(file);
    free(line);
    rs_tokens_finish(&tokens);
}

static const struct {
    const char *name, *text;
    size_t count;
    uint32_t letters, replaced;
} rows[] = {
    {"nothing", "", 0, 0, 0},
    {"a byte that is no UTF-8 separates words", "caf\xe9 ol\xe9s", 3, 6, 2},
    {"a cut character at the end", "ok\xe2\x82", 1, 2, 2},
    {"a surrogate", "\xed\xa0\x80", 0, 0, 3},
    {"replacement characters", "\xef\xbf\xbd\xef\xbf\xbd.", 1, 0, 2},
    {"only marks", "\xcc\x81\xcc\x81", 0, 0, 0},
};

Test(tokens, take_any_bytes)
{
    struct rs_tokens tokens = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cr_assert(rs_tokens_read(&tokens, rs_text(rows[i].text)));
        cr_expect_eq(tokens.count, rows[i].count, "%s", rows[i].name);
        cr_expect_eq(tokens.letters, rows[i].letters, "%s", rows[i].name);
        cr_expect_eq(tokens.replaced, rows[i].replaced, "%s", rows[i].name);
    }
    rs_tokens_finish(&tokens);
    rs_tokens_finish(NULL);
}

Test(tokens, end_at_their_limit)
{
    enum { WORDS = RS_TOKENS_MAX + 10 };
    char *text = malloc(2 * WORDS);
    struct rs_tokens tokens = {0};
    for (size_t i = 0; i < WORDS; i++)
        memcpy(text + 2 * i, "a ", 2);
    cr_assert(rs_tokens_read(&tokens, (struct rs_bytes){text, 2 * WORDS}));
    cr_expect_eq(tokens.count, RS_TOKENS_MAX);
    cr_expect(tokens.cut);
    cr_assert(rs_tokens_read(&tokens, rs_text("a b")));
    cr_expect_eq(tokens.count, 2);
    cr_expect_not(tokens.cut);
    rs_tokens_finish(&tokens);
    free(text);
}

Test(tokens, survive_every_failed_allocation)
{
    char text[1200];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 2 ? ' ' : 'a';
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_tokens tokens = {0};
        bool read = rs_tokens_read(&tokens, (struct rs_bytes){text, sizeof(text)});
        cr_expect_eq(tokens.count, read ? sizeof(text) / 2 : 0);
        rs_tokens_finish(&tokens);
    }
}
