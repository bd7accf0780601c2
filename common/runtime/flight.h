/* flight.h - events on their way through a lane; those that are done are kept for the next ones. */
#ifndef RS_RUNTIME_FLIGHT_H
#define RS_RUNTIME_FLIGHT_H

#include <librdkafka/rdkafka.h>

#include "core/deliver.h"

/* One event in flight. Its operations may borrow from the message. */
struct rs_flight {
    struct rs_item item; /* first: the driver's part */
    rd_kafka_message_t *message;
    uint32_t epoch;
    uint64_t sequence;
    int64_t last;           /* of a batch that cannot be read */
    struct rs_flight *next; /* of the spare ones */
};

/* The spare ones of one lane; zeroed: none. */
struct rs_flights {
    struct rs_flight *spare;
    size_t count;
};

/* One with no operations yet; what is not of `item` is the caller's to set. NULL: out of memory. */
struct rs_flight *rs_flight_take(struct rs_flights *flights);
/* Give it back; its message stays the caller's. */
void rs_flight_leave(struct rs_flights *flights, struct rs_flight *flight);
void rs_flights_finish(struct rs_flights *flights);

#endif
