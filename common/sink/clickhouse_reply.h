/* clickhouse_reply.h - what an answer of ClickHouse means. Pure: bytes in, rows of the answer
 * table out; no sockets.
 *
 * ClickHouse 18.16 names an error only in the body, "Code: N, e.displayText() = …" (run), later
 * ones also in a header. An answer of success whose body says such a thing is none. */
#ifndef RS_SINK_CLICKHOUSE_REPLY_H
#define RS_SINK_CLICKHOUSE_REPLY_H

#include "core/operation.h"
#include "sink/http.h"

/* A row by its name, which must exist (asserted). */
const struct rs_answer *rs_ch_row(const char *name);
/* The number of the exception that a body names; 0: none. */
int rs_ch_code(struct rs_bytes body);
/* The row of an answer to a statement; NULL: success. */
const struct rs_answer *rs_ch_answer_row(const struct rs_http_answer *answer);

/* What went wrong, for an operation: "HTTP 500, 252 TOO_MANY_PARTS: <meaning>". The server's own
 * words may quote a review and are left out. */
void rs_ch_describe(const struct rs_http_answer *answer, const struct rs_answer *row,
                    char reason[RS_REASON_BYTES]);
/* The same with the server's own words, for statements that carry no review. */
void rs_ch_quote(const struct rs_http_answer *answer, const struct rs_answer *row,
                 char reason[RS_REASON_BYTES]);

#endif
