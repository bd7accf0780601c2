/* burial.h - flights that end as dead letters: what was to be sent makes way for the letter.
 *
 * Each function replaces the operations of the flight and marks it as dead; false: out of memory,
 * the flight is unchanged. */
#ifndef RS_RUNTIME_BURIAL_H
#define RS_RUNTIME_BURIAL_H

#include "core/deliver.h"
#include "runtime/flight.h"

struct rs_pipeline;

/* It cannot be decoded. */
bool rs_bury_malformed(const struct rs_pipeline *pipeline, struct rs_flight *flight,
                       const char *reason);
/* A batch that cannot be read: one letter stands for all its records. */
bool rs_bury_batch(const struct rs_pipeline *pipeline, struct rs_flight *flight);
/* One of its operations, which goes with the others, has no hope. */
bool rs_bury_operation(const struct rs_pipeline *pipeline, struct rs_flight *flight,
                       enum rs_death why, const struct rs_operation *op);

#endif
