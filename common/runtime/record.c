#include "runtime/record.h"

#include <stdlib.h>

#include "core/array.h"

bool rs_record_read(struct rs_headers *scratch, const char *topic, rd_kafka_message_t *message,
                    struct rs_record *ret_record)
{
    size_t count = 0;
    if (scratch->parsed)
        rd_kafka_headers_destroy(scratch->parsed);
    scratch->parsed = NULL;
    /* Detached they are freed with the next record, not with the last of the batch, which is much
     * cheaper; a message whose headers are asked for again parses them again. */
    if (!rd_kafka_message_detach_headers(message, &scratch->parsed))
        count = rd_kafka_header_cnt(scratch->parsed);
    if (!rs_array_reserve(&scratch->list, &scratch->size, count, sizeof(*scratch->list)))
        return false;
    for (size_t i = 0; i < count; i++) {
        const void *value = NULL;
        size_t len = 0;
        (void)rd_kafka_header_get_all(scratch->parsed, i, &scratch->list[i].name, &value, &len);
        scratch->list[i].value = (struct rs_bytes){value, len};
    }
    *ret_record = (struct rs_record){.topic = topic,
                                     .partition = message->partition,
                                     .offset = message->offset,
                                     .timestamp_ms = rd_kafka_message_timestamp(message, NULL),
                                     .key = {message->key, message->key_len},
                                     .headers = scratch->list,
                                     .header_count = count};
    if (!message->err)
        ret_record->value = (struct rs_bytes){message->payload, message->len};
    return true;
}

void rs_headers_finish(struct rs_headers *scratch)
{
    if (!scratch)
        return;
    if (scratch->parsed)
        rd_kafka_headers_destroy(scratch->parsed);
    free(scratch->list);
    *scratch = (struct rs_headers){0};
}
