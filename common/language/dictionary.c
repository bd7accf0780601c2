#include "language/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "language/hash.h"

static struct rs_entry_slot *slot_of(const struct rs_dictionary *dictionary, uint32_t hash,
                                     struct rs_bytes text)
{
    for (uint32_t i = hash & dictionary->slot_mask;; i = (i + 1) & dictionary->slot_mask) {
        struct rs_entry_slot *slot = &dictionary->slots[i];
        if (slot->entry == 0)
            return slot;
        if (slot->hash != hash)
            continue;
        const struct rs_entry *entry = &dictionary->entries[slot->entry - 1];
        if (entry->len == text.len &&
            memcmp(dictionary->text + entry->text, text.data, text.len) == 0)
            return slot;
    }
}

const struct rs_entry *rs_dictionary_find(const struct rs_dictionary *dictionary, uint32_t hash,
                                          struct rs_bytes text)
{
    if (!dictionary->slots)
        return NULL;
    uint32_t entry = slot_of(dictionary, hash, text)->entry;
    return entry ? &dictionary->entries[entry - 1] : NULL;
}

static bool add(struct rs_dictionary *dictionary, struct rs_entry entry)
{
    struct rs_bytes text = {dictionary->text + entry.text, entry.len};
    uint32_t hash = rs_hash(text.data, text.len);
    struct rs_entry_slot *slot = slot_of(dictionary, hash, text);
    if (slot->entry)
        return false;
    dictionary->entries[dictionary->count++] = entry;
    *slot = (struct rs_entry_slot){hash, dictionary->count};
    return true;
}

/* A number behind a TAB; `*at` moves behind it. */
static bool read_number(const char **at, const char *end, int base, long min, long max, long *ret)
{
    char copy[16];
    size_t len = 0;
    if (*at == end || *(*at)++ != '\t')
        return false;
    while (*at < end && **at != '\t' && len < sizeof(copy) - 1)
        copy[len++] = *(*at)++;
    copy[len] = '\0';
    char *stop;
    *ret = strtol(copy, &stop, base);
    return len && !*stop && *ret >= min && *ret <= max;
}

static bool read_entry(const char *text, const char *line, const char *end, struct rs_entry *ret)
{
    const char *at = memchr(line, '\t', (size_t)(end - line));
    long value, boost, flags, aspects;
    if (!at || at == line)
        return false;
    *ret = (struct rs_entry){
        .text = (uint32_t)(line - text), .len = (uint32_t)(at - line), .tokens = 1};
    for (const char *c = line; c < at; c++)
        ret->tokens = (uint8_t)(ret->tokens + (*c == ' ' && ret->tokens <= RS_ENTRY_TOKENS));
    if (ret->tokens > RS_ENTRY_TOKENS || !read_number(&at, end, 10, -1000, 1000, &value) ||
        !read_number(&at, end, 10, 0, 1000, &boost) ||
        !read_number(&at, end, 16, 0, 0xffff, &flags) ||
        !read_number(&at, end, 16, 0, 0xfffff, &aspects) || at != end)
        return false;
    ret->value = (int16_t)value;
    ret->boost = (uint16_t)boost;
    ret->flags = (uint16_t)(flags & ~RS_ENTRY_STARTS);
    ret->aspects = (uint32_t)aspects;
    return true;
}

static bool reserve(struct rs_dictionary *dictionary, struct rs_bytes section)
{
    size_t lines = 1, slots = 16;
    for (size_t i = 0; i < section.len; i++)
        lines += section.data[i] == '\n';
    while (slots < 4 * lines) /* room for the first tokens of phrases too */
        slots *= 2;
    *dictionary = (struct rs_dictionary){.text = section.data, .slot_mask = (uint32_t)slots - 1};
    dictionary->entries = calloc(2 * lines, sizeof(*dictionary->entries));
    dictionary->slots = calloc(slots, sizeof(*dictionary->slots));
    return dictionary->entries && dictionary->slots;
}

/* Mark the first token of each phrase; one without an entry of its own gets an empty one. */
static void mark_starts(struct rs_dictionary *dictionary)
{
    uint32_t count = dictionary->count;
    for (uint32_t i = 0; i < count; i++) {
        struct rs_entry first = {.text = dictionary->entries[i].text, .tokens = 1};
        if (dictionary->entries[i].tokens == 1)
            continue;
        while (dictionary->text[first.text + first.len] != ' ')
            first.len++;
        struct rs_bytes text = {dictionary->text + first.text, first.len};
        (void)add(dictionary, first);
        uint32_t entry = slot_of(dictionary, rs_hash(text.data, text.len), text)->entry;
        struct rs_entry *start = &dictionary->entries[entry - 1];
        start->flags |= RS_ENTRY_STARTS;
        if (start->longest < dictionary->entries[i].tokens)
            start->longest = dictionary->entries[i].tokens;
    }
}

bool rs_dictionary_read(struct rs_dictionary *dictionary, struct rs_bytes section,
                        struct rs_error *error)
{
    struct rs_entry entry;
    size_t line = 1;
    if (!reserve(dictionary, section)) {
        rs_dictionary_finish(dictionary);
        return rs_error_set(error, "out of memory");
    }
    for (const char *at = section.data, *all = at + section.len; at < all; line++) {
        const char *end = memchr(at, '\n', (size_t)(all - at));
        if (!end || !read_entry(section.data, at, end, &entry) || !add(dictionary, entry)) {
            rs_dictionary_finish(dictionary);
            return rs_error_set(error, "section dictionary: line %zu is damaged, or there twice",
                                line);
        }
        at = end + 1;
    }
    mark_starts(dictionary);
    return true;
}

void rs_dictionary_finish(struct rs_dictionary *dictionary)
{
    if (!dictionary)
        return;
    free(dictionary->entries);
    free(dictionary->slots);
    *dictionary = (struct rs_dictionary){0};
}
