#include "language/tag_names.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_TOKENS = 24, NAME_MAX_BYTES = 512, WORD_MIN_BYTES = 3 };

bool rs_tag_names_read(struct rs_tag_names *names, const struct rs_dictionary *dictionary,
                       struct rs_bytes product_name)
{
    if (product_name.len > NAME_MAX_BYTES)
        product_name.len = NAME_MAX_BYTES; /* a character that is cut counts as a replacement */
    if (!rs_reading_read(&names->name, dictionary, product_name))
        return false;
    names->from = 0;
    names->to = names->name.tokens.count;
    if (names->to > NAME_MAX_TOKENS)
        names->to = NAME_MAX_TOKENS;
    while (names->from < names->to && names->name.facts[names->from].entry &&
           (names->name.facts[names->from].entry->flags & RS_ENTRY_STOP))
        names->from++;
    return true;
}

static bool is_rare(const struct rs_fact *fact, const struct rs_token *token)
{
    return !fact->entry && token->kind == RS_WORD && token->fold_len >= WORD_MIN_BYTES;
}

static bool holds_word(const struct rs_tag_names *names, uint32_t hash)
{
    for (size_t i = names->from; i < names->to; i++)
        if (names->name.tokens.at[i].hash == hash)
            return true;
    return false;
}

/* How many tokens from `at` on are the whole name; 0: they are not. */
static size_t whole(const struct rs_tag_names *names, const struct rs_reading_part *part, size_t at)
{
    size_t len = names->to - names->from;
    if (len < 2 || part->tokens.count - at < len)
        return 0;
    for (size_t i = 0; i < len; i++)
        if (part->tokens.at[at + i].hash != names->name.tokens.at[names->from + i].hash)
            return 0;
    return len;
}

static bool is_house(const struct rs_reading_part *part, size_t i)
{
    const struct rs_entry *noun = part->facts[i].noun;
    return noun && noun->tokens == 1 && noun->aspects == 1u << RS_ASPECT_OVERALL;
}

bool rs_tag_names_mark(struct rs_tag_names *names, const struct rs_reading_part *part,
                       const bool **ret_marks)
{
    size_t count = part->tokens.count;
    *ret_marks = NULL;
    if (names->from == names->to || count == 0)
        return true;
    if (count > names->size) {
        free(names->marks);
        names->marks = malloc(count);
        names->size = names->marks ? count : 0;
        if (!names->marks)
            return false;
    }
    memset(names->marks, 0, count);
    for (size_t i = 0; i < count; i++) {
        size_t len = whole(names, part, i);
        memset(names->marks + i, true, len);
        if (is_rare(&part->facts[i], &part->tokens.at[i]))
            names->marks[i] |= holds_word(names, part->tokens.at[i].hash);
    }
    for (size_t i = 0; i < count; i++) /* "Hotel Casci" */
        names->marks[i] |= is_house(part, i) && i + 1 < count && names->marks[i + 1];
    for (size_t i = count; i-- > 1;) /* "the Casci hotel" */
        names->marks[i] |= is_house(part, i) && names->marks[i - 1];
    *ret_marks = names->marks;
    return true;
}

void rs_tag_names_finish(struct rs_tag_names *names)
{
    if (!names)
        return;
    rs_tokens_finish(&names->name.tokens);
    free(names->name.facts);
    free(names->marks);
    *names = (struct rs_tag_names){.size = 0};
}
