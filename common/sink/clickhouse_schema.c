#include "sink/clickhouse_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNKNOWN_TABLE = 60, UNKNOWN_DATABASE = 81, TABLE_EXISTS = 57, ILLEGAL_COLUMN = 44 };

/* --- the file --- */

static const char version_mark[] = "-- version ";

static size_t line_of(const char *text)
{
    size_t len = strcspn(text, "\n");
    return len + (text[len] == '\n');
}

int64_t rs_ch_schema_latest(const char *sql)
{
    int64_t latest = 0;
    for (; *sql; sql += line_of(sql))
        if (strncmp(sql, version_mark, sizeof(version_mark) - 1) == 0) {
            int64_t version = strtoll(sql + sizeof(version_mark) - 1, NULL, 10);
            latest = version > latest ? version : latest;
        }
    return latest;
}

/* What a placeholder stands for; NULL: it is none. */
static const char *fill_in(const char *at, const struct rs_ch_view *view, const char *views,
                           size_t *ret_len)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        {"{database}", view->in_database}, {"{views}", views}, {"{generation}", view->generation}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (strncmp(at, rows[i].name, strlen(rows[i].name)) == 0) {
            *ret_len = strlen(rows[i].name);
            return rows[i].value;
        }
    return NULL;
}

bool rs_ch_schema_next(const char **at, const struct rs_ch_view *view, const char *views,
                       int64_t *version, struct rs_buffer *out)
{
    bool quoted = false, any = false;
    rs_buffer_clear(out);
    for (; **at; (*at)++) {
        size_t len = 0;
        if (!quoted && strncmp(*at, "--", 2) == 0) {
            if (strncmp(*at, version_mark, sizeof(version_mark) - 1) == 0)
                *version = strtoll(*at + sizeof(version_mark) - 1, NULL, 10);
            *at += strcspn(*at, "\n");
            if (!**at)
                break;
        }
        if (!quoted && **at == ';') {
            (*at)++;
            return true;
        }
        const char *value = fill_in(*at, view, views, &len);
        if (value) {
            rs_buffer_add_text(out, value);
            *at += len - 1;
            continue;
        }
        quoted ^= **at == '\'';
        any |= **at != ' ' && **at != '\n';
        if (any)
            rs_buffer_add(out, *at, 1);
    }
    return any;
}

/* --- the database --- */

static bool is_missing(const struct rs_ch_answer *answer)
{
    return answer->code == UNKNOWN_TABLE || answer->code == UNKNOWN_DATABASE;
}

enum rs_status rs_ch_active(struct rs_ch_view *view, char ret[RS_CH_NAME_BYTES], char *reason)
{
    struct rs_ch_answer answer;
    ret[0] = '\0';
    enum rs_status status =
        rs_ch_call(view, &answer, reason, "SELECT generation FROM %s.active", view->in_readers);
    if (is_missing(&answer))
        return RS_OK;
    const char *at = answer.body.data;
    if (status == RS_OK && at)
        rs_ch_text(&at, ret, RS_CH_NAME_BYTES);
    return status;
}

/* 0: no schema yet. */
static enum rs_status read_version(struct rs_ch_view *view, int64_t *ret_version, char *reason)
{
    struct rs_ch_answer answer;
    *ret_version = 0;
    enum rs_status status =
        rs_ch_call(view, &answer, reason, "SELECT max(version) FROM %s.schema", view->in_database);
    if (is_missing(&answer))
        return RS_OK;
    const char *at = answer.body.data;
    if (status == RS_OK && (!at || !rs_ch_integer(&at, ret_version)))
        return rs_ch_complain(reason, RS_RETRY, "the schema's version cannot be read");
    return status;
}

static enum rs_status judge_version(const struct rs_ch_view *view, int64_t has, int64_t latest,
                                    char *reason)
{
    if (has > latest)
        return rs_ch_complain(reason, RS_FATAL,
                              "database %s has schema version %" PRId64
                              ", this program knows %" PRId64 ": run the newer program",
                              view->database, has, latest);
    if (has && has < latest)
        return rs_ch_complain(reason, RS_FATAL,
                              "database %s has schema version %" PRId64
                              ", this program needs %" PRId64 ": run it once with --migrate",
                              view->database, has, latest);
    return RS_OK;
}

static enum rs_status note_version(struct rs_ch_view *view, int64_t version, char *reason)
{
    struct rs_ch_answer answer;
    return rs_ch_call(view, &answer, reason, "INSERT INTO %s.schema (version) VALUES (%" PRId64 ")",
                      view->in_database, version);
}

/* Run the statements of the versions above `has`. */
static enum rs_status apply(struct rs_ch_view *view, const char *sql, int64_t has, char *reason)
{
    char active[RS_CH_NAME_BYTES];
    int64_t version = 0, begun = has;
    struct rs_buffer statement = {0};
    struct rs_ch_answer answer = {0};
    enum rs_status status = rs_ch_active(view, active, reason);
    const char *views =
        strcmp(active, view->generation) == 0 ? view->in_readers : view->in_database;
    while (status == RS_OK && rs_ch_schema_next(&sql, view, views, &version, &statement)) {
        if (version <= has)
            continue;
        if (begun > has && version > begun)
            status = note_version(view, begun, reason);
        begun = version;
        if (status == RS_OK)
            status = statement.failed ? rs_ch_complain(reason, RS_RETRY, "out of memory")
                                      : rs_ch_call(view, &answer, reason, "%s", statement.data);
        if (answer.code == ILLEGAL_COLUMN && strstr(reason, "already exists"))
            status = RS_OK; /* 18.16 has no ADD COLUMN IF NOT EXISTS */
    }
    rs_buffer_finish(&statement);
    return status == RS_OK && begun > has ? note_version(view, begun, reason) : status;
}

static enum rs_status make_database(struct rs_ch_view *view, char *reason)
{
    struct rs_ch_answer answer;
    enum rs_status status =
        rs_ch_call(view, &answer, reason, "CREATE DATABASE IF NOT EXISTS %s", view->in_database);
    return status != RS_OK ? status
                           : rs_ch_call(view, &answer, reason,
                                        "CREATE TABLE IF NOT EXISTS %s.schema (version UInt32) "
                                        "ENGINE = ReplacingMergeTree ORDER BY version",
                                        view->in_database);
}

enum rs_status rs_ch_check(struct rs_ch_view *view, const char *sql, char *reason)
{
    int64_t has = 0;
    enum rs_status status = read_version(view, &has, reason);
    return status == RS_OK ? judge_version(view, has, rs_ch_schema_latest(sql), reason) : status;
}

enum rs_status rs_ch_prepare(struct rs_ch_view *view, const char *sql, bool migrate, char *reason)
{
    int64_t has = 0, latest = rs_ch_schema_latest(sql);
    char active[RS_CH_NAME_BYTES];
    enum rs_status status = read_version(view, &has, reason);
    if (status == RS_OK && !(migrate && has < latest))
        status = judge_version(view, has, latest, reason);
    if (status == RS_OK && has < latest) {
        status = make_database(view, reason);
        if (status == RS_OK)
            status = apply(view, sql, has, reason);
    }
    if (status == RS_OK)
        status = rs_ch_active(view, active, reason);
    return status == RS_OK && !*active ? rs_ch_activate(view, reason) : status;
}

/* --- which generation readers use --- */

/* The names of the views in a database, a line each. */
static enum rs_status list_views(struct rs_ch_view *view, const char *database,
                                 struct rs_buffer *ret_names, char *reason)
{
    struct rs_ch_answer answer;
    enum rs_status status =
        rs_ch_call(view, &answer, reason,
                   "SELECT name FROM system.tables WHERE database = '%s' AND engine = 'View' "
                   "ORDER BY name",
                   database);
    if (status == RS_OK)
        rs_buffer_add(ret_names, answer.body.data, answer.body.len);
    return ret_names->failed ? rs_ch_complain(reason, RS_RETRY, "out of memory") : status;
}

static void add_renames(struct rs_buffer *statement, const char *names, const char *from,
                        const char *to)
{
    for (; *names; names += line_of(names)) {
        int len = (int)strcspn(names, "\n");
        rs_buffer_printf(statement, "%s %s.`%.*s` TO %s.`%.*s`",
                         statement->data[statement->len - 1] == 'E' ? "" : ",", from, len, names,
                         to, len, names);
    }
}

/* Views of the same name where the old ones go: left by a start that was cut off. */
static enum rs_status make_way(struct rs_ch_view *view, const char *names, const char *to,
                               char *reason)
{
    struct rs_ch_answer answer;
    enum rs_status status =
        rs_ch_call(view, &answer, reason, "CREATE DATABASE IF NOT EXISTS %s", to);
    for (; status == RS_OK && *names; names += line_of(names))
        status = rs_ch_call(view, &answer, reason, "DROP TABLE IF EXISTS %s.`%.*s`", to,
                            (int)strcspn(names, "\n"), names);
    return status;
}

static enum rs_status rename_all(struct rs_ch_view *view, const char *old, const char *new,
                                 const char *before, char *reason)
{
    char left[RS_CH_NAME_BYTES + 8];
    struct rs_buffer statement = {0};
    struct rs_ch_answer answer = {0};
    enum rs_status status = RS_OK;
    rs_buffer_add_text(&statement, "RENAME TABLE");
    if (*before) {
        (void)snprintf(left, sizeof(left), "`%.60s_%.64s`", view->readers, before);
        status = make_way(view, old, left, reason);
        add_renames(&statement, old, view->in_readers, left);
    }
    add_renames(&statement, new, view->in_database, view->in_readers);
    if (status == RS_OK)
        status = statement.failed ? rs_ch_complain(reason, RS_RETRY, "out of memory")
                                  : rs_ch_call(view, &answer, reason, "%s", statement.data);
    if (answer.code == ILLEGAL_COLUMN && strstr(reason, "already exists"))
        status = RS_OK; /* 18.16 has no ADD COLUMN IF NOT EXISTS */
    rs_buffer_finish(&statement);
    /* Another first start was quicker. */
    return answer.code == TABLE_EXISTS && !*before ? RS_OK : status;
}

enum rs_status rs_ch_activate(struct rs_ch_view *view, char *reason)
{
    char before[RS_CH_NAME_BYTES];
    struct rs_buffer old = {0}, new = {0};
    struct rs_ch_answer answer;
    enum rs_status status =
        rs_ch_call(view, &answer, reason, "CREATE DATABASE IF NOT EXISTS %s", view->in_readers);
    if (status == RS_OK)
        status = rs_ch_active(view, before, reason);
    if (status == RS_OK && strcmp(before, view->generation) == 0)
        return RS_OK;
    if (status == RS_OK)
        status = list_views(view, view->readers, &old, reason);
    if (status == RS_OK)
        status = list_views(view, view->database, &new, reason);
    if (status == RS_OK && new.len == 0) {
        /* Or another first start has just moved them. */
        status = rs_ch_active(view, before, reason);
        if (status == RS_OK && strcmp(before, view->generation) != 0)
            status = rs_ch_complain(reason, RS_REJECT, "database %s has no views", view->database);
    } else if (status == RS_OK) {
        rs_buffer_add(&old, "", 0);
        status = rename_all(view, old.data ? old.data : "", new.data, before, reason);
    }
    rs_buffer_finish(&old);
    rs_buffer_finish(&new);
    return status;
}
