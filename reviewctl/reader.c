#include "reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kafka/config.h"
#include "kafka/groups.h"
#include "kafka/topics.h"

enum { SILENCE_MS = 30000 };

struct reader {
    rd_kafka_t *consumer;
    const char *topic;
    bool (*record)(void *context, const struct rs_record *record);
    void *context;
    struct rs_header headers[RECORD_HEADERS];
    int64_t only; /* one offset; -1: all */
    bool stopped;
};

struct rs_bytes record_header(const struct rs_record *record, const char *name)
{
    struct rs_bytes value = {NULL, 0};
    for (size_t i = 0; i < record->header_count; i++)
        if (strcmp(record->headers[i].name, name) == 0)
            value = record->headers[i].value;
    return value;
}

static size_t read_headers(const rd_kafka_message_t *message, struct rs_header *headers)
{
    rd_kafka_headers_t *list;
    const void *value;
    size_t count = 0;
    if (rd_kafka_message_headers(message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    while (count < RECORD_HEADERS &&
           rd_kafka_header_get_all(list, count, &headers[count].name, &value,
                                   &headers[count].value.len) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        headers[count].value.data = value;
        count++;
    }
    return count;
}

static void give(struct reader *reader, const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    const struct rs_record record = {
        .topic = reader->topic,
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = rd_kafka_message_timestamp(message, &type),
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .headers = reader->headers,
        .header_count = read_headers(message, reader->headers),
    };
    if (reader->only >= 0 && record.offset != reader->only)
        reader->stopped = true; /* it is gone: the next one came */
    else
        reader->stopped = !reader->record(reader->context, &record) || reader->only >= 0;
}

static rd_kafka_t *open_consumer(const struct rs_settings *settings)
{
    struct rs_error error = {{0}};
    rd_kafka_conf_t *conf = rs_kafka_conf(settings, &error);
    bool good = conf && rs_kafka_conf_set(conf, "group.id", "reviewctl", &error) &&
                rs_kafka_conf_set(conf, "enable.auto.commit", "false", &error) &&
                rs_kafka_conf_set(conf, "enable.partition.eof", "true", &error) &&
                rs_kafka_conf_set(conf, "auto.offset.reset", "earliest", &error) &&
                rs_kafka_conf_set(conf, "fetch.wait.max.ms", "20", &error) && /* ends come soon */
                rs_kafka_conf_set(conf, "queued.max.messages.kbytes", "32768", &error);
    rd_kafka_t *consumer =
        good ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.text, sizeof(error.text)) : NULL;
    if (consumer) {
        (void)rd_kafka_poll_set_consumer(consumer);
        return consumer;
    }
    if (conf)
        rd_kafka_conf_destroy(conf);
    complain(CTL_USAGE, "%s", error.text);
    return NULL;
}

/* The end of a partition may be reported again when more is written to it: it counts once. */
static void note_end(rd_kafka_topic_partition_list_t *list, const rd_kafka_message_t *message,
                     int *left)
{
    rd_kafka_topic_partition_t *partition = rd_kafka_topic_partition_list_find(
        list, rd_kafka_topic_name(message->rkt), message->partition);
    if (partition && !partition->opaque) {
        partition->opaque = partition;
        --*left;
    }
}

/* One message; false: stop, with `ret_code`. `left`: partitions that are not at their end. */
static bool step(struct reader *reader, rd_kafka_topic_partition_list_t *list, int *left,
                 int *ret_code)
{
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->consumer, SILENCE_MS);
    rd_kafka_resp_err_t code = message ? message->err : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        give(reader, message);
    } else if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        note_end(list, message, left);
    } else if (code != RD_KAFKA_RESP_ERR__TRANSPORT &&
               code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) { /* those are waited for */
        *ret_code = complain(code == RD_KAFKA_RESP_ERR__TIMED_OUT ? CTL_UNREACHABLE : CTL_FAILED,
                             "topic %s: %s", reader->topic,
                             message ? rd_kafka_message_errstr(message) : "nothing came for 30 s");
        reader->stopped = true;
    }
    if (message)
        rd_kafka_message_destroy(message);
    return *left > 0 && !reader->stopped;
}

/* A record behind the ends that the partitions have now may be read too: the law of a log that is
 * being written. What matters is that each end is reached once. */
static int read_list(struct reader *reader, rd_kafka_topic_partition_list_t *list)
{
    int code = CTL_OK, left = list->cnt;
    rd_kafka_resp_err_t assigned = rd_kafka_assign(reader->consumer, list);
    if (assigned)
        return complain(CTL_FAILED, "topic %s: %s", reader->topic, rd_kafka_err2str(assigned));
    while (step(reader, list, &left, &code))
        ;
    (void)rd_kafka_assign(reader->consumer, NULL);
    return code;
}

static int read_from(const struct rs_settings *settings, struct reader *reader, int32_t partition)
{
    struct rs_error reason = {{0}};
    int32_t count = 0;
    int code = CTL_OK;
    reader->consumer = open_consumer(settings);
    if (!reader->consumer)
        return CTL_USAGE;
    enum rs_known known = rs_topic_find(reader->consumer, reader->topic, REACH_MS, &count, &reason);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int32_t i = 0; i < count; i++)
        if (partition < 0 || partition == i)
            rd_kafka_topic_partition_list_add(list, reader->topic, i)->offset =
                reader->only < 0 ? RD_KAFKA_OFFSET_BEGINNING : reader->only;
    if (known != RS_KNOWN)
        code = known == RS_UNKNOWN ? complain(CTL_FAILED, "%s", reason.text)
                                   : no_kafka(settings, reason.text);
    else if (list->cnt > 0)
        code = read_list(reader, list);
    rd_kafka_topic_partition_list_destroy(list);
    (void)rd_kafka_consumer_close(reader->consumer);
    rd_kafka_destroy(reader->consumer);
    return code;
}

int read_topic(const struct rs_settings *settings, const char *topic,
               bool (*record)(void *context, const struct rs_record *record), void *context)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return complain(CTL_FAILED, "out of memory");
    *reader = (struct reader){.topic = topic, .record = record, .context = context, .only = -1};
    int code = read_from(settings, reader, -1);
    free(reader);
    return code;
}

struct found {
    bool (*record)(void *context, const struct rs_record *record);
    void *context;
    bool found;
};

static bool note_found(void *context, const struct rs_record *record)
{
    struct found *found = context;
    found->found = true;
    return found->record(found->context, record);
}

int read_record(const struct rs_settings *settings, const char *topic, int32_t partition,
                int64_t offset, bool (*record)(void *context, const struct rs_record *record),
                void *context)
{
    struct found found = {record, context, false};
    struct reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return complain(CTL_FAILED, "out of memory");
    *reader =
        (struct reader){.topic = topic, .record = note_found, .context = &found, .only = offset};
    int code = read_from(settings, reader, partition);
    free(reader);
    return code == CTL_OK && !found.found ? CTL_FAILED : code;
}
