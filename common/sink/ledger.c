#include "sink/ledger.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sink/ledger_lua.h"
#include "sink/placed.h"

/* The home has no fields of its own. */
#define CLAIM                                                                                      \
    RS_CLAIM_SCRIPT("{}", "  call('HSET', home, 'v', version, 'p', product)\n"                     \
                          "  return 1\n")

const char *const rs_ledger_scripts[] = {
    [RS_CLAIM] = RS_LUA CLAIM,           [RS_CLAIM_FULL] = RS_LUA_FULL CLAIM,
    [RS_APPLY] = RS_LUA RS_LEDGER_APPLY, [RS_WITHDRAW] = RS_LUA_FULL RS_LEDGER_APPLY,
    [RS_FORGET] = RS_FORGET_SCRIPT,      NULL,
};
const struct rs_placement rs_ledger_kinds = {
    .home = "home", .guard = "ledger", .content = "summary", .fields = 0};

struct ledger {
    struct rs_placed placed; /* first: the callbacks of placed.h take the instance */
};

static void close_ledger(void *self)
{
    struct ledger *ledger = self;
    if (!ledger)
        return;
    rs_placed_finish(&ledger->placed);
    free(ledger);
}

static void *open_ledger(const struct rs_view *view, struct rs_error *error)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger)
        rs_error_set(error, "out of memory");
    else if (rs_placed_init(&ledger->placed, view, &rs_ledger_kinds, rs_ledger_scripts, error))
        return ledger;
    close_ledger(ledger);
    return NULL;
}

static void send_ledger(void *self, struct rs_operation *const *ops, size_t count)
{
    struct ledger *ledger = self;
    struct rs_placing *placing = ledger->placed.placing;
    if (!rs_placed_start(&ledger->placed, ops, count))
        return;
    rs_placing_claim(placing);
    rs_placing_apply(placing);
    rs_placing_forget(placing);
    rs_placing_finish(placing);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    (void)self;
    return rs_redis_canary_add(out, &rs_ledger);
}

void rs_ledger_count(struct rs_buffer *contribution, const char *name, int64_t value)
{
    rs_buffer_printf(contribution, "%s\t%" PRId64 "\n", name, value);
}

enum rs_status rs_ledger_put(struct rs_operations *out, const struct rs_event *event,
                             const struct rs_buffer *contribution)
{
    struct rs_bytes entry = {contribution->data, contribution->len};
    if (contribution->failed)
        return RS_FATAL;
    return rs_placement_add(out, &rs_ledger, &rs_ledger_kinds, event,
                            entry.len ? event->product_id : NULL, entry, NULL);
}

static const struct rs_component *const components[] = {&rs_redis_component, NULL};

const struct rs_sink rs_ledger = {
    .name = "ledger",
    .components = components,
    .answers = rs_redis_answers,
    .open = open_ledger,
    .close = close_ledger,
    .send = send_ledger,
    .prepare = rs_placed_prepare,
    .read_marker = rs_placed_read_marker,
    .write_marker = rs_placed_write_marker,
    .canary = canary,
};
