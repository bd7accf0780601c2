#include "runtime/flight.h"

#include <stdlib.h>

#include "runtime/queue.h"

enum {
    SPARE_MAX = 2048,
    HEADER_BYTES = 160 /* of a record that was looked at (2.0.2, measured) */
};

static void destroy(struct rs_flight *flight)
{
    rs_operations_destroy(flight->item.ops);
    free(flight);
}

static size_t held_bytes(const struct rs_flight *flight)
{
    return sizeof(*flight) + rs_operations_bytes(flight->item.ops);
}

static struct rs_flight *make(void)
{
    struct rs_flight *flight = calloc(1, sizeof(*flight));
    if (!flight)
        return NULL;
    flight->item.ops = rs_operations_create();
    if (flight->item.ops)
        return flight;
    free(flight);
    return NULL;
}

struct rs_flight *rs_flight_take(struct rs_flights *flights)
{
    struct rs_flight *flight = flights->spare;
    if (flight) {
        flights->spare = flight->next;
        flights->spare_count--;
        flights->spare_bytes -= flight->bytes;
    } else if (!(flight = make())) {
        return NULL;
    }
    flight->item = (struct rs_item){.ops = flight->item.ops};
    flight->message_bytes = flight->bytes = 0;
    return flight;
}

void rs_flight_weigh(struct rs_flights *flights, struct rs_flight *flight)
{
    flights->message_bytes -= flight->message_bytes;
    flights->bytes -= flight->bytes;
    flight->message_bytes = rs_queue_cost(flight->message);
    flight->bytes = flight->message_bytes + HEADER_BYTES + held_bytes(flight);
    flights->message_bytes += flight->message_bytes;
    flights->bytes += flight->bytes;
}

void rs_flight_leave(struct rs_flights *flights, struct rs_flight *flight)
{
    flights->message_bytes -= flight->message_bytes;
    flights->bytes -= flight->bytes;
    rs_operations_clear(flight->item.ops);
    flight->bytes = held_bytes(flight); /* what is kept of it */
    if (flights->spare_count == SPARE_MAX ||
        flights->spare_bytes + flight->bytes > flights->spare_limit) {
        destroy(flight);
        return;
    }
    flight->next = flights->spare;
    flights->spare = flight;
    flights->spare_count++;
    flights->spare_bytes += flight->bytes;
}

void rs_flights_finish(struct rs_flights *flights)
{
    while (flights->spare) {
        struct rs_flight *flight = flights->spare;
        flights->spare = flight->next;
        destroy(flight);
    }
    *flights = (struct rs_flights){0};
}
