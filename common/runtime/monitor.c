/* The monitor: opens the view, watches lag, ends, markers and what is blocked. It asks brokers and
 * store from a thread of its own, so that a call that hangs holds nothing up. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/backoff.h"
#include "core/sink.h"
#include "kafka/consumer.h"
#include "kafka/topics.h"
#include "runtime/lane.h"
#include "runtime/log.h"
#include "runtime/pipeline.h"
#include "runtime/view.h"

enum { TURN_MS = 200, WATCH_MS = 1000, ASK_MS = 3000 };

struct monitor {
    struct rs_pipeline *pipeline;
    void *sink;              /* an instance of the marker's sink, for this thread */
    struct rs_marker marker; /* scratch: 8 KiB */
    int32_t partitions;      /* of the topic; 0 unknown */
    int64_t delete_retention_ms;
    int64_t *committed;
    int64_t *ends; /* noted for --until-end; -1: not yet */
    bool ends_noted;
    int32_t watch_from; /* partition whose ends are read next */
    int64_t watched_ms, checked_ms, started_ms;
    bool was_open, warned;
    bool server_asked; /* what blocks is a server's answer, or none: ask again soon */
};

static const struct rs_sink *marker_sink(const struct monitor *monitor)
{
    return monitor->pipeline->processor->sinks[0];
}

static bool is_ending(const struct monitor *monitor)
{
    return atomic_load(&monitor->pipeline->stopping);
}

static void block(struct monitor *monitor, const char *code, bool waits, const char *text)
{
    monitor->server_asked = waits;
    rs_pipeline_block(monitor->pipeline, code, waits, text);
}

/* --- the topic --- */

static bool grow(struct monitor *monitor, int32_t count)
{
    int64_t *committed = realloc(monitor->committed, (size_t)count * sizeof(*committed));
    if (committed)
        monitor->committed = committed;
    int64_t *ends = realloc(monitor->ends, (size_t)count * sizeof(*ends));
    if (ends)
        monitor->ends = ends;
    if (!committed || !ends || !rs_partitions_reserve(&monitor->pipeline->partitions, count))
        return false;
    for (int32_t i = monitor->partitions; i < count; i++)
        monitor->committed[i] = monitor->ends[i] = -1;
    monitor->partitions = count;
    return true;
}

/* Whether the topic can be read for ever; blocks with the reason otherwise. */
static bool judge_topic(struct monitor *monitor)
{
    struct rs_topic topic;
    struct rs_error reason = {""};
    struct rs_topic_problem problems[RS_TOPIC_PROBLEMS];
    const char *name = monitor->pipeline->topic;
    switch (rs_topic_describe(rs_consumer_asker(monitor->pipeline->consumer), name, ASK_MS, &topic,
                              &reason)) {
    case RS_UNREACHABLE:
        block(monitor, "kafka_unreachable", true, reason.text);
        return false;
    case RS_UNKNOWN:
        block(monitor, "topic_missing", true,
              "the source topic does not exist: create it, e.g. with reviewctl topics create");
        return false;
    case RS_KNOWN:
        break;
    }
    if (!grow(monitor, topic.partitions)) {
        block(monitor, "out_of_memory", true, "out of memory");
        return false;
    }
    monitor->delete_retention_ms = topic.described ? topic.delete_retention_ms : -1;
    size_t count = topic.described ? rs_topic_judge(&topic, name, RS_TOPIC_SOURCE, problems) : 0;
    if (count && problems[0].refuses) {
        block(monitor, "topic_retention", false, problems[0].text);
        return false;
    }
    for (size_t i = 0; i < count && !monitor->was_open; i++)
        rs_log(RS_LOG_WARN, "topic", problems[i].text, "problem=%zu", i + 1);
    return true;
}

/* --- the view --- */

static bool ask_sink(struct monitor *monitor, enum rs_status status, const char *reason)
{
    if (status == RS_OK)
        return true;
    bool refused = status == RS_FATAL || status == RS_REJECT;
    block(monitor, refused ? "sink_refuses" : "sink_unreachable", !refused, reason);
    monitor->server_asked = true;
    return false;
}

static bool read_bounds(const struct monitor *monitor, int32_t partition, int64_t *ret_low,
                        int64_t *ret_high)
{
    const struct rs_pipeline *pipeline = monitor->pipeline;
    return rs_topic_bounds(rs_consumer_asker(pipeline->consumer), pipeline->topic, partition,
                           ASK_MS, ret_low, ret_high, NULL);
}

/* The group's progress. Read before the marker: another member's first start writes the marker
 * first and commits afterwards. */
static bool read_progress(struct monitor *monitor, struct rs_view_wish *wish)
{
    struct rs_error error;
    if (!rs_consumer_committed(monitor->pipeline->consumer, monitor->committed, monitor->partitions,
                               ASK_MS, &error)) {
        block(monitor, "kafka_unreachable", true, error.text);
        return false;
    }
    for (int32_t i = 0; i < monitor->partitions; i++) {
        int64_t low = 0, high = 0;
        if (monitor->committed[i] < 0)
            continue;
        wish->has_offsets = true;
        if (read_bounds(monitor, i, &low, &high))
            wish->has_progress |= monitor->committed[i] > low;
    }
    return true;
}

/* Take into the marker when this member stood at the end of its partitions; in a first pass all
 * begin now. */
static void add_ends(struct monitor *monitor, bool first_pass)
{
    int32_t count;
    struct rs_partition *partitions =
        rs_partitions_snapshot(&monitor->pipeline->partitions, &count);
    for (int32_t i = 0; i < count && i < RS_MARKER_PARTITIONS; i++) {
        int64_t *at = &monitor->marker.at_end_ms[i];
        if (partitions[i].at_end_ms > *at)
            *at = partitions[i].at_end_ms;
        if (first_pass && *at == 0)
            *at = rs_wall_ms();
    }
    free(partitions);
}

static enum rs_status write_marker(struct monitor *monitor, char *reason)
{
    monitor->marker.format = monitor->pipeline->processor->format;
    monitor->marker.partitions = (size_t)monitor->partitions;
    (void)snprintf(monitor->marker.fingerprint, sizeof(monitor->marker.fingerprint), "%s",
                   monitor->pipeline->fingerprint);
    return marker_sink(monitor)->write_marker(monitor->sink, &monitor->marker, reason);
}

/* Erasures may have been missed, or soon will be: said once each. */
static void note_age(struct monitor *monitor, const struct rs_view_verdict *verdict)
{
    if (verdict->needs_verify && !atomic_exchange(&monitor->pipeline->needs_verify, true))
        rs_log(RS_LOG_WARN, "view",
               "tombstones may have been missed, so erased reviews may still be here; build a new "
               "generation",
               "needs_verify=true");
    else if (verdict->verify_soon && !verdict->needs_verify && !monitor->warned)
        rs_log(RS_LOG_WARN, "view",
               "the view has not been at the end of the topic for most of delete.retention.ms; "
               "after it erasures may be missed",
               "delete_retention_ms=%" PRId64, monitor->delete_retention_ms);
    monitor->warned = verdict->verify_soon;
}

/* Hold the marker that was read against what we are; false: blocked with the reason. */
static bool judge_view(struct monitor *monitor, struct rs_view_wish *wish)
{
    struct rs_pipeline *pipeline = monitor->pipeline;
    struct rs_view_verdict verdict;
    wish->format = pipeline->processor->format;
    wish->fingerprint = pipeline->fingerprint;
    wish->accept_changes = pipeline->options->accept_changes;
    wish->now_ms = rs_wall_ms();
    wish->partitions = (size_t)monitor->partitions;
    wish->delete_retention_ms = monitor->delete_retention_ms;
    add_ends(monitor, false);
    rs_view_judge(&monitor->marker, wish, &verdict);
    atomic_store(&pipeline->at_end_ms, verdict.at_end_ms);
    atomic_store(&pipeline->delete_retention_ms, monitor->delete_retention_ms);
    note_age(monitor, &verdict);
    if (verdict.code)
        block(monitor, verdict.code, false, verdict.text);
    return verdict.code == NULL;
}

static void open_view(struct monitor *monitor)
{
    const struct rs_sink *sink = marker_sink(monitor);
    char reason[RS_REASON_BYTES] = "";
    struct rs_view_wish wish = {0};
    if (!judge_topic(monitor) || !read_progress(monitor, &wish) ||
        !ask_sink(monitor, sink->read_marker(monitor->sink, &monitor->marker, reason), reason) ||
        !judge_view(monitor, &wish))
        return;
    if (!monitor->marker.found)
        add_ends(monitor, true);
    /* Only now: nothing is made in a store that was lost. */
    if (sink->prepare && !ask_sink(monitor, sink->prepare(monitor->sink, reason), reason))
        return;
    if (!ask_sink(monitor, write_marker(monitor, reason), reason))
        return;
    block(monitor, NULL, false, NULL);
    monitor->was_open = true;
    rs_pipeline_open(monitor->pipeline, true);
}

/* Every check interval: is the store still ours, is the topic, and where do we stand? What is
 * wrong is named by opening anew. */
static void check_view(struct monitor *monitor)
{
    const struct rs_sink *sink = marker_sink(monitor);
    char reason[RS_REASON_BYTES] = "";
    struct rs_view_wish wish = {.has_offsets = true};
    const struct rs_pipeline *pipeline = monitor->pipeline;
    int32_t count = 0;
    atomic_store(&monitor->pipeline->look_again, true);
    bool same_topic = rs_topic_find(rs_consumer_asker(pipeline->consumer), pipeline->topic, ASK_MS,
                                    &count, NULL) != RS_KNOWN ||
                      count == monitor->partitions;
    if (same_topic && sink->read_marker(monitor->sink, &monitor->marker, reason) != RS_OK)
        return; /* the lanes see the same outage */
    if (same_topic && monitor->marker.found && judge_view(monitor, &wish)) {
        (void)write_marker(monitor, reason); /* or at the next check */
        return;
    }
    rs_pipeline_open(monitor->pipeline, false);
    open_view(monitor);
}

/* --- lag and ends --- */

/* The committed offsets come first, so that a healthy one is never beyond the end that is read. A
 * partition whose leader does not answer ends the round, and the next one begins behind it: a
 * round takes no longer than one such wait. */
static void watch(struct monitor *monitor)
{
    struct rs_pipeline *pipeline = monitor->pipeline;
    struct rs_error error;
    bool all = monitor->partitions > 0;
    if (all && rs_consumer_committed(pipeline->consumer, monitor->committed, monitor->partitions,
                                     ASK_MS, &error))
        rs_partitions_note_committed(&pipeline->partitions, monitor->committed,
                                     monitor->partitions);
    int32_t first = monitor->watch_from;
    for (int32_t n = 0; n < monitor->partitions && all && !is_ending(monitor); n++) {
        int32_t i = (first + n) % monitor->partitions;
        int64_t low, high;
        all = read_bounds(monitor, i, &low, &high);
        monitor->watch_from = (i + 1) % monitor->partitions;
        if (!all)
            break;
        rs_partitions_note(&pipeline->partitions, i, low, high, rs_wall_ms());
        if (!monitor->ends_noted)
            monitor->ends[i] = high > low ? high : 0;
    }
    monitor->ends_noted |= all;
}

/* Whether the group is past the end that was noted; an offset beyond the log's end was never read
 * up to. */
static bool is_passed(const struct monitor *monitor, const struct rs_partition *partition)
{
    int32_t i = partition->partition;
    return monitor->ends[i] == 0 ||
           (monitor->committed[i] >= monitor->ends[i] && monitor->committed[i] <= partition->high);
}

static void finish(struct monitor *monitor, enum rs_exit code)
{
    atomic_store(&monitor->pipeline->exit_code, code);
    atomic_store(&monitor->pipeline->done, true);
}

/* A partition whose lane waits for somebody to act is blocked with it. */
static void inherit_refusals(struct monitor *monitor, struct rs_partition *partitions,
                             int32_t count)
{
    struct rs_pipeline *pipeline = monitor->pipeline;
    for (int32_t i = 0; i < count; i++) {
        struct rs_lane_report report;
        rs_lane_report(pipeline->lanes[i % pipeline->lane_count], &report);
        if (partitions[i].code || !partitions[i].assigned || !report.stuck ||
            report.trouble.status != RS_FATAL)
            continue;
        partitions[i].code = "sink_refuses";
        (void)snprintf(partitions[i].text, sizeof(partitions[i].text), "%s: %s",
                       report.trouble.sink->name, report.trouble.reason);
    }
}

/* Whether nothing but what a person must mend is left. */
static bool only_blocked_left(struct monitor *monitor, const struct rs_partition *partitions,
                              int32_t count)
{
    struct rs_block whole = rs_pipeline_blocked(monitor->pipeline);
    bool all = true;
    if (whole.code)
        return !whole.waits;
    for (int32_t i = 0; i < count && i < monitor->partitions; i++)
        if (!is_passed(monitor, &partitions[i]))
            all &= partitions[i].code != NULL;
    return all;
}

static void name_blocked(struct monitor *monitor, const struct rs_partition *partitions,
                         int32_t count)
{
    struct rs_block whole = rs_pipeline_blocked(monitor->pipeline);
    if (whole.code)
        rs_log(RS_LOG_ERROR, "until-end", whole.text, "exit=%d code=%s", RS_EXIT_BLOCKED,
               whole.code);
    for (int32_t i = 0; i < count && i < monitor->partitions; i++)
        if (partitions[i].code && !is_passed(monitor, &partitions[i]))
            rs_log(RS_LOG_ERROR, "until-end", partitions[i].text, "exit=%d partition=%d code=%s",
                   RS_EXIT_BLOCKED, (int)i, partitions[i].code);
}

static void judge_end(struct monitor *monitor)
{
    bool reached = monitor->ends_noted && atomic_load(&monitor->pipeline->open);
    int32_t count;
    struct rs_partition *partitions =
        rs_partitions_snapshot(&monitor->pipeline->partitions, &count);
    struct rs_block whole = rs_pipeline_blocked(monitor->pipeline);
    for (int32_t i = 0; i < monitor->partitions; i++)
        reached &= i < count && is_passed(monitor, &partitions[i]);
    inherit_refusals(monitor, partitions, count);
    bool knows = monitor->ends_noted || (whole.code && !whole.waits);
    if (reached) {
        finish(monitor, RS_EXIT_OK);
    } else if (knows && only_blocked_left(monitor, partitions, count)) {
        name_blocked(monitor, partitions, count);
        finish(monitor, RS_EXIT_BLOCKED);
    } else if (monitor->pipeline->timeout_ms &&
               rs_monotonic_ms() - monitor->started_ms > monitor->pipeline->timeout_ms) {
        rs_log(RS_LOG_ERROR, "until-end", whole.code ? whole.text : "the end was not reached",
               "exit=%d timeout_ms=%" PRId64, RS_EXIT_TIMEOUT, monitor->pipeline->timeout_ms);
        finish(monitor, RS_EXIT_TIMEOUT);
    }
    free(partitions);
}

/* --- the thread --- */

static bool prepare(struct monitor *monitor, struct rs_error *error)
{
    struct rs_pipeline *pipeline = monitor->pipeline;
    static char owner[RS_OWNER_BYTES];
    (void)snprintf(owner, sizeof(owner), "%s-m", pipeline->start_id);
    const struct rs_view view = {.processor = pipeline->processor->base.section,
                                 .generation = pipeline->options->generation,
                                 .owner = owner,
                                 .settings = pipeline->settings,
                                 .publication = pipeline->processor->publication};
    monitor->sink = marker_sink(monitor)->open(&view, error);
    return monitor->sink != NULL;
}

static void take_turn(struct monitor *monitor, struct rs_backoff *backoff, int64_t *next_open_ms)
{
    struct rs_pipeline *pipeline = monitor->pipeline;
    int64_t now_ms = rs_monotonic_ms();
    bool open = atomic_load(&pipeline->open);
    if (!open && now_ms >= *next_open_ms) {
        open_view(monitor);
        *next_open_ms =
            rs_monotonic_ms() + (monitor->server_asked ? rs_backoff_next_ms(backoff, 0)
                                                       : pipeline->options->check_interval_ms);
        monitor->checked_ms = now_ms;
    } else if (open && now_ms - monitor->checked_ms >= pipeline->options->check_interval_ms) {
        rs_backoff_reset(backoff);
        monitor->checked_ms = now_ms;
        check_view(monitor);
    }
    if (now_ms - monitor->watched_ms >= (pipeline->until_end ? TURN_MS : WATCH_MS)) {
        monitor->watched_ms = now_ms;
        watch(monitor);
    }
    if (pipeline->until_end)
        judge_end(monitor);
}

static void watch_over(struct monitor *monitor)
{
    struct rs_pipeline *pipeline = monitor->pipeline;
    struct rs_backoff backoff = {.base_ms = pipeline->options->retry_base_ms,
                                 .max_ms = pipeline->options->retry_max_ms};
    int64_t next_open_ms = 0;
    monitor->started_ms = rs_monotonic_ms();
    while (!is_ending(monitor) && !atomic_load(&pipeline->done)) {
        take_turn(monitor, &backoff, &next_open_ms);
        atomic_store(&pipeline->monitor_alive_ms, rs_monotonic_ms());
        struct timespec pause = {0, TURN_MS / 4 * 1000000};
        (void)nanosleep(&pause, NULL);
    }
}

void *rs_monitor_run(void *argument)
{
    struct rs_pipeline *pipeline = argument;
    struct rs_error error = {"out of memory"};
    struct monitor *monitor = calloc(1, sizeof(*monitor));
    if (monitor)
        monitor->pipeline = pipeline;
    if (monitor && prepare(monitor, &error)) {
        watch_over(monitor);
        marker_sink(monitor)->close(monitor->sink);
    } else {
        rs_log(RS_LOG_ERROR, "start", error.text, "exit=%d", RS_EXIT_USAGE);
        atomic_store(&pipeline->exit_code, RS_EXIT_USAGE);
        atomic_store(&pipeline->done, true);
    }
    if (monitor) {
        free(monitor->committed);
        free(monitor->ends);
    }
    free(monitor);
    return NULL;
}
