#include "core/tracker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

struct rs_tracker_entry {
    int64_t offset;
    bool settled;
};

const char *rs_outcome_name(enum rs_outcome outcome)
{
    static const char *const names[RS_OUTCOMES] = {"applied", "stale", "skipped", "dead",
                                                   "dropped"};
    return names[outcome];
}

static struct rs_tracker_entry *entry(const struct rs_tracker *tracker, size_t index)
{
    return &tracker->ring[(tracker->head + index) & (tracker->size - 1)];
}

static bool grow(struct rs_tracker *tracker)
{
    if (tracker->used < tracker->size)
        return true;
    size_t size = tracker->size ? tracker->size * 2 : FIRST_SIZE;
    struct rs_tracker_entry *ring = malloc(size * sizeof(*ring));
    if (!ring)
        return false;
    for (size_t i = 0; i < tracker->used; i++)
        ring[i] = *entry(tracker, i);
    free(tracker->ring);
    tracker->ring = ring;
    tracker->size = size;
    tracker->head = 0;
    return true;
}

bool rs_tracker_add(struct rs_tracker *tracker, int64_t offset, uint64_t *ret_sequence)
{
    if (!grow(tracker))
        return false;
    *entry(tracker, tracker->used) = (struct rs_tracker_entry){.offset = offset};
    *ret_sequence = tracker->first_sequence + tracker->used++;
    tracker->consumed++;
    tracker->in_flight++;
    return true;
}

void rs_tracker_settle(struct rs_tracker *tracker, uint64_t sequence, enum rs_outcome outcome)
{
    assert(sequence - tracker->first_sequence < tracker->used);
    struct rs_tracker_entry *found = entry(tracker, sequence - tracker->first_sequence);
    assert(!found->settled);
    found->settled = true;
    tracker->in_flight--;
    tracker->outcomes[outcome]++;
    while (tracker->used && entry(tracker, 0)->settled) {
        tracker->position = entry(tracker, 0)->offset + 1;
        tracker->head = (tracker->head + 1) & (tracker->size - 1);
        tracker->first_sequence++;
        tracker->used--;
    }
}

void rs_tracker_at_end(struct rs_tracker *tracker, int64_t offset)
{
    if (tracker->used == 0 && offset > tracker->position)
        tracker->position = offset;
}

int64_t rs_tracker_position(const struct rs_tracker *tracker)
{
    return tracker->position > 0 ? tracker->position : -1;
}

void rs_tracker_drop(struct rs_tracker *tracker)
{
    tracker->outcomes[RS_OUTCOME_DROPPED] += tracker->in_flight;
    tracker->in_flight = 0;
    tracker->first_sequence += tracker->used;
    tracker->used = 0;
    tracker->head = 0;
    tracker->position = -1;
}

void rs_tracker_finish(struct rs_tracker *tracker)
{
    if (!tracker)
        return;
    free(tracker->ring);
    *tracker = (struct rs_tracker){0};
}
