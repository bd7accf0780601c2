/* Making producers: the profiles, and the one that a process' sinks share. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/settings.h"
#include "kafka/config.h"
#include "kafka/producer_client.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rs_producer *shared_list;

/* 16 MiB: a dead letter carries a value over the limit of events. batch.size stays below the
 * default max.message.bytes of a topic, because the broker refuses whole batches. A missing topic
 * is reported after 3 s, not as a time-out. */
static const char *const always[][2] = {{"enable.idempotence", "true"},
                                        {"acks", "all"},
                                        {"partitioner", "murmur2_random"},
                                        {"allow.auto.create.topics", "false"},
                                        {NULL, NULL}};
static const char *const basic[][2] = {{"client.id", "reviewstream"},
                                       {"socket.keepalive.enable", "true"},
                                       {"socket.nagle.disable", "true"},
                                       {"message.max.bytes", "16777216"},
                                       {"batch.size", "1000000"},
                                       {"topic.metadata.propagation.max.ms", "3000"},
                                       {NULL, NULL}};
static const char *const ordered[][2] = {
    {"linger.ms", "1"}, {"queue.buffering.max.kbytes", "65536"}, {NULL, NULL}};
static const char *const throughput[][2] = {{"linger.ms", "50"},
                                            {"batch.num.messages", "10000"},
                                            {"compression.type", "lz4"},
                                            {"queue.buffering.max.kbytes", "131072"},
                                            {NULL, NULL}};
/* Thousands of records in a burst, a few at a time. An idempotent producer has one batch of a
 * partition on its way, and while more are due librdkafka polls for the answer without pause; so
 * they linger until most have come. */
static const char *const for_sinks[][2] = {{"linger.ms", "20"},
                                           {"compression.type", "lz4"},
                                           {"queue.buffering.max.kbytes", "32768"},
                                           {"message.max.bytes", "16777216"},
                                           {"batch.size", "1000000"},
                                           {"topic.metadata.propagation.max.ms", "3000"},
                                           {NULL, NULL}};

static bool set_all(rd_kafka_conf_t *conf, const char *const (*pairs)[2], struct rs_error *error)
{
    for (; (*pairs)[0]; pairs++)
        if (!rs_kafka_conf_set(conf, (*pairs)[0], (*pairs)[1], error))
            return false;
    return true;
}

static bool set_given(rd_kafka_conf_t *conf, const char *const *settings, struct rs_error *error)
{
    for (; settings && *settings; settings += 2)
        if (!rs_kafka_conf_set(conf, settings[0], settings[1], error))
            return false;
    return true;
}

/* What the operator passes through wins over what we only prefer. */
static bool set_passed(rd_kafka_conf_t *conf, const struct rs_settings *settings,
                       struct rs_error *error)
{
    const char *name, *value;
    for (size_t i = 0; rs_settings_passed(settings, "kafka", i, &name, &value); i++)
        if (!rs_kafka_conf_set(conf, name, value, error))
            return false;
    return true;
}

/* Takes `conf`. */
static struct rs_producer *create(rd_kafka_conf_t *conf, struct rs_error *error)
{
    struct rs_producer *producer = calloc(1, sizeof(*producer));
    if (!producer) {
        rd_kafka_conf_destroy(conf);
        rs_error_set(error, "out of memory");
        return NULL;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&producer->served, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&producer->lock, NULL);
    rs_producer_client_callbacks(producer, conf);
    producer->conf = conf;
    return producer;
}

static bool set_timeout(rd_kafka_conf_t *conf, int64_t timeout_ms, struct rs_error *error)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%" PRId64, timeout_ms);
    return rs_kafka_conf_set(conf, "message.timeout.ms", text, error);
}

static void log_nothing(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client, (void)level, (void)facility, (void)text;
}

static bool set_options(rd_kafka_conf_t *conf, const struct rs_producer_options *options,
                        struct rs_error *error)
{
    const char *const *settings = options->settings;
    int64_t timeout_ms = options->profile == RS_ORDERED ? 0 : 120000;
    for (size_t i = 0; settings && settings[i]; i += 2)
        if (rs_kafka_conf_owned(settings[i]))
            return rs_error_set(error, "kafka.%s: the producer sets it itself", settings[i]);
    rd_kafka_conf_set_log_cb(conf, log_nothing);
    return set_all(conf, basic, error) &&
           set_all(conf, options->profile == RS_ORDERED ? ordered : throughput, error) &&
           set_given(conf, settings, error) && set_all(conf, always, error) &&
           set_timeout(conf, options->timeout_ms ? options->timeout_ms : timeout_ms, error) &&
           rs_kafka_conf_set(conf, "bootstrap.servers", options->brokers, error);
}

struct rs_producer *rs_producer_create(const struct rs_producer_options *options,
                                       struct rs_error *error)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (!set_options(conf, options, error)) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    struct rs_producer *producer = create(conf, error);
    if (producer) {
        producer->wait_ms = options->wait_ms;
        producer->delivered = options->delivered;
        producer->context = options->context;
    }
    return producer;
}

static void destroy(struct rs_producer *producer)
{
    if (producer->current)
        rs_producer_release(producer, producer->current);
    rd_kafka_conf_destroy(producer->conf);
    pthread_mutex_destroy(&producer->lock);
    pthread_cond_destroy(&producer->served);
    free(producer);
}

/* Called with the list's lock. */
static struct rs_producer *share(const struct rs_settings *settings, struct rs_error *error)
{
    rd_kafka_conf_t *conf = rs_kafka_conf(settings, error);
    if (!conf)
        return NULL;
    if (!set_all(conf, for_sinks, error) || !set_passed(conf, settings, error) ||
        !set_all(conf, always, error) || !set_timeout(conf, RS_SINK_TIMEOUT_MS, error)) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    struct rs_producer *producer = create(conf, error);
    if (producer) {
        producer->settings = settings;
        producer->next = shared_list;
        shared_list = producer;
    }
    return producer;
}

struct rs_producer *rs_producer_shared(const struct rs_settings *settings, struct rs_error *error)
{
    pthread_mutex_lock(&list_lock);
    struct rs_producer *producer = shared_list;
    while (producer && producer->settings != settings)
        producer = producer->next;
    if (!producer)
        producer = share(settings, error);
    if (producer)
        producer->users++;
    pthread_mutex_unlock(&list_lock);
    return producer;
}

void rs_producer_destroy(struct rs_producer *producer)
{
    if (!producer)
        return;
    if (producer->settings) {
        pthread_mutex_lock(&list_lock);
        bool last = --producer->users == 0;
        struct rs_producer **at = &shared_list;
        while (last && *at != producer)
            at = &(*at)->next;
        if (last)
            *at = producer->next;
        pthread_mutex_unlock(&list_lock);
        if (!last)
            return;
    }
    destroy(producer);
}
