#include "sink/elasticsearch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/settings.h"
#include "sink/elasticsearch_index.h"
#include "sink/elasticsearch_marker.h"
#include "sink/elasticsearch_reply.h"
#include "sink/option_file.h"

enum {
    LEAST_BULK_BYTES = 64 * 1024, /* time-outs and refusals make bulks no smaller than this */
    ANSWER_BYTES = 1 << 20,       /* an answer may have so many, and so many more per item */
    ANSWER_ITEM_BYTES = 4096,
    FILE_BYTES = 1 << 20,
};

struct sink {
    struct rs_es_view view;
    char *path;       /* of bulks, with parameters */
    char *plain_path; /* the same, without error texts in the answer */
    bool short_answers;
    struct rs_buffer body;
    size_t most_bytes; /* of a bulk: the option, or less where the server refused so many */
    size_t now_bytes;  /* of the next bulk: less after time-outs, then growing again */

    /* During one send. */
    size_t worked, failed_alone;
    const struct rs_answer *gave_up; /* the rest is not sent, and has this answer */
    char reason[RS_REASON_BYTES];
};

static const struct rs_option options[] = {
    RS_OPTION(struct rs_elasticsearch_config, url, "http://127.0.0.1:9200", NULL, NULL,
              "server, or several separated by commas: tried in turn while one is down"),
    RS_OPTION(struct rs_elasticsearch_config, alias, "reviews", NULL, NULL,
              "alias that readers search; made by the first start if absent, never moved"),
    RS_OPTION(struct rs_elasticsearch_config, index_file, NULL, NULL, NULL,
              "JSON file with settings and mappings of a new index; unset: the built-in "
              "config/search-index.json"),
    RS_OPTION(struct rs_elasticsearch_config, user, NULL, NULL, NULL,
              "user of basic authentication"),
    RS_OPTION(struct rs_elasticsearch_config, password, NULL, NULL, NULL, "its password"),
    RS_OPTION(struct rs_elasticsearch_config, api_key, NULL, NULL, NULL,
              "API key in its encoded form, in place of user and password"),
    RS_OPTION(struct rs_elasticsearch_config, ca_file, NULL, NULL, NULL,
              "PEM file of the authority that signed the server's certificate; unset: the "
              "system's"),
    RS_OPTION_AS("bulk.max_bytes", struct rs_elasticsearch_config, bulk_max_bytes, "4194304",
                 "1024", "104857600", "largest bulk request; a larger document goes alone"),
    RS_OPTION(struct rs_elasticsearch_config, connect_timeout_ms, "2000", "10", "60000",
              "longest wait for a connection"),
    RS_OPTION(struct rs_elasticsearch_config, request_timeout_ms, "5000", "10", "600000",
              "longest wait for an answer; slow servers get smaller bulks"),
    RS_OPTIONS_END,
};
const struct rs_component rs_elasticsearch_component = {
    .section = "elasticsearch",
    .summary = "where Elasticsearch or OpenSearch is, and how the search view is kept in it",
    .options = options,
    .size = sizeof(struct rs_elasticsearch_config),
};

/* --- opening --- */

static bool make_paths(struct sink *sink, int64_t request_ms)
{
    /* The server gives up a little before we do, so that a shard that is down is told from a
     * connection that hangs. */
    const char *format = "/%s/_bulk?require_alias=true&timeout=%" PRId64
                         "ms&filter_path=items.index._id,items.index.status,"
                         "items.index.error.type,%serror.type,error.reason,status";
    if (asprintf(&sink->path, format, sink->view.write_alias, request_ms / 2,
                 "items.index.error.reason,") < 0)
        sink->path = NULL;
    if (asprintf(&sink->plain_path, format, sink->view.write_alias, request_ms / 2, "") < 0)
        sink->plain_path = NULL;
    return sink->path && sink->plain_path;
}

static bool set_up(struct sink *sink, const struct rs_view *view,
                   const struct rs_elasticsearch_config *config, struct rs_error *error)
{
    struct rs_buffer text = {0};
    struct rs_bytes json = rs_es_built_in_index();
    const char *file = "config/search-index.json";
    if (config->index_file && *config->index_file) {
        file = config->index_file;
        if (!rs_option_file_read("elasticsearch.index_file", file, FILE_BYTES, &text, error)) {
            rs_buffer_finish(&text);
            return false;
        }
        json = (struct rs_bytes){text.data, text.len};
    }
    bool good = rs_es_view_init(&sink->view, view, config->alias, json, file, error);
    rs_buffer_finish(&text);
    if (!good)
        return false;
    const struct rs_http_options http = {.urls = config->url,
                                         .user = config->user,
                                         .password = config->password,
                                         .api_key = config->api_key,
                                         .ca_file = config->ca_file,
                                         .connect_ms = config->connect_timeout_ms,
                                         .request_ms = config->request_timeout_ms};
    struct rs_error why;
    sink->view.http = rs_http_create(&http, &why);
    if (!sink->view.http)
        return rs_error_set(error, "elasticsearch: %s", why.text);
    sink->most_bytes = sink->now_bytes = (size_t)config->bulk_max_bytes;
    return make_paths(sink, config->request_timeout_ms) || rs_error_set(error, "out of memory");
}

static void close_sink(void *self)
{
    struct sink *sink = self;
    if (!sink)
        return;
    rs_es_view_finish(&sink->view);
    rs_buffer_finish(&sink->body);
    free(sink->path);
    free(sink->plain_path);
    free(sink);
}

static void *open_sink(const struct rs_view *view, struct rs_error *error)
{
    const struct rs_elasticsearch_config *config =
        rs_settings_get(view->settings, &rs_elasticsearch_component);
    struct sink *sink = calloc(1, sizeof(*sink));
    if (!sink) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    if (!set_up(sink, view, config, error)) {
        close_sink(sink);
        return NULL;
    }
    return sink;
}

/* --- one bulk --- */

/* An operation without a key is the canary: a document beside the view's marker, so that the
 * view itself holds reviews and nothing else. */
static void add_action(struct sink *sink, const struct rs_operation *op)
{
    struct rs_buffer *body = &sink->body;
    if (!op->key) {
        rs_buffer_printf(body,
                         "{\"index\":{\"_index\":\"" RS_ES_MARKERS
                         "\",\"require_alias\":false,\"_id\":\"%s\"}}\n",
                         sink->view.canary_id);
    } else {
        rs_buffer_add_text(body, "{\"index\":{\"_id\":");
        rs_json_write_string(rs_text(op->key), body);
        rs_buffer_add_text(body, ",\"version\":");
        rs_decimal_add(body, op->version);
        rs_buffer_add_text(body, ",\"version_type\":\"external\"}}\n");
    }
    rs_buffer_add(body, op->bytes, op->len);
    rs_buffer_add(body, "\n", 1);
}

static void answer_all(struct rs_operation *const *ops, size_t count, const struct rs_answer *row,
                       const char *reason)
{
    for (size_t i = 0; i < count; i++)
        rs_operation_answer(ops[i], row, reason);
}

static void give_up(struct sink *sink, struct rs_operation *const *ops, size_t count,
                    const struct rs_answer *row, const char *reason)
{
    sink->gave_up = row;
    (void)snprintf(sink->reason, sizeof(sink->reason), "%s", reason);
    answer_all(ops, count, row, reason);
    if (row->status == RS_RETRY)
        rs_http_move_on(sink->view.http);
}

static size_t half_of(size_t bytes)
{
    return bytes / 2 > LEAST_BULK_BYTES ? bytes / 2 : LEAST_BULK_BYTES;
}

static void shrink(struct sink *sink, size_t sent)
{
    if (half_of(sent) < sink->now_bytes)
        sink->now_bytes = half_of(sent);
}

/* A document that fails alone has an answer of its own. When several do and nothing works, it is
 * the server: the rest is spared. */
static void fail_alone(struct sink *sink, struct rs_operation *const *ops,
                       const struct rs_answer *row, const char *reason)
{
    rs_operation_answer(ops[0], row, reason);
    sink->failed_alone++;
    if (sink->failed_alone > 1 && sink->worked == 0 && row->status == RS_RETRY) {
        sink->gave_up = rs_es_row("others fail");
        (void)snprintf(sink->reason, sizeof(sink->reason), "%s", reason);
        rs_http_move_on(sink->view.http);
    }
}

/* Whether to send the two halves; otherwise every operation has its answer. */
static bool judge_failure(struct sink *sink, const struct rs_http_answer *answer,
                          struct rs_operation *const *ops, size_t count)
{
    const struct rs_answer *row = rs_es_outcome_row(answer->outcome);
    char reason[RS_REASON_BYTES];
    size_t sent = sink->body.len;
    (void)snprintf(reason, sizeof(reason), "%s", answer->why);
    if (answer->outcome == RS_HTTP_ANSWERED) {
        struct rs_es_error error;
        rs_es_read_error(sink->view.reader, answer->status, answer->body, &error);
        row = rs_es_request_row(&error);
        rs_es_describe(&error, row, reason);
        if (answer->status == 413 && half_of(sent) < sink->most_bytes)
            sink->most_bytes = half_of(sent);
    } else if (answer->outcome == RS_HTTP_RESET && sent > LEAST_BULK_BYTES) {
        row = rs_es_row("upload cut"); /* perhaps a 413: a server may close before it answers */
    } else if (answer->outcome == RS_HTTP_TOO_LARGE) {
        sink->short_answers = true;
    }
    if (answer->outcome != RS_HTTP_NO_CONNECTION)
        shrink(sink, sent);
    bool divides = row->status == RS_REJECT || (row->status == RS_RETRY && row->fault == RS_ITEM);
    if (divides && count > 1)
        return true;
    if (divides)
        fail_alone(sink, ops, row, reason);
    else
        give_up(sink, ops, count, row, reason);
    return false;
}

static void note_success(struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sink->worked += ops[i]->status == RS_OK;
    sink->now_bytes += sink->now_bytes / 16;
    if (sink->now_bytes > sink->most_bytes)
        sink->now_bytes = sink->most_bytes;
}

/* Send one bulk. Returns whether to send its two halves instead. */
static bool send_once(struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    struct rs_http_answer answer;
    rs_buffer_clear(&sink->body);
    for (size_t i = 0; i < count; i++)
        add_action(sink, ops[i]);
    if (sink->body.failed) {
        give_up(sink, ops, count, rs_es_row("out of memory"), "out of memory");
        return false;
    }
    const struct rs_http_request request = {.method = "POST",
                                            .path =
                                                sink->short_answers ? sink->plain_path : sink->path,
                                            .content_type = "application/x-ndjson",
                                            .body = {sink->body.data, sink->body.len},
                                            .max_bytes = ANSWER_BYTES + ANSWER_ITEM_BYTES * count};
    rs_http_send(sink->view.http, &request, &answer);
    if (answer.outcome != RS_HTTP_ANSWERED || answer.status < 200 || answer.status > 299)
        return judge_failure(sink, &answer, ops, count);
    char why[RS_REASON_BYTES];
    if (rs_es_read_bulk(sink->view.reader, answer.body, ops, count, sink->view.canary_id, why))
        note_success(sink, ops, count);
    else
        give_up(sink, ops, count, rs_es_row("bad answer"), why);
    return false;
}

/* Send what fits one bulk, halving where the server refuses it whole. The depth is the logarithm
 * of `count`. */
static void send_part(struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    if (sink->gave_up) {
        answer_all(ops, count, sink->gave_up, sink->reason);
    } else if (send_once(sink, ops, count)) {
        send_part(sink, ops, count / 2);
        send_part(sink, ops + count / 2, count - count / 2);
    }
}

/* How many operations make the next bulk, at least one. */
static size_t fitting(const struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    enum { ACTION_BYTES = 100 }; /* about, without the id */
    size_t bytes = 0, fit = 0;
    while (fit < count) {
        bytes += ops[fit]->len + ACTION_BYTES + (ops[fit]->key ? strlen(ops[fit]->key) : 0);
        if (fit > 0 && bytes > sink->now_bytes)
            break;
        fit++;
    }
    return fit;
}

static void send_all(void *self, struct rs_operation *const *ops, size_t count)
{
    struct sink *sink = self;
    sink->worked = sink->failed_alone = 0;
    sink->gave_up = NULL;
    for (size_t at = 0; at < count;) {
        size_t part = sink->gave_up ? count - at : fitting(sink, ops + at, count - at);
        send_part(sink, ops + at, part);
        at += part;
    }
}

/* --- the rest of the sink --- */

static enum rs_status prepare(void *self, char *reason)
{
    return rs_es_prepare(&((struct sink *)self)->view, reason);
}

static enum rs_status read_marker(void *self, struct rs_marker *marker, char *reason)
{
    return rs_es_read_marker(&((struct sink *)self)->view, marker, reason);
}

static enum rs_status write_marker(void *self, const struct rs_marker *marker, char *reason)
{
    return rs_es_write_marker(&((struct sink *)self)->view, marker, reason);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    static const char document[] = "{\"canary\":true}";
    (void)self;
    return rs_operations_take(out, &rs_elasticsearch, NULL, 0, strdup(document),
                              sizeof(document) - 1);
}

const struct rs_sink rs_elasticsearch = {
    .name = "elasticsearch",
    .components = (const struct rs_component *const[]){&rs_elasticsearch_component, NULL},
    .answers = rs_elasticsearch_answers,
    .open = open_sink,
    .close = close_sink,
    .send = send_all,
    .prepare = prepare,
    .read_marker = read_marker,
    .write_marker = write_marker,
    .canary = canary,
};
