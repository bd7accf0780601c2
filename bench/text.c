#include "text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const words[] = {
    "the",        "the",     "the",      "and",     "and",      "was",       "was",
    "we",         "a",       "a",        "to",      "of",       "in",        "very",
    "room",       "rooms",   "bed",      "beds",    "pillow",   "shower",    "bathroom",
    "towels",     "carpet",  "window",   "view",    "balcony",  "lift",      "stairs",
    "lobby",      "desk",    "staff",    "waiter",  "cook",     "manager",   "breakfast",
    "dinner",     "bread",   "coffee",   "tea",     "fruit",    "eggs",      "soup",
    "fish",       "cheese",  "clean",    "dirty",   "quiet",    "noisy",     "friendly",
    "rude",       "warm",    "cold",     "small",   "spacious", "cheap",     "expensive",
    "fresh",      "stale",   "soft",     "hard",    "bright",   "dark",      "lovely",
    "poor",       "perfect", "terrible", "helpful", "slow",     "quick",     "central",
    "remote",     "modern",  "dated",    "harbour", "station",  "beach",     "museum",
    "market",     "street",  "garden",   "pool",    "sauna",    "parking",   "internet",
    "heating",    "night",   "nights",   "morning", "evening",  "weekend",   "week",
    "arrived",    "left",    "slept",    "waited",  "asked",    "walked",    "enjoyed",
    "expected",   "booked",  "paid",     "found",   "returned", "recommend", "avoid",
    "again",      "never",   "always",   "almost",  "quite",    "really",    "near",
    "behind",     "above",   "with",     "without", "but",      "because",   "although",
    "everything", "nothing", "children", "family",  "friends",  "business",  "holiday",
    "wedding",    "café",    "fiancé",   "crème",   "Müsli",    "über",      "niños",
};

uint64_t random_next(uint64_t *state)
{
    uint64_t mixed = (*state += 0x9e3779b97f4a7c15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

double random_unit(uint64_t *state)
{
    return (double)(random_next(state) >> 11) / 9007199254740992.0;
}

size_t write_text(uint64_t *state, size_t len, char *out, size_t size)
{
    size_t used = 0, left_in_sentence = 0;
    while (used < len && used + 32 < size) {
        uint64_t roll = random_next(state);
        const char *word = words[roll % (sizeof(words) / sizeof(*words))];
        size_t word_len = strlen(word);
        bool begins = left_in_sentence == 0;
        if (begins)
            left_in_sentence = 5 + (roll >> 32) % 11;
        if (used)
            out[used++] = ' ';
        memcpy(out + used, word, word_len);
        if (begins)
            out[used] = (char)toupper((unsigned char)out[used]);
        used += word_len;
        if (--left_in_sentence == 0)
            out[used++] = '.';
    }
    if (used && out[used - 1] != '.')
        out[used++] = '.';
    return used;
}
