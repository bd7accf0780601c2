/* config.h - the settings of one program as its user gave them: file < environment < --set.
 * The one place of the suite that reads configuration and secret files. */
#ifndef RS_RUNTIME_CONFIG_H
#define RS_RUNTIME_CONFIG_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/processor.h"
#include "core/settings.h"

enum { RS_CONFIG_SETS = 64, RS_FINGERPRINT_BYTES = 65 };

/* What the command line says; borrowed from argv. */
struct rs_config_given {
    const char *file; /* --config; NULL: none */
    const char *sets[RS_CONFIG_SETS];
    size_t set_count;
};

/* The options --config and --set, as a child parser whose input is a struct rs_config_given. */
extern const struct argp rs_config_argp;

/* Settings of `components` (ends with NULL) from the file, the environment of this process and
 * --set. NULL: the reason names what is wrong. */
struct rs_settings *rs_config_load(const struct rs_component *const *components,
                                   const struct rs_config_given *given, struct rs_error *error);

/* All components of a processor: the runtime's, Kafka's, dead letters', its own and its sinks'.
 * Ends with NULL; the caller frees the array. NULL: out of memory. */
const struct rs_component **rs_config_components(const struct rs_processor *processor);

/* Values that no row can bound: "stop" or "beginning", a generation that makes a name. */
bool rs_config_judge(const struct rs_settings *settings, struct rs_error *error);

/* SHA-256 in hex of all that decides a view's content but the events: name, format, what the
 * processor's fingerprint says of its options (`self`), and the hash of the model (NULL: none).
 * False: out of memory. */
bool rs_config_fingerprint(const struct rs_processor *processor, const void *self,
                           const char *model, char ret[RS_FINGERPRINT_BYTES]);

#endif
