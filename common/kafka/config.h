/* config.h - the section "kafka": our own rows, and whatever else librdkafka knows. */
#ifndef RS_KAFKA_CONFIG_H
#define RS_KAFKA_CONFIG_H

#include <librdkafka/rdkafka.h>

#include "core/error.h"
#include "core/option.h"

struct rs_settings;

struct rs_kafka_options {
    char *brokers; /* host:port, comma-separated */
    char *topic;   /* the source topic */
    char *group;   /* NULL: reviews-<processor>-<generation> */
};

/* Section "kafka", fills struct rs_kafka_options. Every other name is librdkafka's and is kept
 * for rs_kafka_conf, except those that break a promise of ours when they are set. */
extern const struct rs_component rs_kafka_component;

/* A configuration for librdkafka: brokers, our common settings, then what was passed through.
 * Its log lines go nowhere: a caller that wants them sets a callback of its own. The caller owns
 * it until a successful rd_kafka_new. NULL: a name that librdkafka does not know, or a value
 * that it refuses; the reason never holds the value of a secret. `settings` must have
 * rs_kafka_component. */
rd_kafka_conf_t *rs_kafka_conf(const struct rs_settings *settings, struct rs_error *error);

/* Set one value, as rs_kafka_conf does. */
bool rs_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                       struct rs_error *error) __attribute__((warn_unused_result));

/* Whether setting this name of librdkafka's is refused: it is ours. */
bool rs_kafka_conf_owned(const char *name);

#endif
