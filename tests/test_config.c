#include "kafka/config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/settings.h"

static const struct rs_component *const components[] = {&rs_kafka_component, NULL};

/* The reason why this name and value are refused, from the environment so that secrets may be
 * given; "" if they are taken. Owned by the caller's struct. */
static const char *refusal(const char *variable, struct rs_error *error)
{
    const char *const environment[] = {variable, NULL};
    struct rs_settings *settings = rs_settings_create(components);
    error->text[0] = '\0';
    if (rs_settings_environment(settings, environment, error) &&
        rs_settings_finish(settings, NULL, error)) {
        rd_kafka_conf_t *conf = rs_kafka_conf(settings, error);
        if (conf)
            rd_kafka_conf_destroy(conf);
    }
    rs_settings_destroy(settings);
    return error->text;
}

static const struct {
    const char *variable, *want; /* "": taken */
} rows[] = {
    {"REVIEWS_KAFKA_BROKERS=host:9092,other:9092", ""},
    {"REVIEWS_KAFKA_SASL_PASSWORD=hunter2", ""},
    {"REVIEWS_KAFKA_LINGER_MS=20", ""},
    {"REVIEWS_KAFKA_CHECK_CRCS=false", ""},
    {"REVIEWS_KAFKA_NO_SUCH_NAME=1", "no.such.name"},
    {"REVIEWS_KAFKA_LINGER_MS=soon", "linger.ms"},
    {"REVIEWS_KAFKA_ACKS=1", "acks"},
    {"REVIEWS_KAFKA_ENABLE_AUTO_COMMIT=true", "enable.auto.commit"},
    {"REVIEWS_KAFKA_ENABLE_AUTO_OFFSET_STORE=true", "enable.auto.offset.store"},
    {"REVIEWS_KAFKA_AUTO_OFFSET_RESET=latest", "auto.offset.reset"},
    {"REVIEWS_KAFKA_BOOTSTRAP_SERVERS=a:1", "bootstrap.servers"},
    {"REVIEWS_KAFKA_METADATA_BROKER_LIST=a:1", "metadata.broker.list"},
    {"REVIEWS_KAFKA_GROUP_ID=g", "group.id"},
    {"REVIEWS_KAFKA_ENABLE_PARTITION_EOF=false", "enable.partition.eof"},
    {"REVIEWS_KAFKA_PARTITION_ASSIGNMENT_STRATEGY=cooperative-sticky",
     "partition.assignment.strategy"},
    {"REVIEWS_KAFKA_ENABLE_IDEMPOTENCE=false", "enable.idempotence"},
    {"REVIEWS_KAFKA_PARTITIONER=consistent", "partitioner"},
    {"REVIEWS_KAFKA_MESSAGE_TIMEOUT_MS=1", "message.timeout.ms"},
    {"REVIEWS_KAFKA_ALLOW_AUTO_CREATE_TOPICS=true", "allow.auto.create.topics"},
};

Test(config, passes_through_what_librdkafka_knows_and_refuses_what_is_ours)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_error error;
        const char *text = refusal(rows[i].variable, &error);
        cr_expect(strstr(text, rows[i].want), "%s: %s", rows[i].variable, text);
        cr_expect_eq(text[0] == '\0', rows[i].want[0] == '\0', "%s: %s", rows[i].variable, text);
    }
}

Test(config, never_shows_a_secret_that_librdkafka_refuses)
{
    static const char *const secrets[] = {"sasl.password", "ssl.key.password", "ssl.key.pem",
                                          "sasl.oauthbearer.client.secret"};
    static char value[40000]; /* some are refused for their size, some are taken */
    memset(value, 's', sizeof(value) - 1);
    memcpy(value, "hunter2", 7);
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
        struct rs_error error = {{0}};
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        bool taken = rs_kafka_conf_set(conf, secrets[i], value, &error);
        cr_expect(taken || error.text[0], "%s", secrets[i]);
        cr_expect_null(strstr(error.text, "hunter2"), "%s: %s", secrets[i], error.text);
        rd_kafka_conf_destroy(conf);
    }
}

Test(config, sets_what_every_connection_of_ours_needs)
{
    static const char *const wanted[][2] = {{"socket.keepalive.enable", "true"},
                                            {"allow.auto.create.topics", "false"},
                                            {"check.crcs", "true"},
                                            {"metadata.broker.list", "127.0.0.1:9092"}};
    struct rs_error error = {{0}};
    struct rs_settings *settings = rs_settings_create(components);
    cr_assert(rs_settings_finish(settings, NULL, &error), "%s", error.text);
    rd_kafka_conf_t *conf = rs_kafka_conf(settings, &error);
    cr_assert(conf, "%s", error.text);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        char value[64] = "";
        size_t size = sizeof(value);
        cr_expect_eq(rd_kafka_conf_get(conf, wanted[i][0], value, &size), RD_KAFKA_CONF_OK);
        cr_expect_str_eq(value, wanted[i][1], "%s", wanted[i][0]);
    }
    rd_kafka_conf_destroy(conf);
    rs_settings_destroy(settings);
}
