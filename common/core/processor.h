/* processor.h - what an author of a processor needs: event in, operations out. */
#ifndef RS_CORE_PROCESSOR_H
#define RS_CORE_PROCESSOR_H

#include "core/event.h"
#include "core/operation.h"
#include "core/option.h"

struct rs_publication;

struct rs_processor {
    struct rs_component base; /* .section is the processor's name, as in `cache.max_body_bytes` */
    int64_t format;           /* of the view's layout; raise it when a replay must rebuild it */
    const char *const *types; /* event types taken, ends with NULL; NULL: "review" alone */
    const struct rs_sink *const *sinks; /* ends with NULL; the first keeps the view's marker */
    const struct rs_publication *publication; /* NULL: no output topic */
    int default_port;                         /* of http.listen */
    bool analyses; /* its events carry an analysis; the model is in the fingerprint */
    bool (*wants_analysis)(const void *self); /* with `analyses`: unless its options say no; NULL:
                                               * always */

    /* Turn an event into operations. Pure: no I/O, no state, no waiting, no logs; the same event
     * gives the same operations. `self` is the struct that `base.options` fill. Returns RS_OK,
     * RS_REJECT (by rs_reject) or RS_FATAL (out of memory). Called by several threads at once. */
    enum rs_status (*process)(const void *self, const struct rs_event *event,
                              struct rs_operations *out);
    /* Text of whatever else decides the output (model, schema, options); hashed into the view's
     * marker. The caller frees it. NULL: nothing but the format. */
    char *(*fingerprint)(const void *self);
};

#endif
