/* pipeline.h - one running processor: consumer thread, lanes, the view's gate, what blocks it.
 *
 * The thread that calls rs_pipeline_run is the consumer thread: it owns the Kafka handle and
 * commits. Lanes own their connections and what is in flight. The monitor opens the view, reads
 * watermarks and looks again at what is blocked. */
#ifndef RS_RUNTIME_PIPELINE_H
#define RS_RUNTIME_PIPELINE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/deliver.h"
#include "core/processor.h"
#include "core/settings.h"
#include "runtime/memory.h"
#include "runtime/metrics.h"
#include "runtime/options.h"
#include "runtime/partitions.h"
#include "runtime/record.h"
#include "runtime/texts.h"

struct rs_admin_server;
struct rs_consumer;
struct rs_lane;

enum { RS_LANES_MAX = 64, RS_OWNER_BYTES = 40 };

/* Why the whole processor does not go on; `code` from a closed set, NULL: it does. */
struct rs_block {
    const char *code;
    bool waits; /* an outage or a missing topic: --until-end waits for it */
    char text[RS_STOP_BYTES];
};

enum rs_exit {
    RS_EXIT_OK = 0,
    RS_EXIT_FAILED = 1,
    RS_EXIT_USAGE = 2,
    RS_EXIT_BLOCKED = 3,
    RS_EXIT_TIMEOUT = 4
};

struct rs_pipeline {
    /* Set before the start, then constant. */
    const struct rs_processor *processor;
    const struct rs_settings *settings;
    const struct rs_runtime_options *options;
    const void *processor_options;
    struct rs_texts texts; /* empty unless the processor analyses */
    const char *topic, *group;
    char fingerprint[65];
    char start_id[16];                            /* random, of this start */
    const struct rs_sink *sinks[RS_METRIC_SINKS]; /* the processor's, dead letters last; NULL */
    size_t batch_events;                          /* that a lane takes at once */
    struct rs_memory memory;                      /* from options */
    bool until_end;
    int64_t timeout_ms; /* of --until-end; 0: none */

    struct rs_partitions partitions;
    struct rs_metrics metrics;
    struct rs_consumer *consumer;
    struct rs_headers headers; /* of the consumer thread */
    struct rs_lane *lanes[RS_LANES_MAX];
    int lane_count;
    pthread_t monitor;
    struct rs_admin_server *admin;

    atomic_bool open;      /* the view may be written */
    atomic_bool stopping;  /* lanes finish what is in flight */
    atomic_bool abandoned; /* lanes leave now */
    atomic_bool done;      /* --until-end: every noted end is passed, or nothing more will be */
    atomic_int exit_code;
    atomic_uint revokes;    /* raised by each: lanes then drop what is gone */
    atomic_bool look_again; /* monitor to consumer thread: try stopped partitions */
    atomic_int_fast64_t consumer_alive_ms, monitor_alive_ms;
    atomic_bool needs_verify;
    atomic_int_least64_t at_end_ms;           /* of the partition that was longest away; 0 never */
    atomic_int_least64_t delete_retention_ms; /* of the source topic; 0 or less: unknown */

    sem_t stopped; /* posted when the group was left */

    pthread_mutex_t block_lock;
    struct rs_block block;
};

/* Zeroes it, takes options and sinks from processor and settings (borrowed); the caller then sets
 * topic, group, fingerprint, start_id and what it was asked for. False: out of memory. */
bool rs_pipeline_init(struct rs_pipeline *pipeline, const struct rs_processor *processor,
                      const struct rs_settings *settings);
void rs_pipeline_finish(struct rs_pipeline *pipeline);
/* Run until a signal, a fatal error or, with until_end, the end. Returns the exit code. */
int rs_pipeline_run(struct rs_pipeline *pipeline);
/* From a signal handler: stop; a second call leaves the process at once. */
void rs_pipeline_signal(void);

/* Whether the view may be written from now on. The lanes look at once: without it each would rest
 * for up to half a second more before it takes its first record. The monitor's thread. */
void rs_pipeline_open(struct rs_pipeline *pipeline, bool open);

/* Set or clear (code NULL) what blocks the whole processor; logs changes. Any thread. */
void rs_pipeline_block(struct rs_pipeline *pipeline, const char *code, bool waits,
                       const char *text);
struct rs_block rs_pipeline_blocked(struct rs_pipeline *pipeline);

/* The monitor's thread. */
void *rs_monitor_run(void *pipeline);

/* CLOCK_MONOTONIC and CLOCK_REALTIME in ms. */
int64_t rs_monotonic_us(void);
int64_t rs_monotonic_ms(void);
int64_t rs_wall_ms(void);

#endif
