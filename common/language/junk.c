#include "language/junk.h"

#include <string.h>

/* How many different ASCII characters a word has, up to 3; any other character makes it 3. */
static int variety(struct rs_bytes word)
{
    char first = *word.data, second = first;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        if (c & 0x80 || (c != first && c != second && second != first))
            return 3;
        second = c != first ? c : second;
    }
    return 1 + (second != first);
}

/* "#NAME?", "#REF!", "#N/A", "#DIV/0!": cells that a spreadsheet could not compute. */
static bool is_cell_error(const struct rs_reading_part *part)
{
    static const char *const errors[] = {"name", "ref", "value", "n", "div", "null", "num"};
    const struct rs_tokens *tokens = &part->tokens;
    if (tokens->count < 2 || tokens->count > 5 ||
        !rs_bytes_equal(rs_token_text(tokens, &tokens->at[0]), rs_text("#")))
        return false;
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
        if (rs_bytes_equal(rs_token_text(tokens, &tokens->at[1]), rs_text(errors[i])))
            return true;
    return false;
}

/* "In ShortSince 1946": a page's headline glued to the text behind it. */
static bool is_glued_headline(const struct rs_tokens *tokens, size_t i)
{
    struct rs_bytes word = rs_token_text(tokens, &tokens->at[i]);
    return i > 0 && tokens->at[i].shape == RS_MIXED && word.len > 5 &&
           memcmp(word.data, "short", 5) == 0 &&
           rs_bytes_equal(rs_token_text(tokens, &tokens->at[i - 1]), rs_text("in"));
}

bool rs_junk_passes(const struct rs_reading_part *part)
{
    const struct rs_tokens *tokens = &part->tokens;
    size_t words = 0, noise = 0, emoji = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct rs_token *token = &tokens->at[i];
        if (part->facts[i].boilerplate || is_glued_headline(tokens, i))
            return false;
        emoji += token->kind == RS_EMOJI || token->kind == RS_EMOTICON;
        if (token->kind != RS_WORD && token->kind != RS_RUN)
            continue;
        struct rs_bytes word = rs_token_text(tokens, token);
        int kinds = variety(word);
        words += kinds > 1 || word.len <= 2;
        noise += word.len >= 8 && kinds <= 2 ? word.len : 0; /* xxxxxxxx, hahahaha */
    }
    if (tokens->letters == 0)
        return emoji > 0 && tokens->replaced == 0;
    return words > 0 && tokens->replaced <= tokens->letters && noise * 2 <= tokens->letters &&
           !is_cell_error(part);
}
