#include "language/familiar.h"

#include <stdlib.h>
#include <string.h>

#include "language/hash.h"
#include "language/stop_words.h"

enum {
    SLOTS = 16384,  /* more than twice as many as words */
    WORDS = 40,     /* that are looked at: more tell nothing new */
    LEAST = 3,      /* stop words that make a language */
    SHARE = 20,     /* and how many in a hundred of all */
    SURER = 3,      /* times as many as speak for another language */
    LANGUAGES = 32, /* a bit each */
};

struct slot {
    uint32_t hash, languages; /* of a word; 1 << index in rs_stop_words; 0 is empty */
};

struct rs_familiar {
    int count; /* of languages */
    struct slot slots[SLOTS];
};

static size_t find(const struct rs_familiar *familiar, uint32_t hash)
{
    size_t i = hash % SLOTS;
    while (familiar->slots[i].languages && familiar->slots[i].hash != hash)
        i = (i + 1) % SLOTS;
    return i;
}

static void add_words(struct rs_familiar *familiar, const char *words, int language)
{
    while (*words) {
        size_t len = strcspn(words, " ");
        uint32_t hash = rs_hash(words, len);
        struct slot *slot = &familiar->slots[find(familiar, hash)];
        slot->hash = hash;
        slot->languages |= 1u << language;
        words += len + (words[len] == ' ');
    }
}

struct rs_familiar *rs_familiar_create(void)
{
    struct rs_familiar *familiar = calloc(1, sizeof(*familiar));
    if (!familiar)
        return NULL;
    for (int i = 0; rs_stop_words[i].code && i < LANGUAGES; i++) {
        add_words(familiar, rs_stop_words[i].words, i);
        familiar->count = i + 1;
    }
    return familiar;
}

void rs_familiar_destroy(struct rs_familiar *familiar)
{
    free(familiar);
}

static int index_of(const struct rs_familiar *familiar, const char *code)
{
    for (int i = 0; i < familiar->count; i++)
        if (rs_stop_words[i].vouched && strcmp(rs_stop_words[i].code, code) == 0)
            return i;
    return -1;
}

struct tally {
    size_t words, hits;
    /* Words of ours that are none of that language, and words of that language that are not ours.
     */
    size_t for_us[LANGUAGES], against[LANGUAGES];
};

static void count(struct tally *tally, uint32_t found, int ours)
{
    bool hit = found >> ours & 1;
    tally->words++;
    tally->hits += hit;
    for (int i = 0; found && i < LANGUAGES; i++) {
        bool theirs = found >> i & 1;
        tally->for_us[i] += hit && !theirs;
        tally->against[i] += !hit && theirs;
    }
}

static bool is_plain(const struct tally *tally, int ours, int languages)
{
    if (tally->hits < LEAST || tally->hits * 100 < tally->words * SHARE)
        return false;
    for (int i = 0; i < languages; i++)
        if (i != ours && (tally->for_us[i] < 2 || tally->for_us[i] < SURER * tally->against[i]))
            return false;
    return true;
}

bool rs_familiar_is(const struct rs_familiar *familiar, const struct rs_reading *reading,
                    const bool keep[RS_PARTS], const char *code)
{
    struct tally tally = {0};
    int ours = index_of(familiar, code);
    if (ours < 0)
        return false;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_tokens *tokens = &reading->parts[p].tokens;
        for (size_t i = 0; keep[p] && i < tokens->count && tally.words < WORDS; i++)
            if (tokens->at[i].kind == RS_WORD)
                count(&tally, familiar->slots[find(familiar, tokens->at[i].hash)].languages, ours);
    }
    return is_plain(&tally, ours, familiar->count);
}
