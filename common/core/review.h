/* review.h - the content of an event of type "review": members of its JSON to fields.
 *
 * A content decoder is a row of the table in decode.c; the envelope is that file's business. */
#ifndef RS_CORE_REVIEW_H
#define RS_CORE_REVIEW_H

#include "core/decode.h"
#include "core/json.h"

/* Fill id, version, state and what the content says. `event` comes zeroed and borrows from
 * `document` and `ratings`. false with the reason: malformed, `event` is partly written. */
bool rs_review_decode(const struct rs_json *document, struct rs_rating ratings[RS_MAX_RATINGS],
                      struct rs_event *event, struct rs_error *reason);

/* Whether an id, already valid UTF-8, keeps its bounds; if not, the reason names `what`. */
bool rs_review_check_id(const char *what, struct rs_bytes id, struct rs_error *reason);

#endif
