/* dictionary.h - what the project knows about words and phrases: opinion, negation, aspect, use.
 *
 * Read from the model's text section `dictionary`, one entry a line, sorted or not:
 *
 *     <folded tokens, one space between> TAB <value> TAB <boost> TAB <flags> TAB <aspects>
 *
 * value: opinion in hundredths; boost: per cent by which the next word's opinion is scaled, or 0;
 * flags and aspects: bit sets, hexadecimal. tools/language/words.py makes it from word lists. */
#ifndef RS_LANGUAGE_DICTIONARY_H
#define RS_LANGUAGE_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/error.h"

enum {
    RS_ENTRY_NEGATOR = 1,      /* "not": turns what follows */
    RS_ENTRY_STEM = 2,         /* "didn": a negator where "t" follows */
    RS_ENTRY_SCOPE = 4,        /* ends what a negator turns */
    RS_ENTRY_ENGLISH = 8,      /* a word that shows English */
    RS_ENTRY_STOP = 16,        /* no part of a tag's border */
    RS_ENTRY_NOUN = 32,        /* may be a tag by itself */
    RS_ENTRY_BOILERPLATE = 64, /* a text that holds it is no review */
    RS_ENTRY_STARTS = 128,     /* set when read: a longer entry begins with this token */
    RS_ENTRY_PHRASE = 256,     /* its value is added to that of its words, as it stands */
    RS_ENTRY_THING = 512,      /* a noun that is a tag where an opinion stands beside it */
    RS_ENTRY_ADJECTIVE = 1024, /* an opinion that can stand before a noun */
};

enum { RS_ENTRY_TOKENS = 8 }; /* in the longest entry */

struct rs_entry {
    uint32_t text, len; /* in the section's bytes */
    uint32_t aspects;   /* bit 1 << enum rs_aspect */
    int16_t value;
    uint16_t boost;
    uint16_t flags;
    uint8_t tokens;
    uint8_t longest; /* of STARTS: tokens in the longest entry that begins so */
};

struct rs_entry_slot {
    uint32_t hash, entry; /* its index + 1; 0 is empty */
};

struct rs_dictionary {
    const char *text; /* the section; borrowed */
    struct rs_entry *entries;
    struct rs_entry_slot *slots; /* by hash */
    uint32_t count, slot_mask;
};

/* Read a section, which must outlive the dictionary. False with the reason: damaged or no
 * memory; nothing to finish then. */
bool rs_dictionary_read(struct rs_dictionary *dictionary, struct rs_bytes section,
                        struct rs_error *error);
void rs_dictionary_finish(struct rs_dictionary *dictionary);

/* An entry of this hash will be asked for soon. */
static inline void rs_dictionary_expect(const struct rs_dictionary *dictionary, uint32_t hash)
{
    if (dictionary->slots)
        __builtin_prefetch(&dictionary->slots[hash & dictionary->slot_mask]);
}

/* The entry of these bytes, whose rs_hash is `hash`; NULL: none. Borrowed. */
const struct rs_entry *rs_dictionary_find(const struct rs_dictionary *dictionary, uint32_t hash,
                                          struct rs_bytes text);

#endif
