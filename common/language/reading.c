#include "language/reading.h"

#include <stdlib.h>
#include <string.h>

#include "language/hash.h"

enum { REACH = 4, AHEAD = 6 };

static bool ends_with_nt(struct rs_bytes word)
{
    return word.len > 3 && memcmp(word.data + word.len - 3, "n't", 3) == 0;
}

static bool has(const struct rs_fact *fact, int flag)
{
    return fact->entry && (fact->entry->flags & flag);
}

static bool negates(const struct rs_reading_part *part, size_t i)
{
    struct rs_bytes word = rs_token_text(&part->tokens, &part->tokens.at[i]);
    if (has(&part->facts[i], RS_ENTRY_NEGATOR) || ends_with_nt(word))
        return true;
    return i > 0 && word.len == 1 && *word.data == 't' && has(&part->facts[i - 1], RS_ENTRY_STEM);
}

static void mark_negation(struct rs_reading_part *part)
{
    int left = 0;
    for (size_t i = 0; i < part->tokens.count; i++) {
        const struct rs_token *token = &part->tokens.at[i];
        bool ends = has(&part->facts[i], RS_ENTRY_SCOPE) || (token->kind == RS_PUNCTUATION) ||
                    (i > 0 && token->sentence != token[-1].sentence);
        part->facts[i].negated = !ends && left > 0;
        left = ends ? 0 : left > 0 ? left - 1 : 0;
        if (negates(part, i))
            left = REACH;
    }
}

static void add(struct rs_sums *sums, int value)
{
    if (value > 0)
        sums->positive += value;
    else
        sums->negative -= value;
}

static void weigh(struct rs_reading_part *part)
{
    struct rs_sums sums = {0, 0};
    for (size_t i = 0; i < part->tokens.count; i++) {
        struct rs_fact *fact = &part->facts[i];
        int value = fact->entry && !(fact->entry->flags & RS_ENTRY_PHRASE) ? fact->entry->value : 0;
        if (value && i > 0 && fact[-1].entry && fact[-1].entry->boost)
            value = value * fact[-1].entry->boost / 100;
        if (value && fact->negated)
            value = value > 0 ? value * -7 / 10 : value * -4 / 10;
        fact->value = (int16_t)value;
        fact->before = sums;
        add(&sums, fact->value);
        add(&sums, fact->phrase);
    }
    part->facts[part->tokens.count].before = sums;
}

static bool is_noun(const struct rs_entry *entry)
{
    return entry->flags & (RS_ENTRY_NOUN | RS_ENTRY_THING);
}

static void take_phrase(struct rs_fact *fact, const struct rs_entry *entry)
{
    fact->phrase = (int16_t)(fact->phrase + entry->value);
    fact->boilerplate |= (entry->flags & RS_ENTRY_BOILERPLATE) != 0;
    if (is_noun(entry))
        fact->noun = entry;
    if (entry->aspects) { /* longer ones come later */
        fact->aspects = entry->aspects;
        fact->aspect_tokens = entry->tokens;
    }
}

/* Entries of several tokens that begin at token i: the folded tokens lie one space apart. */
static void find_phrases(struct rs_reading_part *part, const struct rs_dictionary *dictionary,
                         size_t i)
{
    const struct rs_token *first = &part->tokens.at[i];
    for (size_t k = 1; k < part->facts[i].entry->longest && i + k < part->tokens.count; k++) {
        const struct rs_token *last = &part->tokens.at[i + k];
        if (last->sentence != first->sentence)
            return;
        struct rs_bytes text = {part->tokens.folded + first->fold,
                                last->fold + last->fold_len - first->fold};
        const struct rs_entry *entry =
            rs_dictionary_find(dictionary, rs_hash(text.data, text.len), text);
        if (entry)
            take_phrase(&part->facts[i], entry);
    }
}

static void look_up(struct rs_reading_part *part, const struct rs_dictionary *dictionary)
{
    for (size_t i = 0; i < part->tokens.count; i++) {
        struct rs_fact *fact = &part->facts[i];
        const struct rs_token *token = &part->tokens.at[i];
        if (i + AHEAD < part->tokens.count)
            rs_dictionary_expect(dictionary, token[AHEAD].hash);
        fact->entry =
            rs_dictionary_find(dictionary, token->hash, rs_token_text(&part->tokens, token));
        if (!fact->entry)
            continue;
        fact->aspects = fact->entry->aspects;
        fact->aspect_tokens = 1;
        fact->noun = is_noun(fact->entry) ? fact->entry : NULL;
        fact->boilerplate = (fact->entry->flags & RS_ENTRY_BOILERPLATE) != 0;
        if (fact->entry->flags & RS_ENTRY_PHRASE)
            fact->phrase = fact->entry->value;
        if (fact->entry->flags & RS_ENTRY_STARTS)
            find_phrases(part, dictionary, i);
    }
    /* What lies inside of a longer entry has no aspect of its own. */
    for (size_t i = 0, end = 0; i < part->tokens.count; i++) {
        if (i < end)
            part->facts[i].aspects = 0;
        else if (part->facts[i].aspects)
            end = i + part->facts[i].aspect_tokens;
    }
}

bool rs_reading_read(struct rs_reading_part *part, const struct rs_dictionary *dictionary,
                     struct rs_bytes text)
{
    part->text = text;
    if (!rs_tokens_read(&part->tokens, text))
        return false;
    if (part->tokens.count >= part->size) {
        free(part->facts);
        part->size = part->tokens.size + 1;
        part->facts = malloc(part->size * sizeof(*part->facts));
    }
    if (!part->facts) {
        part->size = part->tokens.count = 0;
        return false;
    }
    memset(part->facts, 0, (part->tokens.count + 1) * sizeof(*part->facts));
    look_up(part, dictionary);
    mark_negation(part);
    weigh(part);
    return true;
}

void rs_reading_finish(struct rs_reading *reading)
{
    if (!reading)
        return;
    for (int i = 0; i < RS_PARTS; i++) {
        rs_tokens_finish(&reading->parts[i].tokens);
        free(reading->parts[i].facts);
    }
    *reading = (struct rs_reading){0};
}

struct rs_sums rs_reading_sums(const struct rs_reading_part *part, size_t from, size_t to)
{
    struct rs_sums first = part->facts[from].before, last = part->facts[to].before;
    return (struct rs_sums){last.positive - first.positive, last.negative - first.negative};
}

size_t rs_sentence_end(const struct rs_reading_part *part, size_t from)
{
    size_t i = from;
    while (i < part->tokens.count && part->tokens.at[i].sentence == part->tokens.at[from].sentence)
        i++;
    return i;
}

size_t rs_clause_end(const struct rs_reading_part *part, size_t from)
{
    size_t i = from;
    while (i < part->tokens.count && part->tokens.at[i].clause == part->tokens.at[from].clause)
        i++;
    return i;
}
