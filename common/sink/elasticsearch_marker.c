#include "sink/elasticsearch_marker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void marker_path(const struct rs_es_view *view, const char *verb,
                        char path[RS_ES_PATH_BYTES])
{
    (void)snprintf(path, RS_ES_PATH_BYTES, "/" RS_ES_MARKERS "/%s/%s-%s", verb, view->processor,
                   view->generation);
}

/* Where a stored marker stands, to replace exactly it. */
struct place {
    int64_t seq_no, primary_term;
};

static void take_marker(const struct rs_json *source, struct rs_marker *marker)
{
    int64_t partitions = 0;
    marker->found = true;
    (void)rs_json_integer(rs_json_get(source, "format"), &marker->format);
    rs_es_copy(rs_json_get(source, "fingerprint"), marker->fingerprint,
               sizeof(marker->fingerprint));
    (void)rs_json_integer(rs_json_get(source, "partitions"), &partitions);
    marker->partitions =
        partitions > 0 && partitions <= RS_MARKER_PARTITIONS ? (size_t)partitions : 0;
    size_t at = 0;
    for (struct rs_json_walk walk = {.of = rs_json_get(source, "atEndMs")};
         at < RS_MARKER_PARTITIONS && rs_json_next(&walk); at++)
        (void)rs_json_integer(walk.value, &marker->at_end_ms[at]);
}

/* The stored marker of the index with this uuid; `ret_place` says where any marker stands
 * (primary_term 0: there is none). */
static enum rs_status load_marker(struct rs_es_view *view, const char *uuid,
                                  struct rs_marker *marker, struct place *ret_place, char *reason)
{
    char path[RS_ES_PATH_BYTES], of[RS_ES_UUID_BYTES];
    struct rs_es_answer answer;
    *ret_place = (struct place){0};
    marker_path(view, "_doc", path);
    rs_es_call(view, "GET", path, NULL, &answer, reason);
    if (answer.status == 404)
        return RS_OK;
    if (answer.row)
        return answer.row->status;
    const struct rs_json *source = rs_json_get(answer.value, "_source");
    if (!source || !rs_json_integer(rs_json_get(answer.value, "_seq_no"), &ret_place->seq_no) ||
        !rs_json_integer(rs_json_get(answer.value, "_primary_term"), &ret_place->primary_term))
        return rs_es_complain(reason, RS_RETRY, "the marker of \"%s\" cannot be read", view->index);
    rs_es_copy(rs_json_get(source, "indexUuid"), of, sizeof(of));
    if (strcmp(of, uuid) == 0)
        take_marker(source, marker);
    return RS_OK;
}

/* Whether the index holds a document. Without the right to refresh, what was written within the
 * last second does not count. */
static enum rs_status count_documents(struct rs_es_view *view, bool *ret_any, char *reason)
{
    char path[RS_ES_PATH_BYTES];
    struct rs_es_answer answer;
    int64_t count = 0, missing = 0;
    (void)snprintf(path, sizeof(path), "/%s/_refresh?filter_path=_shards.failed", view->index);
    rs_es_call(view, "POST", path, "", &answer, reason);
    (void)snprintf(path, sizeof(path), "/%s/_count?filter_path=count,_shards.failed", view->index);
    rs_es_call(view, "GET", path, NULL, &answer, reason);
    if (answer.row)
        return answer.row->status;
    if (!rs_json_integer(rs_json_get(answer.value, "count"), &count))
        return rs_es_complain(reason, RS_RETRY, "index \"%s\" cannot be counted", view->index);
    (void)rs_json_integer(rs_json_get(rs_json_get(answer.value, "_shards"), "failed"), &missing);
    if (count == 0 && missing > 0)
        return rs_es_complain(reason, RS_RETRY, "a shard of index \"%s\" is not available",
                              view->index);
    *ret_any = count > 0;
    return RS_OK;
}

enum rs_status rs_es_read_marker(struct rs_es_view *view, struct rs_marker *marker, char *reason)
{
    struct rs_es_index found;
    struct place place;
    *marker = (struct rs_marker){0};
    enum rs_status status = rs_es_find_index(view, &found, reason);
    if (status != RS_OK || !found.exists)
        return status;
    if (!*view->uuid)
        memcpy(view->uuid, found.uuid, sizeof(view->uuid));
    status = load_marker(view, found.uuid, marker, &place, reason);
    return status == RS_OK ? count_documents(view, &marker->has_data, reason) : status;
}

static char *write_document(const struct rs_es_view *view, const struct rs_marker *marker,
                            const struct rs_marker *stored)
{
    struct rs_buffer body = {0};
    size_t count = RS_MARKER_PARTITIONS;
    rs_buffer_printf(&body,
                     "{\"processor\":\"%s\",\"generation\":\"%s\",\"indexUuid\":\"%s\","
                     "\"format\":%" PRId64 ",\"fingerprint\":",
                     view->processor, view->generation, view->uuid, marker->format);
    rs_json_write_string(rs_text(marker->fingerprint), &body);
    rs_buffer_printf(&body, ",\"partitions\":%zu,\"atEndMs\":[", marker->partitions);
    while (count > 0 && marker->at_end_ms[count - 1] == 0 && stored->at_end_ms[count - 1] == 0)
        count--;
    for (size_t i = 0; i < count; i++) {
        int64_t a = marker->at_end_ms[i], b = stored->at_end_ms[i];
        rs_buffer_printf(&body, "%s%" PRId64, i ? "," : "", a > b ? a : b);
    }
    rs_buffer_add_text(&body, "]}");
    return rs_buffer_take(&body, NULL);
}

enum rs_status rs_es_write_marker(struct rs_es_view *view, const struct rs_marker *marker,
                                  char *reason)
{
    struct rs_marker stored = {0};
    struct rs_es_index found;
    struct place place;
    char path[RS_ES_PATH_BYTES];
    enum rs_status status = rs_es_find_index(view, &found, reason);
    if (status != RS_OK)
        return status;
    if (!found.exists)
        return rs_es_complain(reason, RS_RETRY, "index \"%s\" is missing", view->index);
    if (!*view->uuid)
        memcpy(view->uuid, found.uuid, sizeof(view->uuid));
    if (strcmp(view->uuid, found.uuid) != 0)
        return rs_es_complain(
            reason, RS_RETRY,
            "index \"%s\" was made anew while this program ran, so what it held is "
            "lost; rewind the group and start again",
            view->index);
    status = load_marker(view, view->uuid, &stored, &place, reason);
    if (status != RS_OK)
        return status;
    char *body = write_document(view, marker, &stored);
    if (!body)
        return rs_es_complain(reason, RS_RETRY, "out of memory");
    marker_path(view, place.primary_term ? "_doc" : "_create", path);
    if (place.primary_term)
        (void)snprintf(path + strlen(path), RS_ES_PATH_BYTES - strlen(path),
                       "?if_seq_no=%" PRId64 "&if_primary_term=%" PRId64, place.seq_no,
                       place.primary_term);
    struct rs_es_answer answer;
    rs_es_call(view, "PUT", path, body, &answer, reason);
    free(body);
    if (rs_es_is_error(&answer, "version_conflict_engine_exception"))
        return rs_es_complain(reason, RS_RETRY,
                              "another member wrote the marker of \"%s\" meanwhile", view->index);
    return answer.row ? answer.row->status : RS_OK;
}
