#include "support/sample_settings.h"

#include <string.h>

static const struct rs_option general_rows[] = {
    RS_OPTION(struct sample_general, lanes, "4", "1", "64", "worker threads"),
    RS_OPTION_AS("memory.limit", struct sample_general, limit, "256MiB", "64MiB", "64GiB",
                 "memory"),
    RS_OPTION(struct sample_general, generation, "g1", NULL, NULL, "copy of the view"),
    RS_OPTIONS_END,
};
const struct rs_component sample_general = {.section = "",
                                            .summary = "the program",
                                            .options = general_rows,
                                            .size = sizeof(struct sample_general)};

static const struct rs_option kafka_rows[] = {
    RS_OPTION(struct sample_kafka, brokers, "127.0.0.1:9092", NULL, NULL,
              "host:port, comma-separated"),
    RS_OPTION(struct sample_kafka, group, NULL, NULL, NULL, "consumer group"),
    RS_OPTIONS_END,
};
static const char *const owned[] = {"enable.auto.commit", "group.id", NULL};
const struct rs_component sample_kafka = {.section = "kafka",
                                          .summary = "connection to Kafka",
                                          .options = kafka_rows,
                                          .size = sizeof(struct sample_kafka),
                                          .passes_through = true,
                                          .owned = owned};

static const struct rs_option redis_rows[] = {
    RS_OPTION(struct sample_redis, url, "redis://127.0.0.1:6379", NULL, NULL, "one server"),
    RS_OPTION(struct sample_redis, password, NULL, NULL, NULL, "rather than in the URL"),
    RS_OPTION(struct sample_redis, timeout_ms, "5000", "10", NULL, "of a command"),
    RS_OPTION(struct sample_redis, offset, NULL, "-5", "5", "of nothing"),
    RS_OPTION(struct sample_redis, tls, "false", NULL, NULL, "encrypt"),
    RS_OPTIONS_END,
};
const struct rs_component sample_redis = {.section = "redis",
                                          .summary = "the store",
                                          .options = redis_rows,
                                          .size = sizeof(struct sample_redis)};
static const struct rs_option no_rows[] = {RS_OPTIONS_END};
const struct rs_component sample_idle = {
    .section = "cache", .summary = "nothing to set", .options = no_rows, .size = 0};

const struct rs_component *const sample_components[] = {
    &sample_general, &sample_kafka, &sample_redis, &sample_idle, &sample_redis, NULL};

char *sample_read_file(const char *path, struct rs_error *error)
{
    if (strcmp(path, "/no") == 0) {
        rs_error_set(error, "%s: no such file", path);
        return NULL;
    }
    return strdup(strcmp(path, "/empty") == 0  ? "\n"
                  : strcmp(path, "/crlf") == 0 ? CANARY "\r\n"
                                               : CANARY "\n");
}

bool sample_load(struct rs_settings *settings, const struct sample_given *given,
                 struct rs_error *error)
{
    if (given->file &&
        !rs_settings_file(settings, given->file, strlen(given->file), "f.json", error))
        return false;
    if (!rs_settings_environment(settings, given->environment, error))
        return false;
    for (size_t i = 0; given->sets[i]; i++)
        if (!rs_settings_set(settings, given->sets[i], error))
            return false;
    return rs_settings_finish(settings, sample_read_file, error);
}
