/* The life of settings: one table of rows, filled by source after source, then written into the
 * structs of the components. */
#include "core/settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings_table.h"

static size_t components_count(const struct rs_component *const *components)
{
    size_t count = 0;
    while (components[count])
        count++;
    return count;
}

/* Copy the list; several sinks may share a component. */
static void copy_components(struct rs_settings *settings,
                            const struct rs_component *const *components)
{
    size_t count = 0;
    for (; *components; components++) {
        size_t i = 0;
        while (i < count && settings->components[i] != *components)
            i++;
        if (i == count)
            settings->components[count++] = *components;
    }
}

static bool create_rows(struct rs_settings *settings)
{
    for (size_t i = 0; settings->components[i]; i++) {
        const struct rs_component *component = settings->components[i];
        settings->structs[i] = calloc(1, component->size ? component->size : 1);
        if (!settings->structs[i])
            return false;
        for (const struct rs_option *option = component->options; option->name; option++)
            if (!rs_settings_add(settings, component, option, option->name))
                return false;
        assert(!component->passes_through || *component->section);
    }
    return true;
}

struct rs_settings *rs_settings_create(const struct rs_component *const *components)
{
    size_t count = components_count(components);
    struct rs_settings *settings = calloc(1, sizeof(*settings));
    if (!settings)
        return NULL;
    settings->components = calloc(count + 1, sizeof(*settings->components));
    settings->structs = calloc(count + 1, sizeof(*settings->structs));
    if (!settings->components || !settings->structs)
        goto fail;
    copy_components(settings, components);
    if (!create_rows(settings))
        goto fail;
    return settings;
fail:
    rs_settings_destroy(settings);
    return NULL;
}

void rs_settings_destroy(struct rs_settings *settings)
{
    if (!settings)
        return;
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->rows[i].name);
        free(settings->rows[i].text);
        free(settings->rows[i].path);
    }
    free(settings->rows);
    for (size_t i = 0; settings->structs && settings->components && settings->components[i]; i++)
        free(settings->structs[i]);
    free(settings->structs);
    free(settings->components);
    free(settings);
}

bool rs_settings_set(struct rs_settings *settings, const char *assignment, struct rs_error *error)
{
    assert(!settings->finished);
    const char *equals = strchr(assignment, '=');
    if (!equals) /* not shown: whatever it is, it may be a secret */
        return rs_error_set(error, "--set: no '='; give SECTION.NAME=VALUE");
    char name[RS_MAX_NAME + 1];
    struct rs_given given = {.source = RS_FROM_SET, .name = name};
    size_t len = (size_t)(equals - assignment);
    rs_settings_place(&given, "--set ", (struct rs_bytes){assignment, len});
    if (len > RS_MAX_NAME)
        return rs_error_set(error,
                            "%s: the name has %zu bytes, no option has over %d; --help "
                            "lists all",
                            given.place, len, RS_MAX_NAME);
    memcpy(name, assignment, len);
    name[len] = '\0';
    if (!rs_settings_find(settings, &given, error))
        return false;
    if (!given.is_path &&
        (rs_setting_is_secret(given.row) || rs_settings_has_credentials(equals + 1)))
        return rs_settings_refuse_secret(&given, error);
    return rs_settings_store(&given, equals + 1, error);
}

/* The text of a secret from its file. */
static bool read_secret(struct rs_setting *row,
                        char *(*read_file)(const char *path, struct rs_error *error),
                        struct rs_error *error)
{
    if (row->text)
        return rs_error_set(error, "%s and %s_file are both given; leave one of them out",
                            row->name, row->name);
    struct rs_error reason = {"cannot be read"};
    row->text = read_file(row->path, &reason);
    if (!row->text)
        return rs_error_set(error, "%s_file: %.400s", row->name, reason.text);
    size_t len = strlen(row->text);
    if (len > 0 && row->text[len - 1] == '\n')
        row->text[--len] = '\0';
    if (len > 0 && row->text[len - 1] == '\r')
        row->text[--len] = '\0';
    if (len == 0)
        return rs_error_set(error, "%s_file: the file is empty; put the secret into it", row->name);
    return true;
}

/* The row's value into its member. A default that is no value of its type is a broken table. */
static bool fill_member(struct rs_setting *row, char *object, struct rs_error *error)
{
    if (!row->text && row->option->fallback) {
        row->text = strdup(row->option->fallback);
        if (!row->text)
            return rs_settings_no_memory(error);
    }
    void *member = object + row->option->offset;
    switch (row->option->type) {
    case RS_INTEGER: {
        bool is_integer = !row->text || rs_option_integer(row->text, member);
        assert(is_integer);
        (void)is_integer;
        return true;
    }
    case RS_BOOLEAN:
        assert(row->text);
        *(bool *)member = strcmp(row->text, "true") == 0;
        return true;
    case RS_TEXT:
        *(char **)member = row->text;
        return true;
    }
    return true;
}

static char *struct_of(const struct rs_settings *settings, const struct rs_component *component)
{
    for (size_t i = 0; settings->components[i]; i++)
        if (settings->components[i] == component)
            return settings->structs[i];
    return NULL;
}

bool rs_settings_finish(struct rs_settings *settings,
                        char *(*read_file)(const char *path, struct rs_error *error),
                        struct rs_error *error)
{
    assert(!settings->finished);
    for (size_t i = 0; i < settings->count; i++)
        if (settings->rows[i].path && !read_secret(&settings->rows[i], read_file, error))
            return false;
    for (size_t i = 0; i < settings->count; i++) {
        struct rs_setting *row = &settings->rows[i];
        if (row->option && !fill_member(row, struct_of(settings, row->component), error))
            return false;
    }
    settings->finished = true;
    return true;
}

const void *rs_settings_get(const struct rs_settings *settings,
                            const struct rs_component *component)
{
    assert(settings->finished);
    return struct_of(settings, component);
}

bool rs_settings_passed(const struct rs_settings *settings, const char *section, size_t index,
                        const char **ret_name, const char **ret_value)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct rs_setting *row = &settings->rows[i];
        if (row->option || !row->text || strcmp(row->component->section, section) != 0 ||
            index-- > 0)
            continue;
        *ret_name = row->name + strlen(section) + 1;
        *ret_value = row->text;
        return true;
    }
    return false;
}
