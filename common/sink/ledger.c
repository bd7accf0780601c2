#include "sink/ledger.h"

#include <stdlib.h>

#include "core/settings.h"
#include "sink/decimal.h"
#include "sink/ledger_lua.h"
#include "sink/mirror.h"
#include "sink/mirror_rows.h"
#include "sink/placed.h"
#include "sink/redis_rows.h"

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

const struct rs_answer rs_ledger_answers[] = {RS_REDIS_ROWS, RS_MIRROR_ROWS, RS_REDIS_LAST_ROWS};

struct ledger {
    struct rs_placed placed;  /* first: the callbacks of placed.h take the instance */
    struct rs_mirror *mirror; /* NULL: no output topic */
    struct rs_mirror_item *items;
    size_t size;
};

static void close_ledger(void *self)
{
    struct ledger *ledger = self;
    if (!ledger)
        return;
    rs_mirror_destroy(ledger->mirror);
    rs_placed_finish(&ledger->placed);
    free(ledger->items);
    free(ledger);
}

static bool open_mirror(struct ledger *ledger, const struct rs_view *view, struct rs_error *error)
{
    struct rs_mirror_setup setup = {
        .config = rs_settings_get(view->settings, &rs_mirror_component),
        .publication = view->publication,
        .owner = view->owner,
        .redis = ledger->placed.redis,
        .view = &ledger->placed.view,
        .kind = rs_ledger_kinds.content,
        .answers = rs_ledger_answers,
        .producer = rs_producer_shared(view->settings, error),
    };
    if (setup.producer)
        ledger->mirror = rs_mirror_create(&setup, error);
    return ledger->mirror;
}

static void *open_ledger(const struct rs_view *view, struct rs_error *error)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger)
        rs_error_set(error, "out of memory");
    else if (rs_placed_init(&ledger->placed, view, &rs_ledger_kinds, rs_ledger_scripts, error) &&
             (!view->publication || open_mirror(ledger, view, error)))
        return ledger;
    close_ledger(ledger);
    return NULL;
}

/* The products that the batch touches, as items of the mirror; 0: none, or no memory. */
static size_t list_products(struct ledger *ledger)
{
    struct rs_placing *placing = ledger->placed.placing;
    size_t count = rs_placing_product_count(placing);
    if (count > ledger->size) {
        struct rs_mirror_item *items = realloc(ledger->items, count * sizeof(*items));
        if (!items) {
            for (size_t i = 0; i < count; i++)
                rs_placing_fail(placing, i, rs_redis_row("out of memory"), "out of memory");
            return 0;
        }
        ledger->items = items;
        ledger->size = count;
    }
    for (size_t i = 0; i < count; i++)
        ledger->items[i] = (struct rs_mirror_item){.key = rs_placing_product(placing, i)};
    return count;
}

static void send_ledger(void *self, struct rs_operation *const *ops, size_t count)
{
    struct ledger *ledger = self;
    struct rs_placing *placing = ledger->placed.placing;
    if (!rs_placed_start(&ledger->placed, ops, count))
        return;
    rs_placing_claim(placing);
    size_t products = ledger->mirror ? list_products(ledger) : 0;
    if (products)
        rs_mirror_mark(ledger->mirror, ledger->items, products);
    rs_placing_apply(placing);
    if (products)
        rs_mirror_settle(ledger->mirror, ledger->items, products);
    for (size_t i = 0; i < products; i++)
        if (ledger->items[i].failed)
            rs_placing_fail(placing, i, ledger->items[i].failed, ledger->items[i].reason);
    rs_placing_forget(placing);
    if (products) /* before finish: the items borrow from the operations */
        rs_mirror_unmark(ledger->mirror, ledger->items, products);
    rs_placing_finish(placing);
}

static enum rs_status prepare(void *self, char *reason)
{
    struct ledger *ledger = self;
    return ledger->mirror ? rs_mirror_begin(ledger->mirror, reason)
                          : rs_placed_prepare(&ledger->placed, reason);
}

static void tick(void *self, int64_t now_ms)
{
    struct ledger *ledger = self;
    if (ledger->mirror)
        rs_mirror_tick(ledger->mirror, now_ms);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    (void)self;
    return rs_redis_canary_add(out, &rs_ledger);
}

void rs_ledger_count(struct rs_buffer *contribution, const char *kind, const char *name,
                     const char *bucket, int64_t value)
{
    rs_buffer_add_text(contribution, kind);
    rs_buffer_add_text(contribution, name);
    rs_buffer_add_text(contribution, bucket);
    rs_buffer_add(contribution, "\t", 1);
    rs_decimal_add(contribution, value);
    rs_buffer_add(contribution, "\n", 1);
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

static const struct rs_component *const components[] = {&rs_redis_component, &rs_mirror_component,
                                                        NULL};

const struct rs_sink rs_ledger = {
    .name = "ledger",
    .components = components,
    .answers = rs_ledger_answers,
    .open = open_ledger,
    .close = close_ledger,
    .send = send_ledger,
    .prepare = prepare,
    .check = rs_placed_check,
    .read_marker = rs_placed_read_marker,
    .write_marker = rs_placed_write_marker,
    .canary = canary,
    .tick = tick,
};
