#include "sink/redis_key.h"

#include <string.h>

void rs_redis_key(struct rs_buffer *out, const char *prefix, const char *kind, struct rs_bytes id)
{
    rs_buffer_clear(out);
    rs_buffer_add_text(out, prefix);
    rs_buffer_add_text(out, kind);
    rs_buffer_add(out, ":{", 2);
    size_t from = 0;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        if (c != '%' && c != '{' && c != '}')
            continue;
        rs_buffer_add(out, id.data + from, i - from);
        rs_buffer_add(out, c == '%' ? "%25" : c == '{' ? "%7B" : "%7D", 3);
        from = i + 1;
    }
    rs_buffer_add(out, id.data + from, id.len - from);
    rs_buffer_add(out, "}", 1);
}

bool rs_redis_key_id(struct rs_bytes key, const char *prefix, const char *kind,
                     struct rs_buffer *id)
{
    size_t a = strlen(prefix), b = strlen(kind);
    rs_buffer_clear(id);
    if (key.len < a + b + 4 || memcmp(key.data, prefix, a) != 0 ||
        memcmp(key.data + a, kind, b) != 0 || memcmp(key.data + a + b, ":{", 2) != 0 ||
        key.data[key.len - 1] != '}')
        return false;
    for (size_t i = a + b + 2; i < key.len - 1; i++) {
        const char *code = key.data + i;
        if (*code != '%') {
            rs_buffer_add(id, code, 1);
            continue;
        }
        if (key.len - 1 - i < 3)
            return false;
        char c = memcmp(code, "%25", 3) == 0   ? '%'
                 : memcmp(code, "%7B", 3) == 0 ? '{'
                 : memcmp(code, "%7D", 3) == 0 ? '}'
                                               : '\0';
        if (!c)
            return false;
        rs_buffer_add(id, &c, 1);
        i += 2;
    }
    return !id->failed;
}
