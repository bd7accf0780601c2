/* fake_sink.h - a scripted sink: each request takes the next answers from a queue, the last of
 * which repeats, and is recorded as text. */
#ifndef RS_TESTS_FAKE_SINK_H
#define RS_TESTS_FAKE_SINK_H

#include "core/sink.h"

struct fake_sink {
    /* Answers of the next requests: one letter per operation in the order of its key; the last
     * letter of a request repeats. 'o' ok, 's' stale, 'r' retry (outage), 'i' retry (item),
     * 'j' reject, 'f' fatal, '-' untouched. */
    const char *const *requests; /* NULL-terminated; after the last, all is ok */
    size_t next;
    bool canaries;  /* whether canary() adds one */
    char log[4096]; /* "k1@3 k2@1|k1@3|…": requests, operations in the order sent */
    size_t sent;
    int64_t *clock_ms, takes_ms; /* a request moves this clock, where there is one, by so much */
};

extern const struct rs_sink fake_sink, fake_dead_sink;

/* Add an operation of `sink` with these bytes. */
void fake_add(struct rs_operations *ops, const struct rs_sink *sink, const char *key,
              int64_t version);

#endif
