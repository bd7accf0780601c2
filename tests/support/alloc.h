/* alloc.h - make one allocation fail, to see that every module survives it.
 *
 *     for (long n = 0; rs_alloc_more(n); n++)
 *         { call; expect success, or "out of memory" and nothing changed; }
 *
 * The last round is the one in which nothing failed. malloc, calloc, realloc, strdup and strndup
 * of code that is linked into the test program are counted, of the calling thread only; shared
 * libraries have their own. Works by the linker's --wrap (tests/CMakeLists.txt). */
#ifndef RS_TESTS_ALLOC_H
#define RS_TESTS_ALLOC_H

#include <stdbool.h>

/* Let this thread's n-th allocation from now on fail, counted from 0; the others succeed. */
void rs_alloc_fail_at(long n);
/* Back to normal. Returns whether an allocation has failed since rs_alloc_fail_at. */
bool rs_alloc_reset(void);
/* For the loop above: false when the round before (if any) ran without a failure, else prepares
 * round n and returns true. */
bool rs_alloc_more(long n);

#endif
