#include "line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_out.h"

enum { MAX_LINE_BYTES = 32 << 20 };

struct line_parser {
    struct rs_json_reader *reader;
    struct rs_decoder *decoder;
    struct rs_header headers[LINE_HEADERS];
    char version[24];
    char **decoded; /* of Base64, and values as JSON; freed at the next line */
    size_t decoded_count;
};

static const char *const types[] = {"review", NULL};

struct line_parser *line_parser_create(void)
{
    struct line_parser *parser = calloc(1, sizeof(*parser));
    if (!parser)
        return NULL;
    parser->reader = rs_json_reader_create();
    parser->decoder = rs_decoder_create();
    if (parser->reader && parser->decoder)
        return parser;
    line_parser_destroy(parser);
    return NULL;
}

static void forget(struct line_parser *parser)
{
    for (size_t i = 0; i < parser->decoded_count; i++)
        free(parser->decoded[i]);
    parser->decoded_count = 0;
}

void line_parser_destroy(struct line_parser *parser)
{
    if (!parser)
        return;
    forget(parser);
    free(parser->decoded);
    rs_json_reader_destroy(parser->reader);
    rs_decoder_destroy(parser->decoder);
    free(parser);
}

/* Keep memory until the next line; takes it. */
static bool keep(struct line_parser *parser, char *memory)
{
    char **more =
        memory ? realloc(parser->decoded, (parser->decoded_count + 1) * sizeof(*more)) : NULL;
    if (!more) {
        free(memory);
        return false;
    }
    parser->decoded = more;
    parser->decoded[parser->decoded_count++] = memory;
    return true;
}

/* --- an event --- */

static enum line_verdict parse_event(struct line_parser *parser, struct rs_bytes text,
                                     struct rs_bytes id, struct line_record *ret_record,
                                     struct rs_error *reason)
{
    struct rs_event event;
    const struct rs_record record = {.topic = "", .key = id, .value = text};
    enum rs_verdict verdict = rs_decode(parser->decoder, &record, types, &event, reason);
    if (verdict != RS_EVENT) {
        if (verdict == RS_NO_MEMORY)
            rs_error_set(reason, "out of memory");
        return LINE_BAD;
    }
    (void)snprintf(parser->version, sizeof(parser->version), "%" PRId64, event.version);
    parser->headers[0] = (struct rs_header){"type", rs_text("review")};
    parser->headers[1] = (struct rs_header){"version", rs_text(parser->version)};
    *ret_record = (struct line_record){
        .key = id, .value = text, .headers = parser->headers, .header_count = 2};
    return LINE_RECORD;
}

/* --- an envelope --- */

static bool read_base64(struct line_parser *parser, const struct rs_json *value, const char *name,
                        struct rs_bytes *ret, struct rs_error *reason)
{
    size_t len = 0;
    struct rs_bytes text = rs_json_string(value);
    char *data = text.data ? base64_decode(text, &len) : NULL;
    if (!data)
        return rs_error_set(reason, "%s is no Base64", name);
    *ret = (struct rs_bytes){data, len};
    return keep(parser, data) || rs_error_set(reason, "out of memory");
}

static bool read_json(struct line_parser *parser, const struct rs_json *value, struct rs_bytes *ret,
                      struct rs_error *reason)
{
    struct rs_buffer out = {0};
    size_t len = 0;
    rs_json_write(value, &out);
    char *data = rs_buffer_take(&out, &len);
    *ret = (struct rs_bytes){data, len};
    return keep(parser, data) || rs_error_set(reason, "out of memory");
}

/* The member `name`, or `name`Base64. An absent one is an error unless it is `optional`: a
 * forgotten value must not become an erasure. */
static bool read_member(struct line_parser *parser, const struct rs_json *line, const char *name,
                        bool optional, struct rs_bytes *ret, struct rs_error *reason)
{
    char base64[32];
    (void)snprintf(base64, sizeof(base64), "%sBase64", name);
    const struct rs_json *encoded = rs_json_get(line, base64), *plain = rs_json_get(line, name);
    *ret = (struct rs_bytes){NULL, 0};
    if (encoded)
        return read_base64(parser, encoded, base64, ret, reason);
    switch (rs_json_type(plain)) {
    case RS_JSON_NULL:
        return true;
    case RS_JSON_STRING:
        *ret = rs_json_string(plain);
        return true;
    case RS_JSON_ABSENT:
        return optional || rs_error_set(reason,
                                        "neither an event (reviewId is missing) nor an "
                                        "envelope (%s is missing)",
                                        name);
    case RS_JSON_OBJECT:
        if (strcmp(name, "value") == 0)
            return read_json(parser, plain, ret, reason);
        __attribute__((fallthrough));
    default:
        return rs_error_set(reason, "%s is not a string%s or null", name,
                            strcmp(name, "value") == 0 ? ", an object" : "");
    }
}

static bool read_header(struct line_parser *parser, struct rs_bytes name,
                        const struct rs_json *value, struct line_record *record,
                        struct rs_error *reason)
{
    if (record->header_count == LINE_HEADERS)
        return rs_error_set(reason, "more than %d headers", LINE_HEADERS);
    if (memchr(name.data, '\0', name.len))
        return rs_error_set(reason, "a header's name holds \\u0000");
    struct rs_header *header = &parser->headers[record->header_count++];
    *header = (struct rs_header){name.data, {NULL, 0}};
    switch (rs_json_type(value)) {
    case RS_JSON_NULL:
        return true;
    case RS_JSON_STRING:
        header->value = rs_json_string(value);
        return true;
    case RS_JSON_NUMBER:
        header->value = rs_json_number(value);
        return true;
    case RS_JSON_OBJECT:
        return read_base64(parser, rs_json_get(value, "base64"), "a header's base64",
                           &header->value, reason);
    default:
        return rs_error_set(reason, "header %s is not a string, a number, null or {\"base64\": …}",
                            name.data);
    }
}

/* An element ["name", value] of headers that are an array. */
static bool read_pair(struct line_parser *parser, const struct rs_json *pair,
                      struct line_record *record, struct rs_error *reason)
{
    const struct rs_json *parts[2] = {NULL, NULL};
    for (struct rs_json_walk walk = {.of = pair}; rs_json_next(&walk) && walk.index <= 2;)
        parts[walk.index - 1] = walk.value;
    struct rs_bytes name = rs_json_string(parts[0]);
    if (rs_json_type(pair) != RS_JSON_ARRAY || !name.data || !parts[1])
        return rs_error_set(reason, "a header is not [\"name\", value]");
    return read_header(parser, name, parts[1], record, reason);
}

static bool read_headers(struct line_parser *parser, const struct rs_json *headers,
                         struct line_record *record, struct rs_error *reason)
{
    enum rs_json_type type = rs_json_type(headers);
    if (type != RS_JSON_ABSENT && type != RS_JSON_OBJECT && type != RS_JSON_ARRAY)
        return rs_error_set(reason, "headers is neither an object nor an array");
    for (struct rs_json_walk walk = {.of = headers}; rs_json_next(&walk);)
        if (type == RS_JSON_OBJECT ? !read_header(parser, walk.name, walk.value, record, reason)
                                   : !read_pair(parser, walk.value, record, reason))
            return false;
    record->headers = parser->headers;
    return true;
}

static enum line_verdict parse_envelope(struct line_parser *parser, const struct rs_json *line,
                                        struct line_record *ret_record, struct rs_error *reason)
{
    struct line_record record = {0};
    if (!read_member(parser, line, "key", false, &record.key, reason) ||
        !read_member(parser, line, "value", false, &record.value, reason) ||
        !read_member(parser, line, "partitionKey", true, &record.place, reason) ||
        !read_headers(parser, rs_json_get(line, "headers"), &record, reason))
        return LINE_BAD;
    *ret_record = record;
    return LINE_RECORD;
}

enum line_verdict line_parse(struct line_parser *parser, struct rs_bytes text,
                             struct line_record *ret_record, struct rs_error *reason)
{
    static const struct rs_json_limits limits = {.bytes = MAX_LINE_BYTES,
                                                 .depth = RS_JSON_MAX_DEPTH,
                                                 .members = 1 << 20,
                                                 .string_bytes = MAX_LINE_BYTES};
    const struct rs_json *line = NULL;
    struct rs_error why = {"out of memory"};
    forget(parser);
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]))
        text.len--;
    while (text.len > 0 && strchr(" \t\r", text.data[0])) {
        text.data++;
        text.len--;
    }
    if (text.len == 0)
        return LINE_EMPTY;
    if (rs_json_read(parser->reader, text, &limits, &line, &why) != RS_JSON_READ) {
        rs_error_set(reason, "the line %.400s", why.text);
        return LINE_BAD;
    }
    if (rs_json_type(line) != RS_JSON_OBJECT) {
        rs_error_set(reason, "the line is no JSON object");
        return LINE_BAD;
    }
    const struct rs_json *id = rs_json_get(line, "reviewId");
    if (!id)
        return parse_envelope(parser, line, ret_record, reason);
    struct rs_bytes key = rs_json_string(id);
    if (!key.data) {
        rs_error_set(reason, "reviewId is not a string");
        return LINE_BAD;
    }
    return parse_event(parser, text, key, ret_record, reason);
}
