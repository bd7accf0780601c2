#include "runtime/page.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/alloc.h"

enum { MANY = 1000, PAGE_BYTES = 16 << 10 };

static struct rs_pages pages;

static void stop(void)
{
    rs_pages_finish(&pages);
}

TestSuite(page, .fini = stop);

static struct rs_received *receive(size_t len)
{
    static const char value[1 << 20];
    struct rs_received *received =
        rs_received_create(&pages, &(struct rs_record){.topic = "reviews", .value = {value, len}});
    cr_assert(received);
    return received;
}

static struct rs_received *take(size_t len)
{
    struct rs_received *received = receive(len);
    (void)rs_received_count(received);
    return received;
}

static void expect_bytes(struct rs_bytes got, const char *text)
{
    cr_assert_eq(got.len, strlen(text));
    cr_expect_arr_eq(got.data, text, got.len);
}

Test(page, a_copy_has_all_that_the_record_had)
{
    char key[] = "r-1", value[] = "{}", name[] = "type", text[] = "review";
    struct rs_header headers[] = {{name, {text, 6}}, {"null", {NULL, 0}}, {"empty", {text, 0}}};
    struct rs_record record = {.topic = "reviews",
                               .partition = 3,
                               .offset = 7,
                               .timestamp_ms = 9,
                               .key = {key, 3},
                               .value = {value, 2},
                               .headers = headers,
                               .header_count = 3};
    struct rs_received *received = rs_received_create(&pages, &record);
    cr_assert(received);
    memset(key, 'x', sizeof(key));
    memset(value, 'x', sizeof(value));
    memset(name, 'x', sizeof(name));
    memset(text, 'x', sizeof(text));
    const struct rs_record *copy = &received->record;
    cr_expect_str_eq(copy->topic, "reviews");
    cr_expect(copy->partition == 3 && copy->offset == 7 && copy->timestamp_ms == 9);
    expect_bytes(copy->key, "r-1");
    expect_bytes(copy->value, "{}");
    cr_assert_eq(copy->header_count, 3);
    cr_expect_str_eq(copy->headers[0].name, "type");
    expect_bytes(copy->headers[0].value, "review");
    cr_expect_null(copy->headers[1].value.data);
    cr_expect(copy->headers[2].value.data && copy->headers[2].value.len == 0);
    rs_received_release(received);
}

Test(page, null_stays_null_and_empty_stays_empty)
{
    struct rs_received *received =
        rs_received_create(&pages, &(struct rs_record){.key = {"", 0}, .value = {NULL, 0}});
    cr_assert(received);
    cr_expect(received->record.key.data && received->record.key.len == 0);
    cr_expect_null(received->record.value.data);
    rs_received_release(received);
}

Test(page, records_of_any_size_stand_beside_each_other)
{
    struct rs_received *all[MANY];
    for (size_t i = 0; i < MANY; i++) {
        all[i] = receive(i * 13 % 6000);
        memset((char *)all[i]->record.value.data, (int)(i % 251), all[i]->record.value.len);
    }
    for (size_t i = 0; i < MANY; i++)
        for (size_t j = 0; j < all[i]->record.value.len; j++)
            cr_assert_eq((unsigned char)((const char *)all[i]->record.value.data)[j], i % 251);
    for (size_t i = 0; i < MANY; i++)
        rs_received_release(all[i]);
}

Test(page, a_large_record_has_a_page_of_its_own)
{
    struct rs_received *small = take(100), *large = take(1 << 20), *next = take(100);
    cr_expect_eq(small->page, next->page);
    cr_expect_neq(large->page, small->page);
    cr_expect(large->bytes > 1 << 20 && large->bytes < (1 << 20) + 1024);
    size_t bytes = large->bytes;
    cr_expect_eq(rs_page_release(large->page), bytes);
    (void)rs_page_release(small->page);
    (void)rs_page_release(next->page);
}

Test(page, what_stands_on_a_page_counts_until_none_of_it_is_needed)
{
    struct rs_received *first = take(500), *second = take(500), *waits = receive(500);
    size_t bytes = first->bytes + second->bytes;
    cr_expect_eq(rs_page_release(first->page), 0);
    cr_expect_eq(rs_page_release(second->page), bytes);
    (void)rs_received_count(waits); /* counts for itself only */
    cr_expect_eq(rs_page_release(waits->page), waits->bytes);
}

Test(page, counts_as_much_as_it_takes)
{
    struct rs_received *all[MANY];
    size_t counted = 0, page_count = 0;
    for (size_t i = 0; i < MANY; i++) {
        all[i] = take(i * 7 % 3000);
        counted += all[i]->bytes;
        page_count += i == 0 || all[i]->page != all[i - 1]->page;
    }
    cr_expect(counted > page_count * PAGE_BYTES * 3 / 4, "%zu on %zu pages", counted, page_count);
    for (size_t i = 0; i < MANY; i++)
        counted -= rs_page_release(all[i]->page);
    cr_expect_eq(counted, 0);
}

Test(page, survives_a_full_memory)
{
    size_t failures = 0;
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_received *received =
            rs_received_create(&pages, &(struct rs_record){.key = {"r", 1}});
        failures += rs_alloc_reset();
        rs_received_release(received);
        rs_pages_finish(&pages);
    }
    cr_expect_eq(failures, 1);
}
