/* scripted_bulk.h - a scripted Elasticsearch that answers bulks from the bulks themselves, and an
 * instance of the sink with operations to send. One of each in a test. */
#ifndef RS_TESTS_SCRIPTED_BULK_H
#define RS_TESTS_SCRIPTED_BULK_H

#include "core/settings.h"
#include "sink/elasticsearch.h"
#include "support/scripted_http.h"

enum { MOST_OPS = 64 };

/* What the server does; all zero: every item is stored, ids that begin with a status get that. */
struct bulk_script {
    enum scripted_manner manner;
    int status; /* of whole answers; 0: bulks are answered by items */
    const char *headers;
    const char *body;     /* of whole answers */
    const char *bad;      /* the status holds only for bulks that have this text */
    size_t too_large;     /* bulks over so many bytes get 413 */
    const char *tail;     /* in place of the answer's end, to make it lie */
    char seen[64 * 1024]; /* the bodies of all requests, a '|' behind each */
    char paths[8192];     /* their first lines, a '|' behind each */
};

struct bulk_test {
    struct bulk_script script;
    struct scripted_http *server;
    struct rs_settings *settings;
    struct rs_operation ops[MOST_OPS], *pointers[MOST_OPS];
    size_t op_count;
    char more[4][128]; /* settings, "section.name=value" */
    size_t more_count;
    char urls[128]; /* in place of the server's own */
};
extern struct bulk_test bulk;

/* For .init and .fini of a test. */
void bulk_begin(void);
void bulk_end(void);

/* Set an option of the section "elasticsearch", before opening. */
void bulk_set(const char *text);
/* Open an instance of view "search"; the second expects that it works, for generation "g1". */
void *bulk_try_open(const char *generation, struct rs_error *error);
void *bulk_open(void);

/* Add an operation with a document of about so many bytes; `id` NULL: without a key. */
void bulk_add(const char *id, size_t bytes);
/* Send all of them afresh. */
void bulk_send(void *sink);
/* One letter an operation: '+' applied, 's' stale, 'o' outage, 'i' item, 'j' reject, 'f' fatal. */
const char *bulk_told(void);
/* How many requests the server has had. */
size_t bulk_requests(void);

#endif
