#include "kafka/config.h"

#include <string.h>

#include "core/settings.h"

static const struct rs_option options[] = {
    RS_OPTION(struct rs_kafka_options, brokers, "127.0.0.1:9092", NULL, NULL,
              "Kafka brokers to ask first: host:port, comma-separated"),
    RS_OPTION(struct rs_kafka_options, topic, "moderated-reviews", NULL, NULL,
              "source topic of the events"),
    RS_OPTION(struct rs_kafka_options, group, NULL, NULL, NULL,
              "consumer group; reviews-<processor>-<generation> unless set"),
    RS_OPTIONS_END,
};

static const char *const owned[] = {
    /* ours under another name: kafka.brokers, kafka.group */
    "bootstrap.servers", "metadata.broker.list", "group.id",
    /* what is committed and where reading begins is decided by the settled prefix */
    "enable.auto.commit", "auto.commit.enable", "auto.commit.interval.ms",
    "enable.auto.offset.store", "auto.offset.reset", "offset.store.method", "offset.store.path",
    "enable.partition.eof",
    /* rebalancing is written for the eager classic protocol */
    "partition.assignment.strategy", "group.protocol", "group.remote.assignor",
    /* a topic made by accident hides a wrong name */
    "allow.auto.create.topics",
    /* order, durability and a report for every message that we send */
    "enable.idempotence", "enable.gapless.guarantee", "transactional.id", "acks",
    "request.required.acks", "partitioner", "message.timeout.ms", "delivery.timeout.ms",
    "delivery.report.only.error", "max.in.flight", "max.in.flight.requests.per.connection",
    "retries", "message.send.max.retries", NULL};

const struct rs_component rs_kafka_component = {
    .section = "kafka",
    .summary = "connection to Kafka; other names are passed to librdkafka",
    .options = options,
    .size = sizeof(struct rs_kafka_options),
    .passes_through = true,
    .owned = owned,
};

/* Ours, but an operator may know better. */
static const char *const common[][2] = {
    {"client.id", "reviewstream"},
    {"socket.keepalive.enable", "true"},
    {"socket.nagle.disable", "true"},
    {"check.crcs", "true"},
    {"reconnect.backoff.max.ms", "5000"},
    {"session.timeout.ms", "10000"}, /* how long the partitions of a crashed member lie idle */
};

bool rs_kafka_conf_owned(const char *name)
{
    for (size_t i = 0; owned[i]; i++)
        if (strcmp(owned[i], name) == 0)
            return true;
    return false;
}

/* librdkafka quotes the value in its text, so a secret's text is not shown. */
static bool is_secret(const char *name)
{
    return rs_option_is_secret(name) || strcmp(name, "ssl.key.pem") == 0 ||
           strcmp(name, "sasl.oauthbearer.config") == 0;
}

bool rs_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                       struct rs_error *error)
{
    char text[256];
    switch (rd_kafka_conf_set(conf, name, value, text, sizeof(text))) {
    case RD_KAFKA_CONF_OK:
        return true;
    case RD_KAFKA_CONF_UNKNOWN:
        return rs_error_set(error,
                            "kafka.%s: neither ours nor known to librdkafka %s; see its "
                            "CONFIGURATION.md",
                            name, rd_kafka_version_str());
    default:
        return rs_error_set(error, "kafka.%s: librdkafka refuses the value%s%s", name,
                            is_secret(name) ? "" : ": ", is_secret(name) ? "" : text);
    }
}

static void log_nothing(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client, (void)level, (void)facility, (void)text;
}

static bool fill(rd_kafka_conf_t *conf, const struct rs_settings *settings, struct rs_error *error)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    const char *name, *value;
    for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
        if (!rs_kafka_conf_set(conf, common[i][0], common[i][1], error))
            return false;
    for (size_t i = 0; rs_settings_passed(settings, "kafka", i, &name, &value); i++)
        if (!rs_kafka_conf_set(conf, name, value, error))
            return false;
    return rs_kafka_conf_set(conf, "allow.auto.create.topics", "false", error) &&
           rs_kafka_conf_set(conf, "bootstrap.servers", kafka->brokers, error);
}

rd_kafka_conf_t *rs_kafka_conf(const struct rs_settings *settings, struct rs_error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, log_nothing);
    if (fill(conf, settings, error))
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}
