/* The table of settings: which row a name means, and whether a value fits it. */
#include "core/settings_table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "core/suite.h"
#include "core/utf8.h"

bool rs_settings_no_memory(struct rs_error *error)
{
    return rs_error_set(error, "out of memory while reading the configuration");
}

void rs_settings_place(struct rs_given *given, const char *source, struct rs_bytes name)
{
    char shown[80];
    (void)snprintf(given->place, sizeof(given->place), "%.100s%s", source,
                   rs_utf8_show(name, shown, sizeof(shown)));
}

bool rs_setting_is_secret(const struct rs_setting *row)
{
    return (!row->option || row->option->type == RS_TEXT) && rs_option_is_secret(row->name);
}

const char *rs_setting_text(const struct rs_setting *row)
{
    return row->text ? row->text : row->option ? row->option->fallback : NULL;
}

static char *full_name(const char *section, const char *name)
{
    struct rs_buffer full = {0};
    rs_buffer_printf(&full, "%s%s%s", section, *section ? "." : "", name);
    return rs_buffer_take(&full, NULL);
}

/* The row of exactly this name. */
static struct rs_setting *find_row(const struct rs_settings *settings, const char *name, size_t len)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strncmp(settings->rows[i].name, name, len) == 0 && !settings->rows[i].name[len])
            return &settings->rows[i];
    return NULL;
}

struct rs_setting *rs_settings_add(struct rs_settings *settings,
                                   const struct rs_component *component,
                                   const struct rs_option *option, const char *name)
{
    if (settings->count == settings->size) {
        size_t size = settings->size ? 2 * settings->size : 32;
        struct rs_setting *rows = realloc(settings->rows, size * sizeof(*rows));
        if (!rows)
            return NULL;
        settings->rows = rows;
        settings->size = size;
    }
    char *full = full_name(component->section, name);
    if (!full)
        return NULL;
    assert(!find_row(settings, full, strlen(full))); /* two rows of one name: a broken table */
    struct rs_setting *row = &settings->rows[settings->count++];
    *row = (struct rs_setting){.component = component, .option = option, .name = full};
    return row;
}

/* The length of a name without "_file"; 0: it does not end so. */
static size_t secret_len(const char *name)
{
    size_t len = strlen(name), end = strlen("_file");
    return len > end && strcmp(name + len - end, "_file") == 0 ? len - end : 0;
}

/* The component that passes names of this section through; `ret_rest` is behind the section. */
static const struct rs_component *find_passing(const struct rs_settings *settings, const char *name,
                                               const char **ret_rest)
{
    for (size_t i = 0; settings->components[i]; i++) {
        const struct rs_component *component = settings->components[i];
        size_t len = strlen(component->section);
        if (component->passes_through && strncmp(component->section, name, len) == 0 &&
            name[len] == '.') {
            *ret_rest = name + len + 1;
            return component;
        }
    }
    return NULL;
}

static bool is_owned(const struct rs_component *component, const char *name)
{
    for (size_t i = 0; component->owned && component->owned[i]; i++)
        if (strcmp(component->owned[i], name) == 0)
            return true;
    return false;
}

/* A passed name that is almost one of the component's rows is a typing error: the library would
 * refuse it too, but could not say what was meant. */
static bool is_misspelt_row(const struct rs_component *component, const char *name)
{
    for (const struct rs_option *option = component->options; option->name; option++)
        if (strlen(option->name) > 4 && rs_name_distance(option->name, name) <= 2)
            return true;
    return false;
}

static bool is_plain_name(const char *name)
{
    return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789._-")] == '\0';
}

static bool pass_through(struct rs_settings *settings, const struct rs_component *component,
                         const char *name, struct rs_given *given, struct rs_error *error)
{
    if (is_owned(component, name))
        return rs_error_set(error,
                            "%s: %s.%s is set by the program and cannot be changed; "
                            "leave it out",
                            given->place, component->section, name);
    if (!is_plain_name(name) || is_misspelt_row(component, name))
        return rs_settings_unknown(settings, given, error);
    size_t len = secret_len(given->name);
    char base[RS_MAX_NAME + 1];
    (void)snprintf(base, sizeof(base), "%.*s", (int)(len ? len : strlen(given->name)), given->name);
    if (len && !rs_option_is_secret(base))
        return rs_settings_unknown(settings, given, error);
    given->is_path = len != 0;
    given->row = find_row(settings, base, strlen(base));
    if (!given->row)
        given->row =
            rs_settings_add(settings, component, NULL, base + strlen(component->section) + 1);
    return given->row || rs_settings_no_memory(error);
}

bool rs_settings_find(struct rs_settings *settings, struct rs_given *given, struct rs_error *error)
{
    const char *rest;
    size_t len = secret_len(given->name);
    given->is_path = false;
    given->row = find_row(settings, given->name, strlen(given->name));
    if (given->row)
        return true;
    given->row = len ? find_row(settings, given->name, len) : NULL;
    given->is_path = given->row != NULL;
    if (given->row && rs_setting_is_secret(given->row))
        return true;
    const struct rs_component *component = find_passing(settings, given->name, &rest);
    if (component && strlen(given->name) <= RS_MAX_NAME)
        return pass_through(settings, component, rest, given, error);
    return rs_settings_unknown(settings, given, error);
}

/* Offer every name that could have been meant. */
static void offer_all(const struct rs_settings *settings, struct rs_nearest *nearest,
                      char (*ret_owned)[RS_MAX_NAME + 1])
{
    for (size_t i = 0; i < settings->count; i++)
        if (settings->rows[i].option)
            rs_nearest_offer(nearest, settings->rows[i].name);
    for (size_t i = 0; settings->components[i]; i++) {
        const char *const *owned = settings->components[i]->owned;
        for (; owned && *owned; owned++) {
            char name[RS_MAX_NAME + 1];
            (void)snprintf(name, sizeof(name), "%s.%s", settings->components[i]->section, *owned);
            rs_nearest_offer(nearest, name);
            if (nearest->found == name)
                nearest->found = memcpy(*ret_owned, name, sizeof(name));
        }
    }
}

/* Whether names begin with this one and a dot: it is no option, but a group of them. */
static const char *first_in_group(const struct rs_settings *settings, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < settings->count; i++)
        if (strncmp(settings->rows[i].name, name, len) == 0 && settings->rows[i].name[len] == '.')
            return settings->rows[i].name;
    return NULL;
}

bool rs_settings_unknown(const struct rs_settings *settings, const struct rs_given *given,
                         struct rs_error *error)
{
    char owned[RS_MAX_NAME + 1], shown[RS_MAX_NAME + 1];
    struct rs_nearest nearest = {.name = given->name};
    const char *member = first_in_group(settings, given->name);
    if (member && given->source != RS_FROM_ENVIRONMENT)
        return rs_error_set(error, "%s: is a group of options, such as %s; --help lists all",
                            given->place, member);
    offer_all(settings, &nearest, &owned);
    if (!nearest.found)
        return rs_error_set(error, "%s: unknown option; --help lists all", given->place);
    if (given->source == RS_FROM_ENVIRONMENT)
        rs_suite_variable(nearest.found, shown, sizeof(shown));
    else
        (void)snprintf(shown, sizeof(shown), "%s", nearest.found);
    return rs_error_set(error, "%s: unknown option; the nearest is %s, --help lists all",
                        given->place, shown);
}

bool rs_settings_refuse_secret(const struct rs_given *given, struct rs_error *error)
{
    char variable[RS_MAX_NAME + 1];
    rs_suite_variable(given->row->name, variable, sizeof(variable));
    if (!rs_setting_is_secret(given->row))
        return rs_error_set(error,
                            "%s: holds credentials, which would show in the list of "
                            "processes; set %s instead",
                            given->place, variable);
    return rs_error_set(error,
                        "%s: is a secret and would show in the list of processes; set %s or "
                        "%s_file instead",
                        given->place, variable, given->row->name);
}

/* " from A to B", or nothing for what has no bounds. */
static void show_bounds(const struct rs_option *option, char *buffer, size_t size)
{
    buffer[0] = '\0';
    if (option->min && option->max)
        (void)snprintf(buffer, size, " from %s to %s", option->min, option->max);
    else if (option->min || option->max)
        (void)snprintf(buffer, size, option->min ? " of at least %s" : " of at most %s",
                       option->min ? option->min : option->max);
}

static bool check_integer(const struct rs_given *given, const char *text, struct rs_error *error)
{
    const struct rs_option *option = given->row->option;
    int64_t value, bound;
    char shown[48], bounds[96];
    rs_utf8_show(rs_text(text), shown, sizeof(shown));
    show_bounds(option, bounds, sizeof(bounds));
    if (!rs_option_integer(text, &value))
        return rs_error_set(error,
                            "%s: \"%s\" is no integer; give one%s, with KiB, MiB or GiB "
                            "behind it if you like",
                            given->place, shown, bounds);
    bool low = option->min && rs_option_integer(option->min, &bound) && value < bound;
    bool high = option->max && rs_option_integer(option->max, &bound) && value > bound;
    if (low || high)
        return rs_error_set(error, "%s: %s is too %s; give an integer%s", given->place, shown,
                            low ? "small" : "large", bounds);
    return true;
}

static bool check_secret(const struct rs_given *given, const char *text, struct rs_error *error)
{
    if (!*text)
        return rs_error_set(error, "%s: is empty; leave it out where there is none", given->place);
    if (strcmp(text, "***") == 0)
        return rs_error_set(error,
                            "%s: is \"***\", as --print-config masks it; give the secret "
                            "itself, or %s_file",
                            given->place, given->row->name);
    return true;
}

static bool check_text(const struct rs_given *given, const char *text, struct rs_error *error)
{
    if (!given->is_path && rs_setting_is_secret(given->row))
        return check_secret(given, text, error);
    if (!rs_utf8_is_valid(rs_text(text)))
        return rs_error_set(error, "%s: the value is not UTF-8", given->place);
    if (given->is_path && !*text)
        return rs_error_set(error, "%s: is empty; give the path of a file", given->place);
    return true;
}

static bool check(const struct rs_given *given, const char *text, struct rs_error *error)
{
    const struct rs_option *option = given->row->option;
    char shown[48];
    if (given->is_path || !option || option->type == RS_TEXT)
        return check_text(given, text, error);
    if (option->type == RS_INTEGER)
        return check_integer(given, text, error);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return true;
    return rs_error_set(error, "%s: \"%s\" is neither true nor false", given->place,
                        rs_utf8_show(rs_text(text), shown, sizeof(shown)));
}

bool rs_settings_store(struct rs_given *given, const char *text, struct rs_error *error)
{
    struct rs_setting *row = given->row;
    char **slot = given->is_path ? &row->path : &row->text;
    enum rs_source *source = given->is_path ? &row->path_source : &row->source;
    if (!check(given, text, error))
        return false;
    if (*slot && *source == given->source)
        return rs_error_set(error, "%s: is given twice; leave one of them out", given->place);
    if (*slot && *source > given->source)
        return true;
    char *copy = strdup(text);
    if (!copy)
        return rs_settings_no_memory(error);
    free(*slot);
    *slot = copy;
    *source = given->source;
    return true;
}
