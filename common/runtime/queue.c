#include "runtime/queue.h"

#include <stdlib.h>
#include <time.h>

enum {
    FIRST_SIZE = 1024,
    PIECE_BYTES = 64 << 10, /* so that a lane sees soon how much it holds */
};

bool rs_queue_init(struct rs_queue *queue, size_t limit_bytes)
{
    pthread_condattr_t monotonic;
    *queue = (struct rs_queue){.limit_bytes = limit_bytes, .size = FIRST_SIZE};
    queue->ring = malloc(queue->size * sizeof(*queue->ring));
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&queue->filled, &monotonic);
    (void)pthread_cond_init(&queue->drained, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return queue->ring != NULL;
}

void rs_queue_finish(struct rs_queue *queue)
{
    if (!queue->size)
        return;
    for (size_t i = 0; i < queue->count; i++)
        rs_received_release(queue->ring[(queue->head + i) % queue->size].received);
    rs_pages_finish(&queue->pages);
    free(queue->ring);
    (void)pthread_cond_destroy(&queue->filled);
    (void)pthread_cond_destroy(&queue->drained);
    (void)pthread_mutex_destroy(&queue->lock);
}

static struct timespec after(int64_t timeout_ms)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += timeout_ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

bool rs_queue_wait_room(struct rs_queue *queue, int timeout_ms)
{
    if (queue->bytes < queue->limit_bytes)
        return true; /* once for each record, so without the lock */
    (void)pthread_mutex_lock(&queue->lock);
    if (queue->bytes >= queue->limit_bytes) {
        struct timespec until = after(timeout_ms);
        while (queue->bytes >= queue->limit_bytes &&
               pthread_cond_timedwait(&queue->drained, &queue->lock, &until) == 0)
            ;
    }
    bool room = queue->bytes < queue->limit_bytes;
    (void)pthread_mutex_unlock(&queue->lock);
    return room;
}

static bool grow(struct rs_queue *queue)
{
    if (queue->count < queue->size)
        return true;
    struct rs_queued *ring = malloc(2 * queue->size * sizeof(*ring));
    if (!ring)
        return false;
    for (size_t i = 0; i < queue->count; i++)
        ring[i] = queue->ring[(queue->head + i) % queue->size];
    free(queue->ring);
    queue->ring = ring;
    queue->size *= 2;
    queue->head = 0;
    return true;
}

bool rs_queue_push(struct rs_queue *queue, struct rs_queued queued)
{
    (void)pthread_mutex_lock(&queue->lock);
    bool done = grow(queue);
    if (done) {
        queue->ring[(queue->head + queue->count++) % queue->size] = queued;
        queue->bytes += queued.received->bytes;
        if (queue->count == 1)
            (void)pthread_cond_signal(&queue->filled);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return done;
}

/* With the lock held: wait until woken, or until there is something if `filled`. */
static void wait_filled(struct rs_queue *queue, bool filled, int64_t timeout_ms)
{
    if (timeout_ms > 0) {
        struct timespec until = after(timeout_ms);
        while (!queue->woken && !(filled && queue->count) &&
               pthread_cond_timedwait(&queue->filled, &queue->lock, &until) == 0)
            ;
    }
    queue->woken = false;
}

/* With the lock held. */
static size_t take_piece(struct rs_queue *queue, struct rs_queued *out, size_t max,
                         size_t max_bytes, bool is_first)
{
    size_t taken = 0, bytes = 0;
    while (queue->count && taken < max && bytes < PIECE_BYTES) {
        size_t cost = queue->ring[queue->head].received->bytes;
        if (!(is_first && taken == 0) && bytes + cost > max_bytes)
            break;
        out[taken++] = queue->ring[queue->head];
        queue->head = (queue->head + 1) % queue->size;
        queue->count--;
        bytes += cost;
    }
    bool was_full = queue->bytes >= queue->limit_bytes;
    queue->bytes -= bytes;
    if (was_full && queue->bytes < queue->limit_bytes)
        (void)pthread_cond_signal(&queue->drained);
    return taken;
}

size_t rs_queue_pop(struct rs_queue *queue, struct rs_queued *out, size_t max, size_t max_bytes,
                    int64_t timeout_ms)
{
    (void)pthread_mutex_lock(&queue->lock);
    wait_filled(queue, true, timeout_ms);
    size_t taken = take_piece(queue, out, max, max_bytes, true);
    (void)pthread_mutex_unlock(&queue->lock);
    return taken;
}

size_t rs_queue_pop_more(struct rs_queue *queue, struct rs_queued *out, size_t max,
                         size_t max_bytes)
{
    (void)pthread_mutex_lock(&queue->lock);
    size_t taken = take_piece(queue, out, max, max_bytes, false);
    (void)pthread_mutex_unlock(&queue->lock);
    return taken;
}

void rs_queue_rest(struct rs_queue *queue, int64_t timeout_ms)
{
    (void)pthread_mutex_lock(&queue->lock);
    wait_filled(queue, false, timeout_ms);
    (void)pthread_mutex_unlock(&queue->lock);
}

bool rs_queue_is_low(struct rs_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    bool low = queue->bytes <= queue->limit_bytes / 2;
    (void)pthread_mutex_unlock(&queue->lock);
    return low;
}

void rs_queue_wake(struct rs_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->woken = true;
    (void)pthread_cond_signal(&queue->filled);
    (void)pthread_mutex_unlock(&queue->lock);
}
