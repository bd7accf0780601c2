/* stores.h - asking Redis and Elasticsearch, for commands. */
#ifndef RS_REVIEWCTL_STORES_H
#define RS_REVIEWCTL_STORES_H

#include "command.h"
#include "core/json.h"
#include "core/operation.h"
#include "sink/http.h"
#include "sink/redis.h"

/* NULL: complained, exit CTL_USAGE. */
struct rs_redis *open_redis(const struct rs_settings *settings);
/* Complain that Redis did not do it: returns CTL_UNREACHABLE, or CTL_FAILED for what Redis refused.
 */
int redis_failed(const struct rs_settings *settings, enum rs_status status, const char *reason);
/* The generation that readers of a view use, or `given` if it is not NULL, into `ret`; "" if there
 * is none. */
int known_generation(const struct rs_settings *settings, struct rs_redis *redis, const char *view,
                     const char *given, char *ret, size_t size);
/* The same; there must be one. */
int active_generation(const struct rs_settings *settings, struct rs_redis *redis, const char *view,
                      const char *given, char *ret, size_t size);

/* Elasticsearch; one request at a time. */
struct elastic {
    struct rs_http *http;
    struct rs_json_reader *reader;
    struct rs_http_answer answer;
    const struct rs_json *value; /* of the answer's body, if it is JSON; until the next call */
};
bool elastic_open(struct elastic *elastic, const struct rs_settings *settings);
void elastic_close(struct elastic *elastic);
/* Send a request; tries each server of the list once. Returns CTL_OK with whatever status the
 * server gave, else complained: CTL_UNREACHABLE. `body` NULL: none. */
int elastic_call(struct elastic *elastic, const char *method, const char *path, const char *body);
/* Complain about an answer that is no success; returns CTL_FAILED. */
int elastic_refused(const struct elastic *elastic);

#endif
