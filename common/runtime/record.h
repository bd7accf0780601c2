/* record.h - a message of librdkafka as the decoder and the dead letter see it. */
#ifndef RS_RUNTIME_RECORD_H
#define RS_RUNTIME_RECORD_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "core/decode.h"

/* Scratch for headers, reused from record to record; a zeroed one is empty. */
struct rs_headers {
    rd_kafka_headers_t *parsed; /* of the last record */
    struct rs_header *list;
    size_t size;
};

/* `ret_record` borrows from message, topic and scratch, until the next call. A message with an
 * error has no value. False: out of memory. */
bool rs_record_read(struct rs_headers *scratch, const char *topic, rd_kafka_message_t *message,
                    struct rs_record *ret_record);
void rs_headers_finish(struct rs_headers *scratch); /* accepts NULL and a zeroed one */

#endif
