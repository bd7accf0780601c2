/* json.h - reading JSON on the hot path: events and answers of servers. yyjson stands behind it;
 * what people write or read goes through jansson.
 *
 * Numbers stay as they were written, so that any size and any fraction survives. A value is
 * borrowed from its reader until the reader's next use. Functions that take a value accept NULL,
 * "absent", and a value of another type, which has nothing of what they look for. */
#ifndef RS_CORE_JSON_H
#define RS_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/error.h"

enum { RS_JSON_MAX_DEPTH = 64 };

struct rs_json_limits {
    size_t bytes;        /* of the text */
    size_t depth;        /* the outermost object is 1; at most RS_JSON_MAX_DEPTH */
    size_t members;      /* members of objects and elements of arrays, in all */
    size_t string_bytes; /* of a decoded string or name */
    bool strict;         /* also: an object on top, no member twice, no \u0000 */
};

enum rs_json_verdict {
    RS_JSON_READ,
    RS_JSON_REFUSED, /* no JSON, or over a limit: `reason` goes on from "the value", as in
                      * "has 3 bytes, limit is 2"; of the text it shows names of members only */
    RS_JSON_NO_MEMORY,
};

enum rs_json_type {
    RS_JSON_ABSENT, /* of NULL */
    RS_JSON_NULL,
    RS_JSON_FALSE,
    RS_JSON_TRUE,
    RS_JSON_NUMBER,
    RS_JSON_STRING,
    RS_JSON_ARRAY,
    RS_JSON_OBJECT,
};

struct rs_json; /* a value */

/* Memory for one text at a time, of one thread; reused, but what a large text took is given back
 * at the next use. */
struct rs_json_reader;
struct rs_json_reader *rs_json_reader_create(void); /* NULL: out of memory */
void rs_json_reader_destroy(struct rs_json_reader *reader);

/* Read a text; it is copied. `ret_value` is written on RS_JSON_READ only. */
enum rs_json_verdict rs_json_read(struct rs_json_reader *reader, struct rs_bytes text,
                                  const struct rs_json_limits *limits,
                                  const struct rs_json **ret_value, struct rs_error *reason);

enum rs_json_type rs_json_type(const struct rs_json *value);
/* Of a string: its bytes, valid UTF-8 with a terminator behind them; else {NULL, 0}. */
struct rs_bytes rs_json_string(const struct rs_json *value);
/* Whether a string is known to hold nothing that JSON escapes: it was written without escapes. */
bool rs_json_is_plain(const struct rs_json *value);
/* Of a number: as it was written; else {NULL, 0}. */
struct rs_bytes rs_json_number(const struct rs_json *value);
/* Of a number without fraction and exponent that fits: true. */
bool rs_json_integer(const struct rs_json *value, int64_t *ret_integer);

/* The member of an object; NULL: absent, or no object. The first one, where not strict. */
const struct rs_json *rs_json_get(const struct rs_json *object, const char *name);
/* Find several members in one walk: values[i] is the member names[i], or NULL. Quickest when
 * the names are in their usual order. */
void rs_json_pick(const struct rs_json *object, const struct rs_bytes *names, size_t count,
                  const struct rs_json **values);

/* Walk over an object or array: `for (struct rs_json_walk walk = {.of = value};
 * rs_json_next(&walk);)`. */
struct rs_json_walk {
    const struct rs_json *of;
    struct rs_bytes name; /* of the member; {NULL, 0} in arrays */
    const struct rs_json *value;
    size_t index; /* how many have been seen, this one included */
};
bool rs_json_next(struct rs_json_walk *walk);

/* Add a value as JSON text without spaces, numbers to the letter. NULL adds `null`. */
void rs_json_write(const struct rs_json *value, struct rs_buffer *out);
/* Add text (valid UTF-8) as a JSON string with its quotes. */
void rs_json_write_string(struct rs_bytes text, struct rs_buffer *out);
/* Add chosen members of an object as `"name":value,…`, without braces around them and in the
 * order of `paths`: "title", or "author.id" for one member of an object; those of one object
 * stand together. Up to 32 paths of plain ASCII. Absent and null members are left out. Returns how
 * many were added. */
size_t rs_json_write_members(const struct rs_json *object, const char *const *paths, size_t count,
                             struct rs_buffer *out);

#endif
