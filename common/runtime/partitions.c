#include "runtime/partitions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rs_partition_state {
    bool assigned;
    uint32_t epoch;
    struct rs_tracker tracker;
    int64_t next;     /* behind the last record consumed in this epoch; -1 none */
    int64_t seen_end; /* offset of the last end-of-partition of this epoch; -1 none */
    int64_t committed, low, high, at_end_ms;
    const char *code;
    char text[RS_STOP_BYTES];
};

void rs_partitions_init(struct rs_partitions *partitions)
{
    *partitions = (struct rs_partitions){0};
    (void)pthread_mutex_init(&partitions->lock, NULL);
}

void rs_partitions_finish(struct rs_partitions *partitions)
{
    for (int32_t i = 0; i < partitions->count; i++)
        rs_tracker_finish(&partitions->states[i].tracker);
    free(partitions->states);
    (void)pthread_mutex_destroy(&partitions->lock);
}

static bool grow(struct rs_partitions *partitions, int32_t count)
{
    if (count <= partitions->count)
        return true;
    struct rs_partition_state *states =
        realloc(partitions->states, (size_t)count * sizeof(*states));
    if (!states)
        return false;
    for (int32_t i = partitions->count; i < count; i++)
        states[i] = (struct rs_partition_state){.tracker = {.position = -1},
                                                .next = -1,
                                                .seen_end = -1,
                                                .committed = -1,
                                                .low = -1,
                                                .high = -1};
    partitions->states = states;
    partitions->count = count;
    return true;
}

bool rs_partitions_reserve(struct rs_partitions *partitions, int32_t count)
{
    (void)pthread_mutex_lock(&partitions->lock);
    bool done = grow(partitions, count);
    (void)pthread_mutex_unlock(&partitions->lock);
    return done;
}

int32_t rs_partitions_count(struct rs_partitions *partitions)
{
    (void)pthread_mutex_lock(&partitions->lock);
    int32_t count = partitions->count;
    (void)pthread_mutex_unlock(&partitions->lock);
    return count;
}

bool rs_partitions_assign(struct rs_partitions *partitions, int32_t partition)
{
    (void)pthread_mutex_lock(&partitions->lock);
    bool done = grow(partitions, partition + 1);
    if (done) {
        struct rs_partition_state *state = &partitions->states[partition];
        state->assigned = true;
        state->epoch = ++partitions->last_epoch;
        state->next = state->seen_end = -1;
        state->code = NULL;
    }
    (void)pthread_mutex_unlock(&partitions->lock);
    return done;
}

void rs_partitions_revoke(struct rs_partitions *partitions, int32_t partition)
{
    (void)pthread_mutex_lock(&partitions->lock);
    struct rs_partition_state *state = &partitions->states[partition];
    rs_tracker_drop(&state->tracker);
    state->next = state->seen_end = -1; /* of this epoch: the dropped events lie before it */
    state->assigned = false;
    state->epoch = ++partitions->last_epoch;
    state->code = NULL;
    (void)pthread_mutex_unlock(&partitions->lock);
}

bool rs_partitions_consume(struct rs_partitions *partitions, int32_t partition, int64_t offset,
                           uint32_t *ret_epoch, uint64_t *ret_sequence)
{
    (void)pthread_mutex_lock(&partitions->lock);
    struct rs_partition_state *state = &partitions->states[partition];
    bool done = rs_tracker_add(&state->tracker, offset, ret_sequence);
    state->next = done ? offset + 1 : state->next;
    *ret_epoch = state->epoch;
    (void)pthread_mutex_unlock(&partitions->lock);
    return done;
}

void rs_partitions_at_end(struct rs_partitions *partitions, int32_t partition, int64_t offset)
{
    (void)pthread_mutex_lock(&partitions->lock);
    partitions->states[partition].seen_end = offset;
    (void)pthread_mutex_unlock(&partitions->lock);
}

/* Brokers tell the end of a partition with a fetch that found nothing for half a second, so the
 * watermark of the last query counts too. */
static bool is_read(const struct rs_partition_state *state)
{
    return state->seen_end >= 0 ||
           (state->high >= 0 && (state->high == state->low || state->next >= state->high));
}

bool rs_partitions_are_read(struct rs_partitions *partitions, int32_t first, int32_t step)
{
    bool read = true;
    (void)pthread_mutex_lock(&partitions->lock);
    for (int32_t i = first; i < partitions->count; i += step)
        read &= !partitions->states[i].assigned || is_read(&partitions->states[i]);
    (void)pthread_mutex_unlock(&partitions->lock);
    return read;
}

void rs_partitions_stop(struct rs_partitions *partitions, int32_t partition, const char *code,
                        const char *text)
{
    (void)pthread_mutex_lock(&partitions->lock);
    struct rs_partition_state *state = &partitions->states[partition];
    state->code = code;
    (void)snprintf(state->text, sizeof(state->text), "%s", text ? text : "");
    (void)pthread_mutex_unlock(&partitions->lock);
}

static int64_t position_of(struct rs_partition_state *state)
{
    if (state->assigned && state->seen_end >= 0)
        rs_tracker_at_end(&state->tracker, state->seen_end);
    return rs_tracker_position(&state->tracker);
}

int64_t rs_partitions_position(struct rs_partitions *partitions, int32_t partition)
{
    (void)pthread_mutex_lock(&partitions->lock);
    int64_t position = position_of(&partitions->states[partition]);
    (void)pthread_mutex_unlock(&partitions->lock);
    return position;
}

void rs_partitions_settle(struct rs_partitions *partitions, const struct rs_settled *settled,
                          size_t count)
{
    (void)pthread_mutex_lock(&partitions->lock);
    for (size_t i = 0; i < count; i++) {
        struct rs_partition_state *state = &partitions->states[settled[i].partition];
        if (state->epoch == settled[i].epoch) /* else it was counted as dropped */
            rs_tracker_settle(&state->tracker, settled[i].sequence, settled[i].outcome);
    }
    (void)pthread_mutex_unlock(&partitions->lock);
}

bool rs_partitions_current(struct rs_partitions *partitions, int32_t partition, uint32_t epoch)
{
    (void)pthread_mutex_lock(&partitions->lock);
    bool current = partitions->states[partition].epoch == epoch;
    (void)pthread_mutex_unlock(&partitions->lock);
    return current;
}

void rs_partitions_note(struct rs_partitions *partitions, int32_t partition, int64_t low,
                        int64_t high, int64_t now_ms)
{
    (void)pthread_mutex_lock(&partitions->lock);
    struct rs_partition_state *state = &partitions->states[partition];
    state->low = low;
    state->high = high;
    if (state->assigned && (high == low || position_of(state) >= high))
        state->at_end_ms = now_ms;
    (void)pthread_mutex_unlock(&partitions->lock);
}

void rs_partitions_note_committed(struct rs_partitions *partitions, const int64_t *offsets,
                                  int32_t count)
{
    (void)pthread_mutex_lock(&partitions->lock);
    for (int32_t i = 0; i < count && i < partitions->count; i++)
        partitions->states[i].committed = offsets[i];
    (void)pthread_mutex_unlock(&partitions->lock);
}

static void copy(struct rs_partition_state *state, int32_t partition, struct rs_partition *out)
{
    *out = (struct rs_partition){.partition = partition,
                                 .assigned = state->assigned,
                                 .epoch = state->epoch,
                                 .consumed = state->tracker.consumed,
                                 .in_flight = state->tracker.in_flight,
                                 .position = position_of(state),
                                 .committed = state->committed,
                                 .low = state->low,
                                 .high = state->high,
                                 .at_end_ms = state->at_end_ms,
                                 .code = state->code};
    memcpy(out->outcomes, state->tracker.outcomes, sizeof(out->outcomes));
    memcpy(out->text, state->text, sizeof(out->text));
}

struct rs_partition *rs_partitions_snapshot(struct rs_partitions *partitions, int32_t *ret_count)
{
    (void)pthread_mutex_lock(&partitions->lock);
    struct rs_partition *made = calloc((size_t)partitions->count + 1, sizeof(*made));
    *ret_count = made ? partitions->count : 0;
    for (int32_t i = 0; i < *ret_count; i++)
        copy(&partitions->states[i], i, &made[i]);
    (void)pthread_mutex_unlock(&partitions->lock);
    return made;
}
