#include <criterion/criterion.h>
#include <pthread.h>

#include "runtime/queue.h"

/* Records of any size without a broker: the queue looks at bytes only, and releases what is left
 * in it, so tests take out all that they put in. */
enum { COST = 1336 };

static struct rs_queue queue;
static struct rs_received records[4000];

static void start(void)
{
    cr_assert(rs_queue_init(&queue, 10 * COST));
}

static void drain(void)
{
    static struct rs_queued out[4000];
    while (rs_queue_pop(&queue, out, 4000, SIZE_MAX, 0))
        ;
    rs_queue_finish(&queue);
}

TestSuite(queue, .init = start, .fini = drain, .timeout = 20);

static void push(size_t from, size_t count, size_t len)
{
    for (size_t i = from; i < from + count; i++) {
        records[i].bytes = len + 336;
        cr_assert(
            rs_queue_push(&queue, (struct rs_queued){.received = &records[i], .sequence = i}));
    }
}

Test(queue, keeps_the_order_and_grows)
{
    struct rs_queued out[700];
    size_t next = 0;
    push(0, 500, 1);
    for (size_t i = 0; i < 4; i++) {
        size_t count = rs_queue_pop(&queue, out, 30, SIZE_MAX, 0);
        cr_expect_eq(count, 30);
        for (size_t j = 0; j < count; j++)
            cr_assert_eq(out[j].sequence, next++);
        push(500 + i * 800, 800, 1);
    }
    for (size_t count; (count = rs_queue_pop(&queue, out, 700, SIZE_MAX, 0)) > 0;)
        for (size_t j = 0; j < count; j++)
            cr_assert_eq(out[j].sequence, next++);
    cr_expect_eq(next, 3700);
}

Test(queue, takes_about_so_many_bytes_and_at_least_one)
{
    struct rs_queued out[10];
    push(0, 8, 1000);
    cr_expect_eq(rs_queue_pop(&queue, out, 10, 3 * COST, 0), 3);
    cr_expect_eq(rs_queue_pop(&queue, out, 10, 1, 0), 1, "a large record goes alone");
    cr_expect_eq(rs_queue_pop(&queue, out, 2, SIZE_MAX, 0), 2);
}

Test(queue, adds_to_a_batch_only_what_fits)
{
    struct rs_queued out[10];
    push(0, 8, 1000);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 10, COST - 1), 0);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 10, 2 * COST + 1), 2);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 0, SIZE_MAX), 0);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 10, SIZE_MAX), 6);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 10, SIZE_MAX), 0, "it does not wait");
}

Test(queue, ends_a_piece_at_64_KiB)
{
    struct rs_queued out[10];
    push(0, 8, 30000);
    cr_expect_eq(rs_queue_pop(&queue, out, 10, SIZE_MAX, 0), 3);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 10, SIZE_MAX), 3);
}

Test(queue, a_wake_up_is_for_who_waits)
{
    struct rs_queued out[2];
    rs_queue_wake(&queue);
    cr_expect_eq(rs_queue_pop_more(&queue, out, 2, SIZE_MAX), 0);
    cr_expect_eq(rs_queue_pop(&queue, out, 2, SIZE_MAX, 15000), 0, "returns at once");
}

Test(queue, has_room_below_its_limit_and_is_low_at_half)
{
    struct rs_queued out[20];
    push(0, 9, 1000);
    cr_expect(rs_queue_wait_room(&queue, 0));
    cr_expect_not(rs_queue_is_low(&queue));
    push(9, 1, 1000);
    cr_expect_not(rs_queue_wait_room(&queue, 1));
    (void)rs_queue_pop(&queue, out, 5, SIZE_MAX, 0);
    cr_expect(rs_queue_is_low(&queue));
}

Test(queue, a_record_over_the_limit_enters_an_empty_queue)
{
    cr_expect(rs_queue_wait_room(&queue, 0));
    push(0, 1, 1 << 20);
    cr_expect_not(rs_queue_wait_room(&queue, 1));
}

static void *wake(void *argument)
{
    rs_queue_wake(argument);
    return NULL;
}

Test(queue, a_waiting_lane_is_woken)
{
    struct rs_queued out;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, wake, &queue), 0);
    cr_expect_eq(rs_queue_pop(&queue, &out, 1, 1, 15000), 0);
    (void)pthread_join(thread, NULL);
    rs_queue_wake(&queue);
    rs_queue_rest(&queue, 15000); /* woken before it waits: returns at once */
}
