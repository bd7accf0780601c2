/* mirror_rows.h - the rows of a sink that mirrors its store to a topic: "kafka " and librdkafka's
 * name of the error, or what befell the mirror. */
#ifndef RS_SINK_MIRROR_ROWS_H
#define RS_SINK_MIRROR_ROWS_H

#include "core/status.h"

#define RS_MIRROR_ROWS                                                                             \
    {"kafka INVALID_TIMESTAMP", RS_RETRY, RS_OUTAGE,                                               \
     "reached the brokers over 60 s after it was read, or the clocks differ: is read and sent "    \
     "again"},                                                                                     \
        {"kafka UNKNOWN_TOPIC_OR_PART", RS_FATAL, RS_OUTAGE, "the output topic does not exist"},   \
        {"kafka _UNKNOWN_TOPIC", RS_FATAL, RS_OUTAGE, "the output topic does not exist"},          \
        {"kafka _UNKNOWN_PARTITION", RS_FATAL, RS_OUTAGE, "the output topic has no partition"},    \
        {"kafka TOPIC_AUTHORIZATION_FAILED", RS_FATAL, RS_OUTAGE,                                  \
         "no right to write to the output topic"},                                                 \
        {"kafka CLUSTER_AUTHORIZATION_FAILED", RS_FATAL, RS_OUTAGE,                                \
         "no right to produce idempotently"},                                                      \
        {"kafka MSG_SIZE_TOO_LARGE", RS_FATAL, RS_OUTAGE,                                          \
         "a record is larger than the output topic takes: raise its max.message.bytes"},           \
        {"kafka other", RS_RETRY, RS_OUTAGE, "any other error of a record for the output topic"},  \
        {"hash changes", RS_RETRY, RS_OUTAGE,                                                      \
         "others change the same key all the time: is read and sent again later"},                 \
        {"hash damaged", RS_FATAL, RS_OUTAGE,                                                      \
         "a stored hash is not of this program's making: build a new generation"},                 \
        {"no active generation", RS_FATAL, RS_OUTAGE,                                              \
         "the pointer to the generation that readers use is gone: set it with reviewctl "          \
         "activate"},                                                                              \
    {                                                                                              \
        "mirror key", RS_FATAL, RS_OUTAGE, "another program wrote a key of the mirror"             \
    }

#endif
