/* line.h - one line of what `reviewctl publish` reads: an event, or an envelope around any record.
 * Pure. */
#ifndef RS_REVIEWCTL_LINE_H
#define RS_REVIEWCTL_LINE_H

#include "core/decode.h"
#include "core/json.h"

enum { LINE_HEADERS = 256 };

/* Scratch memory, reused from line to line. */
struct line_parser;
struct line_parser *line_parser_create(void); /* NULL: out of memory */
void line_parser_destroy(struct line_parser *parser);

enum line_verdict { LINE_RECORD, LINE_EMPTY, LINE_BAD };

struct line_record {
    struct rs_bytes key, value; /* data NULL: null */
    struct rs_bytes place;      /* the key that chooses the partition; data NULL: `key` */
    const struct rs_header *headers;
    size_t header_count;
};

/* Parse a line without its end. An object with `reviewId` is an event: it must be one that the
 * processors take (decode.h); its key is `reviewId`, its value the line as it is, its headers type
 * and version. Any other object is an envelope {"key", "value", "headers"}: `key` a string or null,
 * `value` a string, null, or an object that is sent as JSON; "keyBase64" and "valueBase64" in their
 * place for other bytes; headers an object, or pairs in an array, of strings, integers, null or
 * {"base64": …}; "partitionKey" or "partitionKeyBase64" optional. Its content is not checked.
 * The record borrows from `text` and the parser until the next call; `reason` is written on
 * LINE_BAD. */
enum line_verdict line_parse(struct line_parser *parser, struct rs_bytes text,
                             struct line_record *ret_record, struct rs_error *reason);

#endif
