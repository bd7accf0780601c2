#include "sink/ledger.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "core/decimal.h"
#include "sink/ledger_lua.h"
#include "sink/mirror_rows.h"
#include "sink/published.h"
#include "sink/redis_rows.h"

enum {
    USUAL_BYTES = 400, /* of a contribution: allocated at once */
    TURN_WAIT_S = 1,
};

/* The home has no fields of its own. */
#define CLAIM                                                                                      \
    RS_CLAIM_SCRIPT("{}", "  call('HSET', home, 'v', version, 'p', product)\n"                     \
                          "  return 1\n")

#define APPLY RS_LEDGER_SCRIPT("", "", "", "")

const char *const rs_ledger_scripts[] = {
    [RS_CLAIM] = RS_LUA CLAIM,      [RS_CLAIM_FULL] = RS_LUA_FULL CLAIM,
    [RS_APPLY] = RS_LUA APPLY,      [RS_WITHDRAW] = RS_LUA_FULL APPLY,
    [RS_FORGET] = RS_FORGET_SCRIPT, NULL,
};
const struct rs_placement rs_ledger_kinds = {
    .home = "home", .guard = "ledger", .content = "summary", .fields = 0, .counted = true};

const struct rs_answer rs_ledger_answers[] = {RS_REDIS_ROWS, RS_MIRROR_ROWS, RS_REDIS_LAST_ROWS};

static void *open_ledger(const struct rs_view *view, struct rs_error *error)
{
    return rs_published_open(view, &rs_ledger_kinds, rs_ledger_scripts, rs_ledger_kinds.content,
                             rs_ledger_answers, error);
}

/* --- one lane at a time --- */

/* Redis has one thread: lanes that share it are done at once, and at once leave it idle while they
 * read and decode. In turn one lane keeps it busy while the others prepare. Only a help: who waits
 * for long, as when the server hangs, goes on without. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static bool take_turn(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until); /* the one that timedlock takes */
    until.tv_sec += TURN_WAIT_S;
    return pthread_mutex_timedlock(&turn, &until) == 0;
}

static void leave_turn(bool taken)
{
    if (taken)
        (void)pthread_mutex_unlock(&turn);
}

/* A product's record mirrors its summary, and which products are touched the claim tells. */
static void send_ledger(void *self, struct rs_operation *const *ops, size_t count)
{
    struct rs_published *ledger = self;
    struct rs_placing *placing = ledger->placed.placing;
    if (!rs_placed_start(&ledger->placed, ops, count))
        return;
    bool taken = take_turn();
    rs_placing_claim(placing);
    size_t items = rs_published_list(ledger, rs_placing_product_count(placing), rs_placing_product,
                                     rs_placing_fail);
    rs_published_mark(ledger, items);
    rs_placing_apply(placing);
    leave_turn(taken);
    rs_published_settle(ledger, items, rs_placing_fail);
    rs_placing_forget(placing);
    rs_published_unmark(ledger, items);
    rs_placing_finish(placing);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    (void)self;
    return rs_redis_canary_add(out, &rs_ledger);
}

/* Many times for each event, so in one piece of memory without looking again. */
void rs_ledger_count(struct rs_buffer *contribution, const char *kind, const char *name,
                     const char *bucket, int64_t value)
{
    char digits[RS_DECIMAL_BYTES];
    const char *number = rs_decimal_text(digits, value);
    size_t kind_len = strlen(kind), name_len = strlen(name), bucket_len = strlen(bucket);
    size_t len = kind_len + name_len + bucket_len + RS_DECIMAL_BYTES + 2;
    if (!rs_buffer_reserve(contribution, contribution->data ? len : len + USUAL_BYTES))
        return;
    char *at = contribution->data + contribution->len;
    at = mempcpy(at, kind, kind_len);
    at = mempcpy(at, name, name_len);
    at = mempcpy(at, bucket, bucket_len);
    *at++ = '\t';
    at = mempcpy(at, number, strlen(number));
    *at++ = '\n';
    *at = '\0';
    contribution->len = (size_t)(at - contribution->data);
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

const struct rs_sink rs_ledger = {
    .name = "ledger",
    .components = rs_published_components,
    .answers = rs_ledger_answers,
    .batch_events = 20000, /* the more, the fewer calls and records a product needs */
    .lanes = 2,            /* so that they fit into memory; Redis has one thread */
    .open = open_ledger,
    .close = rs_published_close,
    .send = send_ledger,
    .prepare = rs_published_prepare,
    .check = rs_placed_check,
    .read_marker = rs_placed_read_marker,
    .write_marker = rs_placed_write_marker,
    .canary = canary,
    .tick = rs_published_tick,
};
