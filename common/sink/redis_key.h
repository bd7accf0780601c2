/* redis_key.h - ids in keys: `<prefix><kind>:{<id>}`. Pure.
 *
 * The braces are the cluster's hash tag, so all keys of one id are in one slot; `%`, `{` and `}` of
 * the id are percent-encoded, or an id that begins with `}` would have an empty tag. */
#ifndef RS_SINK_REDIS_KEY_H
#define RS_SINK_REDIS_KEY_H

#include "core/bytes.h"

/* Write a key: `<prefix><kind>:{<id>}` into a cleared buffer. */
void rs_redis_key(struct rs_buffer *out, const char *prefix, const char *kind, struct rs_bytes id);
/* The id in `<prefix><kind>:{<id>}`, decoded into a cleared buffer; false: it is no such key. */
bool rs_redis_key_id(struct rs_bytes key, const char *prefix, const char *kind,
                     struct rs_buffer *id);

#endif
