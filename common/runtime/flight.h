/* flight.h - events on their way through a lane, and the memory that they hold. Those that are
 * done are kept for the next ones. */
#ifndef RS_RUNTIME_FLIGHT_H
#define RS_RUNTIME_FLIGHT_H

#include "core/deliver.h"
#include "runtime/page.h"

/* One event in flight. Its operations may borrow from the record. What is needed when it settles is
 * copied out of the record, which has left the caches by then. */
struct rs_flight {
    struct rs_item item; /* first: the driver's part */
    struct rs_received *received;
    int32_t partition; /* of the record */
    uint32_t epoch;
    uint64_t sequence;
    int64_t timestamp_ms;   /* of the record */
    struct rs_page *page;   /* on which the record is counted; NULL: it is not */
    int error;              /* of a batch that cannot be read: why */
    int64_t last;           /* and its last offset */
    size_t bytes;           /* that its operations hold */
    struct rs_flight *next; /* of the spare ones */
};

/* Those of one lane; zeroed but for the bound: none. */
struct rs_flights {
    size_t record_bytes, bytes; /* of records that were counted; and of all that was weighed */
    size_t spare_limit;         /* bytes that spare ones may hold */
    size_t spare_bytes, spare_count;
    struct rs_flight *spare;
};

/* One with no operations yet; what is not of `item` is the caller's to set. NULL: out of memory. */
struct rs_flight *rs_flight_take(struct rs_flights *flights);
/* Count what it holds, whenever its record or its operations have changed. */
void rs_flight_weigh(struct rs_flights *flights, struct rs_flight *flight);
/* Give it back, no longer counted, and release its record unless that is NULL. */
void rs_flight_leave(struct rs_flights *flights, struct rs_flight *flight);
/* Free the spare ones; none is on its way. */
void rs_flights_finish(struct rs_flights *flights);

#endif
