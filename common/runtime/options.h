/* options.h - what every processor can be told, whatever its sinks. */
#ifndef RS_RUNTIME_OPTIONS_H
#define RS_RUNTIME_OPTIONS_H

#include "core/option.h"

struct rs_runtime_options {
    char *generation;
    int64_t lanes;
    int64_t memory_limit;
    char *http_listen; /* NULL: loopback and the processor's own port */
    int64_t batch_events, batch_bytes, batch_age_ms;
    int64_t retry_base_ms, retry_max_ms, retry_poison_attempts;
    int64_t commit_interval_ms, check_interval_ms, drain_ms;
    char *out_of_range;
    bool skip_undecodable;
    bool accept_changes;
    char *log_format, *log_level;
};

extern const struct rs_component rs_runtime_component;

#endif
