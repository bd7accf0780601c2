/* elasticsearch_index.h - what the search view lives in: its index with the write alias, and the
 * read alias. */
#ifndef RS_SINK_ELASTICSEARCH_INDEX_H
#define RS_SINK_ELASTICSEARCH_INDEX_H

#include "core/sink.h"
#include "sink/elasticsearch_call.h"

/* config/search-index.json as it was when the program was built. */
struct rs_bytes rs_es_built_in_index(void);

/* Fill names and the creating body, and make the reader; not http, which a caller adds before the
 * other functions. `index_json` is an object of "settings" and "mappings" and called `file` in
 * errors. False: a generation or alias that makes no legal name, bad JSON, out of memory. Finish
 * also after a failure. */
bool rs_es_view_init(struct rs_es_view *view, const struct rs_view *of, const char *alias,
                     struct rs_bytes index_json, const char *file, struct rs_error *error);
void rs_es_view_finish(struct rs_es_view *view); /* accepts NULL and a zeroed one */

struct rs_es_index {
    bool exists, has_write_alias;
    char uuid[RS_ES_UUID_BYTES];
};

/* Look for the view's index; none is RS_OK too. */
enum rs_status rs_es_find_index(struct rs_es_view *view, struct rs_es_index *ret_found,
                                char *reason);
/* Make index, aliases and `reviews-markers` where they are absent, as in struct rs_sink. */
enum rs_status rs_es_prepare(struct rs_es_view *view, char *reason);
/* Let the read alias stand for this view's index alone, in one step: readers see the one or the
 * other. RS_FATAL when the index is missing. */
enum rs_status rs_es_activate(struct rs_es_view *view, char *reason);

#endif
