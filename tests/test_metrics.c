#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/sink.h"
#include "runtime/metrics.h"

static const struct rs_sink store = {.name = "store"}, other = {.name = "other"};
static const struct rs_sink *const sinks[] = {&store, &other, NULL};
static struct rs_metrics metrics;

static void start(void)
{
    rs_metrics_init(&metrics, "cache", sinks);
}

TestSuite(metrics, .init = start);

static char *print(void)
{
    struct rs_buffer out = {0};
    rs_metrics_print(&metrics, &out);
    return rs_buffer_take(&out, NULL);
}

#define OPERATIONS "reviews_sink_operations_total{processor=\"cache\",sink=\"store\",answer="
#define SECONDS "reviews_sink_request_seconds"
#define LABELS "{processor=\"cache\",sink=\"store\""

Test(metrics, every_answer_counts_once_under_its_kind)
{
    static const char *const want[] = {
        OPERATIONS "\"applied\"} 1\n",
        OPERATIONS "\"stale\"} 1\n",
        OPERATIONS "\"conflict\"} 1\n",
        OPERATIONS "\"retry\"} 2\n",
        OPERATIONS "\"reject\"} 1\n",
        OPERATIONS "\"fatal\"} 1\n",
        "reviews_sink_retries_total" LABELS "} 3\n",
        "sink=\"other\",answer=\"applied\"} 0\n",
        "reviews_sink_batch_operations_sum" LABELS "} 7\n",
    };
    struct rs_operation ops[] = {
        {.status = RS_OK, .applied = true},
        {.status = RS_OK},
        {.status = RS_OK, .conflict = true},
        {.status = RS_RETRY},
        {.status = RS_RETRY},
        {.status = RS_REJECT},
        {.status = RS_FATAL},
    };
    struct rs_operation *list[7];
    for (size_t i = 0; i < 7; i++)
        list[i] = &ops[i];
    rs_metrics_sent(&metrics, &store, list, 7, 1500);
    char *text = print();
    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
        cr_expect_not_null(strstr(text, want[i]), "%s", want[i]);
    free(text);
}

Test(metrics, buckets_are_cumulative_and_end_at_infinity)
{
    static const char *const want[] = {
        SECONDS "_bucket" LABELS ",le=\"0.0005\"} 0\n",
        SECONDS "_bucket" LABELS ",le=\"0.001\"} 1\n",
        SECONDS "_bucket" LABELS ",le=\"10\"} 3\n",
        SECONDS "_bucket" LABELS ",le=\"+Inf\"} 4\n",
        SECONDS "_count" LABELS "} 4\n",
        SECONDS "_sum" LABELS "} 25.201\n",
    };
    rs_histogram_add(&metrics.sinks[0].seconds, 0.001, 1);
    rs_histogram_add(&metrics.sinks[0].seconds, 0.1, 2);
    rs_histogram_add(&metrics.sinks[0].seconds, 25, 1);
    char *text = print();
    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
        cr_expect_not_null(strstr(text, want[i]), "%s", want[i]);
    free(text);
}
