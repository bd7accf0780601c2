/* elasticsearch_call.h - one request about a view itself (index, alias, marker) and its answer.
 *
 * Each is bounded and none is repeated. On an outage the next one goes to the next server. */
#ifndef RS_SINK_ELASTICSEARCH_CALL_H
#define RS_SINK_ELASTICSEARCH_CALL_H

#include "core/json.h"
#include "core/operation.h"
#include "sink/elasticsearch_reply.h"
#include "sink/http.h"

#define RS_ES_MARKERS "reviews-markers"
/* Ask for no more of an answer than this and the parts that are read. */
#define RS_ES_ERROR_PARTS "error.type,error.reason,status"

enum { RS_ES_NAME_BYTES = 320, RS_ES_UUID_BYTES = 64, RS_ES_PATH_BYTES = 1000 };

/* The server and the names of a view on it; plain data of one thread. */
struct rs_es_view {
    struct rs_http *http;
    struct rs_json_reader *reader;
    const char *processor, *generation, *alias; /* borrowed */
    char index[RS_ES_NAME_BYTES], write_alias[RS_ES_NAME_BYTES], canary_id[RS_ES_NAME_BYTES];
    char uuid[RS_ES_UUID_BYTES]; /* of the index as it was first seen; "": not yet */
    struct rs_buffer creation;   /* the body that creates the index */
};

struct rs_es_answer {
    int status;                  /* 0: none came */
    const struct rs_json *value; /* of a success, until the next call; NULL otherwise */
    struct rs_es_error error;
    const struct rs_answer *row; /* of anything but a success; NULL then */
};

/* Send a request; `body` NULL: none. On other than success `reason` (RS_REASON_BYTES) says why. */
void rs_es_call(struct rs_es_view *view, const char *method, const char *path, const char *body,
                struct rs_es_answer *ret_answer, char *reason);
/* Whether the server answered with an error of this type. */
bool rs_es_is_error(const struct rs_es_answer *answer, const char *type);
/* Write a reason; returns `status`. */
enum rs_status rs_es_complain(char *reason, enum rs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A string value as a C string, cut to fit; "" for any other value. */
void rs_es_copy(const struct rs_json *value, char *ret, size_t size);

#endif
