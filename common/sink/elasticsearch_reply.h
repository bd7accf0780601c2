/* elasticsearch_reply.h - what an answer of Elasticsearch or OpenSearch means. Pure: bytes in,
 * rows of the answer table and answers of operations out; no sockets.
 *
 * `items` and HTTP status alone say nothing (a 200 holds failures, `errors` may lie behind a
 * proxy), so each item is looked up by its own status and error type, and an answer whose items
 * are not exactly those that were sent, in their order, is no answer at all. */
#ifndef RS_SINK_ELASTICSEARCH_REPLY_H
#define RS_SINK_ELASTICSEARCH_REPLY_H

#include "core/json.h"
#include "core/operation.h"
#include "sink/http.h"

enum { RS_ES_TYPE_BYTES = 72 };

/* One error as the server names it. */
struct rs_es_error {
    int status;
    char type[RS_ES_TYPE_BYTES]; /* [a-z0-9_]; "" when the server named none */
    char detail[96];             /* the field or block that it names; never a value; may be "" */
    char words[128];             /* its own text, which may quote a document; may be "" */
};

/* The row of one item of a bulk: by "<status> <type>", "* <type>", "<status> *", then "*". */
const struct rs_answer *rs_es_item_row(const struct rs_es_error *error);
/* The row of a whole answer: by "request <status> <type>", "* <type>", "request <status>",
 * "request <n>xx", then "*". An answer without a type has the type "untyped" in the first. */
const struct rs_answer *rs_es_request_row(const struct rs_es_error *error);
/* A row by its name, which must exist (asserted). */
const struct rs_answer *rs_es_row(const char *name);
/* The row of a request that had no answer. */
const struct rs_answer *rs_es_outcome_row(enum rs_http_outcome outcome);

/* What went wrong, from the body of an answer with an error status. `reader` is reused. */
void rs_es_read_error(struct rs_json_reader *reader, int status, struct rs_bytes body,
                      struct rs_es_error *ret_error);
/* The reason of an operation or a call: "503 unavailable_shards_exception: <meaning>". */
void rs_es_describe(const struct rs_es_error *error, const struct rs_answer *row,
                    char reason[RS_REASON_BYTES]);

/* Give each operation the answer of its own item. The ids of operations without a key are
 * `canary_id`. False, and no operation is touched: the body is no bulk answer, or its items are
 * not those that were sent; `why` (RS_REASON_BYTES) says which. */
bool rs_es_read_bulk(struct rs_json_reader *reader, struct rs_bytes body,
                     struct rs_operation *const *ops, size_t count, const char *canary_id,
                     char *why);

#endif
