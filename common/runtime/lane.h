/* lane.h - a worker thread: decode, process, deliver, settle. It owns its decoder, its sink
 * instances and everything that it has in flight. */
#ifndef RS_RUNTIME_LANE_H
#define RS_RUNTIME_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/deliver.h"
#include "core/error.h"
#include "runtime/queue.h"

struct rs_lane;
struct rs_pipeline;

/* Opens the sinks; NULL: bad configuration, with the reason. */
struct rs_lane *rs_lane_create(struct rs_pipeline *pipeline, int index, struct rs_error *error);
bool rs_lane_start(struct rs_lane *lane);
struct rs_queue *rs_lane_queue(struct rs_lane *lane);
/* Whether its thread has ended, and freeing it afterwards. */
bool rs_lane_ended(const struct rs_lane *lane);
void rs_lane_destroy(struct rs_lane *lane);

/* For /status and probes, from any thread. */
struct rs_lane_report {
    int64_t alive_ms; /* monotonic, of its last turn */
    size_t pending;
    struct rs_deliver_trouble trouble;
    bool stuck;
};
void rs_lane_report(struct rs_lane *lane, struct rs_lane_report *ret_report);

#endif
