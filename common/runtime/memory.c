#include "runtime/memory.h"

enum {
    PROGRAM_BYTES = 32 << 20,
    UNUSED_BYTES = 32 << 20,
    /* More is no quicker, only more memory to touch: a page that the kernel has to give costs as
     * much as an event. With the queues it must hold what is consumed in a second, see
     * kafka/consumer.c. */
    PREFETCH_BYTES = 12 << 20,
};

/* Apart from the program itself (a model, connections, buffers that no option makes larger), which
 * stays below 32 MiB, one part in seven each for what librdkafka has fetched (at most 12 MiB) and
 * for the queues, and two for what is in flight. The other three are for what cannot be counted
 * beforehand: what sinks make of a batch (most is made by tags and sentiments, whose records are
 * copies of the results until the brokers have them: up to half of what is in flight), librdkafka's
 * structures around small records, and what the allocator leaves unused between all of these. */
struct rs_memory rs_memory_share(int64_t limit, int lanes)
{
    size_t part = ((size_t)limit - PROGRAM_BYTES) / 7, count = (size_t)lanes;
    return (struct rs_memory){
        .prefetch = part < PREFETCH_BYTES ? part : PREFETCH_BYTES,
        .unused = part < UNUSED_BYTES ? part : UNUSED_BYTES,
        .queue = part / count,
        .flights = 2 * part / count,
        .spare = part / 4 / count,
    };
}
