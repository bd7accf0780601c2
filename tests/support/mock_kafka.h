/* mock_kafka.h - a Kafka broker inside the test's process (librdkafka's mock cluster): good for
 * errors per request, no proof of a real broker's behaviour. */
#ifndef RS_TESTS_MOCK_KAFKA_H
#define RS_TESTS_MOCK_KAFKA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "core/decode.h"

enum { MOCK_PRODUCE = 0, MOCK_METADATA = 3, MOCK_INIT_PRODUCER_ID = 22 }; /* Kafka's ApiKeys */

struct mock_kafka {
    rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *cluster;
    const char *brokers; /* host:port, as an option wants it */
};

/* A cluster of so many brokers; asserts that it could be made. */
void mock_kafka_start(struct mock_kafka *mock, int brokers);
void mock_kafka_stop(struct mock_kafka *mock);
void mock_kafka_topic(struct mock_kafka *mock, const char *topic, int partitions);
/* The next `count` requests of this kind fail. */
void mock_kafka_fail(struct mock_kafka *mock, int api_key, rd_kafka_resp_err_t code, size_t count);
void mock_kafka_down(struct mock_kafka *mock, bool down); /* broker 1 */

/* All records of a partition from its beginning to its end, read as they come; the caller ends
 * with mock_kafka_forget. Works on any cluster. At most 30 s, then it asserts. */
struct mock_records {
    rd_kafka_message_t **messages;
    size_t count;
    rd_kafka_t *reader;
};
void mock_kafka_read(const char *brokers, const char *topic, int32_t partition,
                     struct mock_records *ret_records);
void mock_kafka_forget(struct mock_records *records);
/* The value of the i-th header as text: "name=value", "name=(null)", or "" behind the last. */
const char *mock_kafka_header(const rd_kafka_message_t *message, size_t index, char *text,
                              size_t size);

#endif
