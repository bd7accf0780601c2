#include "runtime/burial.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>

#include "core/sink.h"
#include "kafka/dead_letter.h"
#include "runtime/log.h"
#include "runtime/pipeline.h"

/* The letter says class, reason, sink and attempts; they may borrow from the operations. */
static bool bury(const struct rs_pipeline *pipeline, struct rs_flight *flight,
                 struct rs_dead_letter letter)
{
    const struct rs_record *record = &flight->received->record;
    struct rs_operations *ops = rs_operations_create();
    letter.processor = pipeline->processor->base.section;
    letter.generation = pipeline->options->generation;
    letter.at_ms = rs_wall_ms();
    if (!ops || rs_dead_letter_add(ops, record, &letter) != RS_OK) {
        rs_operations_destroy(ops);
        return false;
    }
    rs_log(RS_LOG_WARN, "dead-letter", letter.reason, "class=%s partition=%d offset=%" PRId64,
           letter.class, (int)record->partition, record->offset);
    rs_operations_destroy(flight->item.ops);
    flight->item.ops = ops;
    flight->item.dead = true;
    return true;
}

bool rs_bury_malformed(const struct rs_pipeline *pipeline, struct rs_flight *flight,
                       const char *reason)
{
    return bury(pipeline, flight, (struct rs_dead_letter){.class = "malformed", .reason = reason});
}

bool rs_bury_batch(const struct rs_pipeline *pipeline, struct rs_flight *flight)
{
    char reason[RS_REASON_BYTES];
    (void)snprintf(reason, sizeof(reason), "offsets %" PRId64 " to %" PRId64 " cannot be read: %s",
                   flight->received->record.offset, flight->last, rd_kafka_err2str(flight->error));
    return bury(pipeline, flight,
                (struct rs_dead_letter){.class = "undecodable_batch", .reason = reason});
}

bool rs_bury_operation(const struct rs_pipeline *pipeline, struct rs_flight *flight,
                       enum rs_death why, const struct rs_operation *op)
{
    const char *class = why == RS_DEATH_POISON ? "poison"
                        : op->sink             ? "rejected"
                                               : "processor_error";
    return bury(pipeline, flight,
                (struct rs_dead_letter){.class = class,
                                        .reason = op->reason,
                                        .sink = op->sink ? op->sink->name : NULL,
                                        .attempts = op->attempts});
}
