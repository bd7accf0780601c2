#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Weak, so that a program that never fails an allocation links without --wrap. */
void *__real_malloc(size_t size) __attribute__((weak));
void *__real_calloc(size_t count, size_t size) __attribute__((weak));
void *__real_realloc(void *data, size_t size) __attribute__((weak));
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);

static _Thread_local long left = -1; /* allocations until the one that fails; -1: none will */
static _Thread_local bool failed;

static bool fails(void)
{
    if (left < 0)
        return false;
    failed |= left == 0;
    return left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *data, size_t size)
{
    return fails() ? NULL : __real_realloc(data, size);
}

char *__wrap_strndup(const char *text, size_t most)
{
    size_t len = strnlen(text, most);
    char *copy = __wrap_malloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *__wrap_strdup(const char *text)
{
    return __wrap_strndup(text, strlen(text));
}

void rs_alloc_fail_at(long n)
{
    if (!__real_malloc) {
        fprintf(stderr, "link with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,"
                        "--wrap=strndup\n");
        abort();
    }
    left = n;
    failed = false;
}

bool rs_alloc_reset(void)
{
    left = -1;
    return failed;
}

bool rs_alloc_more(long n)
{
    if (!rs_alloc_reset() && n > 0)
        return false;
    rs_alloc_fail_at(n);
    return true;
}
