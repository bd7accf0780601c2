#include "runtime/flight.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "support/alloc.h"

enum { SPARES = 16, LIMIT = 64 << 10 };

static const struct rs_sink *const sink = (const void *)"any address";
static struct rs_flights flights;
static struct rs_pages pages;

static void start(void)
{
    flights = (struct rs_flights){.spare_limit = LIMIT};
}

static void stop(void)
{
    rs_flights_finish(&flights);
    rs_pages_finish(&pages);
}

TestSuite(flight, .init = start, .fini = stop);

static void fill(struct rs_flight *flight, size_t bytes)
{
    static const char value[1000];
    if (!flight->received)
        flight->received =
            rs_received_create(&pages, &(struct rs_record){.value = {value, sizeof(value)},
                                                           .key = {"0123456789", 10}});
    cr_assert(flight->received);
    cr_assert_eq(rs_operations_take(flight->item.ops, sink, "r-1", 1, calloc(1, bytes), 10), RS_OK);
}

static struct rs_flight *depart(size_t bytes)
{
    struct rs_flight *flight = rs_flight_take(&flights);
    cr_assert(flight);
    fill(flight, bytes);
    rs_flight_weigh(&flights, flight);
    return flight;
}

Test(flight, costs_its_record_and_its_operations)
{
    struct rs_flight *small = depart(100), *large = depart(50000);
    size_t both = flights.bytes;
    cr_expect_eq(flights.record_bytes, 2 * small->received->bytes);
    cr_expect(both > 2 * 1010 + 50100 && both < 2 * 1010 + 50100 + 4000, "%zu", both);
    rs_flight_leave(&flights, large);
    cr_expect_lt(flights.bytes, both - 50000);
    rs_flight_leave(&flights, small);
    cr_expect_eq(flights.bytes, 0);
    cr_expect_eq(flights.record_bytes, 0);
}

Test(flight, counts_a_record_until_its_page_is_free)
{
    struct rs_flight *first = depart(100), *second = depart(100);
    size_t both = flights.record_bytes;
    rs_flight_leave(&flights, first);
    cr_expect_eq(flights.record_bytes, both);
    rs_flight_leave(&flights, second);
    cr_expect_eq(flights.bytes, 0);
}

Test(flight, is_weighed_again_when_a_dead_letter_replaces_its_operations)
{
    struct rs_flight *flight = depart(50000);
    size_t before = flights.bytes;
    rs_operations_destroy(flight->item.ops);
    flight->item.ops = rs_operations_create();
    fill(flight, 1500);
    rs_flight_weigh(&flights, flight);
    cr_expect(flights.bytes < before - 48000 && flights.bytes > 1500 + 1010, "%zu", flights.bytes);
    cr_expect_eq(flights.record_bytes, flight->received->bytes);
    rs_flight_leave(&flights, flight);
    cr_expect_eq(flights.bytes, 0);
}

Test(flight, may_leave_before_it_was_weighed)
{
    struct rs_flight *flight = rs_flight_take(&flights);
    fill(flight, 100);
    rs_flight_leave(&flights, flight);
    cr_expect_eq(flights.bytes, 0);
    flight = depart(100); /* the spare one counts what it holds now, not what it held */
    rs_flight_leave(&flights, flight);
    cr_expect_eq(flights.bytes, 0);
}

Test(flight, spare_ones_are_bounded_in_bytes)
{
    struct rs_flight *away[SPARES];
    for (size_t i = 0; i < SPARES; i++)
        away[i] = depart(20000); /* of which 10 are used, so that each buffer stays */
    for (size_t i = 0; i < SPARES; i++)
        rs_flight_leave(&flights, away[i]);
    cr_expect_eq(flights.bytes, 0);
    cr_expect_eq(flights.spare_count, 3);
    cr_expect(flights.spare_bytes > 3 * 20000 && flights.spare_bytes <= LIMIT);
    for (size_t i = 0; i < 3; i++)
        away[i] = depart(100);
    cr_expect_eq(flights.spare_count, 0);
    cr_expect_eq(flights.spare_bytes, 0);
    for (size_t i = 0; i < 3; i++)
        rs_flight_leave(&flights, away[i]);
}

Test(flight, small_spare_ones_are_used_again)
{
    struct rs_flight *flight = depart(100);
    rs_flight_leave(&flights, flight);
    cr_expect_eq(flights.spare_count, 1);
    struct rs_flight *again = rs_flight_take(&flights);
    cr_expect_eq(again, flight);
    cr_expect_eq(rs_operations_count(again->item.ops), 0);
    rs_flight_leave(&flights, again);
}

Test(flight, survives_a_full_memory)
{
    size_t failures = 0;
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_flight *flight = rs_flight_take(&flights);
        failures += rs_alloc_reset();
        cr_expect_eq(flights.bytes, 0);
        if (flight)
            rs_flight_leave(&flights, flight);
        rs_flights_finish(&flights);
    }
    cr_expect_eq(failures, 2, "itself and its operations");
}
