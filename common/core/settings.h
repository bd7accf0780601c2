/* settings.h - the filled structs of a program's components, and where each value came from.
 *
 * Call order: create, then file, environment, set (each may be left out), then finish, then get.
 * Pure: the caller reads files and the environment. Errors name where the value was given, the
 * option, the value, the bound or the nearest name; never the value of a secret. After an error
 * destroy the settings.
 *
 * A name is a row's, with its section; `<name>_file` of a secret (option.h) is the path of a file
 * that holds it, which must not be empty; only one of the two may be given. One source may give a
 * name once; of several, a later one wins, in the order of the calls below. */
#ifndef RS_CORE_SETTINGS_H
#define RS_CORE_SETTINGS_H

#include "core/error.h"
#include "core/option.h"

struct rs_settings;

/* `components` ends with NULL and must outlive the settings. NULL: out of memory. */
struct rs_settings *rs_settings_create(const struct rs_component *const *components);
void rs_settings_destroy(struct rs_settings *settings);

/* JSON text of a configuration file: objects nest by the dots of names, null is the default,
 * texts are read as in the environment. `name` is for error texts. */
bool rs_settings_file(struct rs_settings *settings, const char *json, size_t len, const char *name,
                      struct rs_error *error) __attribute__((warn_unused_result));
/* Strings NAME=VALUE, ends with NULL. Only REVIEWS_… is looked at, and an empty value is none: a
 * name of an option of ours is taken, one that only another program of the suite has is ignored
 * (suite.h), any other refused. */
bool rs_settings_environment(struct rs_settings *settings, const char *const *environment,
                             struct rs_error *error) __attribute__((warn_unused_result));
/* "section.name=value", as in --set. Secrets and URLs with credentials are refused here: they
 * would show in argv. */
bool rs_settings_set(struct rs_settings *settings, const char *assignment, struct rs_error *error)
    __attribute__((warn_unused_result));
/* Read `*_file` secrets with `read_file` (returns malloc'ed text, of which one line end at its end
 * does not count, or NULL with the reason), then fill the structs. */
bool rs_settings_finish(struct rs_settings *settings,
                        char *(*read_file)(const char *path, struct rs_error *error),
                        struct rs_error *error) __attribute__((warn_unused_result));

/* The filled struct of a component given at creation (found by its address); borrowed until
 * destroy. NULL if the component is not among them. */
const void *rs_settings_get(const struct rs_settings *settings,
                            const struct rs_component *component);
/* The i-th passed-through name and value of a section; false behind the last. Borrowed. */
bool rs_settings_passed(const struct rs_settings *settings, const char *section, size_t index,
                        const char **ret_name, const char **ret_value);
/* All options with their values as a JSON object by section, secrets as "***", credentials in
 * URLs masked. The caller frees it; NULL: out of memory. */
char *rs_settings_print(const struct rs_settings *settings);
/* The rows as text: for --help (width 100), or as Markdown tables for OPTIONS.md. The caller
 * frees it; NULL: out of memory. */
char *rs_settings_help(const struct rs_component *const *components, bool markdown);

#endif
