/* settings_table.h - inside of settings: the table of options with what was given for each.
 * For the settings*.c files only. */
#ifndef RS_CORE_SETTINGS_TABLE_H
#define RS_CORE_SETTINGS_TABLE_H

#include "core/bytes.h"
#include "core/settings.h"

enum {
    RS_MAX_NAME = 128,  /* bytes of a name with its section */
    RS_MAX_PLACE = 192, /* of a text that says where a value was given */
};

/* A later source wins over an earlier one. */
enum rs_source { RS_FROM_DEFAULT, RS_FROM_FILE, RS_FROM_ENVIRONMENT, RS_FROM_SET };

struct rs_setting {
    const struct rs_component *component;
    const struct rs_option *option; /* NULL: passed through */
    char *name;                     /* with its section */
    char *text;                     /* NULL: not given */
    char *path;                     /* a secret's `<name>_file`; NULL: not given */
    enum rs_source source, path_source;
};

struct rs_settings {
    const struct rs_component **components; /* each once, ends with NULL */
    void **structs;                         /* of each component */
    struct rs_setting *rows;
    size_t count, size;
    bool finished;
};

/* One value on its way into the table. */
struct rs_given {
    enum rs_source source;
    const char *name; /* with its section, as it was written; for the environment as found */
    char place[RS_MAX_PLACE]; /* how error texts begin: "search.json: lanes", "REVIEWS_LANES" */
    struct rs_setting *row;   /* found by rs_settings_find */
    bool is_path;             /* the name was `<row>_file` */
};

/* Add a row; `name` is without the section and copied. NULL: out of memory. */
struct rs_setting *rs_settings_add(struct rs_settings *settings,
                                   const struct rs_component *component,
                                   const struct rs_option *option, const char *name);
/* Whether its value must not be shown. */
bool rs_setting_is_secret(const struct rs_setting *row);
/* What it is set to, or its default; NULL: neither. */
const char *rs_setting_text(const struct rs_setting *row);

/* Find what given->name means and write `row` and `is_path`. A name that is passed through gets a
 * row, so pointers to rows end here. */
bool rs_settings_find(struct rs_settings *settings, struct rs_given *given, struct rs_error *error);
/* Keep a value of the type that the row wants; the text is copied. */
bool rs_settings_store(struct rs_given *given, const char *text, struct rs_error *error);
/* Refuse a name that is no option: names the nearest one if there is one (nearest.h).
 * Returns false. */
bool rs_settings_unknown(const struct rs_settings *settings, const struct rs_given *given,
                         struct rs_error *error);
/* Refuse a secret in argv, with the remedy. Returns false. */
bool rs_settings_refuse_secret(const struct rs_given *given, struct rs_error *error);
bool rs_settings_no_memory(struct rs_error *error);
/* Write given->place: the source as it is, the name cut and without what is not printable. */
void rs_settings_place(struct rs_given *given, const char *source, struct rs_bytes name);

/* The value with the credentials of its URLs as "***"; the caller frees it. NULL: out of memory. */
char *rs_settings_mask(const char *text);
/* Whether that would change it. */
bool rs_settings_has_credentials(const char *text);

#endif
