#include "core/utf8.h"

#include <string.h>

/* The length of the character that begins here, 0 if none does (RFC 3629, section 4). */
static size_t character(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char from, to;  /* of the first byte */
        unsigned char low, high; /* of the second */
        unsigned char len;
    } rows[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (at[0] < rows[i].from || at[0] > rows[i].to)
            continue;
        if (left < rows[i].len || at[1] < rows[i].low || at[1] > rows[i].high)
            return 0;
        for (size_t n = 2; n < rows[i].len; n++) {
            if (at[n] < 0x80 || at[n] > 0xbf)
                return 0;
        }
        return rows[i].len;
    }
    return 0;
}

bool rs_utf8_is_valid(struct rs_bytes text)
{
    const unsigned char *data = (const unsigned char *)text.data;
    for (size_t at = 0; at < text.len;) {
        size_t len = data[at] < 0x80 ? 1 : character(data + at, text.len - at);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

/* Whether eight bytes are ASCII without a control character. A borrow or carry from one byte into
 * the next only comes from one that is a control character itself. */
static bool are_plain(const unsigned char *eight)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, eight, sizeof(word));
    return ((word | (word - 0x20 * each) | (word + each)) & (0x80 * each)) == 0;
}

bool rs_utf8_has_control(struct rs_bytes text)
{
    const unsigned char *data = (const unsigned char *)text.data;
    size_t at = 0;
    while (text.len - at >= sizeof(uint64_t) && are_plain(data + at))
        at += sizeof(uint64_t);
    bool few = text.len - at < sizeof(uint64_t); /* and before them eight that are plain */
    if (few && at > 0 && are_plain(data + text.len - sizeof(uint64_t)))
        return false;
    for (; at < text.len; at++) {
        if (data[at] < 0x20 || data[at] == 0x7f)
            return true;
        if (data[at] == 0xc2 && at + 1 < text.len && data[at + 1] < 0xa0)
            return true; /* U+0080 to 9F */
    }
    return false;
}

size_t rs_utf8_length(struct rs_bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

const char *rs_utf8_show(struct rs_bytes bytes, char *buffer, size_t size)
{
    size_t len = 0;
    for (; len < bytes.len && len < size - 1; len++)
        buffer[len] = bytes.data[len] >= ' ' && bytes.data[len] < 0x7f ? bytes.data[len] : '?';
    buffer[len] = '\0';
    return buffer;
}
