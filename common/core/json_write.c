#include "core/json.h"

#include <assert.h>
#include <string.h>

enum { MAX_PICKED = 32 };

static void add(struct rs_buffer *out, const char *text)
{
    rs_buffer_add(out, text, strlen(text));
}

/* How many bytes from here on need no escape; eight at a time. */
static size_t plain_bytes(const char *data, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    size_t at = 0;
    for (; at + 8 <= len; at += 8) {
        uint64_t word;
        memcpy(&word, data + at, 8);
        uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
        /* A byte below n gives a high bit in (x - n) & ~x (Hacker's Delight, 6-1); a false one
         * can only stand above a true one, and the loop below looks again. */
        uint64_t found = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                         ((backslash - ones) & ~backslash);
        if (found & high)
            break;
    }
    while (at < len && (unsigned char)data[at] >= 0x20 && data[at] != '"' && data[at] != '\\')
        at++;
    return at;
}

static void write_escape(unsigned char byte, struct rs_buffer *out)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    if (byte < sizeof(letters) && letters[byte])
        rs_buffer_add(out, (char[]){'\\', letters[byte]}, 2);
    else
        rs_buffer_printf(out, "\\u%04x", byte);
}

/* Text without anything to escape, in quotes; `before` and `after` are a byte each, or NUL for
 * none. In one piece: most of a document's pieces are these. */
static void write_quoted(char before, struct rs_bytes text, char after, struct rs_buffer *out)
{
    if (!rs_buffer_reserve(out, text.len + 4))
        return;
    char *to = out->data + out->len;
    *to = before;
    to += before != '\0';
    *to++ = '"';
    if (text.len) /* else its data may be NULL */
        memcpy(to, text.data, text.len);
    to += text.len;
    *to++ = '"';
    *to = after;
    to += after != '\0';
    *to = '\0';
    out->len = (size_t)(to - out->data);
}

void rs_json_write_string(struct rs_bytes text, struct rs_buffer *out)
{
    size_t plain = plain_bytes(text.data, text.len);
    if (plain == text.len) {
        write_quoted('\0', text, '\0', out);
        return;
    }
    rs_buffer_add(out, "\"", 1);
    for (size_t at = 0; at < text.len; at++) {
        rs_buffer_add(out, text.data + at, plain);
        at += plain;
        if (at == text.len)
            break;
        write_escape((unsigned char)text.data[at], out);
        plain = plain_bytes(text.data + at + 1, text.len - at - 1);
    }
    rs_buffer_add(out, "\"", 1);
}

static void write_scalar(const struct rs_json *value, struct rs_buffer *out)
{
    struct rs_bytes number;
    switch (rs_json_type(value)) {
    case RS_JSON_STRING:
        if (rs_json_is_plain(value))
            write_quoted('\0', rs_json_string(value), '\0', out);
        else
            rs_json_write_string(rs_json_string(value), out);
        break;
    case RS_JSON_NUMBER:
        number = rs_json_number(value);
        rs_buffer_add(out, number.data, number.len);
        break;
    case RS_JSON_TRUE:
        add(out, "true");
        break;
    case RS_JSON_FALSE:
        add(out, "false");
        break;
    default:
        add(out, "null");
    }
}

static bool is_container(const struct rs_json *value)
{
    return rs_json_type(value) >= RS_JSON_ARRAY;
}

void rs_json_write(const struct rs_json *value, struct rs_buffer *out)
{
    struct rs_json_walk open[RS_JSON_MAX_DEPTH];
    size_t depth = 0;
    if (!is_container(value)) {
        write_scalar(value, out);
        return;
    }
    open[depth++] = (struct rs_json_walk){.of = value};
    add(out, rs_json_type(value) == RS_JSON_OBJECT ? "{" : "[");
    while (depth > 0) {
        struct rs_json_walk *walk = &open[depth - 1];
        bool object = rs_json_type(walk->of) == RS_JSON_OBJECT;
        if (!rs_json_next(walk)) {
            add(out, object ? "}" : "]");
            depth--;
            continue;
        }
        if (walk->index > 1)
            add(out, ",");
        if (object) {
            rs_json_write_string(walk->name, out);
            add(out, ":");
        }
        if (is_container(walk->value)) {
            add(out, rs_json_type(walk->value) == RS_JSON_OBJECT ? "{" : "[");
            open[depth++] = (struct rs_json_walk){.of = walk->value};
        } else {
            write_scalar(walk->value, out);
        }
    }
}

static bool is_null(const struct rs_json *value)
{
    return rs_json_type(value) <= RS_JSON_NULL;
}

static void write_name(struct rs_bytes name, bool first, struct rs_buffer *out)
{
    write_quoted(first ? '\0' : ',', name, ':', out);
}

/* Values of the outermost members that the paths begin with, in one walk. */
static void pick_heads(const struct rs_json *object, const char *const *paths, size_t count,
                       struct rs_bytes *heads, const struct rs_json **values)
{
    struct rs_bytes names[MAX_PICKED];
    const struct rs_json *found[MAX_PICKED];
    size_t places[MAX_PICKED], distinct = 0;
    assert(count <= MAX_PICKED);
    for (size_t i = 0; i < count; i++) {
        heads[i] = (struct rs_bytes){paths[i], strcspn(paths[i], ".")};
        if (i == 0 || !rs_bytes_equal(heads[i], heads[i - 1]))
            names[distinct++] = heads[i];
        places[i] = distinct - 1;
    }
    rs_json_pick(object, names, distinct, found);
    for (size_t i = 0; i < count; i++)
        values[i] = found[places[i]];
}

size_t rs_json_write_members(const struct rs_json *object, const char *const *paths, size_t count,
                             struct rs_buffer *out)
{
    struct rs_bytes heads[MAX_PICKED];
    const struct rs_json *values[MAX_PICKED];
    struct rs_bytes open = {0}; /* the beginning of the paths that we are inside of */
    size_t added = 0;
    if (count == 0)
        return 0;
    pick_heads(object, paths, count, heads, values);
    for (size_t i = 0; i < count; i++) {
        const char *tail = paths[i] + heads[i].len;
        if (open.data && !(*tail && rs_bytes_equal(open, heads[i]))) {
            rs_buffer_add(out, "}", 1);
            open = (struct rs_bytes){0};
        }
        const struct rs_json *value = *tail ? rs_json_get(values[i], tail + 1) : values[i];
        if (is_null(value))
            continue;
        bool first = !open.data && added == 0;
        if (*tail && !open.data) {
            write_name(heads[i], first, out);
            rs_buffer_add(out, "{", 1);
            open = heads[i];
            first = true;
        }
        write_name(*tail ? rs_text(tail + 1) : heads[i], first, out);
        rs_json_write(value, out);
        added++;
    }
    if (open.data)
        rs_buffer_add(out, "}", 1);
    return added;
}
