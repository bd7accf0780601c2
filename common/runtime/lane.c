#include "runtime/lane.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/decode.h"
#include "core/sink.h"
#include "language/analysis.h"
#include "runtime/burial.h"
#include "runtime/flight.h"
#include "runtime/log.h"
#include "runtime/pipeline.h"

enum { IDLE_MS = 500, TICK_MS = 1000, PENDING_MAX = 20000, PIECE = 256 };

struct rs_lane {
    struct rs_pipeline *pipeline;
    int index;
    char owner[RS_OWNER_BYTES];
    pthread_t thread;
    struct rs_queue queue;
    struct rs_decoder *decoder;
    struct rs_analyser *analyser; /* NULL: the processor does not analyse */
    struct rs_analysis *analysis;
    struct rs_deliver *deliver;
    struct rs_deliver_sink sinks[RS_METRIC_SINKS];
    size_t sink_count;
    struct rs_queued piece[PIECE];
    struct rs_settled *settled;
    size_t settled_count, settled_size;
    struct rs_flights flights;
    struct rs_tally freshness;
    int64_t wall_ms; /* when the first event of this turn settled; 0: none has */
    unsigned revokes;
    int64_t ticked_ms, sent_ms;
    int64_t due_ms; /* when a step is useful without new events */
    bool was_in_trouble;
    atomic_bool ended;
    atomic_int_fast64_t alive_ms;
    pthread_mutex_t report_lock;
    struct rs_lane_report report;
};

/* --- settling --- */

static void flush_settled(struct rs_lane *lane)
{
    if (lane->settled_count)
        rs_partitions_settle(&lane->pipeline->partitions, lane->settled, lane->settled_count);
    lane->settled_count = 0;
    rs_histogram_take(&lane->pipeline->metrics.freshness, &lane->freshness);
}

static void note_settled(struct rs_lane *lane, int32_t partition, uint32_t epoch, uint64_t sequence,
                         enum rs_outcome outcome)
{
    if (lane->settled_count == lane->settled_size)
        flush_settled(lane);
    lane->settled[lane->settled_count++] = (struct rs_settled){partition, epoch, sequence, outcome};
}

static void on_settled(void *context, struct rs_item *item, enum rs_outcome outcome)
{
    struct rs_lane *lane = context;
    struct rs_flight *flight = (struct rs_flight *)item;
    note_settled(lane, flight->partition, flight->epoch, flight->sequence, outcome);
    if (lane->wall_ms == 0)
        lane->wall_ms = rs_wall_ms();
    if (flight->timestamp_ms > 0 && outcome != RS_OUTCOME_DEAD)
        rs_tally_add(&lane->freshness, &lane->pipeline->metrics.freshness,
                     (double)(lane->wall_ms - flight->timestamp_ms) / 1000.0);
    rs_flight_leave(&lane->flights, flight);
}

static void on_discard(void *context, struct rs_item *item)
{
    struct rs_lane *lane = context;
    rs_flight_leave(&lane->flights, (struct rs_flight *)item);
}

static bool is_gone(void *context, struct rs_item *item)
{
    struct rs_lane *lane = context;
    struct rs_flight *flight = (struct rs_flight *)item;
    if (rs_partitions_current(&lane->pipeline->partitions, flight->partition, flight->epoch))
        return false;
    rs_flight_leave(&lane->flights, flight);
    return true;
}

static bool on_bury(void *context, struct rs_item *item, enum rs_death why,
                    const struct rs_operation *op)
{
    struct rs_lane *lane = context;
    struct rs_flight *flight = (struct rs_flight *)item;
    if (!rs_bury_operation(lane->pipeline, flight, why, op))
        return false;
    rs_flight_weigh(&lane->flights, flight);
    return true;
}

/* --- taking records in --- */

static const char *const review_type[] = {"review", NULL};

/* Decode and process; false: out of memory, try again. `ret_skip`: of no interest here. */
static bool fill_operations(struct rs_lane *lane, struct rs_flight *flight, bool *ret_skip)
{
    const struct rs_processor *processor = lane->pipeline->processor;
    struct rs_event event;
    struct rs_error reason;
    if (flight->error)
        return rs_bury_batch(lane->pipeline, flight);
    switch (rs_decode(lane->decoder, &flight->received->record,
                      processor->types ? processor->types : review_type, &event, &reason)) {
    case RS_SKIPPED:
        *ret_skip = true;
        return true;
    case RS_MALFORMED:
        return rs_bury_malformed(lane->pipeline, flight, reason.text);
    case RS_NO_MEMORY:
        return false;
    case RS_EVENT:
        break;
    }
    if (lane->analyser &&
        !rs_texts_analyse(&lane->pipeline->texts, lane->analyser, lane->analysis, &event))
        return false;
    return processor->process(lane->pipeline->processor_options, &event, flight->item.ops) !=
           RS_FATAL;
}

static bool take_in(struct rs_lane *lane, struct rs_queued *queued)
{
    bool skip = false;
    struct rs_flight *flight = rs_flight_take(&lane->flights);
    if (!flight)
        return false;
    flight->received = queued->received;
    flight->partition = queued->received->record.partition;
    flight->timestamp_ms = queued->received->record.timestamp_ms;
    flight->epoch = queued->epoch;
    flight->sequence = queued->sequence;
    flight->error = queued->error;
    flight->last = queued->last;
    if (!fill_operations(lane, flight, &skip) ||
        (!skip && !rs_deliver_add(lane->deliver, &flight->item))) {
        flight->received = NULL; /* it stays with the caller */
        rs_flight_leave(&lane->flights, flight);
        return false;
    }
    if (!skip) {
        rs_flight_weigh(&lane->flights, flight);
        return true;
    }
    note_settled(lane, flight->partition, flight->epoch, flight->sequence, RS_OUTCOME_SKIPPED);
    rs_flight_leave(&lane->flights, flight);
    return true;
}

static bool is_abandoned(const struct rs_lane *lane)
{
    return atomic_load(&lane->pipeline->abandoned);
}

/* Returns the bytes of its records. */
static size_t take_piece(struct rs_lane *lane, size_t count)
{
    size_t bytes = 0;
    const struct rs_queued *asked = NULL; /* the last that was found current; epochs are unique */
    for (size_t i = 0; i < count; i++) {
        const struct rs_queued *queued = &lane->piece[i];
        bytes += queued->received->bytes;
        if (!(asked && asked->epoch == queued->epoch) &&
            !rs_partitions_current(&lane->pipeline->partitions, queued->received->record.partition,
                                   queued->epoch)) {
            rs_received_release(queued->received); /* counted as dropped by the revoke */
            continue;
        }
        asked = queued;
        while (!take_in(lane, &lane->piece[i])) {
            rs_log(RS_LOG_ERROR, "lane", "out of memory, waiting for some", "lane=%d", lane->index);
            rs_queue_rest(&lane->queue, IDLE_MS);
            if (is_abandoned(lane)) {
                rs_received_release(queued->received);
                break;
            }
        }
    }
    return bytes;
}

/* --- one turn --- */

static void publish_report(struct rs_lane *lane)
{
    struct rs_lane_report report = {.alive_ms = rs_monotonic_ms(),
                                    .pending = rs_deliver_pending(lane->deliver),
                                    .stuck = rs_deliver_stuck(lane->deliver)};
    rs_deliver_trouble(lane->deliver, &report.trouble);
    bool trouble = report.trouble.sink != NULL;
    if (trouble && (!lane->was_in_trouble || report.trouble.attempt > lane->report.trouble.attempt))
        rs_log(report.trouble.status == RS_FATAL ? RS_LOG_ERROR : RS_LOG_WARN, "deliver",
               report.trouble.reason,
               "lane=%d sink=%s status=%s attempt=%u wait_ms=%" PRId64 " pending=%zu", lane->index,
               report.trouble.sink->name, rs_status_name(report.trouble.status),
               report.trouble.attempt, report.trouble.wait_ms, report.pending);
    else if (!trouble && lane->was_in_trouble)
        rs_log(RS_LOG_INFO, "deliver", NULL, "lane=%d recovered=true", lane->index);
    lane->was_in_trouble = trouble;
    (void)pthread_mutex_lock(&lane->report_lock);
    lane->report = report;
    (void)pthread_mutex_unlock(&lane->report_lock);
}

static void tick_sinks(struct rs_lane *lane)
{
    int64_t now_ms = rs_monotonic_ms();
    if (now_ms - lane->ticked_ms < TICK_MS)
        return;
    lane->ticked_ms = now_ms;
    for (size_t i = 0; i < lane->sink_count; i++) {
        const struct rs_sink *sink = lane->sinks[i].sink;
        struct rs_erasures erasures = {0};
        if (sink->tick)
            sink->tick(lane->sinks[i].instance, now_ms);
        if (!sink->erasures)
            continue;
        sink->erasures(lane->sinks[i].instance, &erasures);
        rs_metrics_erasures(&lane->pipeline->metrics, &erasures);
        if (erasures.finished)
            rs_log(RS_LOG_INFO, "erase", NULL,
                   "sink=%s finished=%" PRIu64 " waiting=%" PRIu64 " physically_gone=true",
                   sink->name, erasures.finished, erasures.waiting);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_full(const struct rs_lane *lane)
{
    size_t most =
        lane->pipeline->batch_events > PENDING_MAX ? lane->pipeline->batch_events : PENDING_MAX;
    return lane->flights.bytes >= lane->pipeline->memory.flights ||
           rs_deliver_pending(lane->deliver) >= most;
}

static bool has_room(const struct rs_lane *lane)
{
    const struct rs_pipeline *pipeline = lane->pipeline;
    return atomic_load(&pipeline->open) && !atomic_load(&pipeline->stopping) &&
           !rs_deliver_stuck(lane->deliver) && !is_full(lane);
}

/* Take a batch, piece by piece, since only what was made of a piece tells how much it holds. What
 * there is no room for stays in the queue. Waits for the first piece only. */
static void take_batch(struct rs_lane *lane, int64_t rest_ms)
{
    size_t events = lane->pipeline->batch_events;
    size_t bytes = (size_t)lane->pipeline->options->batch_bytes;
    size_t count = rs_queue_pop(&lane->queue, lane->piece, least(events, PIECE), bytes, rest_ms);
    while (count > 0) {
        bytes -= least(take_piece(lane, count), bytes);
        events -= count;
        count = has_room(lane)
                    ? rs_queue_pop_more(&lane->queue, lane->piece, least(events, PIECE), bytes)
                    : 0;
    }
}

/* For how many ms what is in flight may wait for more to be sent with; 0: no more. */
static int64_t patience_ms(const struct rs_lane *lane)
{
    struct rs_pipeline *pipeline = lane->pipeline;
    const struct rs_runtime_options *options = pipeline->options;
    int64_t age_ms =
        options->batch_age_ms ? options->batch_age_ms : pipeline->sinks[0]->batch_age_ms;
    if (age_ms == 0 || atomic_load(&pipeline->stopping) || is_full(lane) ||
        rs_deliver_pending(lane->deliver) >= lane->pipeline->batch_events ||
        lane->flights.record_bytes >= (size_t)options->batch_bytes)
        return 0;
    if (pipeline->until_end &&
        rs_partitions_are_read(&pipeline->partitions, lane->index, pipeline->lane_count))
        return 0;
    int64_t until_ms = lane->sent_ms + age_ms;
    int64_t left_ms = (lane->due_ms < until_ms ? lane->due_ms : until_ms) - rs_monotonic_ms();
    return left_ms > 0 ? left_ms : 0;
}

static void take_turn(struct rs_lane *lane, int64_t *wait_ms)
{
    int64_t rest_ms = *wait_ms < 0 || *wait_ms > IDLE_MS ? IDLE_MS : *wait_ms;
    if (has_room(lane))
        take_batch(lane, rest_ms);
    else if (rest_ms > 0)
        rs_queue_rest(&lane->queue, rest_ms);
    unsigned revokes = atomic_load(&lane->pipeline->revokes);
    if (revokes != lane->revokes) {
        lane->revokes = revokes;
        rs_deliver_drop(lane->deliver, is_gone);
    }
    *wait_ms = -1;
    lane->wall_ms = 0;
    if (atomic_load(&lane->pipeline->open)) {
        int64_t patience = rs_deliver_pending(lane->deliver) ? patience_ms(lane) : 0;
        if (patience > 0) {
            *wait_ms = patience;
        } else {
            lane->sent_ms = rs_deliver_pending(lane->deliver) ? rs_monotonic_ms() : lane->sent_ms;
            *wait_ms = rs_deliver_step(lane->deliver);
            lane->due_ms = *wait_ms < 0 ? INT64_MAX : rs_monotonic_ms() + *wait_ms;
        }
        tick_sinks(lane);
    }
    flush_settled(lane);
    atomic_store(&lane->alive_ms, rs_monotonic_ms());
    publish_report(lane);
}

static void *run(void *argument)
{
    struct rs_lane *lane = argument;
    int64_t wait_ms = -1;
    while (!is_abandoned(lane)) {
        take_turn(lane, &wait_ms);
        if (atomic_load(&lane->pipeline->stopping) && rs_deliver_pending(lane->deliver) == 0)
            break;
    }
    atomic_store(&lane->ended, true);
    return NULL;
}

/* --- life --- */

static void on_sent(void *context, const struct rs_sink *sink, struct rs_operation *const *ops,
                    size_t count, int64_t took_us)
{
    struct rs_lane *lane = context;
    rs_metrics_sent(&lane->pipeline->metrics, sink, ops, count, took_us);
}

static uint32_t draw(void *context)
{
    (void)context;
    uint32_t bits = 0;
    (void)!getrandom(&bits, sizeof(bits), GRND_NONBLOCK);
    return bits;
}

static int64_t clock_us(void *context)
{
    (void)context;
    return rs_monotonic_us();
}

static bool open_sinks(struct rs_lane *lane, struct rs_error *error)
{
    struct rs_pipeline *pipeline = lane->pipeline;
    const struct rs_view view = {.processor = pipeline->processor->base.section,
                                 .generation = pipeline->options->generation,
                                 .owner = lane->owner,
                                 .settings = pipeline->settings,
                                 .publication = pipeline->processor->publication};
    for (size_t i = 0; pipeline->sinks[i]; i++) {
        lane->sinks[i].sink = pipeline->sinks[i];
        lane->sinks[i].instance = pipeline->sinks[i]->open(&view, error);
        if (!lane->sinks[i].instance)
            return false;
        lane->sink_count = i + 1;
    }
    return true;
}

static bool create_parts(struct rs_lane *lane, struct rs_error *error)
{
    const struct rs_runtime_options *options = lane->pipeline->options;
    lane->flights.spare_limit = lane->pipeline->memory.spare;
    lane->settled_size = 1024;
    lane->settled = malloc(lane->settled_size * sizeof(*lane->settled));
    lane->decoder = rs_decoder_create();
    if (!rs_queue_init(&lane->queue, lane->pipeline->memory.queue) || !lane->settled ||
        !lane->decoder)
        return rs_error_set(error, "out of memory");
    if (lane->pipeline->processor->analyses &&
        (!(lane->analyser = rs_analyser_create(lane->pipeline->texts.model)) ||
         !(lane->analysis = calloc(1, sizeof(*lane->analysis)))))
        return rs_error_set(error, "out of memory");
    if (!open_sinks(lane, error))
        return false;
    struct rs_deliver_options deliver = {.base_ms = options->retry_base_ms,
                                         .max_ms = options->retry_max_ms,
                                         .poison_attempts = options->retry_poison_attempts,
                                         .sinks = lane->sinks,
                                         .sink_count = lane->sink_count,
                                         .settled = on_settled,
                                         .bury = on_bury,
                                         .sent = on_sent,
                                         .random = draw,
                                         .clock_us = clock_us,
                                         .context = lane};
    lane->deliver = rs_deliver_create(&deliver);
    return lane->deliver || rs_error_set(error, "out of memory");
}

struct rs_lane *rs_lane_create(struct rs_pipeline *pipeline, int index, struct rs_error *error)
{
    struct rs_lane *lane = calloc(1, sizeof(*lane));
    if (!lane) {
        (void)rs_error_set(error, "out of memory");
        return NULL;
    }
    lane->pipeline = pipeline;
    lane->index = index;
    (void)snprintf(lane->owner, sizeof(lane->owner), "%s-%d", pipeline->start_id, index);
    (void)pthread_mutex_init(&lane->report_lock, NULL);
    atomic_store(&lane->alive_ms, rs_monotonic_ms());
    lane->report.alive_ms = rs_monotonic_ms();
    if (create_parts(lane, error))
        return lane;
    rs_lane_destroy(lane);
    return NULL;
}

bool rs_lane_start(struct rs_lane *lane)
{
    return pthread_create(&lane->thread, NULL, run, lane) == 0;
}

struct rs_queue *rs_lane_queue(struct rs_lane *lane)
{
    return &lane->queue;
}

bool rs_lane_ended(const struct rs_lane *lane)
{
    return atomic_load(&lane->ended);
}

void rs_lane_destroy(struct rs_lane *lane)
{
    if (!lane)
        return;
    if (lane->thread)
        (void)pthread_join(lane->thread, NULL);
    rs_deliver_destroy(lane->deliver, on_discard);
    rs_flights_finish(&lane->flights);
    for (size_t i = 0; i < lane->sink_count; i++)
        lane->sinks[i].sink->close(lane->sinks[i].instance);
    rs_queue_finish(&lane->queue);
    rs_decoder_destroy(lane->decoder);
    rs_analyser_destroy(lane->analyser);
    free(lane->analysis);
    free(lane->settled);
    (void)pthread_mutex_destroy(&lane->report_lock);
    free(lane);
}

void rs_lane_report(struct rs_lane *lane, struct rs_lane_report *ret_report)
{
    (void)pthread_mutex_lock(&lane->report_lock);
    *ret_report = lane->report;
    (void)pthread_mutex_unlock(&lane->report_lock);
    ret_report->alive_ms = atomic_load(&lane->alive_ms);
}
