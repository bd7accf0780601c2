/* stop_words.h - the words that every text of a language is full of. */
#ifndef RS_LANGUAGE_STOP_WORDS_H
#define RS_LANGUAGE_STOP_WORDS_H

#include <stdbool.h>

struct rs_stop_words {
    const char *code;  /* "de" */
    bool vouched;      /* the lists of languages that are written alike are there too */
    const char *words; /* lower case, one space between two */
};

/* The last one has no code. */
extern const struct rs_stop_words rs_stop_words[];

#endif
