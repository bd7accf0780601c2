/* body.h - bodies of events for tests: a good one, or with one member changed. */
#ifndef RS_TESTS_BODY_H
#define RS_TESTS_BODY_H

/* Stands in title, text and product name, and must be in no reason and no log. */
#define BODY_TEXT "private words"

/* The good body of review "r-1", version 3, in which one member has another value, or (`json`
 * NULL) is absent; a member that it does not have is added at the end. `member` NULL changes
 * nothing. The caller frees it. */
char *body_with(const char *member, const char *json);

#endif
