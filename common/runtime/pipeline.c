#include "runtime/pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kafka/consumer.h"
#include "kafka/dead_letter.h"
#include "runtime/admin.h"
#include "runtime/lane.h"
#include "runtime/log.h"

enum { POLL_MS = 50, POLL_RECORDS = 500, ROOM_MS = 300, BATCH_EVENTS = 2000, LANES = 4 };
enum { UNTIL_END_COMMIT_MS = 200 }; /* the process ends with the commit */

static atomic_int signals;

int64_t rs_monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t rs_monotonic_ms(void)
{
    return rs_monotonic_us() / 1000;
}

int64_t rs_wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void rs_pipeline_signal(void)
{
    if (atomic_fetch_add(&signals, 1) > 0)
        _exit(RS_EXIT_FAILED);
}

static size_t choose_batch(const struct rs_pipeline *pipeline)
{
    size_t best = pipeline->sinks[0]->batch_events;
    if (pipeline->options->batch_events)
        return (size_t)pipeline->options->batch_events;
    return best ? best : BATCH_EVENTS;
}

static int choose_lanes(const struct rs_pipeline *pipeline)
{
    int64_t best = pipeline->sinks[0]->lanes;
    if (pipeline->options->lanes)
        return (int)pipeline->options->lanes;
    return best ? (int)best : LANES;
}

bool rs_pipeline_init(struct rs_pipeline *pipeline, const struct rs_processor *processor,
                      const struct rs_settings *settings)
{
    size_t count = 0;
    *pipeline = (struct rs_pipeline){.processor = processor,
                                     .settings = settings,
                                     .options = rs_settings_get(settings, &rs_runtime_component)};
    for (; processor->sinks[count] && count < RS_METRIC_SINKS - 2; count++)
        pipeline->sinks[count] = processor->sinks[count];
    pipeline->sinks[count] = &rs_dead_letter;
    pipeline->batch_events = choose_batch(pipeline);
    pipeline->memory = rs_memory_share(pipeline->options->memory_limit, choose_lanes(pipeline),
                                       pipeline->batch_events);
    rs_metrics_init(&pipeline->metrics, processor->base.section, pipeline->sinks);
    rs_partitions_init(&pipeline->partitions);
    return pthread_mutex_init(&pipeline->block_lock, NULL) == 0 &&
           sem_init(&pipeline->stopped, 0, 0) == 0;
}

void rs_pipeline_finish(struct rs_pipeline *pipeline)
{
    rs_texts_finish(&pipeline->texts);
    rs_partitions_finish(&pipeline->partitions);
    rs_headers_finish(&pipeline->headers);
    (void)pthread_mutex_destroy(&pipeline->block_lock);
    (void)sem_destroy(&pipeline->stopped);
}

/* --- what blocks the processor --- */

void rs_pipeline_block(struct rs_pipeline *pipeline, const char *code, bool waits, const char *text)
{
    (void)pthread_mutex_lock(&pipeline->block_lock);
    const char *before = pipeline->block.code;
    bool changed = (before == NULL) != (code == NULL) || (code && strcmp(before, code) != 0);
    pipeline->block.code = code;
    pipeline->block.waits = waits;
    (void)snprintf(pipeline->block.text, sizeof(pipeline->block.text), "%s", text ? text : "");
    (void)pthread_mutex_unlock(&pipeline->block_lock);
    if (changed && code)
        rs_log(waits ? RS_LOG_WARN : RS_LOG_ERROR, "blocked", text, "code=%s", code);
    else if (changed)
        rs_log(RS_LOG_INFO, "blocked", NULL, "code=none was=%s", before);
}

struct rs_block rs_pipeline_blocked(struct rs_pipeline *pipeline)
{
    (void)pthread_mutex_lock(&pipeline->block_lock);
    struct rs_block block = pipeline->block;
    (void)pthread_mutex_unlock(&pipeline->block_lock);
    return block;
}

/* --- what the consumer tells; all in the consumer thread --- */

static struct rs_lane *lane_of(const struct rs_pipeline *pipeline, int32_t partition)
{
    return pipeline->lanes[partition % pipeline->lane_count];
}

static void on_assigned(void *context, int32_t partition)
{
    struct rs_pipeline *pipeline = context;
    if (!rs_partitions_assign(&pipeline->partitions, partition))
        abort(); /* nothing is consumed yet: a restart is the way out of a full memory */
}

static void on_revoked(void *context, int32_t partition, bool lost)
{
    struct rs_pipeline *pipeline = context;
    (void)lost;
    rs_partitions_revoke(&pipeline->partitions, partition);
    atomic_fetch_add(&pipeline->revokes, 1);
    if (pipeline->lane_count) /* leaving the group comes after the end of the lanes */
        rs_queue_wake(rs_lane_queue(lane_of(pipeline, partition)));
}

static int64_t on_position(void *context, int32_t partition)
{
    struct rs_pipeline *pipeline = context;
    return rs_partitions_position(&pipeline->partitions, partition);
}

/* Pause late: a lane that is only slow makes room soon. */
static void make_room(struct rs_pipeline *pipeline, int32_t partition)
{
    if (rs_queue_wait_room(rs_lane_queue(lane_of(pipeline, partition)), ROOM_MS))
        return;
    int32_t count = rs_partitions_count(&pipeline->partitions);
    for (int32_t i = partition % pipeline->lane_count; i < count; i += pipeline->lane_count)
        rs_consumer_pause(pipeline->consumer, i);
}

static void take_record(struct rs_pipeline *pipeline, rd_kafka_message_t *message, int64_t last)
{
    struct rs_record record;
    struct rs_queued queued = {.error = message->err, .last = last};
    int32_t partition = message->partition;
    struct rs_queue *queue = rs_lane_queue(lane_of(pipeline, partition));
    if (!atomic_load(&pipeline->stopping) && atomic_load(&pipeline->open))
        make_room(pipeline, partition);
    if (!rs_record_read(&pipeline->headers, pipeline->topic, message, &record) ||
        !(queued.received = rs_received_create(&queue->pages, &record)) ||
        !rs_partitions_consume(&pipeline->partitions, partition, message->offset, &queued.epoch,
                               &queued.sequence) ||
        !rs_queue_push(queue, queued))
        abort(); /* the record would be lost to the settled prefix */
}

static void on_record(void *context, rd_kafka_message_t *message)
{
    take_record(context, message, 0);
}

static void on_unreadable(void *context, rd_kafka_message_t *message, int64_t last)
{
    take_record(context, message, last);
}

static void on_end(void *context, int32_t partition, int64_t offset)
{
    struct rs_pipeline *pipeline = context;
    rs_partitions_at_end(&pipeline->partitions, partition, offset);
    if (pipeline->until_end)
        rs_queue_wake(rs_lane_queue(lane_of(pipeline, partition))); /* it waits for no more */
}

static void on_stopped(void *context, int32_t partition, const char *code, const char *text)
{
    struct rs_pipeline *pipeline = context;
    rs_partitions_stop(&pipeline->partitions, partition, code, text);
    if (code)
        rs_log(RS_LOG_ERROR, "stopped", text, "partition=%d code=%s", (int)partition, code);
}

static void on_log(void *context, int level, const char *text)
{
    (void)context;
    rs_log(level <= 3   ? RS_LOG_ERROR
           : level <= 4 ? RS_LOG_WARN
                        : RS_LOG_INFO,
           "kafka", text, "%s", "");
}

/* --- the consumer thread --- */

/* Stop fetching while the view is closed, resume lanes that have room again. */
static void steer(struct rs_pipeline *pipeline)
{
    bool open = atomic_load(&pipeline->open);
    int32_t count = rs_partitions_count(&pipeline->partitions);
    for (int32_t i = 0; i < count; i++) {
        struct rs_queue *queue = rs_lane_queue(lane_of(pipeline, i));
        if (rs_queue_is_low(queue) && open)
            rs_consumer_resume(pipeline->consumer, i);
        else if (!open && !rs_queue_is_low(queue))
            rs_consumer_pause(pipeline->consumer, i);
    }
}

static bool consume(struct rs_pipeline *pipeline)
{
    int64_t interval_ms = pipeline->options->commit_interval_ms;
    struct rs_error error;
    if (pipeline->until_end && interval_ms > UNTIL_END_COMMIT_MS)
        interval_ms = UNTIL_END_COMMIT_MS;
    int64_t committed_ms = rs_monotonic_ms();
    while (!atomic_load(&signals) && !atomic_load(&pipeline->done)) {
        if (!rs_consumer_poll(pipeline->consumer, POLL_MS, POLL_RECORDS, &error)) {
            rs_log(RS_LOG_ERROR, "kafka", error.text, "fatal=true");
            return false;
        }
        steer(pipeline);
        int64_t now_ms = rs_monotonic_ms();
        atomic_store(&pipeline->consumer_alive_ms, now_ms);
        if (now_ms - committed_ms >= interval_ms) {
            rs_consumer_commit(pipeline->consumer, false);
            committed_ms = now_ms;
        }
        if (atomic_exchange(&pipeline->look_again, false))
            rs_consumer_look_again(pipeline->consumer);
    }
    return true;
}

/* --- start and stop --- */

static bool start_consumer(struct rs_pipeline *pipeline, struct rs_error *error)
{
    struct rs_consumer_options options = {
        .group = pipeline->group,
        .topic = pipeline->topic,
        .prefetch_bytes = (int64_t)pipeline->memory.prefetch,
        .restart_out_of_range = strcmp(pipeline->options->out_of_range, "beginning") == 0,
        .skip_undecodable = pipeline->options->skip_undecodable};
    struct rs_consumer_handler handler = {.context = pipeline,
                                          .assigned = on_assigned,
                                          .revoked = on_revoked,
                                          .position = on_position,
                                          .record = on_record,
                                          .unreadable = on_unreadable,
                                          .at_end = on_end,
                                          .stopped = on_stopped,
                                          .log = on_log};
    pipeline->consumer = rs_consumer_create(pipeline->settings, &options, &handler, error);
    return pipeline->consumer != NULL;
}

static bool start(struct rs_pipeline *pipeline, struct rs_error *error)
{
    pipeline->lane_count = choose_lanes(pipeline);
    if (!start_consumer(pipeline, error))
        return false;
    for (int i = 0; i < pipeline->lane_count; i++)
        if (!(pipeline->lanes[i] = rs_lane_create(pipeline, i, error)))
            return false;
    atomic_store(&pipeline->consumer_alive_ms, rs_monotonic_ms());
    pipeline->admin = rs_admin_start(pipeline, pipeline->options->http_listen, error);
    if (!pipeline->admin)
        return false;
    for (int i = 0; i < pipeline->lane_count; i++)
        if (!rs_lane_start(pipeline->lanes[i]))
            return rs_error_set(error, "a thread cannot be started: raise the limit of processes");
    if (pthread_create(&pipeline->monitor, NULL, rs_monitor_run, pipeline) != 0)
        return rs_error_set(error, "a thread cannot be started: raise the limit of processes");
    return true;
}

/* Whatever hangs, the process leaves when its time is over; what was settled is committed by
 * then unless the brokers are away too. */
static void *watch_stop(void *argument)
{
    struct rs_pipeline *pipeline = argument;
    int64_t until_ms = rs_monotonic_ms() + pipeline->options->drain_ms;
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    int waited;
    while ((waited = sem_clockwait(&pipeline->stopped, CLOCK_MONOTONIC, &until)) != 0 &&
           errno == EINTR)
        ;
    if (waited == 0)
        return NULL;
    rs_log(RS_LOG_WARN, "stop", "the time to drain is over; what is in flight will be repeated",
           "drain_ms=%" PRId64, pipeline->options->drain_ms);
    _exit(atomic_load(&pipeline->exit_code));
}

static bool lanes_ended(const struct rs_pipeline *pipeline)
{
    for (int i = 0; i < pipeline->lane_count; i++)
        if (!rs_lane_ended(pipeline->lanes[i]))
            return false;
    return true;
}

static void wake_lanes(struct rs_pipeline *pipeline)
{
    for (int i = 0; i < pipeline->lane_count; i++)
        rs_queue_wake(rs_lane_queue(pipeline->lanes[i]));
}

void rs_pipeline_open(struct rs_pipeline *pipeline, bool open)
{
    atomic_store(&pipeline->open, open);
    wake_lanes(pipeline);
}

/* Let lanes finish what is in flight for half of the time, then take back the rest. */
static void drain(struct rs_pipeline *pipeline)
{
    int64_t until_ms = rs_monotonic_ms() + pipeline->options->drain_ms / 2;
    atomic_store(&pipeline->stopping, true);
    wake_lanes(pipeline);
    while (!lanes_ended(pipeline) && rs_monotonic_ms() < until_ms) {
        struct timespec pause = {0, 5 * 1000000};
        (void)nanosleep(&pause, NULL);
    }
    atomic_store(&pipeline->abandoned, true);
    wake_lanes(pipeline);
}

static void log_summary(struct rs_pipeline *pipeline)
{
    int32_t count;
    uint64_t consumed = 0, in_flight = 0, outcomes[RS_OUTCOMES] = {0};
    struct rs_partition *partitions = rs_partitions_snapshot(&pipeline->partitions, &count);
    for (int32_t i = 0; i < count; i++) {
        consumed += partitions[i].consumed;
        in_flight += partitions[i].in_flight;
        for (int j = 0; j < RS_OUTCOMES; j++)
            outcomes[j] += partitions[i].outcomes[j];
    }
    free(partitions);
    rs_log(RS_LOG_INFO, "summary", NULL,
           "consumed=%" PRIu64 " applied=%" PRIu64 " stale=%" PRIu64 " skipped=%" PRIu64
           " dead=%" PRIu64 " dropped=%" PRIu64 " in_flight=%" PRIu64,
           consumed, outcomes[RS_OUTCOME_APPLIED], outcomes[RS_OUTCOME_STALE],
           outcomes[RS_OUTCOME_SKIPPED], outcomes[RS_OUTCOME_DEAD], outcomes[RS_OUTCOME_DROPPED],
           in_flight);
}

/* Order: lanes end (they hold messages, on which the handle's end would wait), the settled prefix
 * is committed and the group left, all in the consumer thread. */
static void stop(struct rs_pipeline *pipeline)
{
    pthread_t watch;
    bool watched = pthread_create(&watch, NULL, watch_stop, pipeline) == 0;
    rs_log(RS_LOG_INFO, "stop", "draining", "signals=%d", atomic_load(&signals));
    if (pipeline->monitor) {
        drain(pipeline);
        (void)pthread_join(pipeline->monitor, NULL);
    }
    rs_consumer_commit(pipeline->consumer, true);
    rs_admin_stop(pipeline->admin); /* its answers look at lanes and consumer */
    pipeline->admin = NULL;
    for (int i = 0; i < pipeline->lane_count; i++)
        rs_lane_destroy(pipeline->lanes[i]);
    pipeline->lane_count = 0;
    rs_consumer_close(pipeline->consumer);
    pipeline->consumer = NULL;
    log_summary(pipeline);
    (void)sem_post(&pipeline->stopped);
    if (watched)
        (void)pthread_join(watch, NULL);
}

int rs_pipeline_run(struct rs_pipeline *pipeline)
{
    struct rs_error error = {""};
    if (!start(pipeline, &error)) {
        rs_log(RS_LOG_ERROR, "start", error.text, "exit=%d", RS_EXIT_USAGE);
        _exit(RS_EXIT_USAGE); /* threads may run: nothing was consumed */
    }
    if (!consume(pipeline))
        atomic_store(&pipeline->exit_code, RS_EXIT_FAILED);
    stop(pipeline);
    return atomic_load(&pipeline->exit_code);
}
