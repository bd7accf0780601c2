/* ceiling - a plain C loop over a topic: the rates that processors are held against. */
#include "ceiling.h"

#include <stdio.h>
#include <string.h>

#include "core/decode.h"
#include "support.h"

enum { MAX_HEADERS = 8 };

const struct rs_event *decode_message(struct rs_decoder *decoder, const rd_kafka_message_t *message,
                                      struct rs_event *event)
{
    static const char *const types[] = {"review", NULL};
    struct rs_header headers[MAX_HEADERS];
    struct rs_error reason;
    rd_kafka_headers_t *list;
    size_t count = 0, size;
    const void *data;
    if (rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR)
        while (count < MAX_HEADERS &&
               rd_kafka_header_get_all(list, count, &headers[count].name, &data, &size) == 0) {
            headers[count].value = (struct rs_bytes){data, size};
            count++;
        }
    struct rs_record record = {.topic = "",
                               .partition = message->partition,
                               .offset = message->offset,
                               .timestamp_ms = -1,
                               .key = {message->key, message->key_len},
                               .value = {message->payload, message->len},
                               .headers = headers,
                               .header_count = count};
    return rs_decode(decoder, &record, types, event, &reason) == RS_EVENT ? event : NULL;
}

static void *nothing_open(const struct ceiling_options *options)
{
    (void)options;
    return NULL;
}

static void nothing_each(void *self, rd_kafka_message_t *message)
{
    (void)self, (void)message;
}

static void nothing_finish(void *self, char *more, size_t size)
{
    (void)self, (void)more, (void)size;
}

static void *decode_open(const struct ceiling_options *options)
{
    (void)options;
    struct rs_decoder *decoder = rs_decoder_create();
    if (!decoder)
        die("out of memory");
    return decoder;
}

static void decode_each(void *self, rd_kafka_message_t *message)
{
    struct rs_event event;
    if (!decode_message(self, message, &event))
        die("offset %lld is no review", (long long)message->offset);
}

static void decode_finish(void *self, char *more, size_t size)
{
    (void)more, (void)size;
    rs_decoder_destroy(self);
}

static const struct ceiling consume = {"consume", nothing_open, nothing_each, nothing_finish};
static const struct ceiling decode = {"decode", decode_open, decode_each, decode_finish};

static const struct ceiling *const modes[] = {
    &consume,      &decode, &ceiling_set, &ceiling_hset_cache, &ceiling_hset_ledger,
    &ceiling_bulk, NULL};

int main(int argc, char **argv)
{
    const char *brokers, *topic, *mode;
    struct ceiling_options options = {.batch = 0, .concurrency = 1};
    size_t chosen = 0;
    double seconds, begin;
    char more[512] = "";
    read_arguments(argc, argv,
                   (struct argument[]){{.name = "mode", .text = &mode, .required = true},
                                       {.name = "brokers", .text = &brokers, .required = true},
                                       {.name = "topic", .text = &topic, .required = true},
                                       {.name = "redis", .text = &options.redis},
                                       {.name = "elasticsearch", .text = &options.elasticsearch},
                                       {.name = "index", .text = &options.index},
                                       {.name = "batch", .number = &options.batch},
                                       {.name = "concurrency", .number = &options.concurrency},
                                       {.name = NULL}});
    while (modes[chosen] && strcmp(modes[chosen]->name, mode) != 0)
        chosen++;
    if (!modes[chosen])
        die("--mode %s: use consume, decode, set, hset-cache, hset-ledger or bulk", mode);
    void *self = modes[chosen]->open(&options);
    uint64_t events = consume_topic(brokers, topic, modes[chosen]->each, self, &seconds);
    begin = now_seconds();
    modes[chosen]->finish(self, more, sizeof(more));
    print_result(events, seconds + now_seconds() - begin, more);
    return 0;
}
