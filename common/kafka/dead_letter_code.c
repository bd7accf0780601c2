/* The bytes of a dead letter's operation: count of headers, key, value, then name and value of each
 * header; a text is its length in 4 bytes and itself. They never leave the process. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/instant.h"
#include "kafka/dead_letter.h"

enum { OWN_HEADERS = 11 };

static void add_number(struct rs_buffer *buffer, uint32_t number)
{
    rs_buffer_add(buffer, &number, sizeof(number));
}

/* UINT32_MAX: null. */
static void add_bytes(struct rs_buffer *buffer, struct rs_bytes bytes)
{
    assert(bytes.len < UINT32_MAX);
    add_number(buffer, bytes.data ? (uint32_t)bytes.len : UINT32_MAX);
    if (bytes.data)
        rs_buffer_add(buffer, bytes.data, bytes.len);
}

static void add_header(struct rs_buffer *buffer, const char *name, struct rs_bytes value)
{
    rs_buffer_add(buffer, name, strlen(name) + 1);
    add_bytes(buffer, value);
}

static void add_text(struct rs_buffer *buffer, const char *name, const char *value)
{
    add_header(buffer, name, rs_text(value ? value : ""));
}

static void add_decimal(struct rs_buffer *buffer, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    add_text(buffer, name, text);
}

static void add_time(struct rs_buffer *buffer, const char *name, int64_t at_ms)
{
    char text[RS_INSTANT_BYTES];
    rs_instant_write(at_ms, text);
    add_text(buffer, name, text);
}

static void add_letter(struct rs_buffer *buffer, const struct rs_record *record,
                       const struct rs_dead_letter *letter)
{
    add_text(buffer, "dl-processor", letter->processor);
    add_text(buffer, "dl-generation", letter->generation);
    add_text(buffer, "dl-topic", record->topic);
    add_decimal(buffer, "dl-partition", record->partition);
    add_decimal(buffer, "dl-offset", record->offset);
    add_decimal(buffer, "dl-timestamp", record->timestamp_ms);
    add_text(buffer, "dl-class", letter->class);
    add_text(buffer, "dl-reason", letter->reason && *letter->reason ? letter->reason : "unknown");
    add_text(buffer, "dl-sink", letter->sink);
    add_decimal(buffer, "dl-attempts", letter->attempts);
    add_time(buffer, "dl-at", letter->at_ms < 0 ? 0 : letter->at_ms);
}

enum rs_status rs_dead_letter_add(struct rs_operations *out, const struct rs_record *record,
                                  const struct rs_dead_letter *letter)
{
    struct rs_buffer buffer = {0};
    size_t len = 0;
    add_number(&buffer, (uint32_t)record->header_count + OWN_HEADERS);
    add_bytes(&buffer, record->key);
    add_bytes(&buffer, record->value);
    for (size_t i = 0; i < record->header_count; i++)
        add_header(&buffer, record->headers[i].name, record->headers[i].value);
    add_letter(&buffer, record, letter);
    char *bytes = rs_buffer_take(&buffer, &len);
    return rs_operations_take(out, &rs_dead_letter, NULL, 0, bytes, len);
}

static uint32_t read_number(const char **at)
{
    uint32_t number;
    memcpy(&number, *at, sizeof(number));
    *at += sizeof(number);
    return number;
}

static struct rs_bytes read_bytes(const char **at)
{
    uint32_t len = read_number(at);
    struct rs_bytes bytes = {NULL, 0};
    if (len != UINT32_MAX) {
        bytes = (struct rs_bytes){*at, len};
        *at += len;
    }
    return bytes;
}

size_t rs_dead_letter_read(const struct rs_operation *op, struct rs_bytes *ret_key,
                           struct rs_bytes *ret_value, struct rs_header *headers, size_t size)
{
    const char *at = op->bytes;
    size_t count = read_number(&at);
    *ret_key = read_bytes(&at);
    *ret_value = read_bytes(&at);
    for (size_t i = 0; i < count && i < size; i++) {
        headers[i].name = at;
        at += strlen(at) + 1;
        headers[i].value = read_bytes(&at);
    }
    return count;
}
