#include "runtime/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/sink.h"

static const double second_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                       0.25,   0.5,   1,      2.5,   5,    10,    0};
static const double batch_bounds[] = {1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 0};
static const double freshness_bounds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5,  1,     2.5,
                                          5,    10,    30,   60,  600,  3600, 86400, 0};
static const char *const answer_names[RS_ANSWERS] = {"applied", "stale",  "conflict",
                                                     "retry",   "reject", "fatal"};

static size_t bucket_of(const struct rs_histogram *histogram, double value)
{
    size_t i = 0;
    while (histogram->bounds[i] > 0 && value > histogram->bounds[i])
        i++;
    return i;
}

static void add_sum(struct rs_histogram *histogram, double more)
{
    double sum = atomic_load(&histogram->sum);
    while (!atomic_compare_exchange_weak(&histogram->sum, &sum, sum + more))
        ;
}

void rs_histogram_add(struct rs_histogram *histogram, double value, uint64_t times)
{
    atomic_fetch_add(&histogram->counts[bucket_of(histogram, value)], times);
    add_sum(histogram, value * (double)times);
}

void rs_tally_add(struct rs_tally *tally, const struct rs_histogram *like, double value)
{
    tally->counts[bucket_of(like, value)]++;
    tally->sum += value;
    tally->any = true;
}

void rs_histogram_take(struct rs_histogram *histogram, struct rs_tally *tally)
{
    if (!tally->any)
        return;
    for (size_t i = 0; i <= RS_BUCKETS; i++)
        if (tally->counts[i])
            atomic_fetch_add(&histogram->counts[i], tally->counts[i]);
    add_sum(histogram, tally->sum);
    *tally = (struct rs_tally){0};
}

void rs_metrics_init(struct rs_metrics *metrics, const char *processor,
                     const struct rs_sink *const *sinks)
{
    *metrics = (struct rs_metrics){.processor = processor, .started_s = (int64_t)time(NULL)};
    metrics->freshness.bounds = freshness_bounds;
    for (size_t i = 0; sinks[i] && i < RS_METRIC_SINKS - 1; i++) {
        metrics->sinks[i].sink = sinks[i];
        metrics->erases_later |= sinks[i]->erasures != NULL;
        metrics->sinks[i].seconds.bounds = second_bounds;
        metrics->sinks[i].batch.bounds = batch_bounds;
    }
}

static enum rs_answer_kind kind_of(const struct rs_operation *op)
{
    switch (op->status) {
    case RS_OK:
        return op->applied    ? RS_ANSWER_APPLIED
               : op->conflict ? RS_ANSWER_CONFLICT
                              : RS_ANSWER_STALE;
    case RS_RETRY:
        return RS_ANSWER_RETRY;
    case RS_REJECT:
        return RS_ANSWER_REJECT;
    default:
        return RS_ANSWER_FATAL;
    }
}

void rs_metrics_sent(struct rs_metrics *metrics, const struct rs_sink *sink,
                     struct rs_operation *const *ops, size_t count, int64_t took_us)
{
    uint64_t answers[RS_ANSWERS] = {0};
    for (size_t i = 0; i < count; i++)
        answers[kind_of(ops[i])]++;
    for (size_t i = 0; metrics->sinks[i].sink; i++) {
        struct rs_sink_metrics *found = &metrics->sinks[i];
        if (found->sink != sink)
            continue;
        for (size_t j = 0; j < RS_ANSWERS; j++)
            if (answers[j])
                atomic_fetch_add(&found->answers[j], answers[j]);
        rs_histogram_add(&found->seconds, (double)took_us / 1e6, 1);
        rs_histogram_add(&found->batch, (double)count, 1);
    }
}

static void print_histogram(struct rs_buffer *out, const char *name, const char *labels,
                            const struct rs_histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; histogram->bounds[i] > 0; i++) {
        total += atomic_load(&histogram->counts[i]);
        rs_buffer_printf(out, "%s_bucket{%s,le=\"%g\"} %" PRIu64 "\n", name, labels,
                         histogram->bounds[i], total);
    }
    size_t last = 0;
    while (histogram->bounds[last] > 0)
        last++;
    total += atomic_load(&histogram->counts[last]);
    rs_buffer_printf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, labels, total);
    rs_buffer_printf(out, "%s_sum{%s} %.9g\n%s_count{%s} %" PRIu64 "\n", name, labels,
                     atomic_load(&histogram->sum), name, labels, total);
}

static void head(struct rs_buffer *out, const char *name, const char *type, const char *help)
{
    rs_buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_sinks(const struct rs_metrics *metrics, struct rs_buffer *out)
{
    char labels[128];
    head(out, "reviews_sink_operations_total", "counter", "Operations by answer.");
    for (size_t i = 0; metrics->sinks[i].sink; i++)
        for (size_t j = 0; j < RS_ANSWERS; j++)
            rs_buffer_printf(out,
                             "reviews_sink_operations_total{processor=\"%s\",sink=\"%s\","
                             "answer=\"%s\"} %" PRIu64 "\n",
                             metrics->processor, metrics->sinks[i].sink->name, answer_names[j],
                             (uint64_t)atomic_load(&metrics->sinks[i].answers[j]));
    head(out, "reviews_sink_retries_total", "counter", "Operations that have to be sent again.");
    for (size_t i = 0; metrics->sinks[i].sink; i++)
        rs_buffer_printf(out,
                         "reviews_sink_retries_total{processor=\"%s\",sink=\"%s\"} %" PRIu64 "\n",
                         metrics->processor, metrics->sinks[i].sink->name,
                         (uint64_t)(atomic_load(&metrics->sinks[i].answers[RS_ANSWER_RETRY]) +
                                    atomic_load(&metrics->sinks[i].answers[RS_ANSWER_FATAL])));
    head(out, "reviews_sink_request_seconds", "histogram", "Duration of one request.");
    for (size_t i = 0; metrics->sinks[i].sink; i++) {
        (void)snprintf(labels, sizeof(labels), "processor=\"%s\",sink=\"%s\"", metrics->processor,
                       metrics->sinks[i].sink->name);
        print_histogram(out, "reviews_sink_request_seconds", labels, &metrics->sinks[i].seconds);
    }
    head(out, "reviews_sink_batch_operations", "histogram", "Operations in one request.");
    for (size_t i = 0; metrics->sinks[i].sink; i++) {
        (void)snprintf(labels, sizeof(labels), "processor=\"%s\",sink=\"%s\"", metrics->processor,
                       metrics->sinks[i].sink->name);
        print_histogram(out, "reviews_sink_batch_operations", labels, &metrics->sinks[i].batch);
    }
}

void rs_metrics_erasures(struct rs_metrics *metrics, const struct rs_erasures *report)
{
    atomic_store(&metrics->erasures_waiting, report->waiting);
    atomic_fetch_add(&metrics->erasures_finished, report->finished);
}

static void print_erasures(const struct rs_metrics *metrics, struct rs_buffer *out)
{
    head(out, "reviews_erasures_waiting", "gauge",
         "Withdrawn or erased reviews of which an older row may still be on a disk.");
    rs_buffer_printf(out, "reviews_erasures_waiting{processor=\"%s\"} %" PRIu64 "\n",
                     metrics->processor, (uint64_t)atomic_load(&metrics->erasures_waiting));
    head(out, "reviews_erasures_finished_total", "counter",
         "Withdrawn or erased reviews whose older rows are physically gone.");
    rs_buffer_printf(out, "reviews_erasures_finished_total{processor=\"%s\"} %" PRIu64 "\n",
                     metrics->processor, (uint64_t)atomic_load(&metrics->erasures_finished));
}

void rs_metrics_print(const struct rs_metrics *metrics, struct rs_buffer *out)
{
    char labels[80];
    print_sinks(metrics, out);
    if (metrics->erases_later)
        print_erasures(metrics, out);
    head(out, "reviews_freshness_seconds", "histogram",
         "From the record's timestamp to its settlement.");
    (void)snprintf(labels, sizeof(labels), "processor=\"%s\"", metrics->processor);
    print_histogram(out, "reviews_freshness_seconds", labels, &metrics->freshness);
    head(out, "process_resident_memory_bytes", "gauge", "Resident memory.");
    rs_buffer_printf(out, "process_resident_memory_bytes %" PRId64 "\n", rs_resident_bytes());
    head(out, "process_start_time_seconds", "gauge", "When the process began, since the epoch.");
    rs_buffer_printf(out, "process_start_time_seconds %" PRId64 "\n", metrics->started_s);
}

int64_t rs_resident_bytes(void)
{
    int64_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*d %" SCNd64, &pages) != 1)
        pages = 0;
    (void)fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}
