#include "support/mock_kafka.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char text[256];
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, text, sizeof(text));
    assert(result == RD_KAFKA_CONF_OK);
    (void)result;
}

static void log_nothing(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client, (void)level, (void)facility, (void)text;
}

static rd_kafka_t *make(rd_kafka_type_t type, rd_kafka_conf_t *conf)
{
    char text[256];
    rd_kafka_conf_set_log_cb(conf, log_nothing);
    rd_kafka_t *made = rd_kafka_new(type, conf, text, sizeof(text));
    assert(made);
    return made;
}

void mock_kafka_start(struct mock_kafka *mock, int brokers)
{
    mock->owner = make(RD_KAFKA_PRODUCER, rd_kafka_conf_new());
    mock->cluster = rd_kafka_mock_cluster_new(mock->owner, brokers);
    assert(mock->cluster);
    mock->brokers = rd_kafka_mock_cluster_bootstraps(mock->cluster);
}

void mock_kafka_stop(struct mock_kafka *mock)
{
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(mock->owner);
    *mock = (struct mock_kafka){0};
}

void mock_kafka_topic(struct mock_kafka *mock, const char *topic, int partitions)
{
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(mock->cluster, topic, partitions, 1);
    assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
    (void)code;
}

void mock_kafka_fail(struct mock_kafka *mock, int api_key, rd_kafka_resp_err_t code, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rd_kafka_mock_push_request_errors(mock->cluster, (int16_t)api_key, 1, code);
}

void mock_kafka_down(struct mock_kafka *mock, bool down)
{
    (void)(down ? rd_kafka_mock_broker_set_down : rd_kafka_mock_broker_set_up)(mock->cluster, 1);
}

static void keep(struct mock_records *records, rd_kafka_message_t *message)
{
    rd_kafka_message_t **messages =
        realloc(records->messages, (records->count + 1) * sizeof(*messages));
    assert(messages);
    messages[records->count++] = message;
    records->messages = messages;
}

void mock_kafka_read(const char *brokers, const char *topic, int32_t partition,
                     struct mock_records *ret_records)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "group.id", "unused");
    set(conf, "enable.auto.commit", "false");
    set(conf, "enable.partition.eof", "true");
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "fetch.message.max.bytes", "20000000");
    *ret_records = (struct mock_records){.reader = make(RD_KAFKA_CONSUMER, conf)};
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = 0;
    rd_kafka_resp_err_t code = rd_kafka_assign(ret_records->reader, list);
    assert(code == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);
    for (bool more = true; more;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(ret_records->reader, 30000);
        assert(message);
        code = message->err;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            keep(ret_records, message);
        else
            rd_kafka_message_destroy(message);
        more = code != RD_KAFKA_RESP_ERR__PARTITION_EOF;
    }
}

void mock_kafka_forget(struct mock_records *records)
{
    for (size_t i = 0; i < records->count; i++)
        rd_kafka_message_destroy(records->messages[i]);
    free(records->messages);
    rd_kafka_consumer_close(records->reader);
    rd_kafka_destroy(records->reader);
    *records = (struct mock_records){0};
}

const char *mock_kafka_header(const rd_kafka_message_t *message, size_t index, char *text,
                              size_t size)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t len;
    text[0] = '\0';
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        rd_kafka_header_get_all(headers, index, &name, &value, &len) ==
            RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (value)
            (void)snprintf(text, size, "%s=%.*s", name, (int)len, (const char *)value);
        else
            (void)snprintf(text, size, "%s=(null)", name);
    }
    return text;
}
