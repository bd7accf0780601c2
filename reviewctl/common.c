#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kafka/config.h"
#include "kafka/dead_letter.h"
#include "sink/elasticsearch.h"
#include "sink/mirror.h"
#include "sink/redis.h"
#include "sink/summary.h"
#include "table.h"

enum { MAX_FILE_BYTES = 1 << 20 };

const struct rs_component *const ctl_components[] = {
    &rs_kafka_component, &rs_dead_letter_component,   &rs_mirror_component,
    &rs_redis_component, &rs_elasticsearch_component, NULL};

int complain(int code, const char *format, ...)
{
    char text[2048];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    char *clean = text_clean(text, strlen(text), 0); /* it may quote what servers and files say */
    (void)fprintf(stderr, "reviewctl: %s\n", clean);
    free(clean);
    return code;
}

/* --- options --- */

static const struct argp_option options[] = {
    {.name = "config",
     .key = 'c',
     .arg = "FILE",
     .group = 10,
     .doc = "JSON file with the sections kafka, redis, elasticsearch, dead_letters, mirror"},
    {.name = "set",
     .key = 's',
     .arg = "NAME=VALUE",
     .group = 10,
     .doc = "set one option, e.g. kafka.brokers=host:9092; beats the environment (REVIEWS_…)"},
    {.name = "json", .key = 'j', .group = 10, .doc = "print JSON for scripts"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct common *common = state->input;
    if (key == 'c') {
        common->config = text;
    } else if (key == 'j') {
        common->json = true;
    } else if (key == 's') {
        if (common->set_count == sizeof(common->sets) / sizeof(*common->sets))
            argp_error(state, "more than 64 times --set");
        common->sets[common->set_count++] = text;
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp common_argp = {.options = options, .parser = parse};
const struct argp_child common_children[] = {{.argp = &common_argp}, {0}};

void common_init(struct argp_state *state)
{
    state->child_inputs[0] = state->input;
}

long parse_number(const struct argp_state *state, const char *name, const char *text, long min,
                  long max)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < min || number > max)
        argp_error(state, "--%s=%s: a number from %ld to %ld is needed", name, text, min, max);
    return number;
}

/* --- settings --- */

static char *read_all(const char *path, size_t *ret_len, struct rs_error *error)
{
    FILE *file = fopen(path, "re");
    char *data = file ? malloc(MAX_FILE_BYTES + 1) : NULL;
    size_t len = data ? fread(data, 1, MAX_FILE_BYTES + 1, file) : 0;
    bool good = data && !ferror(file) && len <= MAX_FILE_BYTES;
    if (!good)
        rs_error_set(error, "%s: %s", path,
                     len > MAX_FILE_BYTES ? "larger than 1 MiB" : strerror(errno));
    if (file)
        (void)fclose(file);
    if (!good) {
        free(data);
        return NULL;
    }
    data[len] = '\0';
    *ret_len = len;
    return data;
}

static char *read_secret(const char *path, struct rs_error *error)
{
    size_t len = 0;
    char *text = read_all(path, &len, error);
    while (text && len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    return text;
}

static bool fill(struct rs_settings *settings, const struct common *common, struct rs_error *error)
{
    if (common->config) {
        size_t len = 0;
        char *json = read_all(common->config, &len, error);
        bool good = json && rs_settings_file(settings, json, len, common->config, error);
        free(json);
        if (!good)
            return false;
    }
    if (!rs_settings_environment(settings, (const char *const *)environ, error))
        return false;
    for (size_t i = 0; i < common->set_count; i++)
        if (!rs_settings_set(settings, common->sets[i], error))
            return false;
    return rs_settings_finish(settings, read_secret, error);
}

struct rs_settings *common_settings(const struct common *common)
{
    struct rs_error error = {"out of memory"};
    struct rs_settings *settings = rs_settings_create(ctl_components);
    if (settings && fill(settings, common, &error))
        return settings;
    rs_settings_destroy(settings);
    complain(CTL_USAGE, "%s", error.text);
    return NULL;
}

const char *summaries_topic(const struct rs_settings *settings)
{
    const struct rs_mirror_config *mirror = rs_settings_get(settings, &rs_mirror_component);
    return mirror->topic ? mirror->topic : rs_product_summaries.topic;
}

rd_kafka_t *kafka_client(const struct rs_settings *settings)
{
    struct rs_error error = {{0}};
    rd_kafka_conf_t *conf = rs_kafka_conf(settings, &error);
    rd_kafka_t *client =
        conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.text, sizeof(error.text)) : NULL;
    if (client)
        return client;
    if (conf)
        rd_kafka_conf_destroy(conf);
    complain(CTL_USAGE, "%s", error.text);
    return NULL;
}

int no_kafka(const struct rs_settings *settings, const char *reason)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    return complain(CTL_UNREACHABLE, "no answer from Kafka at %s (kafka.brokers): %s",
                    kafka->brokers, reason);
}
