#include "runtime/flight.h"

#include <stdlib.h>

enum { SPARE_MAX = 2048 };

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
    *flight = (struct rs_flight){.item.ops = flight->item.ops};
    return flight;
}

void rs_flight_weigh(struct rs_flights *flights, struct rs_flight *flight)
{
    if (!flight->page) {
        flight->page = rs_received_count(flight->received);
        flights->record_bytes += flight->received->bytes;
        flights->bytes += flight->received->bytes;
    }
    flights->bytes -= flight->bytes;
    flight->bytes = held_bytes(flight);
    flights->bytes += flight->bytes;
}

/* Its operations may borrow from it, so they are gone. */
static void release_record(struct rs_flights *flights, struct rs_flight *flight)
{
    if (flight->page) {
        size_t bytes = rs_page_release(flight->page);
        flights->record_bytes -= bytes;
        flights->bytes -= bytes;
    } else {
        rs_received_release(flight->received);
    }
}

void rs_flight_leave(struct rs_flights *flights, struct rs_flight *flight)
{
    flights->bytes -= flight->bytes;
    rs_operations_clear(flight->item.ops);
    release_record(flights, flight);
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
