/* sample_settings.h - components of every kind for the tests of the settings. */
#ifndef RS_TESTS_SAMPLE_SETTINGS_H
#define RS_TESTS_SAMPLE_SETTINGS_H

#include "core/settings.h"

#define CANARY "canary-5c1b" /* a secret that must show nowhere */

struct sample_general {
    int64_t lanes, limit;
    char *generation;
};
struct sample_kafka {
    char *brokers, *group;
};
struct sample_redis {
    char *url, *password;
    int64_t timeout_ms, offset;
    bool tls;
};

/* Section "", "kafka", which passes through, "redis" with a secret, and "cache" without options. */
extern const struct rs_component sample_general, sample_kafka, sample_redis, sample_idle;
/* All of them, and one twice: two sinks may share a component. */
extern const struct rs_component *const sample_components[];

/* What is given where. */
struct sample_given {
    const char *file;           /* text of "f.json"; NULL: none */
    const char *environment[4]; /* ends with NULL */
    const char *sets[4];
};

/* All calls in their order, to the end. */
bool sample_load(struct rs_settings *settings, const struct sample_given *given,
                 struct rs_error *error);

/* Files by their path, for rs_settings_finish: "/no" is missing, "/empty" has only a line's end,
 * "/crlf" and any other hold CANARY. */
char *sample_read_file(const char *path, struct rs_error *error);

#endif
