/* text.h - review-like text for the generator, in the language of a locale, in a seeded order. */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* splitmix64: a sequence of numbers from a seed, and one of them at any place by its index. */
uint64_t random_next(uint64_t *state);
double random_unit(uint64_t *state); /* 0 <= x < 1 */

enum { TITLE_BYTES = 128 };

/* Write about `len` bytes of text without anything that JSON must escape; returns how many were
 * written, at most `size`. */
size_t write_text(uint64_t *state, const char *locale, size_t len, char *out, size_t size);
/* The same for a title, at most TITLE_BYTES. */
size_t write_title(uint64_t *state, const char *locale, char *out);

#endif
