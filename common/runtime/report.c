/* What the HTTP port says: metrics, health, readiness, status. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sink.h"
#include "kafka/consumer.h"
#include "runtime/admin.h"
#include "runtime/lane.h"
#include "runtime/log.h"
#include "runtime/pipeline.h"

/* A thread that took no turn for so long hangs; sinks' own time-outs are shorter. */
enum { HUNG_MS = 90000 };

static int64_t lag_of(const struct rs_partition *partition)
{
    int64_t done = partition->assigned && partition->position >= 0 ? partition->position
                                                                   : partition->committed;
    if (partition->high < 0)
        return -1;
    if (done < partition->low)
        done = partition->low;
    return done > partition->high ? -1 : partition->high - done; /* beyond the end: unknown */
}

/* --- metrics --- */

static void print_law(struct rs_pipeline *pipeline, const struct rs_partition *partitions,
                      int32_t count, struct rs_buffer *out)
{
    char labels[512];
    rs_buffer_add_text(out, "# TYPE reviews_events_consumed_total counter\n"
                            "# TYPE reviews_events_total counter\n"
                            "# TYPE reviews_events_in_flight gauge\n"
                            "# TYPE reviews_lag gauge\n# TYPE reviews_committed_offset gauge\n"
                            "# TYPE reviews_partition_blocked gauge\n");
    for (int32_t i = 0; i < count; i++) {
        const struct rs_partition *partition = &partitions[i];
        (void)snprintf(labels, sizeof(labels), "processor=\"%s\",topic=\"%s\",partition=\"%d\"",
                       pipeline->processor->base.section, pipeline->topic, (int)i);
        rs_buffer_printf(out, "reviews_events_consumed_total{%s} %" PRIu64 "\n", labels,
                         partition->consumed);
        for (int j = 0; j < RS_OUTCOMES; j++)
            rs_buffer_printf(out, "reviews_events_total{%s,outcome=\"%s\"} %" PRIu64 "\n", labels,
                             rs_outcome_name((enum rs_outcome)j), partition->outcomes[j]);
        rs_buffer_printf(out, "reviews_events_in_flight{%s} %" PRIu64 "\n", labels,
                         partition->in_flight);
        int64_t lag = lag_of(partition);
        if (lag >= 0)
            rs_buffer_printf(out, "reviews_lag{%s} %" PRId64 "\n", labels, lag);
        if (partition->assigned && partition->committed >= 0)
            rs_buffer_printf(out, "reviews_committed_offset{%s} %" PRId64 "\n", labels,
                             partition->committed);
        if (partition->assigned)
            rs_buffer_printf(out, "reviews_partition_blocked{%s,reason=\"%s\"} %d\n", labels,
                             partition->code ? partition->code : "none", partition->code ? 1 : 0);
    }
}

/* --- what stands in the way --- */

struct trouble {
    const char *code;
    char text[RS_STOP_BYTES];
};

static struct trouble find_trouble(struct rs_pipeline *pipeline,
                                   const struct rs_partition *partitions, int32_t count)
{
    struct trouble trouble = {0};
    struct rs_block whole = rs_pipeline_blocked(pipeline);
    if (whole.code) {
        trouble.code = whole.code;
        (void)snprintf(trouble.text, sizeof(trouble.text), "%s", whole.text);
        return trouble;
    }
    for (int i = 0; i < pipeline->lane_count && !trouble.code; i++) {
        struct rs_lane_report report;
        rs_lane_report(pipeline->lanes[i], &report);
        if (!report.stuck || !report.trouble.sink)
            continue;
        trouble.code = report.trouble.status == RS_FATAL ? "sink_refuses" : "sink_unreachable";
        (void)snprintf(trouble.text, sizeof(trouble.text), "%s: %s", report.trouble.sink->name,
                       report.trouble.reason);
    }
    for (int32_t i = 0; i < count && !trouble.code; i++)
        if (partitions[i].code) {
            trouble.code = partitions[i].code;
            (void)snprintf(trouble.text, sizeof(trouble.text), "partition %d: %.200s", (int)i,
                           partitions[i].text);
        }
    return trouble;
}

static bool is_ready(struct rs_pipeline *pipeline, const struct trouble *trouble)
{
    return atomic_load(&pipeline->open) && !trouble->code && !atomic_load(&pipeline->stopping) &&
           pipeline->consumer && rs_consumer_joined(pipeline->consumer);
}

/* When the view last stood at the end of the topic, and how long tombstones are kept: absent while
 * unknown. */
static void print_view(struct rs_pipeline *pipeline, struct rs_buffer *out)
{
    const char *name = pipeline->processor->base.section;
    int64_t at_end_ms = atomic_load(&pipeline->at_end_ms);
    int64_t kept_ms = atomic_load(&pipeline->delete_retention_ms);
    rs_buffer_add_text(out, "# TYPE reviews_view_at_end_timestamp_seconds gauge\n"
                            "# TYPE reviews_delete_retention_seconds gauge\n");
    if (at_end_ms > 0)
        rs_buffer_printf(out, "reviews_view_at_end_timestamp_seconds{processor=\"%s\"} %.3f\n",
                         name, (double)at_end_ms / 1e3);
    if (kept_ms > 0)
        rs_buffer_printf(out, "reviews_delete_retention_seconds{processor=\"%s\"} %.3f\n", name,
                         (double)kept_ms / 1e3);
}

unsigned rs_report_metrics(struct rs_pipeline *pipeline, struct rs_buffer *out)
{
    int32_t count;
    const char *name = pipeline->processor->base.section;
    struct rs_partition *partitions = rs_partitions_snapshot(&pipeline->partitions, &count);
    struct trouble trouble = find_trouble(pipeline, partitions, count);
    print_law(pipeline, partitions, count, out);
    rs_metrics_print(&pipeline->metrics, out);
    rs_buffer_printf(out, "# TYPE reviews_ready gauge\nreviews_ready{processor=\"%s\"} %d\n", name,
                     is_ready(pipeline, &trouble));
    rs_buffer_printf(out,
                     "# TYPE reviews_blocked gauge\n"
                     "reviews_blocked{processor=\"%s\",reason=\"%s\"} %d\n",
                     name, trouble.code ? trouble.code : "none", trouble.code ? 1 : 0);
    rs_buffer_printf(out,
                     "# TYPE reviews_needs_verify gauge\nreviews_needs_verify{processor=\"%s\"} "
                     "%d\n# TYPE reviews_log_lines_dropped_total counter\n"
                     "reviews_log_lines_dropped_total{processor=\"%s\"} %" PRIu64 "\n",
                     name, atomic_load(&pipeline->needs_verify), name, rs_log_dropped());
    rs_buffer_printf(out,
                     "# TYPE reviews_build_info gauge\nreviews_build_info{processor=\"%s\","
                     "version=\"%s\",generation=\"%s\"} 1\n",
                     name, RS_VERSION, pipeline->options->generation);
    print_view(pipeline, out);
    rs_buffer_printf(out,
                     "# TYPE reviews_memory_limit_bytes gauge\n"
                     "reviews_memory_limit_bytes{processor=\"%s\"} %" PRId64 "\n",
                     name, pipeline->options->memory_limit);
    free(partitions);
    return 200;
}

unsigned rs_report_health(struct rs_pipeline *pipeline, struct rs_buffer *out)
{
    int64_t now_ms = rs_monotonic_ms();
    if (now_ms - atomic_load(&pipeline->consumer_alive_ms) > HUNG_MS) {
        rs_buffer_add_text(out, "the consumer thread hangs\n");
        return 503;
    }
    for (int i = 0; i < pipeline->lane_count; i++) {
        struct rs_lane_report report;
        rs_lane_report(pipeline->lanes[i], &report);
        if (now_ms - report.alive_ms > HUNG_MS) {
            rs_buffer_printf(out, "lane %d hangs\n", i);
            return 503;
        }
    }
    rs_buffer_add_text(out, "ok\n");
    return 200;
}

unsigned rs_report_ready(struct rs_pipeline *pipeline, struct rs_buffer *out)
{
    int32_t count;
    struct rs_partition *partitions = rs_partitions_snapshot(&pipeline->partitions, &count);
    struct trouble trouble = find_trouble(pipeline, partitions, count);
    bool ready = is_ready(pipeline, &trouble);
    free(partitions);
    if (ready)
        rs_buffer_add_text(out, "ready\n");
    else if (trouble.code)
        rs_buffer_printf(out, "%s: %s\n", trouble.code, trouble.text);
    else
        rs_buffer_add_text(out, atomic_load(&pipeline->stopping) ? "stopping\n" : "starting\n");
    return ready ? 200 : 503;
}

/* --- status --- */

static json_t *partition_status(const struct rs_pipeline *pipeline,
                                const struct rs_partition *partition)
{
    json_t *made =
        json_pack("{s:s, s:i, s:b, s:I, s:I, s:I, s:I, s:I}", "topic", pipeline->topic, "partition",
                  (int)partition->partition, "assigned", partition->assigned, "position",
                  (json_int_t)partition->position, "committed", (json_int_t)partition->committed,
                  "end", (json_int_t)partition->high, "consumed", (json_int_t)partition->consumed,
                  "in_flight", (json_int_t)partition->in_flight);
    int64_t lag = lag_of(partition);
    (void)json_object_set_new(made, "lag", lag < 0 ? json_null() : json_integer(lag));
    for (int i = 0; i < RS_OUTCOMES; i++)
        (void)json_object_set_new(made, rs_outcome_name((enum rs_outcome)i),
                                  json_integer((json_int_t)partition->outcomes[i]));
    return made;
}

static json_t *blocked_status(struct rs_pipeline *pipeline, const struct rs_partition *partitions,
                              int32_t count)
{
    json_t *list = json_array();
    struct trouble trouble = find_trouble(pipeline, partitions, count);
    for (int32_t i = 0; i < count; i++)
        if (partitions[i].code)
            (void)json_array_append_new(
                list, json_pack("{s:s, s:i, s:s, s:s}", "topic", pipeline->topic, "partition",
                                (int)i, "code", partitions[i].code, "reason", partitions[i].text));
    if (trouble.code && json_array_size(list) == 0)
        (void)json_array_append_new(list, json_pack("{s:s, s:n, s:s, s:s}", "topic",
                                                    pipeline->topic, "partition", "code",
                                                    trouble.code, "reason", trouble.text));
    return list;
}

/* Settled events per second since the last look, at least a second apart. */
static double rate(uint64_t settled)
{
    static uint64_t last;
    static int64_t last_ms;
    static double known; /* one HTTP thread */
    int64_t now_ms = rs_monotonic_ms();
    if (last_ms && now_ms - last_ms >= 1000)
        known = (double)(settled - last) * 1000.0 / (double)(now_ms - last_ms);
    if (!last_ms || now_ms - last_ms >= 1000) {
        last = settled;
        last_ms = now_ms;
    }
    return known;
}

static const char *state_of(struct rs_pipeline *pipeline, const struct trouble *trouble)
{
    if (atomic_load(&pipeline->stopping))
        return "stopping";
    if (trouble->code)
        return "blocked";
    return is_ready(pipeline, trouble) ? "running" : "starting";
}

unsigned rs_report_status(struct rs_pipeline *pipeline, struct rs_buffer *out)
{
    int32_t count;
    uint64_t settled = 0, in_flight = 0;
    int64_t lag = 0;
    struct rs_partition *partitions = rs_partitions_snapshot(&pipeline->partitions, &count);
    struct trouble trouble = find_trouble(pipeline, partitions, count);
    json_t *list = json_array();
    for (int32_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, partition_status(pipeline, &partitions[i]));
        settled += partitions[i].consumed - partitions[i].in_flight;
        in_flight += partitions[i].in_flight;
        int64_t its = lag_of(&partitions[i]);
        lag = its < 0 || lag < 0 ? -1 : lag + its;
    }
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:f, s:I, s:I}", "processor",
        pipeline->processor->base.section, "generation", pipeline->options->generation, "group",
        pipeline->group, "version", RS_VERSION, "state", state_of(pipeline, &trouble), "ready",
        is_ready(pipeline, &trouble), "needs_verify", (int)atomic_load(&pipeline->needs_verify),
        "rate_per_s", rate(settled), "in_flight", (json_int_t)in_flight, "resident_bytes",
        (json_int_t)rs_resident_bytes());
    (void)json_object_set_new(root, "lag", lag < 0 ? json_null() : json_integer(lag));
    (void)json_object_set_new(root, "blocked", blocked_status(pipeline, partitions, count));
    (void)json_object_set_new(root, "partitions", list);
    char *text = json_dumps(root, JSON_COMPACT);
    rs_buffer_add_text(out, text ? text : "{}");
    free(text);
    json_decref(root);
    free(partitions);
    return 200;
}
