/* Plain writes to Redis: without a script, without a version check, double-buffered. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceiling.h"
#include "core/decode.h"
#include "pipe.h"
#include "support.h"

enum { DEFAULT_LOT = 512 };

struct writer {
    struct pipe pipe;
    struct double_buffer both;
    struct rs_decoder *decoder; /* NULL: values go as they are */
    uint64_t lot, commands;
};

static struct writer *open_writer(const struct ceiling_options *options)
{
    struct writer *writer = must_alloc(NULL, sizeof(*writer));
    if (!options->redis)
        die("--redis host:port is required");
    memset(writer, 0, sizeof(*writer));
    pipe_open(&writer->pipe, options->redis);
    writer->both.pipe = &writer->pipe;
    writer->lot = options->batch > 0 ? (uint64_t)options->batch : DEFAULT_LOT;
    return writer;
}

static void *set_open(const struct ceiling_options *options)
{
    return open_writer(options);
}

static void *hset_open(const struct ceiling_options *options)
{
    struct writer *writer = open_writer(options);
    writer->decoder = rs_decoder_create();
    if (!writer->decoder)
        die("out of memory");
    return writer;
}

static struct commands *filling(struct writer *writer)
{
    return &writer->both.lots[writer->both.filling];
}

static void turn(struct writer *writer, uint64_t commands)
{
    writer->commands += commands;
    double_buffer_turn(&writer->both, writer->lot);
}

static void writer_finish(void *self, char *more, size_t size)
{
    struct writer *writer = self;
    double_buffer_finish(&writer->both);
    if (writer->pipe.errors)
        die("%" PRIu64 " errors of Redis, the first: %s", writer->pipe.errors,
            writer->pipe.first_error);
    snprintf(more, size, "\"commands\":%" PRIu64, writer->commands);
    pipe_close(&writer->pipe);
    rs_decoder_destroy(writer->decoder);
    free(writer);
}

static void set_each(void *self, rd_kafka_message_t *message)
{
    struct commands *out = filling(self);
    commands_begin(out, 3);
    commands_add_text(out, "SET");
    commands_add(out, message->key, message->key_len);
    commands_add(out, message->payload, message->len);
    turn(self, 1);
}

/* What the cache writes for a published review: its hash, and the guard in the product's hash. */
static void hset_cache_each(void *self, rd_kafka_message_t *message)
{
    struct writer *writer = self;
    struct commands *out = filling(writer);
    struct rs_event store;
    const struct rs_event *event = decode_message(writer->decoder, message, &store);
    char version[24], submitted[24];
    if (!event || !event->product_id)
        die("offset %" PRId64 " is no review", message->offset);
    snprintf(version, sizeof(version), "%" PRId64, event->version);
    snprintf(submitted, sizeof(submitted), "%" PRId64, event->submitted_ms);
    commands_begin(out, 12);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:cache:g1:review:", event->id);
    commands_add_text(out, "v");
    commands_add_text(out, version);
    commands_add_text(out, "s");
    commands_add_text(out, "p");
    commands_add_text(out, "p");
    commands_add_text(out, event->product_id);
    commands_add_text(out, "t");
    commands_add_text(out, submitted);
    commands_add_text(out, "b");
    commands_add(out, event->body.data, event->body.len);
    commands_begin(out, 4);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:cache:g1:guard:", event->product_id);
    commands_add_text(out, event->id);
    commands_add_text(out, version);
    turn(writer, 2);
}

static void add_count(struct commands *out, const char *prefix, const char *name, int count)
{
    char text[160];
    snprintf(text, sizeof(text), "%s%s", prefix, name);
    commands_add_text(out, text);
    snprintf(text, sizeof(text), "%d", count);
    commands_add_text(out, text);
}

/* The counters that a review changes, written as if they were its own. */
static void add_summary(struct commands *out, const struct rs_event *event)
{
    size_t fields = 2 + 3 * event->rating_count + (event->locale != NULL) +
                    (event->trip_type != NULL) + (event->country != NULL) + (event->month[0] != 0);
    commands_begin(out, 2 + 2 * fields);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:aggregation:g1:summary:", event->product_id);
    add_count(out, "n", "", 1);
    add_count(out, "rev", "", 1);
    for (size_t i = 0; i < event->rating_count; i++) {
        char bucket[96];
        int hundredths = event->ratings[i].hundredths;
        snprintf(bucket, sizeof(bucket), "%s:%d", event->ratings[i].name, (hundredths + 50) / 100);
        add_count(out, "n:", event->ratings[i].name, 1);
        add_count(out, "sum:", event->ratings[i].name, hundredths);
        add_count(out, "h:", bucket, 1);
    }
    if (event->locale)
        add_count(out, "locale:", event->locale, 1);
    if (event->trip_type)
        add_count(out, "trip:", event->trip_type, 1);
    if (event->country)
        add_count(out, "country:", event->country, 1);
    if (event->month[0])
        add_count(out, "month:", event->month, 1);
}

/* What aggregation writes for a published review: its home, its entry in the product's ledger (as
 * long as the contribution is as text) and the counters of the summary. */
static void hset_ledger_each(void *self, rd_kafka_message_t *message)
{
    struct writer *writer = self;
    struct commands *out = filling(writer);
    struct rs_event store;
    const struct rs_event *event = decode_message(writer->decoder, message, &store);
    char entry[512];
    int len;
    if (!event || !event->product_id)
        die("offset %" PRId64 " is no review", message->offset);
    len = snprintf(entry, sizeof(entry), "%" PRId64, event->version);
    commands_begin(out, 6);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:aggregation:g1:home:", event->id);
    commands_add_text(out, "v");
    commands_add_text(out, entry);
    commands_add_text(out, "p");
    commands_add_text(out, event->product_id);
    for (size_t i = 0; i < event->rating_count && len < 400; i++)
        len += snprintf(entry + len, sizeof(entry) - (size_t)len, " %.64s=%d",
                        event->ratings[i].name, event->ratings[i].hundredths);
    snprintf(entry + len, sizeof(entry) - (size_t)len, " %.20s %.20s %.20s %s",
             event->locale ? event->locale : "", event->trip_type ? event->trip_type : "",
             event->country ? event->country : "", event->month);
    commands_begin(out, 4);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:aggregation:g1:ledger:", event->product_id);
    commands_add_text(out, event->id);
    commands_add_text(out, entry);
    add_summary(out, event);
    turn(writer, 3);
}

const struct ceiling ceiling_set = {"set", set_open, set_each, writer_finish};
const struct ceiling ceiling_hset_cache = {"hset-cache", hset_open, hset_cache_each, writer_finish};
const struct ceiling ceiling_hset_ledger = {"hset-ledger", hset_open, hset_ledger_each,
                                            writer_finish};
