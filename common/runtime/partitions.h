/* partitions.h - the state of every partition that this process has had: tracker, epoch, lag,
 * reason. Where the consumer thread and the lanes meet; all calls lock, none blocks for long.
 *
 * An epoch is one assignment of a partition. A revoke ends it: answers of lanes for an older epoch
 * are ignored, their events count as dropped. */
#ifndef RS_RUNTIME_PARTITIONS_H
#define RS_RUNTIME_PARTITIONS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/tracker.h"

enum { RS_STOP_BYTES = 256 };

/* A copy for those who look; the tracker's window is left out. */
struct rs_partition {
    int32_t partition;
    bool assigned;
    uint32_t epoch;
    uint64_t consumed, in_flight, outcomes[RS_OUTCOMES];
    int64_t position;  /* behind the settled prefix; -1 unknown */
    int64_t committed; /* of the group; -1 none or unknown */
    int64_t low, high; /* queried watermarks; -1 unknown */
    int64_t at_end_ms; /* wall clock, when the settled prefix last reached the end; 0 never */
    const char *code;  /* why it does not go on, from a closed set; NULL: it goes on */
    char text[RS_STOP_BYTES];
};

struct rs_partition_state;
struct rs_partitions {
    pthread_mutex_t lock;
    struct rs_partition_state *states; /* by partition */
    int32_t count;
    uint32_t last_epoch;
};

void rs_partitions_init(struct rs_partitions *partitions);
void rs_partitions_finish(struct rs_partitions *partitions);
/* Make room for partitions 0 … count-1, so that they are seen before they are assigned. */
bool rs_partitions_reserve(struct rs_partitions *partitions, int32_t count);

/* How many are reserved or were assigned. */
int32_t rs_partitions_count(struct rs_partitions *partitions);

/* --- consumer thread --- */
bool rs_partitions_assign(struct rs_partitions *partitions, int32_t partition);
void rs_partitions_revoke(struct rs_partitions *partitions, int32_t partition);
/* Note a consumed record; false: out of memory. */
bool rs_partitions_consume(struct rs_partitions *partitions, int32_t partition, int64_t offset,
                           uint32_t *ret_epoch, uint64_t *ret_sequence);
void rs_partitions_at_end(struct rs_partitions *partitions, int32_t partition, int64_t offset);
/* Whether every assigned partition of `first`, `first` + `step` and so on was read to the end once
 * since it was assigned, or as far as the last noted watermark. */
bool rs_partitions_are_read(struct rs_partitions *partitions, int32_t first, int32_t step);
/* `code` NULL: it goes on again. `code` must be static. */
void rs_partitions_stop(struct rs_partitions *partitions, int32_t partition, const char *code,
                        const char *text);
int64_t rs_partitions_position(struct rs_partitions *partitions, int32_t partition);

/* --- lanes --- */
struct rs_settled {
    int32_t partition;
    uint32_t epoch;
    uint64_t sequence;
    enum rs_outcome outcome;
};
void rs_partitions_settle(struct rs_partitions *partitions, const struct rs_settled *settled,
                          size_t count);
/* Whether an assignment is still ours. */
bool rs_partitions_current(struct rs_partitions *partitions, int32_t partition, uint32_t epoch);

/* --- monitor and HTTP --- */
void rs_partitions_note(struct rs_partitions *partitions, int32_t partition, int64_t low,
                        int64_t high, int64_t now_ms);
void rs_partitions_note_committed(struct rs_partitions *partitions, const int64_t *offsets,
                                  int32_t count);
/* Copies of all that are reserved or were assigned, in order; the caller frees. */
struct rs_partition *rs_partitions_snapshot(struct rs_partitions *partitions, int32_t *ret_count);

#endif
