#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { METADATA_MS = 20000, POLL_MS = 20000, MAX_PARTITIONS = 1024 };

void die(const char *format, ...)
{
    va_list args;
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

void *must_alloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        die("out of memory: %zu bytes", size);
    return memory;
}

double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void pause_ms(int ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static void take_argument(const struct argument *argument, const char *value)
{
    char *end;
    if (argument->text) {
        *argument->text = value;
        return;
    }
    errno = 0;
    *argument->number = strtoll(value, &end, 10);
    if (errno || end == value || *end)
        die("--%s %s: not a whole number", argument->name, value);
}

void read_arguments(int argc, char **argv, const struct argument *arguments)
{
    bool seen[32] = {false};
    for (int i = 1; i < argc; i += 2) {
        size_t found = 0;
        while (arguments[found].name &&
               (strncmp(argv[i], "--", 2) != 0 || strcmp(argv[i] + 2, arguments[found].name) != 0))
            found++;
        if (!arguments[found].name || i + 1 == argc)
            die("%s: unknown argument, or its value is missing", argv[i]);
        take_argument(&arguments[found], argv[i + 1]);
        seen[found] = true;
    }
    for (size_t i = 0; arguments[i].name; i++)
        if (arguments[i].required && !seen[i])
            die("--%s is required", arguments[i].name);
}

rd_kafka_conf_t *kafka_settings(const char *brokers, const char *const *settings)
{
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why)))
        die("--brokers %s: %s", brokers, why);
    for (; *settings; settings += 2)
        if (rd_kafka_conf_set(conf, settings[0], settings[1], why, sizeof(why)))
            die("%s=%s: %s", settings[0], settings[1], why);
    return conf;
}

static int count_partitions(rd_kafka_t *handle, const char *topic)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *named = rd_kafka_topic_new(handle, topic, NULL);
    rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, named, &metadata, METADATA_MS);
    if (error)
        die("metadata of %s: %s", topic, rd_kafka_err2str(error));
    int count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(named);
    if (count < 1 || count > MAX_PARTITIONS)
        die("topic %s has %d partitions, 1 to %d are expected", topic, count, MAX_PARTITIONS);
    return count;
}

static rd_kafka_t *open_consumer(const char *brokers, const char *topic, int *ret_partitions)
{
    static const char *const settings[] = {"group.id",
                                           "bench",
                                           "enable.auto.commit",
                                           "false",
                                           "enable.auto.offset.store",
                                           "false",
                                           "enable.partition.eof",
                                           "true",
                                           "auto.offset.reset",
                                           "error",
                                           NULL};
    char why[512];
    rd_kafka_conf_t *conf = kafka_settings(brokers, settings);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    if (!handle)
        die("consumer: %s", why);
    rd_kafka_poll_set_consumer(handle);
    *ret_partitions = count_partitions(handle, topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(*ret_partitions);
    for (int32_t i = 0; i < *ret_partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_resp_err_t error = rd_kafka_assign(handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error)
        die("assign %s: %s", topic, rd_kafka_err2str(error));
    return handle;
}

uint64_t consume_topic(const char *brokers, const char *topic,
                       void (*each)(void *context, rd_kafka_message_t *message), void *context,
                       double *ret_seconds)
{
    int partitions, ended = 0;
    uint64_t count = 0;
    double begin = 0, last = 0; /* the end is reported later: not before the next fetch returns */
    rd_kafka_t *handle = open_consumer(brokers, topic, &partitions);
    while (ended < partitions) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(handle, POLL_MS);
        if (!message)
            die("nothing from %s for %d ms", topic, POLL_MS);
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            ended++;
        } else if (message->err) {
            die("%s: %s", topic, rd_kafka_message_errstr(message));
        } else {
            if (count++ == 0)
                begin = now_seconds();
            each(context, message);
            last = now_seconds();
        }
        rd_kafka_message_destroy(message);
    }
    *ret_seconds = last - begin;
    rd_kafka_consumer_close(handle);
    rd_kafka_destroy(handle);
    return count;
}

void print_result(uint64_t events, double seconds, const char *more)
{
    printf("{\"events\":%" PRIu64 ",\"seconds\":%.6f%s%s}\n", events, seconds, *more ? "," : "",
           more);
}
