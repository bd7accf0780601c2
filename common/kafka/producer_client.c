#include "kafka/producer_client.h"

#include <stdio.h>
#include <stdlib.h>

void rs_producer_note(struct rs_producer *producer, int code, const char *text)
{
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL)
        atomic_store(&producer->trouble, code);
    else if (code == 0)
        atomic_store(&producer->trouble, 0);
    if (code == 0)
        return;
    pthread_mutex_lock(&producer->lock);
    rs_error_set(&producer->reason, "%s: %s", rd_kafka_err2name(code), text);
    pthread_mutex_unlock(&producer->lock);
}

/* A message that timed out behind a refused connection: the refusal is what a person must know. */
static const char *answer_of(struct rs_producer *producer, rd_kafka_resp_err_t code)
{
    int trouble = atomic_load(&producer->trouble);
    if (code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT && trouble)
        code = (rd_kafka_resp_err_t)trouble;
    return rd_kafka_err2name(code);
}

void rs_delivery_finish(struct rs_delivery *delivery, const char *answer, const char *reason)
{
    delivery->answer = answer;
    (void)snprintf(delivery->reason, sizeof(delivery->reason), "%s", reason);
    atomic_store(&delivery->done, true);
}

static void report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct rs_producer *producer = opaque;
    struct rs_delivery *delivery = producer->delivered ? NULL : message->_private;
    char text[256] = "";
    (void)handle;
    rs_producer_note(producer, message->err, rd_kafka_err2str(message->err));
    const char *answer = answer_of(producer, message->err);
    if (message->err)
        (void)snprintf(text, sizeof(text), "%s: %s", answer, rd_kafka_err2str(message->err));
    if (producer->delivered) {
        const struct rs_delivered delivered = {
            .topic = rd_kafka_topic_name(message->rkt),
            .key = {message->key, message->key_len},
            .partition = message->partition,
            .offset = message->err ? -1 : message->offset,
            .error = message->err ? text : NULL,
            .tag = message->_private,
        };
        producer->delivered(producer->context, &delivered);
    } else if (delivery) {
        delivery->partition = message->partition;
        delivery->offset = message->err ? -1 : message->offset;
        rs_delivery_finish(delivery, answer, text);
    }
    atomic_fetch_sub(&producer->outstanding, 1);
}

static void note_error(rd_kafka_t *handle, int code, const char *text, void *opaque)
{
    struct rs_producer *producer = opaque;
    (void)handle;
    rs_producer_note(producer, code, text);
}

void rs_producer_client_callbacks(struct rs_producer *producer, rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, report);
    rd_kafka_conf_set_error_cb(conf, note_error);
}

/* Reports all that the client still holds as purged. librdkafka does so in its own threads, so
 * the loop ends soon; a destroyed handle would never report them. */
static void empty(rd_kafka_t *handle)
{
    (void)rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (rd_kafka_outq_len(handle) > 0)
        (void)rd_kafka_flush(handle, 100);
}

static void destroy(struct rs_producer_client *client)
{
    empty(client->handle);
    rd_kafka_destroy(client->handle);
    free(client);
}

static bool is_dead(const struct rs_producer_client *client)
{
    return client && rd_kafka_fatal_error(client->handle, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* Called with the lock. */
static struct rs_producer_client *make(struct rs_producer *producer)
{
    char text[256] = "out of memory";
    struct rs_producer_client *client = calloc(1, sizeof(*client));
    rd_kafka_conf_t *conf = client ? rd_kafka_conf_dup(producer->conf) : NULL;
    if (conf)
        client->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (client && client->handle) {
        client->users = 1; /* the producer itself */
        return client;
    }
    rs_error_set(&producer->reason, "cannot make a Kafka producer: %s", text);
    if (conf)
        rd_kafka_conf_destroy(conf);
    free(client);
    return NULL;
}

static struct rs_producer_client *acquire(struct rs_producer *producer, bool may_make)
{
    struct rs_producer_client *dead = NULL;
    pthread_mutex_lock(&producer->lock);
    if (is_dead(producer->current)) {
        dead = producer->current;
        producer->current = NULL;
        char text[256];
        (void)rd_kafka_fatal_error(dead->handle, text, sizeof(text));
        rs_error_set(&producer->reason, "_FATAL: %s", text);
    }
    if (!producer->current && may_make)
        producer->current = make(producer);
    struct rs_producer_client *client = producer->current;
    if (client)
        client->users++;
    pthread_mutex_unlock(&producer->lock);
    if (dead) {
        empty(dead->handle); /* reports to callers that wait, whoever they are */
        rs_producer_release(producer, dead);
    }
    return client;
}

struct rs_producer_client *rs_producer_acquire(struct rs_producer *producer)
{
    return acquire(producer, true);
}

struct rs_producer_client *rs_producer_acquire_made(struct rs_producer *producer)
{
    return acquire(producer, false);
}

void rs_producer_release(struct rs_producer *producer, struct rs_producer_client *client)
{
    pthread_mutex_lock(&producer->lock);
    bool last = --client->users == 0;
    pthread_mutex_unlock(&producer->lock);
    if (last)
        destroy(client);
}
