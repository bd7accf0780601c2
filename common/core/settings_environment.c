/* Options from the environment. Which part of a variable is the section, and which underscores
 * were dots, is known from the options alone: each is asked whether the variable is its own. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/settings_table.h"
#include "core/suite.h"

static const char prefix[] = "REVIEWS_";

/* The name of the row, or of its secret's file, that the variable means. */
static bool find_option(const struct rs_settings *settings, const char *variable, char *name,
                        size_t size)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct rs_setting *row = &settings->rows[i];
        if (!row->option)
            continue;
        (void)snprintf(name, size, "%s", row->name);
        if (rs_suite_is_variable(variable, name))
            return true;
        (void)snprintf(name, size, "%s_file", row->name);
        if (rs_setting_is_secret(row) && rs_suite_is_variable(variable, name))
            return true;
    }
    return false;
}

/* "KAFKA_SASL_PASSWORD_FILE" to "kafka.sasl.password_file": all underscores become dots, as
 * librdkafka's names have none, but that of a secret's file. */
static void spell_passed(const char *variable, char *name)
{
    static const char end[] = ".file";
    char *at = name;
    for (; *variable; variable++, at++)
        *at = *variable == '_'                       ? '.'
              : *variable >= 'A' && *variable <= 'Z' ? (char)(*variable - 'A' + 'a')
                                                     : *variable;
    *at = '\0';
    if (at - name < (ptrdiff_t)strlen(end) || strcmp(at - strlen(end), end) != 0)
        return;
    at -= strlen(end);
    *at = '\0';
    *at = rs_option_is_secret(name) ? '_' : '.';
}

/* The name to pass through. */
static bool find_passed(const struct rs_settings *settings, const char *variable, char *name,
                        size_t size)
{
    size_t len = strlen(variable);
    for (size_t i = 0; settings->components[i]; i++) {
        const struct rs_component *component = settings->components[i];
        char section[RS_MAX_NAME + 2];
        (void)snprintf(section, sizeof(section), "%s.", component->section);
        if (!component->passes_through || len >= size || len <= strlen(section) ||
            !rs_suite_is_in_section(variable, section))
            continue;
        spell_passed(variable, name);
        return true;
    }
    return false;
}

static bool begins(const struct rs_settings *settings, const char *section)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strncmp(settings->rows[i].name, section, strlen(section)) == 0)
            return true;
    return false;
}

/* Whether another program of the suite has it. A whole section is another's only if we have
 * nothing in it: of our own sections we know every name. */
static bool is_of_another(const struct rs_settings *settings, const char *variable)
{
    const char *entry = rs_suite_find(variable);
    return entry && (entry[strlen(entry) - 1] != '.' || !begins(settings, entry));
}

static bool take(struct rs_settings *settings, const char *variable, size_t len, const char *value,
                 struct rs_error *error)
{
    char tail[RS_MAX_NAME + 1], name[2 * RS_MAX_NAME];
    struct rs_given given = {.source = RS_FROM_ENVIRONMENT, .name = name};
    (void)snprintf(tail, sizeof(tail), "%.*s", (int)(len > RS_MAX_NAME ? RS_MAX_NAME : len),
                   variable);
    rs_settings_place(&given, prefix, rs_text(tail));
    bool known = len <= RS_MAX_NAME && (find_option(settings, tail, name, sizeof(name)) ||
                                        find_passed(settings, tail, name, sizeof(name)));
    if (!known) {
        given.name = tail;
        return is_of_another(settings, tail) || rs_settings_unknown(settings, &given, error);
    }
    return rs_settings_find(settings, &given, error) && rs_settings_store(&given, value, error);
}

bool rs_settings_environment(struct rs_settings *settings, const char *const *environment,
                             struct rs_error *error)
{
    assert(!settings->finished);
    for (; *environment; environment++) {
        const char *variable = *environment + strlen(prefix), *equals;
        if (strncmp(*environment, prefix, strlen(prefix)) != 0)
            continue;
        equals = strchr(variable, '=');
        if (equals && equals[1] &&
            !take(settings, variable, (size_t)(equals - variable), equals + 1, error))
            return false;
    }
    return true;
}
