#include "kafka/producer.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/alloc.h"
#include "support/mock_kafka.h"

enum { FLUSH_MS = 20000 };

/* What the callback saw. */
struct seen {
    size_t ok, failed;
    struct rs_delivered last;
    char key[64], error[256];
};

static void remember(void *context, const struct rs_delivered *delivered)
{
    struct seen *seen = context;
    if (delivered->error)
        seen->failed++;
    else
        seen->ok++;
    seen->last = *delivered;
    (void)snprintf(seen->key, sizeof(seen->key), "%.*s", (int)delivered->key.len,
                   delivered->key.data ? delivered->key.data : "");
    (void)snprintf(seen->error, sizeof(seen->error), "%s",
                   delivered->error ? delivered->error : "");
}

static struct rs_producer *open_on(const struct mock_kafka *mock, enum rs_profile profile,
                                   struct seen *seen, const char *const *settings)
{
    struct rs_error error = {{0}};
    const struct rs_producer_options options = {
        .brokers = mock->brokers,
        .settings = settings,
        .profile = profile,
        .delivered = seen ? remember : NULL,
        .context = seen,
    };
    struct rs_producer *producer = rs_producer_create(&options, &error);
    cr_assert(producer, "%s", error.text);
    return producer;
}

Test(producer, sends_the_state_of_a_review_with_its_type_and_version)
{
    struct mock_kafka mock;
    struct seen seen = {0};
    struct mock_records records;
    char text[128];
    mock_kafka_start(&mock, 1);
    mock_kafka_topic(&mock, "reviews", 1);
    struct rs_producer *producer = open_on(&mock, RS_ORDERED, &seen, NULL);
    cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", NULL, 7, "{}", 2), RS_OK);
    cr_expect_eq(rs_producer_send(producer, "reviews", "r-2", "question", INT64_MAX, "", 0), RS_OK);
    cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", "review", 8, NULL, 0), RS_OK);
    cr_expect_eq(rs_producer_flush(producer, FLUSH_MS), 0);
    cr_expect_eq(seen.ok, 3);
    cr_expect_str_eq(seen.key, "r-1");
    cr_expect_eq(seen.last.partition, 0);
    cr_expect_eq(seen.last.offset, 2);
    rs_producer_destroy(producer);
    mock_kafka_read(mock.brokers, "reviews", 0, &records);
    cr_assert_eq(records.count, 3);
    cr_expect_eq(records.messages[0]->len, 2);
    cr_expect_str_eq(mock_kafka_header(records.messages[0], 0, text, sizeof(text)), "type=review");
    cr_expect_str_eq(mock_kafka_header(records.messages[0], 1, text, sizeof(text)), "version=7");
    cr_expect_str_eq(mock_kafka_header(records.messages[0], 2, text, sizeof(text)), "");
    cr_expect_str_eq(mock_kafka_header(records.messages[1], 0, text, sizeof(text)),
                     "type=question");
    cr_expect_str_eq(mock_kafka_header(records.messages[1], 1, text, sizeof(text)),
                     "version=9223372036854775807");
    cr_expect(records.messages[1]->payload, "an empty value is no null value");
    cr_expect_null(records.messages[2]->payload, "an erasure has a null value");
    mock_kafka_forget(&records);
    mock_kafka_stop(&mock);
}

static const struct {
    const char *name, *key;
    int64_t version;
    size_t len;
} refused[] = {
    {"a version of 0", "r-1", 0, 2},
    {"a negative version", "r-1", -1, 2},
    {"an empty key", "", 1, 2},
    {"no key", NULL, 1, 2},
    {"a key over 256 bytes",
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     1, 2},
    {"a value over message.max.bytes", "r-1", 1, 2000},
};

Test(producer, refuses_what_no_topic_may_hold_and_says_why)
{
    static const char value[2000];
    struct mock_kafka mock;
    struct seen seen = {0};
    mock_kafka_start(&mock, 1);
    mock_kafka_topic(&mock, "reviews", 1);
    struct rs_producer *producer =
        open_on(&mock, RS_ORDERED, &seen,
                (const char *const[]){"message.max.bytes", "1500", "batch.size", "1000", NULL});
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct rs_error reason = {{0}};
        cr_expect_eq(rs_producer_send(producer, "reviews", refused[i].key, NULL, refused[i].version,
                                      value, refused[i].len),
                     RS_REJECT, "%s", refused[i].name);
        rs_producer_reason(producer, &reason);
        cr_expect(reason.text[0], "%s", refused[i].name);
    }
    cr_expect_eq(rs_producer_flush(producer, FLUSH_MS), 0);
    cr_expect_eq(seen.ok + seen.failed, 0, "no callback for what was refused");
    rs_producer_destroy(producer);
    mock_kafka_stop(&mock);
}

Test(producer, names_settings_that_it_cannot_take)
{
    static const struct {
        const char *name, *value, *want;
    } rows[] = {
        {"no.such.name", "1", "kafka.no.such.name: neither ours nor known to librdkafka"},
        {"acks", "1", "kafka.acks: the producer sets it itself"},
        {"linger.ms", "soon", "kafka.linger.ms: librdkafka refuses the value: "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_error error = {{0}};
        const struct rs_producer_options options = {
            .brokers = "127.0.0.1:1",
            .settings = (const char *const[]){rows[i].name, rows[i].value, NULL},
        };
        struct rs_producer *producer = rs_producer_create(&options, &error);
        cr_expect_null(producer, "%s", rows[i].name);
        cr_expect_eq(strncmp(error.text, rows[i].want, strlen(rows[i].want)), 0, "%s", error.text);
        rs_producer_destroy(producer);
    }
}

/* Errors that the brokers' answers carry in the middle of a run. */
static const rd_kafka_resp_err_t hiccups[] = {
    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT};

Test(producer, keeps_the_order_of_a_key_whatever_is_retried, .timeout = 100)
{
    static const enum rs_profile profiles[] = {RS_ORDERED, RS_THROUGHPUT};
    enum { EVENTS = 2000, KEYS = 10 };
    for (size_t p = 0; p < 2; p++) {
        struct mock_kafka mock;
        struct seen seen = {0};
        struct mock_records records;
        int64_t last[KEYS] = {0};
        size_t total = 0;
        mock_kafka_start(&mock, 1);
        mock_kafka_topic(&mock, "reviews", 2);
        struct rs_producer *producer = open_on(
            &mock, profiles[p], &seen,
            (const char *const[]){"batch.num.messages", "20", "retry.backoff.ms", "10", NULL});
        for (int64_t i = 1; i <= EVENTS; i++) {
            char key[16];
            if (i % 200 == 0)
                mock_kafka_fail(&mock, MOCK_PRODUCE, hiccups[i / 200 % 4], 1 + (size_t)i % 3);
            (void)snprintf(key, sizeof(key), "r-%d", (int)(i % KEYS));
            cr_assert_eq(rs_producer_send(producer, "reviews", key, NULL, i, "{}", 2), RS_OK);
        }
        cr_expect_eq(rs_producer_flush(producer, FLUSH_MS), 0);
        cr_expect_eq(seen.ok, EVENTS, "%zu, %s", seen.ok, seen.error);
        rs_producer_destroy(producer);
        for (int32_t partition = 0; partition < 2; partition++) {
            mock_kafka_read(mock.brokers, "reviews", partition, &records);
            for (size_t i = 0; i < records.count; i++) {
                char text[64];
                int key = ((const char *)records.messages[i]->key)[2] - '0';
                int64_t version = strtoll(
                    mock_kafka_header(records.messages[i], 1, text, sizeof(text)) + 8, NULL, 10);
                cr_expect_geq(version, last[key]); /* the mock does not remove duplicates */
                total += version != last[key];
                last[key] = version;
            }
            mock_kafka_forget(&records);
        }
        cr_expect_eq(total, EVENTS, "every version is there, in order");
        mock_kafka_stop(&mock);
    }
}

Test(producer, says_how_many_are_not_delivered_and_delivers_them_when_the_broker_is_back)
{
    struct mock_kafka mock;
    struct seen seen = {0};
    mock_kafka_start(&mock, 1);
    mock_kafka_topic(&mock, "reviews", 1);
    struct rs_producer *producer =
        open_on(&mock, RS_ORDERED, &seen,
                (const char *const[]){"reconnect.backoff.ms", "10", "reconnect.backoff.max.ms",
                                      "100", NULL});
    cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", NULL, 1, "{}", 2), RS_OK);
    cr_expect_eq(rs_producer_flush(producer, FLUSH_MS), 0);
    mock_kafka_down(&mock, true);
    for (int64_t i = 2; i <= 4; i++)
        cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", NULL, i, "{}", 2), RS_OK);
    cr_expect_eq(rs_producer_flush(producer, 300), 3);
    cr_expect_eq(seen.ok, 1);
    mock_kafka_down(&mock, false);
    cr_expect_eq(rs_producer_flush(producer, FLUSH_MS), 0);
    cr_expect_eq(seen.ok, 4);
    cr_expect_eq(seen.failed, 0);
    rs_producer_destroy(producer);
    mock_kafka_stop(&mock);
}

Test(producer, reports_what_it_had_to_leave_behind)
{
    struct seen seen = {0};
    const struct mock_kafka nobody = {.brokers = "127.0.0.1:1"};
    struct rs_producer *producer = open_on(&nobody, RS_ORDERED, &seen, NULL);
    cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", NULL, 1, "{}", 2), RS_OK);
    cr_expect_eq(rs_producer_flush(producer, 50), 1);
    rs_producer_destroy(producer);
    cr_expect_eq(seen.failed, 1);
    cr_expect_eq(strncmp(seen.error, "_PURGE_QUEUE: ", 14), 0, "%s", seen.error);
}

Test(producer, pushes_back_when_its_queue_is_full)
{
    struct seen seen = {0};
    const struct mock_kafka nobody = {.brokers = "127.0.0.1:1"};
    struct rs_producer *producer =
        open_on(&nobody, RS_THROUGHPUT, &seen,
                (const char *const[]){"queue.buffering.max.messages", "5", NULL});
    for (int64_t i = 1; i <= 5; i++)
        cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", NULL, i, "{}", 2), RS_OK);
    cr_expect_eq(rs_producer_send(producer, "reviews", "r-1", NULL, 6, "{}", 2), RS_RETRY);
    rs_producer_destroy(producer);
    cr_expect_eq(seen.failed, 5, "the one that was not taken has no report");
}

Test(producer, makes_a_new_handle_after_a_fatal_error)
{
    struct mock_kafka mock;
    struct rs_delivery first = {0}, second = {0};
    const struct rs_message message = {.topic = "reviews", .key = {"k", 1}, .value = {"v", 1}};
    mock_kafka_start(&mock, 1);
    mock_kafka_topic(&mock, "reviews", 1);
    struct rs_producer *producer = open_on(&mock, RS_ORDERED, NULL, NULL);
    /* at the head of the line this error means that records were lost: fatal, librdkafka says */
    mock_kafka_fail(&mock, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1);
    cr_expect_eq(rs_producer_produce(producer, &message, &first), RS_OK);
    cr_expect(rs_producer_wait(producer, &(struct rs_delivery *){&first}, 1, FLUSH_MS));
    cr_expect_str_neq(first.answer, "NO_ERROR");
    cr_expect(first.reason[0]);
    cr_expect_eq(rs_producer_produce(producer, &message, &second), RS_OK);
    cr_expect(rs_producer_wait(producer, &(struct rs_delivery *){&second}, 1, FLUSH_MS));
    cr_expect_str_eq(second.answer, "NO_ERROR", "%s", second.reason);
    cr_expect_eq(second.offset, 0);
    rs_producer_destroy(producer);
    mock_kafka_stop(&mock);
}

Test(producer, finds_a_topic_that_was_made_later)
{
    struct mock_kafka mock;
    struct rs_error reason;
    struct rs_delivery delivery = {0};
    int32_t partitions = 0;
    const struct rs_message message = {.topic = "late", .key = {"k", 1}, .value = {"v", 1}};
    mock_kafka_start(&mock, 1);
    rd_kafka_mock_topic_set_error(mock.cluster, "late", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    struct rs_producer *producer =
        open_on(&mock, RS_ORDERED, NULL,
                (const char *const[]){"topic.metadata.propagation.max.ms", "10", NULL});
    cr_expect_eq(rs_producer_topic(producer, "late", 5000, NULL, &reason), RS_UNKNOWN);
    (void)rs_producer_produce(producer, &message, &delivery);
    cr_expect(rs_producer_wait(producer, &(struct rs_delivery *){&delivery}, 1, FLUSH_MS));
    cr_expect(strstr(delivery.answer, "UNKNOWN_TOPIC"), "%s", delivery.answer);
    rd_kafka_mock_topic_set_error(mock.cluster, "late", RD_KAFKA_RESP_ERR_NO_ERROR);
    cr_expect_eq(rs_producer_topic(producer, "late", 5000, &partitions, &reason), RS_KNOWN);
    cr_expect_gt(partitions, 0);
    struct rs_delivery again = {0};
    cr_expect_eq(rs_producer_produce(producer, &message, &again), RS_OK);
    cr_expect(rs_producer_wait(producer, &(struct rs_delivery *){&again}, 1, FLUSH_MS));
    cr_expect_str_eq(again.answer, "NO_ERROR");
    rs_producer_destroy(producer);
    mock_kafka_stop(&mock);
}

Test(producer, knows_an_unreachable_cluster_from_a_missing_topic)
{
    struct rs_error reason;
    const struct mock_kafka nobody = {.brokers = "127.0.0.1:1"};
    struct rs_producer *producer = open_on(&nobody, RS_ORDERED, NULL, NULL);
    cr_expect_eq(rs_producer_topic(producer, "reviews", 200, NULL, &reason), RS_UNREACHABLE);
    rs_producer_destroy(producer);
}

struct worker {
    struct rs_producer *producer;
    int number;
    size_t delivered;
};

static void *work(void *context)
{
    enum { ROUNDS = 20, BATCH = 10 };
    struct worker *worker = context;
    for (int round = 0; round < ROUNDS; round++) {
        struct rs_delivery deliveries[BATCH] = {0};
        struct rs_delivery *list[BATCH];
        char key[32];
        int len = snprintf(key, sizeof(key), "%d-%d", worker->number, round);
        const struct rs_message message = {
            .topic = "reviews", .key = {key, (size_t)len}, .value = {"v", 1}};
        for (size_t i = 0; i < BATCH; i++) {
            list[i] = &deliveries[i];
            (void)rs_producer_produce(worker->producer, &message, list[i]);
        }
        if (!rs_producer_wait(worker->producer, list, BATCH, -1))
            return NULL;
        for (size_t i = 0; i < BATCH; i++)
            worker->delivered += strcmp(deliveries[i].answer, "NO_ERROR") == 0;
    }
    return NULL;
}

Test(producer, gives_each_of_several_threads_its_own_reports)
{
    enum { THREADS = 4 };
    struct mock_kafka mock;
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    mock_kafka_start(&mock, 1);
    mock_kafka_topic(&mock, "reviews", 4);
    struct rs_producer *producer = open_on(&mock, RS_ORDERED, NULL, NULL);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){producer, i, 0};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(workers[i].delivered, 200);
    }
    rs_producer_destroy(producer);
    mock_kafka_stop(&mock);
}

Test(producer, ends_every_delivery_even_when_memory_runs_out)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_error error = {{0}};
        struct rs_delivery delivery = {0};
        const struct rs_producer_options options = {.brokers = "127.0.0.1:1", .timeout_ms = 100};
        const struct rs_message message = {.topic = "t", .key = {"k", 1}};
        struct rs_producer *producer = rs_producer_create(&options, &error);
        if (producer) {
            (void)rs_producer_produce(producer, &message, &delivery);
            cr_expect(rs_producer_wait(producer, &(struct rs_delivery *){&delivery}, 1, FLUSH_MS));
        } else {
            cr_expect_str_eq(error.text, "out of memory");
        }
        rs_producer_destroy(producer);
    }
}
