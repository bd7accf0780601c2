/* redis_key.h - ids in keys: `<prefix><kind>:{<id>}`. Pure.
 *
 * The braces are the cluster's hash tag, so all keys of one id are in one slot; `%`, `{` and `}` of
 * the id are percent-encoded, or an id that begins with `}` would have an empty tag. */
#ifndef RS_SINK_REDIS_KEY_H
#define RS_SINK_REDIS_KEY_H

#include "core/bytes.h"

enum { RS_REDIS_KEY_PARTS = 5 };
/* The pieces of a key `<prefix><kind>:{<id>}`. They borrow from the arguments and from the buffer,
 * which is cleared and has `failed` set if memory was out: then they are not to be used. */
void rs_redis_key_parts(struct rs_buffer *scratch, const char *prefix, const char *kind,
                        struct rs_bytes id, struct rs_bytes parts[RS_REDIS_KEY_PARTS]);
/* Write it into a cleared buffer. */
void rs_redis_key(struct rs_buffer *out, const char *prefix, const char *kind, struct rs_bytes id);
/* The id in `<prefix><kind>:{<id>}`, decoded into a cleared buffer; false: it is no such key. */
bool rs_redis_key_id(struct rs_bytes key, const char *prefix, const char *kind,
                     struct rs_buffer *id);

#endif
