#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/config.h"
#include "kafka/dead_letter.h"
#include "sink/clickhouse.h"
#include "sink/elasticsearch.h"
#include "sink/mirror.h"
#include "sink/redis.h"
#include "sink/summary.h"
#include "table.h"

const struct rs_component *const ctl_components[] = {&rs_kafka_component,
                                                     &rs_dead_letter_component,
                                                     &rs_mirror_component,
                                                     &rs_redis_component,
                                                     &rs_elasticsearch_component,
                                                     &rs_clickhouse_component,
                                                     NULL};

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
    {.name = "json", .key = 'j', .group = 10, .doc = "print JSON for scripts"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct common *common = state->input;
    (void)text;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = &common->given;
    else if (key == 'j')
        common->json = true;
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp_child children[] = {{.argp = &rs_config_argp}, {0}};
static const struct argp common_argp = {.options = options, .parser = parse, .children = children};
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

struct rs_settings *common_settings(const struct common *common)
{
    struct rs_error error = {""};
    struct rs_settings *settings = rs_config_load(ctl_components, &common->given, &error);
    if (!settings)
        complain(CTL_USAGE, "%s", error.text);
    return settings;
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
