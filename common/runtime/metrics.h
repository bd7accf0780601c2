/* metrics.h - counters and histograms that lanes add to and the HTTP thread prints. Atomics only.
 */
#ifndef RS_RUNTIME_METRICS_H
#define RS_RUNTIME_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/operation.h"

enum { RS_BUCKETS = 16, RS_METRIC_SINKS = 8 };

/* Cumulative only when printed. `bounds` ends with 0; the unit is the caller's. */
struct rs_histogram {
    const double *bounds;
    atomic_uint_fast64_t counts[RS_BUCKETS + 1];
    _Atomic double sum;
};

void rs_histogram_add(struct rs_histogram *histogram, double value, uint64_t times);

/* The same for one thread, to be added to a shared one now and then. */
struct rs_tally {
    uint64_t counts[RS_BUCKETS + 1];
    double sum;
    bool any;
};
void rs_tally_add(struct rs_tally *tally, const struct rs_histogram *like, double value);
/* Add it to the histogram and empty it. */
void rs_histogram_take(struct rs_histogram *histogram, struct rs_tally *tally);

enum rs_answer_kind {
    RS_ANSWER_APPLIED,
    RS_ANSWER_STALE,
    RS_ANSWER_CONFLICT,
    RS_ANSWER_RETRY,
    RS_ANSWER_REJECT,
    RS_ANSWER_FATAL,
    RS_ANSWERS
};

struct rs_sink_metrics {
    const struct rs_sink *sink;
    atomic_uint_fast64_t answers[RS_ANSWERS];
    struct rs_histogram seconds, batch;
};

struct rs_metrics {
    const char *processor;
    int64_t started_s;                             /* wall clock */
    struct rs_sink_metrics sinks[RS_METRIC_SINKS]; /* ends where sink is NULL */
    struct rs_histogram freshness;
    bool erases_later; /* a sink does */
    atomic_uint_fast64_t erasures_waiting, erasures_finished;
};

/* `sinks` ends with NULL; at most RS_METRIC_SINKS - 1. Before threads start. */
void rs_metrics_init(struct rs_metrics *metrics, const char *processor,
                     const struct rs_sink *const *sinks);
/* Count the answers of one request. */
void rs_metrics_sent(struct rs_metrics *metrics, const struct rs_sink *sink,
                     struct rs_operation *const *ops, size_t count, int64_t took_us);
struct rs_erasures;
/* Take in a report of a sink (core/sink.h). */
void rs_metrics_erasures(struct rs_metrics *metrics, const struct rs_erasures *report);
/* Print all in the text format of Prometheus 0.0.4. */
void rs_metrics_print(const struct rs_metrics *metrics, struct rs_buffer *out);
/* Resident memory of this process in bytes, 0 if it cannot be read. */
int64_t rs_resident_bytes(void);

#endif
