/* elasticsearch.h - versioned documents in Elasticsearch 7.10 and later, or OpenSearch.
 *
 * Each operation is a full document under `version_type=external`, in one bulk with its
 * neighbours; withdrawn and erased reviews become tombstones, because a deleted document forgets
 * its version. Documents go to `reviews-<generation>` by its own write alias
 * `reviews-<generation>.write` and `require_alias`: the alias dies with the index, so a lost
 * index is an outage, and the server cannot make another one by accident, with a guessed mapping.
 * Readers use the read alias, which filters on `status: published`. */
#ifndef RS_SINK_ELASTICSEARCH_H
#define RS_SINK_ELASTICSEARCH_H

#include "core/sink.h"

/* Section "elasticsearch". */
struct rs_elasticsearch_config {
    char *url;        /* one or several, separated by commas */
    char *alias;      /* what readers search */
    char *index_file; /* settings and mappings of a new index; NULL: config/search-index.json as
                       * it was when the program was built */
    char *user, *password, *api_key, *ca_file;
    int64_t bulk_max_bytes, connect_timeout_ms, request_timeout_ms;
};
extern const struct rs_component rs_elasticsearch_component;

/* Sends operations in bulks of bounded size and gives each the answer of its own item. */
extern const struct rs_sink rs_elasticsearch;

/* Items are looked up by status and error type, whole answers as "request <status>", and what
 * befell the connection by its name: see elasticsearch_reply.h. */
extern const struct rs_answer rs_elasticsearch_answers[];

/* Add "the document of this review is now made of these members of its event". `members`: names
 * as in rs_json_write_members; neighbours of one object stand together. The event is published.
 * Values go as they came; beside `submittedAt` stands `submitted`, the same instant in a form
 * that a date field takes. `more`: further members as JSON, without braces around them; may be
 * empty, borrowed. RS_FATAL: out of memory (in `more` too), `out` is unchanged. Pure. */
enum rs_status rs_elasticsearch_put(struct rs_operations *out, const struct rs_event *event,
                                    const char *const *members, size_t count,
                                    const struct rs_buffer *more);
/* Add "this review is withdrawn, or erased": id, version and status, and the product of one that
 * is withdrawn. RS_FATAL: out of memory, `out` is unchanged. Pure. */
enum rs_status rs_elasticsearch_tombstone(struct rs_operations *out, const struct rs_event *event);

#endif
