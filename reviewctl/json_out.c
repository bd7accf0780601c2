#include "json_out.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/utf8.h"

void json_print(json_t *document)
{
    size_t flags = JSON_REAL_PRECISION(15);
    flags |= isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT;
    (void)json_dumpf(document, stdout, flags);
    (void)fputc('\n', stdout);
    json_decref(document);
}

static void new_line(struct rs_buffer *out, size_t depth)
{
    rs_buffer_add(out, "\n", 1);
    for (size_t i = 0; i < depth; i++)
        rs_buffer_add(out, "  ", 2);
}

/* The end of the string that begins at `at`. */
static size_t end_of_string(struct rs_bytes json, size_t at)
{
    for (at++; at < json.len && json.data[at] != '"'; at++)
        if (json.data[at] == '\\')
            at++;
    return at < json.len ? at + 1 : json.len;
}

void json_indent(struct rs_bytes json, struct rs_buffer *out)
{
    size_t depth = 0;
    bool fresh = false; /* behind an opening brace, nothing in it yet */
    for (size_t i = 0; i < json.len;) {
        char c = json.data[i];
        size_t end = c == '"' ? end_of_string(json, i) : i + 1;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            i++;
            continue;
        }
        bool closes = c == '}' || c == ']';
        if (closes)
            depth -= depth > 0;
        if (fresh != closes && (fresh || closes))
            new_line(out, depth);
        rs_buffer_add(out, json.data + i, end - i);
        fresh = c == '{' || c == '[';
        depth += fresh;
        if (c == ',')
            new_line(out, depth);
        else if (c == ':')
            rs_buffer_add(out, " ", 1);
        i = end;
    }
}

/* --- bytes --- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(struct rs_bytes bytes)
{
    struct rs_buffer out = {0};
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        const unsigned char *at = (const unsigned char *)bytes.data + i;
        uint32_t group =
            (uint32_t)at[0] << 16 | (left > 1 ? (uint32_t)at[1] << 8 : 0) | (left > 2 ? at[2] : 0);
        char text[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        rs_buffer_add(&out, text, 4);
    }
    return rs_buffer_take(&out, NULL);
}

char *base64_decode(struct rs_bytes text, size_t *ret_len)
{
    struct rs_buffer out = {0};
    size_t pad = 0;
    while (pad < 2 && pad < text.len && text.data[text.len - 1 - pad] == '=')
        pad++;
    if (text.len % 4 != 0)
        return NULL;
    uint32_t group = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = i + pad < text.len && text.data[i]
                                ? strchr(digits, text.data[i])
                                : digits; /* padding counts as zero bits */
        if (!digit) {
            rs_buffer_finish(&out);
            return NULL;
        }
        group = group << 6 | (uint32_t)(digit - digits);
        if (i % 4 == 3) {
            char bytes[3] = {(char)(group >> 16), (char)(group >> 8), (char)group};
            rs_buffer_add(&out, bytes, i + 1 == text.len ? 3 - pad : 3);
            group = 0;
        }
    }
    return rs_buffer_take(&out, ret_len);
}

json_t *json_of_bytes(struct rs_bytes bytes)
{
    if (!bytes.data)
        return json_null();
    if (rs_utf8_is_valid(bytes))
        return json_stringn(bytes.data, bytes.len);
    char *text = base64_encode(bytes);
    json_t *made = json_pack("{s:s}", "base64", text);
    free(text);
    return made;
}
