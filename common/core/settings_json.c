/* A configuration file: objects nest by the dots of names. */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings_table.h"
#include "core/utf8.h"

enum {
    MAX_FILE_BYTES = 256 * 1024,
    MAX_NESTING = 8, /* names of librdkafka have up to six parts */
};

struct file {
    struct rs_settings *settings;
    const char *name;
    struct rs_error *error;
};

/* What a member is when it has no type that options have. */
static const char *kind_of(const json_t *value)
{
    static const char *const kinds[] = {[JSON_OBJECT] = "an object",
                                        [JSON_ARRAY] = "an array",
                                        [JSON_STRING] = "a text",
                                        [JSON_INTEGER] = "an integer",
                                        [JSON_REAL] = "a number with a fraction or an exponent",
                                        [JSON_TRUE] = "true",
                                        [JSON_FALSE] = "false",
                                        [JSON_NULL] = "null"};
    return kinds[json_typeof(value)];
}

/* Whether the row takes a member of this type. Texts are taken by integers and booleans too: they
 * are read as in the environment. */
static bool has_type(const struct rs_given *given, const json_t *value)
{
    const struct rs_option *option = given->row->option;
    if (json_is_string(value))
        return true;
    if (given->is_path || (option && option->type == RS_TEXT))
        return false;
    return (json_is_integer(value) && (!option || option->type == RS_INTEGER)) ||
           (json_is_boolean(value) && (!option || option->type == RS_BOOLEAN));
}

static const char *wanted(const struct rs_given *given)
{
    if (given->is_path)
        return "the path of a file in quotes";
    if (!given->row->option)
        return "a text, an integer, true or false";
    switch (given->row->option->type) {
    case RS_INTEGER:
        return "an integer, or a text such as \"64MiB\"";
    case RS_BOOLEAN:
        return "true or false";
    case RS_TEXT:
        break;
    }
    return "a text in quotes";
}

static bool store(const struct file *file, const char *name, const json_t *value)
{
    struct rs_given given = {.source = RS_FROM_FILE, .name = name};
    char place[RS_MAX_NAME], number[32];
    (void)snprintf(place, sizeof(place), "%.90s: ", file->name);
    rs_settings_place(&given, place, rs_text(name));
    if (!rs_settings_find(file->settings, &given, file->error))
        return false;
    if (json_is_null(value)) /* the default, as --print-config shows it */
        return true;
    if (!has_type(&given, value))
        return rs_error_set(file->error, "%s: is %s; give %s", given.place, kind_of(value),
                            wanted(&given));
    if (json_is_integer(value))
        (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    const char *text = json_is_string(value)    ? json_string_value(value)
                       : json_is_integer(value) ? number
                       : json_is_true(value)    ? "true"
                                                : "false";
    return rs_settings_store(&given, text, file->error);
}

/* Store the members of an object; `prefix` is the name so far, with its dot. */
static bool store_members(const struct file *file, const char *prefix, json_t *object, int depth)
{
    const char *key;
    json_t *value;
    char shown[80];
    json_object_foreach(object, key, value)
    {
        struct rs_buffer buffer = {0};
        rs_buffer_printf(&buffer, "%s%s%s", prefix, key, json_is_object(value) ? "." : "");
        char *name = rs_buffer_take(&buffer, NULL);
        if (!name)
            return rs_settings_no_memory(file->error);
        bool stored;
        if (!json_is_object(value))
            stored = store(file, name, value);
        else if (depth < MAX_NESTING)
            stored = store_members(file, name, value, depth + 1);
        else
            stored = rs_error_set(file->error,
                                  "%.90s: %s: objects are nested over %d deep; no "
                                  "option is",
                                  file->name, rs_utf8_show(rs_text(name), shown, sizeof(shown)),
                                  MAX_NESTING);
        free(name);
        if (!stored)
            return false;
    }
    return true;
}

/* The member's name that ends at `position`, for an error text; jansson's own texts hold whatever
 * stands there. */
static const char *name_before(const char *json, size_t position, char *buffer, size_t size)
{
    if (position < 2 || json[position - 1] != '"')
        return "a member";
    size_t start = position - 1;
    while (start > 0 && json[start - 1] != '"')
        start--;
    return rs_utf8_show((struct rs_bytes){json + start, position - 1 - start}, buffer, size);
}

static bool explain(const char *json, const char *name, const json_error_t *from,
                    struct rs_error *error)
{
    char member[80];
    const char *what = "is no valid JSON";
    if (from->line < 0) /* jansson 2.14: only memory ran out; in a token it says "invalid" */
        return rs_settings_no_memory(error);
    switch (json_error_code(from)) {
    case json_error_out_of_memory:
        return rs_settings_no_memory(error);
    case json_error_duplicate_key:
        return rs_error_set(error, "%.90s: line %d: %s is given twice; leave one of them out", name,
                            from->line,
                            name_before(json, (size_t)from->position, member, sizeof(member)));
    case json_error_invalid_utf8:
        what = "is not UTF-8";
        break;
    case json_error_premature_end_of_input:
        what = "ends too early: a brace or a quote is not closed";
        break;
    case json_error_end_of_input_expected:
        what = "has more behind its closing brace";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        what = "holds \\u0000, which no option may";
        break;
    case json_error_numeric_overflow:
        what = "holds a number beyond 64 bits";
        break;
    default:
        break;
    }
    return rs_error_set(error, "%.90s: line %d, column %d: the file %s", name, from->line,
                        from->column, what);
}

bool rs_settings_file(struct rs_settings *settings, const char *json, size_t len, const char *name,
                      struct rs_error *error)
{
    assert(!settings->finished);
    if (len > MAX_FILE_BYTES)
        return rs_error_set(error, "%.90s: has %zu bytes, the limit is %d; is it a configuration?",
                            name, len, MAX_FILE_BYTES);
    json_error_t from;
    json_auto_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &from);
    if (!root)
        return explain(json, name, &from, error);
    /* jansson 2.14 drops a byte of a token in silence when its buffer cannot grow (run). */
    json_auto_t *again = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_equal(root, again))
        return rs_settings_no_memory(error);
    if (!json_is_object(root))
        return rs_error_set(error,
                            "%.90s: is %s; give an object: {\"section\": {\"option\": value}}",
                            name, kind_of(root));
    return store_members(&(struct file){settings, name, error}, "", root, 1);
}
