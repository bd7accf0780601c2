/* The settings as JSON, for --print-config: what it prints is a configuration file, but for the
 * secrets. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/settings_table.h"

/* Put a value under its section, which is what is before the first dot. Takes `value`; NULL: it
 * could not be made. */
static bool put(json_t *root, const char *name, json_t *value)
{
    const char *dot = strchr(name, '.');
    if (!value || !dot)
        return json_object_set_new(root, name, value) == 0;
    char section[RS_MAX_NAME + 1];
    (void)snprintf(section, sizeof(section), "%.*s", (int)(dot - name), name);
    json_t *object = json_object_get(root, section);
    if (!object) {
        object = json_object();
        if (json_object_set_new(root, section, object) != 0) {
            json_decref(value);
            return false;
        }
    }
    return json_object_set_new(object, dot + 1, value) == 0;
}

static json_t *masked(const char *text)
{
    char *copy = rs_settings_mask(text);
    json_t *value = copy ? json_string(copy) : NULL;
    free(copy);
    return value;
}

static json_t *value_of(const struct rs_setting *row)
{
    const char *text = rs_setting_text(row);
    int64_t integer;
    if (!text)
        return json_null();
    if (rs_setting_is_secret(row))
        return json_string("***");
    if (!row->option || row->option->type == RS_TEXT)
        return masked(text);
    if (row->option->type == RS_BOOLEAN)
        return json_boolean(strcmp(text, "true") == 0);
    return rs_option_integer(text, &integer) ? json_integer(integer) : NULL;
}

static bool put_row(json_t *root, const struct rs_setting *row)
{
    if (!row->path)
        return (!row->option && !row->text) || put(root, row->name, value_of(row));
    char name[RS_MAX_NAME + sizeof("_file")];
    (void)snprintf(name, sizeof(name), "%s_file", row->name);
    return put(root, name, json_string(row->path));
}

static int add_text(const char *text, size_t len, void *page)
{
    rs_buffer_add(page, text, len);
    return 0;
}

char *rs_settings_print(const struct rs_settings *settings)
{
    json_auto_t *root = json_object();
    for (size_t i = 0; i < settings->count; i++)
        if (!put_row(root, &settings->rows[i]))
            return NULL;
    /* Not json_dumps: jansson 2.14 goes on when a member's name could not be kept (run). The
     * buffer remembers that it failed. */
    struct rs_buffer page = {0};
    if (json_dump_callback(root, add_text, &page, JSON_INDENT(2)) != 0)
        page.failed = true;
    return rs_buffer_take(&page, NULL);
}
