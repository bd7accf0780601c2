/* memory.h - how memory.limit is shared out. */
#ifndef RS_RUNTIME_MEMORY_H
#define RS_RUNTIME_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct rs_memory {
    size_t prefetch; /* bytes of records that librdkafka has fetched */
    size_t unused;   /* what the allocator may keep: giving it back would be page faults */
    /* Of each lane: */
    size_t queue;   /* records that wait for it */
    size_t flights; /* events that it has in flight: their records and operations */
    size_t spare;   /* what it keeps of flights for the next ones */
};

/* `batch_events`: how many a lane takes at once. */
struct rs_memory rs_memory_share(int64_t limit, int lanes, size_t batch_events);

#endif
