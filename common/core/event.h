/* event.h - one moderated review as the processors see it (design, section 2). */
#ifndef RS_CORE_EVENT_H
#define RS_CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

enum rs_state {
    RS_PUBLISHED,
    RS_WITHDRAWN,
    RS_ERASED, /* a null value with a version header: only id and version are known */
};

/* The letter that stores keep for a state: 'p', 'w' or 'e'. */
char rs_state_letter(enum rs_state state);

struct rs_rating {
    const char *name; /* [A-Za-z][A-Za-z0-9_]{0,63} */
    int hundredths;   /* 100 to 500 */
};

struct rs_json;     /* a parsed body: core/json.h */
struct rs_analysis; /* what a text says: language/analysis.h */

/* Plain data, borrowed from the record and the decoder: valid until the decoder's next use.
 * Ids and keywords hold valid UTF-8 without control characters, so they are C strings. */
struct rs_event {
    const char *type; /* "review" unless a processor takes other types */
    const char *id;   /* reviewId, 1 to 256 bytes */
    int64_t version;  /* 1 to 2^63-1 */
    enum rs_state state;
    const char *product_id;                   /* NULL when erased */
    const char *locale, *trip_type, *country; /* NULL when absent or empty */
    bool has_submitted;
    int64_t submitted_ms; /* since 1970, UTC; may be negative */
    char month[16];       /* "YYYY-MM" in UTC, "" when absent */
    const struct rs_rating *ratings;
    size_t rating_count;
    struct rs_bytes body;               /* the value as it came; absent when erased */
    const struct rs_json *document;     /* the parsed body; NULL when erased */
    const struct rs_analysis *analysis; /* of its text; NULL unless the processor asks for it
                                         * (processor.h), and of other than a published review */
    const char *model;                  /* that made it: "name@hash" */
};

#endif
