#include "sink/placement_code.h"

#include <assert.h>
#include <string.h>

#include "sink/placement.h"

typedef uint32_t part_len; /* no event is longer than RS_MAX_VALUE_BYTES */

void rs_part_add(struct rs_buffer *out, struct rs_bytes part)
{
    part_len len = (part_len)part.len;
    assert(len == part.len);
    rs_buffer_add(out, &len, sizeof(len));
    rs_buffer_add(out, part.data, part.len);
}

bool rs_part_next(struct rs_bytes *rest, struct rs_bytes *ret_part)
{
    part_len len;
    if (rest->len < sizeof(len))
        return false;
    memcpy(&len, rest->data, sizeof(len));
    if (len > rest->len - sizeof(len))
        return false;
    *ret_part = (struct rs_bytes){rest->data + sizeof(len), len};
    *rest = (struct rs_bytes){ret_part->data + len, rest->len - sizeof(len) - len};
    return true;
}

bool rs_claim_decode(struct rs_claim *claim, struct rs_bytes bytes)
{
    struct rs_bytes part;
    if (!rs_part_next(&bytes, &claim->product) || !rs_part_next(&bytes, &claim->entry))
        return false;
    claim->values = bytes;
    claim->value_count = 0;
    while (rs_part_next(&bytes, &part))
        claim->value_count++;
    return bytes.len == 0;
}

enum rs_status rs_placement_add(struct rs_operations *out, const struct rs_sink *sink,
                                const struct rs_placement *kinds, const struct rs_event *event,
                                const char *product, struct rs_bytes entry,
                                const struct rs_bytes *values)
{
    struct rs_buffer bytes = rs_operations_buffer(out);
    struct rs_bytes body = {0};
    size_t len =
        (product ? strlen(product) : 0) + entry.len + (kinds->fields + 2) * sizeof(part_len);
    size_t count = kinds->fields;
    if (count && event->body.data && values[count - 1].data == event->body.data)
        body = values[--count]; /* need not be copied */
    for (size_t i = 0; i < count; i++)
        len += values[i].len;
    (void)rs_buffer_reserve(&bytes, len); /* a failure shows at the end */
    rs_part_add(&bytes, rs_text(product));
    rs_part_add(&bytes, product ? entry : rs_text(NULL));
    for (size_t i = 0; i < count; i++)
        rs_part_add(&bytes, values[i]);
    char *taken = rs_buffer_take(&bytes, &len);
    enum rs_status status = rs_operations_take(out, sink, event->id, event->version, taken, len);
    if (status == RS_OK)
        rs_operations_at(out, rs_operations_count(out) - 1)->body = body;
    return status;
}

bool rs_claim_parse(const struct rs_reply *reply, char *ret_code, struct rs_bytes *ret_notes)
{
    int64_t code;
    struct rs_bytes text;
    *ret_notes = (struct rs_bytes){0};
    if (rs_reply_integer(reply, &code)) {
        *ret_code = (char)('0' + (code & 3));
        return code >= 0 && code <= 3;
    }
    if (!rs_reply_bytes(reply, &text) || text.len < 2 || text.data[0] < '1' || text.data[0] > '3')
        return false;
    *ret_code = text.data[0];
    *ret_notes = (struct rs_bytes){text.data + 1, text.len - 1};
    return true;
}

bool rs_note_next(struct rs_bytes *notes, struct rs_bytes *ret_version,
                  struct rs_bytes *ret_product)
{
    const char *end = notes->len ? memchr(notes->data, '\n', notes->len) : NULL;
    size_t line = end ? (size_t)(end - notes->data) : 0, digits = 0;
    while (digits < line && notes->data[digits] >= '0' && notes->data[digits] <= '9')
        digits++;
    if (digits == 0 || digits > 19 || line < digits + 2 || notes->data[digits] != ' ')
        return false;
    *ret_version = (struct rs_bytes){notes->data, digits};
    *ret_product = (struct rs_bytes){notes->data + digits + 1, line - digits - 1};
    *notes = (struct rs_bytes){end + 1, notes->len - line - 1};
    return true;
}
