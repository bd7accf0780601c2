/* queue.h - records on their way from the consumer thread to one lane, bounded in bytes. */
#ifndef RS_RUNTIME_QUEUE_H
#define RS_RUNTIME_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/page.h"

struct rs_queued {
    struct rs_received *received;
    uint32_t epoch;
    uint64_t sequence;
    int error;    /* of a batch that cannot be read: why, as librdkafka numbers it; otherwise 0 */
    int64_t last; /* and its last offset */
};

struct rs_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, drained;
    struct rs_pages pages; /* of the thread that pushes: where its records are */
    struct rs_queued *ring;
    size_t size, head, count;
    atomic_size_t bytes; /* changed with the lock held only */
    size_t limit_bytes;
    bool woken;
};

/* False: out of memory. */
bool rs_queue_init(struct rs_queue *queue, size_t limit_bytes);
/* Releases the records that are left. */
void rs_queue_finish(struct rs_queue *queue);
/* Wait up to `timeout_ms` until there is room: fewer bytes than the limit (so a record larger
 * than the limit still enters an empty queue). False: there is none. */
bool rs_queue_wait_room(struct rs_queue *queue, int timeout_ms);
/* Append, whatever the bound says; takes the record. False: out of memory, not taken. */
bool rs_queue_push(struct rs_queue *queue, struct rs_queued queued);
/* Take the first piece of a batch: up to `max` records, no more once they are 64 KiB, of at most
 * `max_bytes` together, though at least one. Waits up to `timeout_ms` for it or for
 * rs_queue_wake. */
size_t rs_queue_pop(struct rs_queue *queue, struct rs_queued *out, size_t max, size_t max_bytes,
                    int64_t timeout_ms);
/* Take another piece of it: without waiting, and not even one that does not fit. */
size_t rs_queue_pop_more(struct rs_queue *queue, struct rs_queued *out, size_t max,
                         size_t max_bytes);
/* Wait without taking, for `timeout_ms` or until rs_queue_wake. */
void rs_queue_rest(struct rs_queue *queue, int64_t timeout_ms);
/* At most half of the limit is used: time to resume. */
bool rs_queue_is_low(struct rs_queue *queue);
/* End a wait of the lane now. */
void rs_queue_wake(struct rs_queue *queue);

#endif
