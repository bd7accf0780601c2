/* decode.h - from a Kafka record to an event: the envelope first, then the content by its type.
 *
 * Every limit and every malformed case of the design, section 2, is decided here and nowhere
 * else. Reasons name members, numbers and limits, never the text of a review. */
#ifndef RS_CORE_DECODE_H
#define RS_CORE_DECODE_H

#include "core/error.h"
#include "core/event.h"

enum {
    RS_MAX_VALUE_BYTES = 1 << 20,
    RS_MAX_DEPTH = 32,     /* the outermost object is depth 1 */
    RS_MAX_MEMBERS = 4096, /* members of objects and elements of arrays, in all */
    RS_MAX_STRING_BYTES = 256 * 1024,
    RS_MAX_ID_BYTES = 256,
    RS_MAX_RATINGS = 32,
};

struct rs_header {
    const char *name;
    struct rs_bytes value; /* data NULL: a null header */
};

/* A record as it came from Kafka; everything is borrowed. */
struct rs_record {
    const char *topic;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms;            /* -1 when unknown */
    struct rs_bytes key;             /* data NULL: a null key; an empty key has data and len 0 */
    struct rs_bytes value;           /* data NULL: a null value */
    const struct rs_header *headers; /* in their order; of one name the last counts */
    size_t header_count;
};

enum rs_verdict {
    RS_EVENT,     /* `event` is filled */
    RS_SKIPPED,   /* of a type that the processor does not take */
    RS_MALFORMED, /* a dead letter; `reason` says why */
    RS_NO_MEMORY, /* not the record's fault: try again */
};

/* Scratch memory of one thread, reused from record to record. */
struct rs_decoder;
struct rs_decoder *rs_decoder_create(void); /* NULL: out of memory */
void rs_decoder_destroy(struct rs_decoder *decoder);

/* Decode one record. `types` ends with NULL and lists the types that are taken; a record
 * without a `type` header is a "review". `event` borrows from `record` and `decoder` until the
 * decoder's next use; it is written on RS_EVENT only, `reason` on RS_MALFORMED only. */
enum rs_verdict rs_decode(struct rs_decoder *decoder, const struct rs_record *record,
                          const char *const *types, struct rs_event *event,
                          struct rs_error *reason);

#endif
