/* Plain writes to Redis: without a script, without a version check, double-buffered. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceiling.h"
#include "core/decode.h"
#include "pipe.h"
#include "support.h"

enum { DEFAULT_LOT = 512, MAX_COUNTERS = 5 + 3 * RS_MAX_RATINGS };

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

/* What the cache writes for a published review: its hash, its place among the product's reviews,
 * and its guard there. */
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
    commands_add_text(out, "ZADD");
    commands_add_key(out, "reviews:cache:g1:product:", event->product_id);
    commands_add_text(out, submitted);
    commands_add_text(out, event->id);
    commands_begin(out, 4);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:cache:g1:guard:", event->product_id);
    commands_add_text(out, event->id);
    commands_add_text(out, version);
    turn(writer, 3);
}

struct counters {
    char names[MAX_COUNTERS][96];
    int values[MAX_COUNTERS];
    size_t count;
};

static void count(struct counters *counters, int value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void count(struct counters *counters, int value, const char *format, ...)
{
    va_list args;
    if (counters->count == MAX_COUNTERS)
        die("a review with more than %d counters", MAX_COUNTERS);
    va_start(args, format);
    vsnprintf(counters->names[counters->count], sizeof(*counters->names), format, args);
    va_end(args);
    counters->values[counters->count++] = value;
}

/* What a published review counts for in its product's summary. */
static void contribution(const struct rs_event *event, struct counters *out)
{
    out->count = 0;
    count(out, 1, "n");
    for (size_t i = 0; i < event->rating_count; i++) {
        const struct rs_rating *rating = &event->ratings[i];
        count(out, 1, "n:%s", rating->name);
        count(out, rating->hundredths, "sum:%s", rating->name);
        count(out, 1, "h:%s:%d", rating->name, (rating->hundredths + 50) / 100);
    }
    if (event->locale)
        count(out, 1, "locale:%s", event->locale);
    if (event->trip_type)
        count(out, 1, "trip:%s", event->trip_type);
    if (event->country)
        count(out, 1, "country:%s", event->country);
    if (event->month[0])
        count(out, 1, "month:%s", event->month);
}

/* The counters that a review changes, written as if they were its own; and `rev`. */
static void add_summary(struct commands *out, const char *product, const struct counters *counters)
{
    char number[16];
    commands_begin(out, 2 + 2 * (counters->count + 1));
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:aggregation:g1:summary:", product);
    for (size_t i = 0; i < counters->count; i++) {
        snprintf(number, sizeof(number), "%d", counters->values[i]);
        commands_add_text(out, counters->names[i]);
        commands_add_text(out, number);
    }
    commands_add_text(out, "rev");
    commands_add_text(out, "1");
}

/* What aggregation writes for a published review: its home, its entry in the product's ledger (as
 * common/sink/ledger.h has it) and the counters of the summary. */
static void hset_ledger_each(void *self, rd_kafka_message_t *message)
{
    struct writer *writer = self;
    struct commands *out = filling(writer);
    struct counters counters;
    struct rs_event store;
    const struct rs_event *event = decode_message(writer->decoder, message, &store);
    char version[24], entry[MAX_COUNTERS * 112];
    if (!event || !event->product_id)
        die("offset %" PRId64 " is no review", message->offset);
    contribution(event, &counters);
    snprintf(version, sizeof(version), "%" PRId64, event->version);
    int len = sprintf(entry, "%s\n", version);
    for (size_t i = 0; i < counters.count; i++)
        len += sprintf(entry + len, "%s\t%d\n", counters.names[i], counters.values[i]);
    commands_begin(out, 6);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:aggregation:g1:home:", event->id);
    commands_add_text(out, "v");
    commands_add_text(out, version);
    commands_add_text(out, "p");
    commands_add_text(out, event->product_id);
    commands_begin(out, 4);
    commands_add_text(out, "HSET");
    commands_add_key(out, "reviews:aggregation:g1:ledger:", event->product_id);
    commands_add_text(out, event->id);
    commands_add(out, entry, (size_t)len);
    add_summary(out, event->product_id, &counters);
    turn(writer, 3);
}

const struct ceiling ceiling_set = {"set", set_open, set_each, writer_finish};
const struct ceiling ceiling_hset_cache = {"hset-cache", hset_open, hset_cache_each, writer_finish};
const struct ceiling ceiling_hset_ledger = {"hset-ledger", hset_open, hset_ledger_each,
                                            writer_finish};
