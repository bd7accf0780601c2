/* What the source topic is read with. */
#include <inttypes.h>
#include <stdio.h>

#include "kafka/config.h"
#include "kafka/consumer_state.h"

enum { QUEUED_MOST = 100000 };

static bool set_number(rd_kafka_conf_t *conf, const char *name, int64_t value,
                       struct rs_error *error)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%" PRId64, value);
    return rs_kafka_conf_set(conf, name, text, error);
}

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

/* For how long a full prefetch makes it wait before the next fetch; without it, a second. */
static const char full_wait[] = "fetch.queue.backoff.ms"; /* since librdkafka 2.2 */

bool rs_consumer_sleeps_when_full(const rd_kafka_conf_t *conf)
{
    size_t size = 0;
    return rd_kafka_conf_get(conf, full_wait, NULL, &size) != RD_KAFKA_CONF_OK;
}

bool rs_consumer_configure(rd_kafka_conf_t *conf, const struct rs_consumer *consumer,
                           struct rs_error *error)
{
    int64_t prefetch = consumer->options.prefetch_bytes;
    if (!rs_consumer_sleeps_when_full(conf) && !set_number(conf, full_wait, 20, error))
        return false;
    return set_number(conf, "queued.max.messages.kbytes", at_least(prefetch / 1024, 1024), error) &&
           set_number(conf, "queued.min.messages", at_most(prefetch / RS_RECORD_BYTES, QUEUED_MOST),
                      error) &&
           set_number(conf, "fetch.message.max.bytes", 256 * 1024, error) &&
           set_number(conf, "fetch.max.bytes", at_least(prefetch / 8, 1024 * 1024), error) &&
           set_number(conf, "receive.message.max.bytes", at_least(prefetch / 2, 12 << 20) + 65536,
                      error) &&
           rs_kafka_conf_set(conf, "group.id", consumer->group, error) &&
           rs_kafka_conf_set(conf, "enable.auto.commit", "false", error) &&
           rs_kafka_conf_set(conf, "enable.auto.offset.store", "false", error) &&
           rs_kafka_conf_set(conf, "auto.offset.reset", "error", error) &&
           rs_kafka_conf_set(conf, "enable.partition.eof", "true", error) &&
           rs_kafka_conf_set(conf, "partition.assignment.strategy", "range,roundrobin", error);
}
