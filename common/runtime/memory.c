#include "runtime/memory.h"

enum {
    PROGRAM_BYTES = 32 << 20,
    UNUSED_BYTES = 32 << 20,
    /* More is no quicker, only more memory to touch: a page that the kernel has to give costs as
     * much as an event. A fetch takes milliseconds, for which a queue has something for its lane,
     * and the next batch while the lane fills it. */
    PREFETCH_BYTES = 2 << 20,
    QUEUE_BYTES = 2 << 20,
    RECORD_BYTES = 1 << 10,
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Apart from the program itself (a model, connections, buffers that no option makes larger), which
 * stays below 32 MiB, one part in seven each for what librdkafka has fetched (at most 2 MiB) and
 * for the queues (at most two batches of records of 1 KiB, but 2 MiB for a lane), and two for what
 * is in flight. The other three are for what cannot be counted beforehand: what sinks make of a
 * batch (most is made by tags and sentiments, whose records are copies of the results until the
 * brokers have them: up to half of what is in flight), librdkafka's structures around small
 * records, and what the allocator leaves unused between all of these. */
struct rs_memory rs_memory_share(int64_t limit, int lanes, size_t batch_events)
{
    size_t part = ((size_t)limit - PROGRAM_BYTES) / 7, count = (size_t)lanes;
    size_t batches = 2 * batch_events * RECORD_BYTES;
    return (struct rs_memory){
        .prefetch = least(part, PREFETCH_BYTES),
        .unused = least(part, UNUSED_BYTES),
        .queue = least(part / count, batches > QUEUE_BYTES ? batches : QUEUE_BYTES),
        .flights = 2 * part / count,
        .spare = part / 4 / count,
    };
}
