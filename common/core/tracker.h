/* tracker.h - which events of one partition are settled, and how far the settled prefix goes.
 *
 * Also keeps the counts of the law: consumed = applied + stale + skipped + dead + dropped +
 * in_flight. Not thread-safe: the owner holds its lock around each call. */
#ifndef RS_CORE_TRACKER_H
#define RS_CORE_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rs_outcome {
    RS_OUTCOME_APPLIED, /* one of the event's operations changed a sink */
    RS_OUTCOME_STALE,   /* all sinks had this version or a later one */
    RS_OUTCOME_SKIPPED, /* of a type that the processor does not take */
    RS_OUTCOME_DEAD,    /* in the dead-letter topic */
    RS_OUTCOME_DROPPED, /* taken back by a revoke */
    RS_OUTCOMES,
};

/* "applied", "stale", "skipped", "dead", "dropped": label values of reviews_events_total. */
const char *rs_outcome_name(enum rs_outcome outcome);

struct rs_tracker_entry;

/* In the caller's memory; a zeroed one is empty. Counts live as long as the tracker, the window
 * of entries is emptied by rs_tracker_drop. */
struct rs_tracker {
    struct rs_tracker_entry *ring;
    size_t size, head, used; /* ring of a power of two */
    uint64_t first_sequence; /* of the entry at head */
    int64_t position;        /* offset behind the settled prefix; -1 unknown */
    uint64_t consumed, in_flight, outcomes[RS_OUTCOMES];
};

/* Note an event that was consumed, in the order of offsets. `ret_sequence` names it in settle.
 * False: out of memory, nothing is noted. */
bool rs_tracker_add(struct rs_tracker *tracker, int64_t offset, uint64_t *ret_sequence);
/* Note that an event is settled. It must be in flight (asserted). */
void rs_tracker_settle(struct rs_tracker *tracker, uint64_t sequence, enum rs_outcome outcome);
/* The end of the partition was seen at `offset`: with nothing in flight the position moves
 * there, over control records and compacted gaps. */
void rs_tracker_at_end(struct rs_tracker *tracker, int64_t offset);
/* The offset to commit: behind the settled prefix; -1 when nothing was settled since the start
 * or the last drop. */
int64_t rs_tracker_position(const struct rs_tracker *tracker);
/* Take back what is in flight: it counts as dropped, later answers must not be given here. */
void rs_tracker_drop(struct rs_tracker *tracker);
/* Frees the window. Accepts NULL and a zeroed tracker. */
void rs_tracker_finish(struct rs_tracker *tracker);

#endif
