/* suite.h - the option names of all programs of the suite.
 *
 * One environment serves every program, so a variable that only another program knows is ignored,
 * while a misspelt one is refused. This list is what tells them apart. */
#ifndef RS_CORE_SUITE_H
#define RS_CORE_SUITE_H

#include <stdbool.h>
#include <stddef.h>

/* The names, ends with NULL. One that ends with a dot stands for all options of a section: of a
 * program to come, or of a library. */
extern const char *const rs_suite[];

/* The entry that covers an environment variable, without its prefix ("KAFKA_BROKERS"): the exact
 * name rather than the section. NULL: no program has it. */
const char *rs_suite_find(const char *variable);

/* Whether this is how an option is spelt in the environment: upper case, dots as underscores. */
bool rs_suite_is_variable(const char *variable, const char *option);
/* Whether a variable begins with a section; `section` ends with a dot. */
bool rs_suite_is_in_section(const char *variable, const char *section);
/* Write the variable of an option, with its prefix: "redis.url" gives REVIEWS_REDIS_URL. */
void rs_suite_variable(const char *option, char *buffer, size_t size);

#endif
