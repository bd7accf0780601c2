/* ceiling.h - what a plain loop does with each record of a topic, as a table of modes. */
#ifndef BENCH_CEILING_H
#define BENCH_CEILING_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

struct ceiling_options {
    const char *redis;         /* host:port */
    const char *elasticsearch; /* http://host:port */
    const char *index;
    int64_t batch;       /* commands in a lot, or bytes in a bulk */
    int64_t concurrency; /* bulks in flight */
};

struct ceiling {
    const char *name;
    void *(*open)(const struct ceiling_options *options);
    void (*each)(void *self, rd_kafka_message_t *message); /* borrows the message */
    /* Wait for all answers, free. Writes more members of the result, as JSON without braces. */
    void (*finish)(void *self, char *more, size_t size);
};

extern const struct ceiling ceiling_set;         /* SET review id -> value */
extern const struct ceiling ceiling_hset_cache;  /* the fields of the cache, unguarded */
extern const struct ceiling ceiling_hset_ledger; /* the fields of aggregation, unguarded */
extern const struct ceiling ceiling_bulk;        /* the value as a document */

/* Decode a message as the processors do; NULL: not a review. Borrowed until the next call. */
struct rs_event;
struct rs_decoder;
const struct rs_event *decode_message(struct rs_decoder *decoder, const rd_kafka_message_t *message,
                                      struct rs_event *event);

#endif
