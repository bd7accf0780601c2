/* option.h - configuration as tables: one row beside the struct that it fills.
 *
 * A component (a processor, a sink, the runtime) has a section name, a struct and rows. One
 * loader fills all structs from file < environment < --set; the manual and --help are printed
 * from the rows. No row, no option. */
#ifndef RS_CORE_OPTION_H
#define RS_CORE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rs_option_type { RS_INTEGER, RS_BOOLEAN, RS_TEXT };

struct rs_option {
    const char *name; /* without the section, e.g. "max_body_bytes"; may hold dots */
    size_t offset;
    enum rs_option_type type;
    const char *fallback;  /* the default as text; NULL: a text is NULL, an integer 0 */
    const char *min, *max; /* of RS_INTEGER, may have a unit; NULL elsewhere */
    const char *help;
};

#define RS_OPTION_TYPE(object, member)                                                             \
    _Generic(((object *)0)->member, int64_t : RS_INTEGER, bool : RS_BOOLEAN, char * : RS_TEXT)
/* An option named differently from its member. */
#define RS_OPTION_AS(text, object, member, fallback_, min_, max_, help_)                           \
    {                                                                                              \
        .name = (text), .offset = offsetof(object, member),                                        \
        .type = RS_OPTION_TYPE(object, member), .fallback = (fallback_), .min = (min_),            \
        .max = (max_), .help = (help_)                                                             \
    }
#define RS_OPTION(object, member, fallback_, min_, max_, help_)                                    \
    RS_OPTION_AS(#member, object, member, fallback_, min_, max_, help_)
#define RS_OPTIONS_END                                                                             \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* What has options. Text members are `char *`, owned by the settings, never freed by users. */
struct rs_component {
    const char *section; /* "" for options without one, e.g. "lanes" */
    const char *summary;
    const struct rs_option *options; /* ends with RS_OPTIONS_END */
    size_t size;                     /* of the struct that the rows fill */
    bool passes_through;             /* unknown names of the section are kept for a library */
    const char *const *owned;        /* with passes_through: refused names, ends with NULL */
};

/* Whether the value of a text option must never be shown: a word of its last dotted part is
 * password, passphrase, secret, token or key (`sasl.password`, `api_key`), or it ends in `key.pem`
 * or `oauthbearer.config`. Names that end in `_file` are paths and shown. */
bool rs_option_is_secret(const char *name);

/* Read a decimal integer with an optional unit KiB, MiB or GiB behind it ("256MiB"). false, and
 * `ret_value` untouched: something else, or beyond 64 bits. */
bool rs_option_integer(const char *text, int64_t *ret_value);

#endif
