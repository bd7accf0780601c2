#include "core/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rs_bytes rs_text(const char *text)
{
    return (struct rs_bytes){text, text ? strlen(text) : 0};
}

bool rs_bytes_equal(struct rs_bytes a, struct rs_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

uint64_t rs_bytes_hash(struct rs_bytes bytes)
{
    uint64_t value = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < bytes.len; i++)
        value = (value ^ (unsigned char)bytes.data[i]) * UINT64_C(1099511628211);
    return value;
}

bool rs_buffer_grow(struct rs_buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    size_t size = buffer->size ? buffer->size : 64;
    while (size - buffer->len <= more)
        size *= 2;
    char *data = realloc(buffer->data, size);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->size = size;
    return true;
}

void rs_buffer_printf(struct rs_buffer *buffer, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    size_t room = buffer->failed ? 0 : buffer->size - buffer->len;
    int len = vsnprintf(room ? buffer->data + buffer->len : NULL, room, format, list);
    va_end(list);
    bool there = len >= 0 && (size_t)len < room;
    if (len >= 0 && rs_buffer_reserve(buffer, (size_t)len)) {
        if (!there)
            (void)vsnprintf(buffer->data + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void rs_buffer_clear(struct rs_buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
}

char *rs_buffer_take(struct rs_buffer *buffer, size_t *ret_len)
{
    rs_buffer_add(buffer, "", 0); /* an empty buffer becomes an empty text */
    if (buffer->failed) {
        rs_buffer_finish(buffer);
        return NULL;
    }
    char *data = buffer->data;
    if (ret_len)
        *ret_len = buffer->len;
    *buffer = (struct rs_buffer){0};
    return data;
}

void rs_buffer_finish(struct rs_buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    *buffer = (struct rs_buffer){0};
}
