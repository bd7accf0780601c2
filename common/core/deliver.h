/* deliver.h - the one place that waits: sends operations until each is settled.
 *
 * A lane adds items (events with their operations) and calls rs_deliver_step again and again. A
 * step sends what is due, one request per sink, and reads the answers:
 *   OK      settled; older versions of the same key in the batch are stale with it
 *   RETRY   outage: the whole sink waits (back-off) and is asked with one operation until one
 *           succeeds; item: this operation waits and travels with later ones, or with a canary;
 *           after `poison_attempts` of them it is poison
 *   REJECT  the caller turns the item into a dead letter (an operation for that sink)
 *   FATAL   like an outage, under a reason that readiness and /status show
 * Of one key only the greatest version is sent; the next one follows if it is rejected.
 * Pure: time and randomness are passed in. One thread. */
#ifndef RS_CORE_DELIVER_H
#define RS_CORE_DELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/operation.h"
#include "core/tracker.h"

/* One event on its way; the caller embeds it first in a struct of its own. */
struct rs_item {
    struct rs_operations *ops; /* owned by the item */
    bool dead;                 /* its operation now is a dead letter */
    bool applied;              /* one operation was */
};

/* Why an item becomes a dead letter: values of dl-class. */
enum rs_death { RS_DEATH_REJECTED, RS_DEATH_POISON };

struct rs_deliver_sink {
    const struct rs_sink *sink;
    void *instance;
};

struct rs_deliver_options {
    int64_t base_ms, max_ms; /* back-off */
    int64_t poison_attempts;
    const struct rs_deliver_sink *sinks; /* of the processor, and the one of dead letters */
    size_t sink_count;

    /* Called by a step. `settled` takes the item. `bury` replaces item->ops by the operation that
     * writes the dead letter; false: out of memory, tried again later. `sent` reports each
     * request and how long it took, for metrics; may be NULL. `random` gives 32 bits. */
    void (*settled)(void *context, struct rs_item *item, enum rs_outcome outcome);
    bool (*bury)(void *context, struct rs_item *item, enum rs_death why,
                 const struct rs_operation *op);
    void (*sent)(void *context, const struct rs_sink *sink, struct rs_operation *const *ops,
                 size_t count, int64_t took_us);
    uint32_t (*random)(void *context);
    int64_t (*clock_us)(void *context); /* monotonic */
    void *context;
};

/* What stands in the way, for /status, logs and readiness. */
struct rs_deliver_trouble {
    const struct rs_sink *sink; /* NULL: nothing */
    enum rs_status status;      /* RS_RETRY or RS_FATAL */
    unsigned attempt;
    int64_t wait_ms;
    char reason[RS_REASON_BYTES];
};

struct rs_deliver;
struct rs_deliver *rs_deliver_create(const struct rs_deliver_options *options); /* NULL: memory */
/* Destroys the items that are left, through `discard` (takes the item). */
void rs_deliver_destroy(struct rs_deliver *deliver, void (*discard)(void *, struct rs_item *));

/* Add an item; taken. False: out of memory, still the caller's. */
bool rs_deliver_add(struct rs_deliver *deliver, struct rs_item *item);
/* Send what is due. Returns in how many ms the next step is useful; -1: only after new items. */
int64_t rs_deliver_step(struct rs_deliver *deliver);
/* How many items wait. */
size_t rs_deliver_pending(const struct rs_deliver *deliver);
/* Whether a sink is waited for, so that new items would only pile up. */
bool rs_deliver_stuck(const struct rs_deliver *deliver);
/* The worst trouble at present. */
void rs_deliver_trouble(const struct rs_deliver *deliver, struct rs_deliver_trouble *ret_trouble);
/* Take out all items for which `gone` returns true (a revoked partition); it takes those. */
void rs_deliver_drop(struct rs_deliver *deliver, bool (*gone)(void *, struct rs_item *));

#endif
