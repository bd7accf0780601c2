/* conversation.h - a scripted Elasticsearch for what is asked one request after another: index,
 * alias and marker. */
#ifndef RS_TESTS_CONVERSATION_H
#define RS_TESTS_CONVERSATION_H

#include "sink/elasticsearch_index.h"

/* One request, which must begin so, and its answer. */
struct exchange {
    const char *request;
    int status;
    const char *body;
};

enum { MOST_EXCHANGES = 9 }; /* of a conversation; unused ones are zero */

/* For .init and .fini of a test. */
void conversation_begin(void);
void conversation_end(void);

/* A view "search", generation "g1", alias "reviews", of that server. Finish it. */
void conversation_open(struct rs_es_view *view);
/* Play a conversation from its beginning; borrowed. */
void conversation_play(const struct exchange *exchanges);
/* Expect that all of it was said, and nothing else. */
void conversation_expect_said(const char *name);
/* The body of the last request. */
const char *conversation_last_body(void);

#define NO_INDEX "{\"error\":{\"type\":\"index_not_found_exception\"},\"status\":404}"
#define REFUSED(type, words) "{\"error\":{\"type\":\"" type "\",\"reason\":\"" words "\"}}"
#define FOUND(aliases, mappings)                                                                   \
    "{\"reviews-g1\":{\"aliases\":{" aliases "},\"mappings\":{" mappings                           \
    "},\"settings\":{\"index\":{\"uuid\":\"u1\"}}}}"
#define OURS "\"dynamic\":\"strict\",\"_meta\":{\"reviewstream\":{\"generation\":\"g1\"}}"
#define WRITABLE "\"reviews-g1.write\":{}"
#define GOOD FOUND(WRITABLE, OURS)
#define DONE "{\"acknowledged\":true}"
#define LOOK "GET /reviews-g1?filter_path="
#define MAKE "PUT /reviews-g1?filter_path="
#define MARKERS "GET /reviews-markers?", 200, "{}"
#define ALIAS "GET /_alias/reviews "
#define ADD "POST /_aliases?"

#endif
