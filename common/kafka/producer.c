#include "kafka/producer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kafka/producer_client.h"

enum { POLL_MS = 50, REFRESH_MS = 1000 };

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void wake(struct rs_producer *producer)
{
    pthread_mutex_lock(&producer->lock);
    pthread_cond_broadcast(&producer->served);
    pthread_mutex_unlock(&producer->lock);
}

void rs_producer_poll(struct rs_producer *producer, int timeout_ms)
{
    struct rs_producer_client *client = rs_producer_acquire_made(producer);
    if (client) {
        (void)rd_kafka_poll(client->handle, timeout_ms);
        rs_producer_release(producer, client);
    }
    wake(producer);
}

static struct timespec after(int64_t ms)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* One of the waiting threads polls for all; the others sleep until it has served something. */
static void wait_once(struct rs_producer *producer, const struct rs_delivery *delivery, int64_t ms)
{
    pthread_mutex_lock(&producer->lock);
    bool mine = !producer->polling;
    if (mine) {
        producer->polling = true;
    } else if (!atomic_load(&delivery->done)) {
        struct timespec at = after(ms);
        (void)pthread_cond_timedwait(&producer->served, &producer->lock, &at);
    }
    pthread_mutex_unlock(&producer->lock);
    if (!mine)
        return;
    rs_producer_poll(producer, (int)ms);
    pthread_mutex_lock(&producer->lock);
    producer->polling = false;
    pthread_cond_broadcast(&producer->served);
    pthread_mutex_unlock(&producer->lock);
}

bool rs_producer_wait(struct rs_producer *producer, struct rs_delivery *const *deliveries,
                      size_t count, int64_t timeout_ms)
{
    int64_t end = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
    for (size_t i = 0; i < count;) {
        if (atomic_load(&deliveries[i]->done)) {
            i++;
            continue;
        }
        int64_t left = end - now_ms();
        if (left <= 0)
            return false;
        wait_once(producer, deliveries[i], left < POLL_MS ? left : POLL_MS);
    }
    return true;
}

size_t rs_producer_flush(struct rs_producer *producer, int timeout_ms)
{
    int64_t end = now_ms() + timeout_ms, left = timeout_ms;
    do {
        struct rs_producer_client *client = rs_producer_acquire_made(producer);
        if (!client)
            break;
        (void)rd_kafka_flush(client->handle, (int)(left < 500 ? left : 500));
        rs_producer_release(producer, client);
        wake(producer);
        left = end - now_ms();
    } while (atomic_load(&producer->outstanding) > 0 && left > 0);
    return atomic_load(&producer->outstanding);
}

void rs_producer_reason(struct rs_producer *producer, struct rs_error *ret_reason)
{
    pthread_mutex_lock(&producer->lock);
    *ret_reason = producer->reason;
    pthread_mutex_unlock(&producer->lock);
}

/* --- sending --- */

enum rs_known rs_producer_topic(struct rs_producer *producer, const char *topic, int timeout_ms,
                                int32_t *ret_partitions, struct rs_error *reason)
{
    struct rs_producer_client *client = rs_producer_acquire(producer);
    if (!client) {
        if (reason)
            rs_producer_reason(producer, reason);
        return RS_UNREACHABLE;
    }
    enum rs_known known = rs_topic_find(client->handle, topic, timeout_ms, ret_partitions, reason);
    rs_producer_release(producer, client);
    return known;
}

/* A topic that was missing stays missing for librdkafka until its metadata are asked for again. */
static bool look_again(struct rs_producer *producer, const char *topic)
{
    int64_t now = now_ms();
    pthread_mutex_lock(&producer->lock);
    bool due = now - producer->refreshed_ms >= REFRESH_MS;
    if (due)
        producer->refreshed_ms = now;
    pthread_mutex_unlock(&producer->lock);
    return due && rs_producer_topic(producer, topic, REFRESH_MS, NULL, NULL) == RS_KNOWN;
}

static bool add_headers(rd_kafka_headers_t *headers, const struct rs_message *message)
{
    for (size_t i = 0; i < message->header_count; i++) {
        const struct rs_header *header = &message->headers[i];
        /* a size of 0 with a pointer is an empty header, without one a null header */
        if (rd_kafka_header_add(headers, header->name, -1, header->value.data,
                                (ssize_t)header->value.len) != RD_KAFKA_RESP_ERR_NO_ERROR)
            return false;
    }
    return true;
}

static rd_kafka_resp_err_t produce(rd_kafka_t *handle, const struct rs_message *message,
                                   void *opaque)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->header_count);
    if (!headers || !add_headers(headers, message)) {
        if (headers)
            rd_kafka_headers_destroy(headers);
        return RD_KAFKA_RESP_ERR__INVALID_ARG;
    }
    int32_t partition = message->partition ? *message->partition : RD_KAFKA_PARTITION_UA;
    rd_kafka_resp_err_t code = rd_kafka_producev(
        handle, RD_KAFKA_V_TOPIC(message->topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_KEY(message->key.data, message->key.len),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)message->value.data, message->value.len),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(opaque),
        RD_KAFKA_V_TIMESTAMP(message->timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (code) /* they stay ours: librdkafka frees headers given one by one itself, and twice */
        rd_kafka_headers_destroy(headers);
    return code;
}

/* One try on the present handle. */
static rd_kafka_resp_err_t try_once(struct rs_producer *producer, const struct rs_message *message,
                                    void *opaque)
{
    struct rs_producer_client *client = rs_producer_acquire(producer);
    if (!client)
        return RD_KAFKA_RESP_ERR__FAIL;
    atomic_fetch_add(&producer->outstanding, 1);
    rd_kafka_resp_err_t code = produce(client->handle, message, opaque);
    if (code)
        atomic_fetch_sub(&producer->outstanding, 1);
    rs_producer_release(producer, client);
    return code;
}

static enum rs_status status_of(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return RS_OK;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return RS_RETRY;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
        return RS_REJECT;
    default:
        return RS_FATAL;
    }
}

static rd_kafka_resp_err_t try_all(struct rs_producer *producer, const struct rs_message *message,
                                   void *opaque)
{
    int64_t end = now_ms() + producer->wait_ms;
    rd_kafka_resp_err_t code = try_once(producer, message, opaque);
    if ((code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) &&
        look_again(producer, message->topic))
        code = try_once(producer, message, opaque);
    if (code ==
        RD_KAFKA_RESP_ERR__FATAL) /* it died since it was acquired: once more, on a new one */
        code = try_once(producer, message, opaque);
    for (int64_t left; code == RD_KAFKA_RESP_ERR__QUEUE_FULL && (left = end - now_ms()) > 0;) {
        rs_producer_poll(producer, (int)(left < POLL_MS ? left : POLL_MS));
        code = try_once(producer, message, opaque);
    }
    return code;
}

enum rs_status rs_producer_produce(struct rs_producer *producer, const struct rs_message *message,
                                   struct rs_delivery *delivery)
{
    assert(!delivery || !producer->delivered);
    rd_kafka_resp_err_t code = try_all(producer, message, delivery ? delivery : message->tag);
    if (code && code != RD_KAFKA_RESP_ERR__FAIL) /* that one is noted with its reason */
        rs_producer_note(producer, (int)code, rd_kafka_err2str(code));
    if (code && delivery) {
        struct rs_error reason;
        rs_producer_reason(producer, &reason);
        delivery->partition = -1;
        delivery->offset = -1;
        rs_delivery_finish(delivery, rd_kafka_err2name(code), reason.text);
    }
    return status_of(code);
}

enum rs_status rs_producer_send(struct rs_producer *producer, const char *topic, const char *key,
                                const char *type, int64_t version, const void *value, size_t len)
{
    char decimal[24];
    size_t key_len = key ? strlen(key) : 0;
    if (version < 1 || key_len < 1 || key_len > RS_MAX_ID_BYTES) {
        rs_producer_note(producer, RD_KAFKA_RESP_ERR__INVALID_ARG,
                         "a review needs a key of 1 to 256 bytes and a version of at least 1");
        return RS_REJECT;
    }
    (void)snprintf(decimal, sizeof(decimal), "%" PRId64, version);
    const struct rs_header headers[] = {{"type", rs_text(type ? type : "review")},
                                        {"version", rs_text(decimal)}};
    const struct rs_message message = {
        .topic = topic,
        .key = {key, key_len},
        .value = {value, value ? len : 0},
        .headers = headers,
        .header_count = 2,
    };
    rs_producer_poll(producer, 0);
    return rs_producer_produce(producer, &message, NULL);
}
