#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/operation.h"
#include "support/alloc.h"

static const struct rs_sink *const sink = (const void *)"any address";

Test(operation, carries_what_it_was_given)
{
    struct rs_operations *out = rs_operations_create();
    char key[] = "r-1";
    char *bytes = strdup("SET");
    cr_assert_eq(rs_operations_count(out), 0);
    cr_assert_eq(rs_operations_take(out, sink, key, INT64_MAX, bytes, 3), RS_OK);
    cr_assert_eq(rs_operations_take(out, sink, NULL, 0, strdup(""), 0), RS_OK);
    key[0] = 'x'; /* it was copied */
    const struct rs_operation *op = rs_operations_at(out, 0);
    cr_expect_eq(op->sink, sink);
    cr_expect_str_eq(op->key, "r-1");
    cr_expect_eq(op->version, INT64_MAX);
    cr_expect_eq(op->bytes, bytes);
    cr_expect_eq(op->len, 3);
    cr_expect_eq(op->status, RS_RETRY, "what nobody answers is sent again");
    cr_expect(!op->applied && !op->settled && !op->canary && op->attempts == 0);
    cr_expect_null(rs_operations_at(out, 1)->key);
    rs_operations_destroy(out);
    rs_operations_destroy(NULL);
}

Test(operation, is_as_new_after_a_clear)
{
    struct rs_operations *out = rs_operations_create();
    char long_key[RS_OWN_KEY_BYTES + 1];
    memset(long_key, 'k', sizeof(long_key) - 1);
    long_key[sizeof(long_key) - 1] = '\0';
    const char *const keys[] = {"r-1", long_key, NULL};
    for (int round = 0; round < 3; round++) {
        cr_assert_eq(rs_operations_count(out), 0);
        for (size_t i = 0; i < 3; i++) {
            struct rs_buffer bytes = rs_operations_buffer(out);
            cr_expect_eq(bytes.len, 0);
            rs_buffer_printf(&bytes, "%d", round);
            cr_assert_eq(
                rs_operations_take(out, sink, keys[i], round, rs_buffer_take(&bytes, NULL), 1),
                RS_OK);
            struct rs_operation *op = rs_operations_at(out, i);
            cr_expect(!op->settled && !op->applied && !op->body.data && op->tries == 0);
            cr_expect_str_empty(op->reason);
            cr_expect(op->bytes[0] == '0' + round && op->version == round);
            cr_expect(keys[i] ? strcmp(op->key, keys[i]) == 0 : !op->key);
            op->settled = op->applied = true;
            op->tries = 9;
            op->body = rs_text("borrowed");
            (void)snprintf(op->reason, sizeof(op->reason), "no");
        }
        rs_operations_clear(out);
    }
    rs_operations_destroy(out);
}

Test(operation, stays_where_it_is_when_more_are_added)
{
    struct rs_operations *out = rs_operations_create();
    const struct rs_operation *first = NULL;
    for (int i = 0; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        cr_assert_eq(rs_operations_take(out, sink, key, i, strdup(key), strlen(key)), RS_OK);
        if (i == 0)
            first = rs_operations_at(out, 0);
    }
    cr_assert_eq(rs_operations_count(out), 100);
    cr_expect_eq(rs_operations_at(out, 0), first, "sinks and drivers keep pointers");
    for (size_t i = 0; i < 100; i++) {
        const struct rs_operation *op = rs_operations_at(out, i);
        cr_expect(op->version == (int64_t)i && strcmp(op->key, op->bytes) == 0);
    }
    rs_operations_destroy(out);
}

static size_t held(const struct rs_operations *out, size_t fixed)
{
    return rs_operations_bytes(out) - fixed;
}

Test(operation, says_how_much_memory_it_holds)
{
    struct rs_operations *out = rs_operations_create();
    char long_key[1001];
    memset(long_key, 'k', sizeof(long_key) - 1);
    long_key[sizeof(long_key) - 1] = '\0';
    const size_t fixed = rs_operations_bytes(out);
    cr_expect(fixed >= sizeof(struct rs_operation), "the first one is in it");
    cr_assert_eq(rs_operations_take(out, sink, "r-1", 1, calloc(1, 3000), 20), RS_OK);
    cr_expect(held(out, fixed) >= 3000 && held(out, fixed) < 3100, "room that is not used too: %zu",
              held(out, fixed));
    size_t before = held(out, fixed);
    cr_assert_eq(rs_operations_take(out, sink, long_key, 1, calloc(1, 100000), 5), RS_OK);
    size_t second = held(out, fixed) - before;
    cr_expect(second >= 101000 + sizeof(struct rs_operation) && second < 102000, "%zu", second);
    before = held(out, fixed);
    cr_assert_eq(rs_reject(out, "no"), RS_REJECT);
    cr_expect_geq(held(out, fixed) - before, sizeof(struct rs_operation));
    rs_operations_clear(out);
    cr_expect(held(out, fixed) >= 3000 && held(out, fixed) < 3100, "one buffer stays: %zu",
              held(out, fixed));
    struct rs_buffer spare = rs_operations_buffer(out);
    cr_expect_lt(held(out, fixed), 100, "it is the caller's now");
    rs_buffer_finish(&spare);
    rs_operations_destroy(out);
}

Test(operation, of_a_refused_event_has_a_reason_and_no_sink)
{
    struct rs_operations *out = rs_operations_create();
    cr_assert_eq(rs_reject(out, "body has %d bytes, limit is %d", 21, 20), RS_REJECT);
    const struct rs_operation *op = rs_operations_at(out, 0);
    cr_expect(!op->sink && !op->key && !op->bytes && op->status == RS_REJECT);
    cr_expect_str_eq(op->reason, "body has 21 bytes, limit is 20");
    cr_assert_eq(rs_reject(out, "%0*d", 1000, 7), RS_REJECT);
    cr_expect_eq(strlen(rs_operations_at(out, 1)->reason), RS_REASON_BYTES - 1, "it is cut");
    rs_operations_destroy(out);
}

Test(operation, takes_an_answer_from_its_row)
{
    static const struct rs_answer retry = {"-OOM", RS_RETRY, RS_ITEM, ""},
                                  ok = {":1", RS_OK, 0, ""};
    char long_reason[500];
    memset(long_reason, 'x', sizeof(long_reason));
    long_reason[sizeof(long_reason) - 1] = '\0';
    struct rs_operation op = {0};
    rs_operation_answer(&op, &retry, long_reason);
    cr_expect(op.status == RS_RETRY && op.fault == RS_ITEM);
    cr_expect_eq(strlen(op.reason), RS_REASON_BYTES - 1);
    rs_operation_answer(&op, &ok, NULL);
    cr_expect(op.status == RS_OK && op.reason[0] == '\0', "an old reason does not stay");
}

Test(operation, takes_its_bytes_also_when_memory_is_short)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_operations *out = rs_operations_create();
        size_t added = 0;
        for (int i = 0; out && i < 5; i++) {
            size_t bytes_before = rs_operations_bytes(out);
            char *bytes = strdup("bytes"); /* NULL: an allocation failed before */
            enum rs_status status =
                i == 3 ? rs_reject(out, "no") : rs_operations_take(out, sink, "key", i, bytes, 5);
            if (i == 3)
                free(bytes);
            cr_expect_eq(status, rs_operations_count(out) == added ? RS_FATAL
                                 : i == 3                          ? RS_REJECT
                                                                   : RS_OK);
            cr_expect(rs_operations_count(out) > added ||
                          rs_operations_bytes(out) < bytes_before + 100,
                      "what was not added is not counted, but for room in the list");
            added = rs_operations_count(out);
        }
        if (!rs_alloc_reset())
            cr_expect_eq(added, 5);
        else
            cr_expect(!out || added >= 4, "allocation %ld leaves %zu", n, added);
        rs_operations_destroy(out);
    }
}
