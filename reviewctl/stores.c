#include "stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/active.h"
#include "sink/elasticsearch.h"
#include "table.h"

enum { MAX_ANSWER_BYTES = 64 << 20, MAX_SERVERS = 16 };

/* --- Redis --- */

struct rs_redis *open_redis(const struct rs_settings *settings)
{
    struct rs_error error = {{0}};
    static const char *const no_scripts[] = {NULL};
    struct rs_redis *redis =
        rs_redis_create(rs_settings_get(settings, &rs_redis_component), no_scripts, &error);
    if (!redis)
        complain(CTL_USAGE, "%s", error.text);
    return redis;
}

int redis_failed(const struct rs_settings *settings, enum rs_status status, const char *reason)
{
    (void)settings;
    return complain(status == RS_RETRY ? CTL_UNREACHABLE : CTL_FAILED, "Redis (redis.url): %s",
                    reason);
}

int known_generation(const struct rs_settings *settings, struct rs_redis *redis, const char *view,
                     const char *given, char *ret, size_t size)
{
    struct rs_active active = {0};
    char reason[RS_REASON_BYTES] = "";
    if (given) {
        (void)snprintf(ret, size, "%s", given);
        return CTL_OK;
    }
    enum rs_status status = rs_active_read(redis, view, &active, reason);
    if (status != RS_OK)
        return redis_failed(settings, status, reason);
    if (!active.found) {
        *ret = '\0';
        return CTL_OK;
    }
    char *clean = text_clean(active.generation, strlen(active.generation), 0);
    bool good = strcmp(clean, active.generation) == 0;
    free(clean);
    if (!good)
        return complain(CTL_FAILED, "reviews:active:%s holds no name of a generation", view);
    (void)snprintf(ret, size, "%s", active.generation);
    return CTL_OK;
}

int active_generation(const struct rs_settings *settings, struct rs_redis *redis, const char *view,
                      const char *given, char *ret, size_t size)
{
    int code = known_generation(settings, redis, view, given, ret, size);
    if (code != CTL_OK || *ret)
        return code;
    return complain(CTL_FAILED,
                    "no generation of %s is active (reviews:active:%s is missing): has "
                    "reviews-%s ever run?",
                    view, view, view);
}

/* --- Elasticsearch --- */

bool elastic_open(struct elastic *elastic, const struct rs_settings *settings)
{
    const struct rs_elasticsearch_config *config =
        rs_settings_get(settings, &rs_elasticsearch_component);
    const struct rs_http_options options = {.urls = config->url,
                                            .user = config->user,
                                            .password = config->password,
                                            .api_key = config->api_key,
                                            .ca_file = config->ca_file,
                                            .connect_ms = config->connect_timeout_ms,
                                            .request_ms = config->request_timeout_ms};
    struct rs_error error = {"out of memory"};
    *elastic = (struct elastic){.reader = rs_json_reader_create()};
    if (elastic->reader)
        elastic->http = rs_http_create(&options, &error);
    if (elastic->http)
        return true;
    complain(CTL_USAGE, "elasticsearch: %s", error.text);
    elastic_close(elastic);
    return false;
}

void elastic_close(struct elastic *elastic)
{
    rs_http_destroy(elastic->http);
    rs_json_reader_destroy(elastic->reader);
    *elastic = (struct elastic){0};
}

int elastic_call(struct elastic *elastic, const char *method, const char *path, const char *body)
{
    static const struct rs_json_limits limits = {.bytes = MAX_ANSWER_BYTES,
                                                 .depth = RS_JSON_MAX_DEPTH,
                                                 .members = 10 << 20,
                                                 .string_bytes = MAX_ANSWER_BYTES};
    const struct rs_http_request request = {.method = method,
                                            .path = path,
                                            .content_type = body ? "application/json" : NULL,
                                            .body = rs_text(body),
                                            .max_bytes = MAX_ANSWER_BYTES};
    for (int i = 0; i < MAX_SERVERS; i++) {
        rs_http_send(elastic->http, &request, &elastic->answer);
        if (elastic->answer.outcome != RS_HTTP_NO_CONNECTION)
            break; /* it may have been applied */
        rs_http_move_on(elastic->http);
    }
    elastic->value = NULL;
    if (elastic->answer.outcome != RS_HTTP_ANSWERED)
        return complain(CTL_UNREACHABLE, "Elasticsearch (elasticsearch.url): %s",
                        elastic->answer.why);
    (void)rs_json_read(elastic->reader, elastic->answer.body, &limits, &elastic->value, NULL);
    return CTL_OK;
}

int elastic_refused(const struct elastic *elastic)
{
    const struct rs_json *error = rs_json_get(elastic->value, "error");
    const struct rs_json *causes = rs_json_get(error, "root_cause");
    struct rs_json_walk walk = {.of = causes};
    if (rs_json_next(&walk)) /* says more than what stands around it */
        error = walk.value;
    struct rs_bytes type = rs_json_string(rs_json_get(error, "type"));
    struct rs_bytes reason = rs_json_string(rs_json_get(error, "reason"));
    char *clean = text_clean(reason.data ? reason.data : "", reason.len, 300);
    int code = complain(CTL_FAILED, "Elasticsearch at %s answers %d%s%s%s%s",
                        rs_http_server(elastic->http), elastic->answer.status, type.data ? " " : "",
                        type.data ? type.data : "", *clean ? ": " : "", clean);
    free(clean);
    return code;
}
