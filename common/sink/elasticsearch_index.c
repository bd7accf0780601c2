#include "sink/elasticsearch_index.h"

#include <stdio.h>
#include <string.h>

/* --- names and the creating body --- */

/* A name that both servers take for an index, and that is its own URL part. A dot is kept for
 * the write alias. */
static bool is_name(const char *text, const char *others)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t len = strlen(text);
    if (len == 0 || len > 100 || !strchr(plain, text[0]))
        return false;
    for (; *text; text++)
        if (!strchr(plain, *text) && !strchr(others, *text))
            return false;
    return true;
}

static bool name_all(struct rs_es_view *view, struct rs_error *error)
{
    if (!is_name(view->generation, "_-") || strcmp(view->generation, "markers") == 0)
        return rs_error_set(error,
                            "generation \"%s\" makes no index name; use lower-case letters, "
                            "digits, - and _, and not \"markers\"",
                            view->generation);
    if (!is_name(view->alias, "_-.") || strncmp(view->alias, "reviews-", 8) == 0)
        return rs_error_set(error,
                            "elasticsearch.alias \"%s\" is no name for it; use lower-case "
                            "letters, digits, -, _ and ., and begin with other than \"reviews-\"",
                            view->alias);
    (void)snprintf(view->index, sizeof(view->index), "reviews-%s", view->generation);
    (void)snprintf(view->write_alias, sizeof(view->write_alias), "reviews-%s.write",
                   view->generation);
    (void)snprintf(view->canary_id, sizeof(view->canary_id), "%s-%s-canary", view->processor,
                   view->generation);
    return true;
}

/* The mappings of the file, with a mark by which ours is known, whatever the file says. */
static void write_creation(struct rs_es_view *view, const struct rs_json *file)
{
    struct rs_buffer *body = &view->creation;
    rs_buffer_printf(body,
                     "{\"aliases\":{\"%s\":{}},\"mappings\":{\"_meta\":{\"reviewstream\":"
                     "{\"generation\":\"%s\"}}",
                     view->write_alias, view->generation);
    for (struct rs_json_walk walk = {.of = rs_json_get(file, "mappings")}; rs_json_next(&walk);) {
        if (rs_bytes_equal(walk.name, rs_text("_meta")))
            continue;
        rs_buffer_add_text(body, ",");
        rs_json_write_string(walk.name, body);
        rs_buffer_add_text(body, ":");
        rs_json_write(walk.value, body);
    }
    rs_buffer_add_text(body, "},\"settings\":");
    rs_json_write(rs_json_get(file, "settings"), body);
    rs_buffer_add_text(body, "}");
}

static bool read_file(struct rs_es_view *view, struct rs_bytes json, const char *file,
                      struct rs_error *error)
{
    const struct rs_json_limits limits = {
        .bytes = 1 << 20, .depth = 32, .members = 20000, .string_bytes = 1 << 16, .strict = true};
    const struct rs_json *value = NULL;
    struct rs_error why = {""};
    enum rs_json_verdict verdict = rs_json_read(view->reader, json, &limits, &value, &why);
    if (verdict != RS_JSON_READ)
        return rs_error_set(error, "%s: %s", file,
                            verdict == RS_JSON_REFUSED ? why.text : "out of memory");
    for (struct rs_json_walk walk = {.of = value}; rs_json_next(&walk);)
        if (!rs_bytes_equal(walk.name, rs_text("settings")) &&
            !rs_bytes_equal(walk.name, rs_text("mappings")))
            return rs_error_set(error, "%s: unknown member \"%.40s\"; use settings and mappings",
                                file, walk.name.data);
    if (rs_json_type(rs_json_get(value, "settings")) != RS_JSON_OBJECT ||
        rs_json_type(rs_json_get(value, "mappings")) != RS_JSON_OBJECT)
        return rs_error_set(error, "%s: needs the objects settings and mappings", file);
    write_creation(view, value);
    return view->creation.failed ? rs_error_set(error, "out of memory") : true;
}

bool rs_es_view_init(struct rs_es_view *view, const struct rs_view *of, const char *alias,
                     struct rs_bytes index_json, const char *file, struct rs_error *error)
{
    *view = (struct rs_es_view){
        .processor = of->processor, .generation = of->generation, .alias = alias};
    if (!name_all(view, error))
        return false;
    view->reader = rs_json_reader_create();
    if (!view->reader)
        return rs_error_set(error, "out of memory");
    return read_file(view, index_json, file, error);
}

void rs_es_view_finish(struct rs_es_view *view)
{
    if (!view)
        return;
    rs_http_destroy(view->http);
    rs_json_reader_destroy(view->reader);
    rs_buffer_finish(&view->creation);
    *view = (struct rs_es_view){0};
}

/* --- the index --- */

static const struct rs_json *dig(const struct rs_json *value, const char *const *names)
{
    for (; *names; names++)
        value = rs_json_get(value, *names);
    return value;
}

/* Whether the index is one that a program made, or a person with a strict mapping. One that a
 * server made by accident, from the first document that came, has a guessed mapping. */
static enum rs_status judge_index(const struct rs_es_view *view, const struct rs_json *value,
                                  struct rs_es_index *ret_found, char *reason)
{
    const struct rs_json *index = rs_json_get(value, view->index);
    if (!index)
        return rs_es_complain(reason, RS_FATAL,
                              "\"%s\" is the alias of another index; remove it, or set another "
                              "generation",
                              view->index);
    char made_for[RS_ES_NAME_BYTES], dynamic[16];
    rs_es_copy(
        dig(index, (const char *const[]){"mappings", "_meta", "reviewstream", "generation", NULL}),
        made_for, sizeof(made_for));
    rs_es_copy(dig(index, (const char *const[]){"mappings", "dynamic", NULL}), dynamic,
               sizeof(dynamic));
    if (strcmp(made_for, view->generation) != 0 && (*made_for || strcmp(dynamic, "strict") != 0))
        return rs_es_complain(
            reason, RS_FATAL,
            "index \"%s\" was not made for generation \"%s\" (by accident?); delete "
            "it, or set another generation",
            view->index, view->generation);
    ret_found->exists = true;
    ret_found->has_write_alias =
        dig(index, (const char *const[]){"aliases", view->write_alias, NULL}) != NULL;
    rs_es_copy(dig(index, (const char *const[]){"settings", "index", "uuid", NULL}),
               ret_found->uuid, sizeof(ret_found->uuid));
    return *ret_found->uuid
               ? RS_OK
               : rs_es_complain(reason, RS_RETRY, "index \"%s\" has no uuid", view->index);
}

enum rs_status rs_es_find_index(struct rs_es_view *view, struct rs_es_index *ret_found,
                                char *reason)
{
    char path[RS_ES_PATH_BYTES];
    struct rs_es_answer answer;
    *ret_found = (struct rs_es_index){0};
    (void)snprintf(path, sizeof(path),
                   "/%s?filter_path=*.aliases,*.mappings._meta,*.mappings.dynamic,"
                   "*.settings.index.uuid," RS_ES_ERROR_PARTS,
                   view->index);
    rs_es_call(view, "GET", path, NULL, &answer, reason);
    if (rs_es_is_error(&answer, "index_not_found_exception"))
        return RS_OK;
    return answer.row ? answer.row->status : judge_index(view, answer.value, ret_found, reason);
}

/* Make an index unless somebody else was quicker. */
static enum rs_status make_index(struct rs_es_view *view, const char *index, const char *body,
                                 char *reason)
{
    char path[RS_ES_PATH_BYTES];
    struct rs_es_answer answer;
    (void)snprintf(path, sizeof(path), "/%s?filter_path=acknowledged," RS_ES_ERROR_PARTS, index);
    rs_es_call(view, "PUT", path, body, &answer, reason);
    if (rs_es_is_error(&answer, "resource_already_exists_exception"))
        return RS_OK;
    return answer.row ? answer.row->status : RS_OK;
}

static enum rs_status change_aliases(struct rs_es_view *view, const char *actions, char *reason)
{
    struct rs_es_answer answer;
    rs_es_call(view, "POST", "/_aliases?filter_path=acknowledged," RS_ES_ERROR_PARTS, actions,
               &answer, reason);
    return answer.row ? answer.row->status : RS_OK;
}

static enum rs_status prepare_index(struct rs_es_view *view, char *reason)
{
    struct rs_es_index found;
    enum rs_status status = rs_es_find_index(view, &found, reason);
    if (status == RS_OK && !found.exists) {
        status = make_index(view, view->index, view->creation.data, reason);
        if (status == RS_OK)
            status = rs_es_find_index(view, &found, reason);
        if (status == RS_OK && !found.exists)
            status = rs_es_complain(reason, RS_RETRY, "index \"%s\" vanished as soon as made",
                                    view->index);
    }
    if (status == RS_OK && !found.has_write_alias) {
        char body[3 * RS_ES_NAME_BYTES];
        (void)snprintf(body, sizeof(body),
                       "{\"actions\":[{\"add\":{\"index\":\"%s\",\"alias\":\"%s\"}}]}", view->index,
                       view->write_alias);
        status = change_aliases(view, body, reason);
    }
    if (status == RS_OK)
        memcpy(view->uuid, found.uuid, sizeof(view->uuid));
    return status;
}

static enum rs_status prepare_markers(struct rs_es_view *view, char *reason)
{
    static const char body[] =
        "{\"settings\":{\"index\":{\"number_of_shards\":1,\"auto_expand_replicas\":\"0-1\"}},"
        "\"mappings\":{\"dynamic\":\"false\"}}";
    struct rs_es_answer answer;
    rs_es_call(view, "GET",
               "/" RS_ES_MARKERS "?filter_path=*.settings.index.uuid," RS_ES_ERROR_PARTS, NULL,
               &answer, reason);
    if (rs_es_is_error(&answer, "index_not_found_exception"))
        return make_index(view, RS_ES_MARKERS, body, reason);
    return answer.row ? answer.row->status : RS_OK;
}

/* --- the read alias --- */

/* The names of the indices behind the alias, each once and a space behind it. */
static enum rs_status find_alias(struct rs_es_view *view, struct rs_buffer *ret_names, char *reason)
{
    char path[RS_ES_PATH_BYTES];
    struct rs_es_answer answer;
    rs_buffer_clear(ret_names);
    rs_buffer_add_text(ret_names, "");
    (void)snprintf(path, sizeof(path), "/_alias/%s", view->alias);
    rs_es_call(view, "GET", path, NULL, &answer, reason);
    if (answer.row && answer.status != 404)
        return answer.row->status;
    for (struct rs_json_walk walk = {.of = answer.value}; rs_json_next(&walk);)
        rs_buffer_printf(ret_names, "%s ", walk.name.data);
    return ret_names->failed ? rs_es_complain(reason, RS_RETRY, "out of memory") : RS_OK;
}

/* In one step: the alias leaves all of these indices but `kept`; `kept` gets it if `add`. */
static enum rs_status point_alias(struct rs_es_view *view, const char *names, const char *kept,
                                  bool add, char *reason)
{
    struct rs_buffer body = {0};
    rs_buffer_add_text(&body, "{\"actions\":[");
    if (add)
        rs_buffer_printf(&body,
                         "{\"add\":{\"index\":\"%s\",\"alias\":\"%s\",\"filter\":"
                         "{\"term\":{\"status\":\"published\"}}}}",
                         kept, view->alias);
    bool first = !add;
    for (; *names; names += strcspn(names, " ") + 1) {
        int len = (int)strcspn(names, " ");
        if (strlen(kept) == (size_t)len && memcmp(names, kept, (size_t)len) == 0)
            continue;
        rs_buffer_printf(&body, "%s{\"remove\":{\"index\":\"%.*s\",\"alias\":\"%s\"}}",
                         first ? "" : ",", len, names, view->alias);
        first = false;
    }
    rs_buffer_add_text(&body, "]}");
    enum rs_status status = body.failed ? rs_es_complain(reason, RS_RETRY, "out of memory")
                                        : change_aliases(view, body.data, reason);
    rs_buffer_finish(&body);
    return status;
}

/* The least of several names, in order of bytes; NULL: there are not several. */
static const char *least_of(const char *names, char ret_least[RS_ES_NAME_BYTES])
{
    size_t count = 0;
    for (; *names; names += strcspn(names, " ") + 1, count++) {
        char name[RS_ES_NAME_BYTES];
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(names, " "), names);
        if (count == 0 || strcmp(name, ret_least) < 0)
            memcpy(ret_least, name, sizeof(name));
    }
    return count > 1 ? ret_least : NULL;
}

/* Made by the first start, never moved by another. Two first starts of different generations can
 * both find none and both add theirs; each then looks again, and leaves the first by name: both
 * views are new, so readers miss nothing. */
static enum rs_status prepare_alias(struct rs_es_view *view, char *reason)
{
    char least[RS_ES_NAME_BYTES];
    struct rs_buffer names = {0};
    enum rs_status status = find_alias(view, &names, reason);
    if (status == RS_OK && names.len == 0) {
        status = point_alias(view, "", view->index, true, reason);
        if (status == RS_OK)
            status = find_alias(view, &names, reason);
        if (status == RS_OK && least_of(names.data, least))
            status = point_alias(view, names.data, least, false, reason);
    }
    rs_buffer_finish(&names);
    return status;
}

enum rs_status rs_es_activate(struct rs_es_view *view, char *reason)
{
    struct rs_buffer names = {0};
    struct rs_es_index found;
    enum rs_status status = rs_es_find_index(view, &found, reason);
    if (status == RS_OK && !found.exists)
        status = rs_es_complain(reason, RS_FATAL,
                                "index \"%s\" is missing; start the processor with this generation "
                                "first",
                                view->index);
    if (status == RS_OK)
        status = find_alias(view, &names, reason);
    if (status == RS_OK)
        status = point_alias(view, names.data, view->index, true, reason);
    rs_buffer_finish(&names);
    return status;
}

enum rs_status rs_es_prepare(struct rs_es_view *view, char *reason)
{
    enum rs_status status = prepare_index(view, reason);
    if (status == RS_OK)
        status = prepare_markers(view, reason);
    return status == RS_OK ? prepare_alias(view, reason) : status;
}
