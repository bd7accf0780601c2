#include "sink/clickhouse_marker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Whether the view's tables are all there. */
static enum rs_status has_tables(struct rs_ch_view *view, bool *ret_all, char *reason)
{
    struct rs_ch_answer answer;
    int64_t count = 0;
    enum rs_status status =
        rs_ch_call(view, &answer, reason,
                   "SELECT count() FROM system.tables WHERE database = '%s' AND name IN "
                   "('rows', 'marker', 'ends')",
                   view->database);
    const char *at = answer.body.data;
    if (status == RS_OK && !rs_ch_integer(&at, &count))
        return rs_ch_complain(reason, RS_RETRY, "the tables of %s cannot be counted",
                              view->database);
    *ret_all = count == 3;
    return status;
}

/* The last marker that was written, and whether its birth mark and any review are there. */
static enum rs_status read_facts(struct rs_ch_view *view, struct rs_marker *marker, char *reason)
{
    struct rs_ch_answer answer;
    int64_t written = 0, born = 0, data = 0, partitions = 0;
    enum rs_status status = rs_ch_call(
        view, &answer, reason,
        "SELECT count(), argMax(format, writtenMs), argMax(partitions, writtenMs), "
        "(SELECT count() FROM %s.rows WHERE reviewId = ''), "
        "(SELECT count() FROM (SELECT reviewId FROM %s.rows WHERE reviewId >= ' ' LIMIT 1)), "
        "argMax(fingerprint, writtenMs) FROM %s.marker",
        view->in_database, view->in_database, view->in_database);
    const char *at = answer.body.data;
    if (status != RS_OK)
        return status;
    if (!rs_ch_integer(&at, &written) || !rs_ch_integer(&at, &marker->format) ||
        !rs_ch_integer(&at, &partitions) || !rs_ch_integer(&at, &born) ||
        !rs_ch_integer(&at, &data))
        return rs_ch_complain(reason, RS_RETRY, "the marker of %s cannot be read", view->database);
    rs_ch_text(&at, marker->fingerprint, sizeof(marker->fingerprint));
    marker->found = written > 0 && born > 0;
    marker->has_data = data > 0;
    if (partitions > 0 && partitions <= RS_MARKER_PARTITIONS)
        marker->partitions = (size_t)partitions;
    return RS_OK;
}

static enum rs_status read_ends(struct rs_ch_view *view, struct rs_marker *marker, char *reason)
{
    struct rs_ch_answer answer;
    int64_t partition = 0, ms = 0;
    enum rs_status status = rs_ch_call(
        view, &answer, reason, "SELECT partition, max(atEndMs) FROM %s.ends GROUP BY partition",
        view->in_database);
    const char *at = answer.body.data;
    while (status == RS_OK && rs_ch_integer(&at, &partition) && rs_ch_integer(&at, &ms))
        if (partition >= 0 && partition < RS_MARKER_PARTITIONS)
            marker->at_end_ms[partition] = ms;
    return status;
}

enum rs_status rs_ch_read_marker(struct rs_ch_view *view, struct rs_marker *marker, char *reason)
{
    bool all = false;
    *marker = (struct rs_marker){0};
    view->found = false;
    enum rs_status status = has_tables(view, &all, reason);
    if (status != RS_OK || !all)
        return status;
    status = read_facts(view, marker, reason);
    if (status == RS_OK)
        status = read_ends(view, marker, reason);
    view->found = status == RS_OK && marker->found;
    return status;
}

static enum rs_status write_ends(struct rs_ch_view *view, const struct rs_marker *marker,
                                 char *reason)
{
    struct rs_buffer statement = {0};
    struct rs_ch_answer answer;
    bool any = false;
    rs_buffer_printf(&statement, "INSERT INTO %s.ends VALUES", view->in_database);
    for (size_t i = 0; i < RS_MARKER_PARTITIONS; i++)
        if (marker->at_end_ms[i] > 0) {
            rs_buffer_printf(&statement, "%s(%zu,%" PRId64 ")", any ? "," : " ", i,
                             marker->at_end_ms[i]);
            any = true;
        }
    enum rs_status status = RS_OK;
    if (statement.failed)
        status = rs_ch_complain(reason, RS_RETRY, "out of memory");
    else if (any)
        status = rs_ch_call(view, &answer, reason, "%s", statement.data);
    rs_buffer_finish(&statement);
    return status;
}

/* The birth mark goes first: without the marker behind it, it says nothing. */
enum rs_status rs_ch_write_marker(struct rs_ch_view *view, const struct rs_marker *marker,
                                  char *reason)
{
    struct rs_ch_answer answer;
    enum rs_status status = RS_OK;
    if (!view->found)
        status =
            rs_ch_call(view, &answer, reason, "INSERT INTO %s.rows FORMAT JSONEachRow " RS_CH_BIRTH,
                       view->in_database);
    if (status == RS_OK)
        status = write_ends(view, marker, reason);
    if (status == RS_OK)
        status = rs_ch_call(
            view, &answer, reason,
            "INSERT INTO %s.marker VALUES (toUInt64(now()) * 1000, %" PRId64 ", '%s', %zu)",
            view->in_database, marker->format, marker->fingerprint, marker->partitions);
    return status;
}
