#include "runtime/flight.h"

#include <stdlib.h>

enum { SPARE_MAX = 1024 };

static void destroy(struct rs_flight *flight)
{
    rs_operations_destroy(flight->item.ops);
    free(flight);
}

struct rs_flight *rs_flight_take(struct rs_flights *flights)
{
    struct rs_flight *flight = flights->spare;
    if (flight) {
        flights->spare = flight->next;
        flights->count--;
    } else {
        flight = calloc(1, sizeof(*flight));
        if (!flight)
            return NULL;
        flight->item.ops = rs_operations_create();
        if (!flight->item.ops) {
            free(flight);
            return NULL;
        }
    }
    flight->item = (struct rs_item){.ops = flight->item.ops};
    return flight;
}

void rs_flight_leave(struct rs_flights *flights, struct rs_flight *flight)
{
    if (flights->count >= SPARE_MAX) {
        destroy(flight);
        return;
    }
    rs_operations_clear(flight->item.ops);
    flight->next = flights->spare;
    flights->spare = flight;
    flights->count++;
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
