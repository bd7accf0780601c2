/* support.h - what the programs of the benchmark share: a plain reader of a whole topic, a clock,
 * arguments, and one line of JSON as the result.
 *
 * These are the ceilings that processors are held against, so nothing here is shared with the
 * processors' own consumer. Programs end with die() on any error: a benchmark goes on or stops. */
#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Print "<program>: text" and exit with 1. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* As malloc and realloc, but never NULL. */
void *must_alloc(void *old, size_t size);

double now_seconds(void); /* monotonic */
/* Wait for a state of another process without spinning. */
void pause_ms(int ms);

/* One --name VALUE of a program; exactly one of the pointers is set. */
struct argument {
    const char *name;
    const char **text;
    int64_t *number;
    bool required;
};
/* Fill the variables from argv; `arguments` ends with a NULL name. Ends the program on an unknown,
 * missing or malformed argument. */
void read_arguments(int argc, char **argv, const struct argument *arguments);

/* Read a topic from its beginning to the end that it has now, all partitions by this process,
 * without a group. `each` borrows the message. Returns how many were read; the seconds are those
 * from the first message to the last. */
uint64_t consume_topic(const char *brokers, const char *topic,
                       void (*each)(void *context, rd_kafka_message_t *message), void *context,
                       double *ret_seconds);

/* A librdkafka handle's configuration from name, value, …, NULL. */
rd_kafka_conf_t *kafka_settings(const char *brokers, const char *const *settings);

/* The result: {"events":…,"seconds":…,<more>}, on standard output. `more` may be "". */
void print_result(uint64_t events, double seconds, const char *more);

#endif
