#include "sink/clickhouse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "sink/clickhouse_block.h"
#include "sink/clickhouse_call.h"
#include "sink/clickhouse_erase.h"
#include "sink/clickhouse_marker.h"
#include "sink/clickhouse_reply.h"
#include "sink/clickhouse_schema.h"
#include "sink/option_file.h"

enum {
    LEAST_BLOCK_BYTES = 64 * 1024, /* time-outs and full memory make blocks no smaller */
    ANSWER_BYTES = 64 * 1024,
    FILE_BYTES = 1 << 20,
    BEST_ROWS = 20000, /* the more, the less ClickHouse has to merge */
    BEST_LANES = 2,    /* so that they fit into memory */
    BEST_AGE_MS = 1000,
};

struct sink {
    struct rs_ch_view view;
    const struct rs_clickhouse_config *config;
    struct rs_buffer schema; /* of the file; empty: the built-in one */
    char *path;              /* of inserts, with parameters */
    struct rs_ch_block block;
    size_t now_bytes; /* of the next block: less after trouble, then growing again */

    /* During one send. */
    bool worked;                     /* something was accepted */
    const struct rs_answer *gave_up; /* the rest is not sent, and has this answer */
    char reason[RS_REASON_BYTES];
};

static const struct rs_option options[] = {
    RS_OPTION(
        struct rs_clickhouse_config, url, "http://127.0.0.1:8123", NULL, NULL,
        "server's HTTP port, or several separated by commas: tried in turn while one is down"),
    RS_OPTION(struct rs_clickhouse_config, database, "reviews", NULL, NULL,
              "database of the views that readers use; generation g1 is kept in <database>_g1"),
    RS_OPTION(struct rs_clickhouse_config, schema_file, NULL, NULL, NULL,
              "SQL file of the schema; unset: the built-in config/analytics-schema.sql"),
    RS_OPTION(struct rs_clickhouse_config, user, NULL, NULL, NULL, "user; unset: the default one"),
    RS_OPTION(struct rs_clickhouse_config, password, NULL, NULL, NULL, "its password"),
    RS_OPTION(struct rs_clickhouse_config, ca_file, NULL, NULL, NULL,
              "PEM file of the authority that signed the server's certificate; unset: the "
              "system's"),
    RS_OPTION(struct rs_clickhouse_config, compress, "true", NULL, NULL, "send blocks as LZ4"),
    RS_OPTION_AS(
        "block.max_bytes", struct rs_clickhouse_config, block_max_bytes, "16MiB", "64KiB", "256MiB",
        "largest block before compression; rows and age are batch.events and batch.age_ms"),
    RS_OPTION(struct rs_clickhouse_config, connect_timeout_ms, "2000", "10", "60000",
              "longest wait for a connection"),
    RS_OPTION(struct rs_clickhouse_config, request_timeout_ms, "30000", "10", "600000",
              "longest wait for an answer"),
    RS_OPTION(struct rs_clickhouse_config, erase_interval_ms, "900000", "1000", "86400000",
              "shortest time between two forced merges, which make erasures physical and write "
              "the whole table anew"),
    RS_OPTIONS_END,
};
const struct rs_component rs_clickhouse_component = {
    .section = "clickhouse",
    .summary = "where ClickHouse is, and how the analytics view is kept in it",
    .options = options,
    .size = sizeof(struct rs_clickhouse_config),
};

/* --- opening --- */

static bool read_schema(struct sink *sink, const char *path, struct rs_error *error)
{
    if (!rs_option_file_read("clickhouse.schema_file", path, FILE_BYTES, &sink->schema, error))
        return false;
    if (!sink->schema.len || rs_ch_schema_latest(sink->schema.data) == 0)
        return rs_error_set(error, "clickhouse.schema_file %s has no line \"-- version 1\"", path);
    return true;
}

static const char *schema_of(const struct sink *sink)
{
    return sink->schema.len ? sink->schema.data : rs_ch_built_in_schema();
}

static bool make_path(struct sink *sink)
{
    struct rs_buffer path = {0};
    rs_buffer_add_text(&path, "/?database=");
    rs_http_add_encoded(&path, sink->view.database);
    rs_buffer_add_text(&path, "&query=");
    rs_http_add_encoded(&path, "INSERT INTO rows FORMAT JSONEachRow");
    if (sink->config->compress)
        rs_buffer_add_text(&path, "&decompress=1&http_native_compression_disable_checksumming_on_"
                                  "decompress=1");
    sink->path = rs_buffer_take(&path, NULL);
    return sink->path != NULL;
}

static bool set_up(struct sink *sink, const struct rs_view *view, struct rs_error *error)
{
    const struct rs_clickhouse_config *config = sink->config;
    const struct rs_http_options http = {.urls = config->url,
                                         .user = config->user,
                                         .password = config->password,
                                         .ca_file = config->ca_file,
                                         .connect_ms = config->connect_timeout_ms,
                                         .request_ms = config->request_timeout_ms};
    struct rs_error why;
    if (!rs_ch_view_init(&sink->view, config->database, view->generation, error))
        return false;
    if (config->schema_file && *config->schema_file &&
        !read_schema(sink, config->schema_file, error))
        return false;
    sink->view.http = rs_http_create(&http, &why);
    if (!sink->view.http)
        return rs_error_set(error, "clickhouse: %s", why.text);
    sink->block.compress = config->compress;
    sink->now_bytes = (size_t)config->block_max_bytes;
    return make_path(sink) || rs_error_set(error, "out of memory");
}

static void close_sink(void *self)
{
    struct sink *sink = self;
    if (!sink)
        return;
    rs_ch_view_finish(&sink->view);
    rs_ch_block_finish(&sink->block);
    rs_buffer_finish(&sink->schema);
    free(sink->path);
    free(sink);
}

static void *open_sink(const struct rs_view *view, struct rs_error *error)
{
    struct sink *sink = calloc(1, sizeof(*sink));
    if (!sink) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    sink->config = rs_settings_get(view->settings, &rs_clickhouse_component);
    if (set_up(sink, view, error))
        return sink;
    close_sink(sink);
    return NULL;
}

/* --- sending --- */

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

/* Post what the block holds. NULL: the server has all of it. */
static const struct rs_answer *post(struct sink *sink, char *reason)
{
    struct rs_http_answer answer;
    const struct rs_http_request request = {.method = "POST",
                                            .path = sink->path,
                                            .content_type = "application/octet-stream",
                                            .body = rs_ch_block_end(&sink->block),
                                            .max_bytes = ANSWER_BYTES};
    if (!request.body.data) {
        (void)snprintf(reason, RS_REASON_BYTES, "out of memory");
        return rs_ch_row("out of memory");
    }
    rs_http_send(sink->view.http, &request, &answer);
    const struct rs_answer *row = rs_ch_answer_row(&answer);
    if (!row && answer.body.len) /* a server says nothing to an insert */
        row = rs_ch_row("bad answer");
    if (row)
        rs_ch_describe(&answer, row, reason);
    return row;
}

/* A row that fails alone is to blame only if another is accepted beside it: what refuses every
 * row is the table. */
static void fail_alone(struct sink *sink, struct rs_operation *const *ops,
                       const struct rs_answer *row, const char *reason)
{
    char why[RS_REASON_BYTES];
    if (!sink->worked && ops[0]->key) {
        rs_ch_block_clear(&sink->block);
        rs_ch_block_add(&sink->block, RS_CH_CANARY, sizeof(RS_CH_CANARY) - 1);
        sink->worked = post(sink, why) == NULL;
    }
    if (sink->worked)
        rs_operation_answer(ops[0], row, reason);
    else
        give_up(sink, ops, 1, rs_ch_row("others fail"), reason);
}

static void accept(struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    static const char published[] = "\"status\":\"published\"";
    uint64_t erased = 0;
    for (size_t i = 0; i < count; i++) {
        rs_operation_answer(ops[i], rs_ch_row("HTTP 200"), NULL);
        ops[i]->applied = true;
        erased += ops[i]->key && !strstr(ops[i]->bytes, published);
    }
    if (erased)
        rs_ch_erase_note(erased);
    sink->worked = true;
    sink->now_bytes += sink->now_bytes / 16;
    if (sink->now_bytes > (size_t)sink->config->block_max_bytes)
        sink->now_bytes = (size_t)sink->config->block_max_bytes;
}

static void shrink(struct sink *sink)
{
    sink->now_bytes =
        sink->now_bytes / 2 > LEAST_BLOCK_BYTES ? sink->now_bytes / 2 : LEAST_BLOCK_BYTES;
}

/* Send one block. Returns whether to send its two halves instead. */
static bool send_once(struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    char reason[RS_REASON_BYTES];
    rs_ch_block_clear(&sink->block);
    for (size_t i = 0; i < count; i++)
        rs_ch_block_add(&sink->block, ops[i]->bytes, ops[i]->len);
    const struct rs_answer *row = post(sink, reason);
    if (!row) {
        accept(sink, ops, count);
        return false;
    }
    if (row == rs_ch_row("time-out") || row == rs_ch_row("reset") ||
        row == rs_ch_row("241 MEMORY_LIMIT_EXCEEDED"))
        shrink(sink);
    bool divides = row->status == RS_REJECT || (row->status == RS_RETRY && row->fault == RS_ITEM);
    if (divides && count > 1)
        return true;
    if (divides)
        fail_alone(sink, ops, row, reason);
    else
        give_up(sink, ops, count, row, reason);
    return false;
}

/* The depth is the logarithm of `count`. */
static void send_part(struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    if (sink->gave_up) {
        answer_all(ops, count, sink->gave_up, sink->reason);
    } else if (send_once(sink, ops, count)) {
        send_part(sink, ops, count / 2);
        send_part(sink, ops + count / 2, count - count / 2);
    }
}

static size_t fitting(const struct sink *sink, struct rs_operation *const *ops, size_t count)
{
    size_t bytes = 0, fit = 0;
    while (fit < count) {
        bytes += ops[fit]->len;
        if (fit > 0 && bytes > sink->now_bytes)
            break;
        fit++;
    }
    return fit;
}

static void send_all(void *self, struct rs_operation *const *ops, size_t count)
{
    struct sink *sink = self;
    sink->worked = false;
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
    struct sink *sink = self;
    return rs_ch_prepare(&sink->view, schema_of(sink), false, reason);
}

static enum rs_status migrate(void *self, char *reason)
{
    struct sink *sink = self;
    return rs_ch_prepare(&sink->view, schema_of(sink), true, reason);
}

static enum rs_status check(void *self, char *reason)
{
    struct sink *sink = self;
    return rs_ch_check(&sink->view, schema_of(sink), reason);
}

static enum rs_status read_marker(void *self, struct rs_marker *marker, char *reason)
{
    return rs_ch_read_marker(&((struct sink *)self)->view, marker, reason);
}

static enum rs_status write_marker(void *self, const struct rs_marker *marker, char *reason)
{
    return rs_ch_write_marker(&((struct sink *)self)->view, marker, reason);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    (void)self;
    return rs_operations_take(out, &rs_clickhouse, NULL, 0, strdup(RS_CH_CANARY),
                              sizeof(RS_CH_CANARY) - 1);
}

static void tick(void *self, int64_t now_ms)
{
    struct sink *sink = self;
    rs_ch_erase_tick(&sink->view, sink->config->erase_interval_ms, now_ms);
}

static void erasures(void *self, struct rs_erasures *ret)
{
    (void)self;
    rs_ch_erase_report(ret);
}

const struct rs_sink rs_clickhouse = {
    .name = "clickhouse",
    .components = (const struct rs_component *const[]){&rs_clickhouse_component, NULL},
    .answers = rs_clickhouse_answers,
    .batch_events = BEST_ROWS,
    .batch_age_ms = BEST_AGE_MS,
    .lanes = BEST_LANES,
    .open = open_sink,
    .close = close_sink,
    .send = send_all,
    .check = check,
    .prepare = prepare,
    .migrate = migrate,
    .read_marker = read_marker,
    .write_marker = write_marker,
    .canary = canary,
    .tick = tick,
    .erasures = erasures,
};
