/* bytes.h - a borrowed run of bytes, and a growing one that is owned. */
#ifndef RS_CORE_BYTES_H
#define RS_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Any bytes, not terminated. `data` NULL with `len` 0 is "absent" where a comment says so. */
struct rs_bytes {
    const char *data;
    size_t len;
};

/* The bytes of a C string, without its terminator; NULL gives {NULL, 0}. Borrows. */
struct rs_bytes rs_text(const char *text);
bool rs_bytes_equal(struct rs_bytes a, struct rs_bytes b);
/* FNV-1a, to tell keys apart without looking at them. Not seeded: who makes keys collide makes us
 * compare them, no more. */
uint64_t rs_bytes_hash(struct rs_bytes bytes);

/* Let the CPU fetch into its caches what is read soon, which takes as long as some hundred
 * instructions; what is long it fetches on by itself. Accepts an absent text. */
static inline void rs_bytes_prefetch(struct rs_bytes bytes)
{
    for (size_t at = 0; at < bytes.len && at < 1024; at += 64)
        __builtin_prefetch(bytes.data + at);
}

/* A growing buffer in the caller's memory; a zeroed one is empty. After a failed allocation
 * `failed` stays true and later additions do nothing: check once, at the end. */
struct rs_buffer {
    char *data;
    size_t len, size;
    bool failed;
};

/* What rs_buffer_reserve does when there is no room. */
bool rs_buffer_grow(struct rs_buffer *buffer, size_t more);

/* Make room for so many more bytes and a terminator at once; false: failed. */
static inline bool rs_buffer_reserve(struct rs_buffer *buffer, size_t more)
{
    bool fits = buffer->data && !buffer->failed && buffer->size - buffer->len > more;
    return fits || rs_buffer_grow(buffer, more);
}

/* Inline, so that a short literal is a move or two. */
static inline void rs_buffer_add(struct rs_buffer *buffer, const void *data, size_t len)
{
    if (!rs_buffer_reserve(buffer, len))
        return;
    if (len)
        memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
    buffer->data[buffer->len] = '\0';
}

static inline void rs_buffer_add_text(struct rs_buffer *buffer, const char *text)
{
    rs_buffer_add(buffer, text, strlen(text));
}

void rs_buffer_printf(struct rs_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Keep the memory, forget the content (and a failure). */
void rs_buffer_clear(struct rs_buffer *buffer);
/* The content with a terminator, now the caller's to free(), and an empty buffer; NULL when an
 * allocation had failed. `ret_len` may be NULL. */
char *rs_buffer_take(struct rs_buffer *buffer, size_t *ret_len);
/* Free the memory. Accepts NULL and a zeroed buffer. */
void rs_buffer_finish(struct rs_buffer *buffer);

#endif
