#include "sink/redis_key.h"

#include <string.h>

/* The id itself where there is nothing to encode, else its encoding in the cleared buffer. */
static struct rs_bytes encode_id(struct rs_buffer *scratch, struct rs_bytes id)
{
    size_t from = 0;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        if (c != '%' && c != '{' && c != '}')
            continue;
        rs_buffer_add(scratch, id.data + from, i - from);
        rs_buffer_add(scratch, c == '%' ? "%25" : c == '{' ? "%7B" : "%7D", 3);
        from = i + 1;
    }
    if (from == 0)
        return id;
    rs_buffer_add(scratch, id.data + from, id.len - from);
    return (struct rs_bytes){scratch->data, scratch->len};
}

void rs_redis_key_parts(struct rs_buffer *scratch, const char *prefix, const char *kind,
                        struct rs_bytes id, struct rs_bytes parts[RS_REDIS_KEY_PARTS])
{
    rs_buffer_clear(scratch);
    parts[0] = rs_text(prefix);
    parts[1] = rs_text(kind);
    parts[2] = (struct rs_bytes){":{", 2};
    parts[3] = encode_id(scratch, id);
    parts[4] = (struct rs_bytes){"}", 1};
}

void rs_redis_key(struct rs_buffer *out, const char *prefix, const char *kind, struct rs_bytes id)
{
    struct rs_bytes parts[RS_REDIS_KEY_PARTS];
    struct rs_buffer scratch = {0};
    rs_redis_key_parts(&scratch, prefix, kind, id, parts);
    rs_buffer_clear(out);
    for (size_t i = 0; i < RS_REDIS_KEY_PARTS; i++)
        rs_buffer_add(out, parts[i].data, parts[i].len);
    out->failed |= scratch.failed;
    rs_buffer_finish(&scratch);
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
