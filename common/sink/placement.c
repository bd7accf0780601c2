#include "sink/placement.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/decimal.h"
#include "core/grouping.h"
#include "sink/counters.h"
#include "sink/placement_code.h"

enum {
    PART_BYTES = 256 << 10, /* of one pipeline; smaller ones wake the lane more often */
    AHEAD = 4,              /* operations, whose memory is fetched before their turn */
    GROUP_ENTRIES = 200,    /* of one product in one script call: scripts must be short */
    GROUP_BYTES = 256 << 10,
};

/* One operation on its way. */
struct place {
    struct rs_operation *op;
    struct rs_claim claim;
    char digits[RS_DECIMAL_BYTES];
    struct rs_bytes key, version; /* version: in digits */
    char code;                    /* of the claim; 0: none yet */
    bool changed;                 /* a step changed something */
    int open;                     /* steps after the claim that are not confirmed */
    char *notes;                  /* products left and not yet confirmed; owned */
    size_t notes_len;
    bool failed; /* and has its answer */
};

/* What one operation does at one product. */
struct visit {
    struct place *place;
    struct rs_bytes product, version, entry; /* entry absent: withdraw */
    size_t touched;                          /* index of the product */
};

struct rs_placing {
    struct rs_redis *redis;
    const char *prefix;
    const struct rs_placement *kinds;
    struct place *places;
    size_t place_count, place_size;
    struct visit *visits;
    size_t visit_count, visit_size;
    struct rs_grouping grouping; /* of the visits by product, entries before withdrawals */
    struct rs_counters counters; /* of a call's entries */
    bool starved;                /* of memory, within a step */
    bool lost;                   /* the connection, or memory: later steps do nothing */
};

struct rs_placing *rs_placing_create(struct rs_redis *redis, const char *prefix,
                                     const struct rs_placement *kinds)
{
    struct rs_placing *placing = calloc(1, sizeof(*placing));
    if (placing) {
        placing->redis = redis;
        placing->prefix = prefix;
        placing->kinds = kinds;
    }
    return placing;
}

static void forget_batch(struct rs_placing *placing)
{
    for (size_t i = 0; i < placing->place_count; i++)
        free(placing->places[i].notes);
    placing->place_count = placing->visit_count = placing->grouping.group_count = 0;
    placing->lost = false;
}

void rs_placing_destroy(struct rs_placing *placing)
{
    if (!placing)
        return;
    forget_batch(placing);
    free(placing->places);
    free(placing->visits);
    rs_grouping_finish(&placing->grouping);
    rs_counters_finish(&placing->counters);
    free(placing);
}

/* The first failure of an operation is its answer. */
static void fail(struct place *place, const struct rs_answer *row, const char *reason)
{
    if (place->failed)
        return;
    place->failed = true;
    rs_operation_answer(place->op, row, reason);
}

/* Nothing more of this batch can be done: the connection, or memory. What is complete stays so. */
static void lose(struct rs_placing *placing, const struct rs_answer *row, const char *reason)
{
    placing->lost = true;
    for (size_t i = 0; i < placing->place_count; i++)
        if (!placing->places[i].code || placing->places[i].open)
            fail(&placing->places[i], row, reason);
}

static void lose_by_memory(struct rs_placing *placing)
{
    lose(placing, rs_redis_row("out of memory"), "out of memory");
}

/* Whether the replies came; what did not come is lost. */
static bool keep(struct rs_placing *placing, bool received)
{
    const char *reason;
    const struct rs_answer *row = rs_redis_failure(placing->redis, &reason);
    if (!received)
        lose(placing, row, reason);
    return received;
}

static void run(struct rs_placing *placing, const struct rs_redis_parts *step)
{
    placing->starved = false;
    if (!placing->lost)
        rs_redis_stream(placing->redis, step, placing);
    if (placing->starved)
        lose_by_memory(placing);
}

static bool is_room(const struct rs_placing *placing)
{
    return rs_redis_queued_bytes(placing->redis) < PART_BYTES;
}

void rs_placing_start(struct rs_placing *placing, struct rs_operation *const *ops, size_t count)
{
    forget_batch(placing);
    if (!rs_array_reserve(&placing->places, &placing->place_size, count, sizeof(struct place))) {
        for (size_t i = 0; i < count; i++)
            rs_operation_answer(ops[i], rs_redis_row("out of memory"), "out of memory");
        return;
    }
    placing->place_count = count;
    for (size_t i = 0; i < count; i++) {
        struct place *place = &placing->places[i];
        *place = (struct place){.op = ops[i], .key = {ops[i]->key, ops[i]->key_len}};
        place->version = rs_text(rs_decimal_text(place->digits, ops[i]->version));
        bool good = rs_claim_decode(&place->claim, (struct rs_bytes){ops[i]->bytes, ops[i]->len});
        assert(good); /* our own encoder wrote it */
        (void)good;
    }
}

/* --- step 1 --- */

static void queue_claim(struct rs_placing *placing, const struct place *place)
{
    struct rs_redis *redis = placing->redis;
    const struct rs_claim *claim = &place->claim;
    bool body = place->op->body.data != NULL;
    assert(claim->value_count + body == placing->kinds->fields);
    rs_redis_call(redis, claim->product.len ? RS_CLAIM : RS_CLAIM_FULL, 1,
                  2 + placing->kinds->fields);
    rs_redis_arg_key(redis, placing->prefix, placing->kinds->home, place->key);
    rs_redis_arg(redis, place->version);
    rs_redis_arg(redis, claim->product);
    struct rs_bytes rest = claim->values, value;
    while (rs_part_next(&rest, &value))
        rs_redis_arg(redis, value);
    if (body)
        rs_redis_arg(redis, place->op->body);
}

/* A conflict's own product is not visited: what is stored stays. */
static bool applies(const struct place *place)
{
    return (place->code == '1' || place->code == '2') && place->claim.product.len;
}

static void take_claim(struct rs_placing *placing, struct place *place, size_t command)
{
    const char *reason = NULL;
    struct rs_bytes notes;
    const struct rs_answer *row = rs_redis_judge(placing->redis, command, &reason);
    if (!row && !rs_claim_parse(rs_redis_reply(placing->redis, command), &place->code, &notes))
        row = rs_redis_unexpected(&reason);
    if (!row && notes.len) {
        place->notes = strndup(notes.data, notes.len);
        place->notes_len = notes.len;
        if (!place->notes)
            row = rs_redis_row("out of memory");
    }
    if (row) {
        fail(place, row, reason);
        return;
    }
    place->changed = place->code == '1';
    place->open = applies(place) + (place->notes != NULL);
}

/* Which products a claimed operation visits; false: out of memory. */
static bool add_visit(struct rs_placing *placing, struct visit visit)
{
    if (!rs_array_reserve(&placing->visits, &placing->visit_size, placing->visit_count + 1,
                          sizeof(*placing->visits)))
        return false;
    placing->visits[placing->visit_count++] = visit;
    return true;
}

static bool add_visits(struct rs_placing *placing, struct place *place)
{
    struct visit own = {.place = place,
                        .product = place->claim.product,
                        .version = place->version,
                        .entry = place->claim.entry};
    if (place->failed)
        return true;
    if (applies(place) && !add_visit(placing, own))
        return false;
    struct rs_bytes notes = {place->notes, place->notes_len};
    struct visit left = {.place = place};
    while (rs_note_next(&notes, &left.version, &left.product))
        if (!add_visit(placing, left))
            return false;
    if (notes.len)
        fail(place, rs_redis_row("unexpected"), "the home's list of products left is damaged");
    return true;
}

/* Bring the visits of each product together; false: out of memory. */
static bool plan(struct rs_placing *placing)
{
    for (size_t i = 0; i < placing->place_count; i++)
        if (!add_visits(placing, &placing->places[i]))
            return false;
    if (!rs_grouping_start(&placing->grouping, placing->visit_count))
        return false;
    for (size_t i = 0; i < placing->visit_count; i++) {
        struct visit *visit = &placing->visits[i];
        visit->touched = rs_grouping_add(&placing->grouping, visit->product,
                                         rs_bytes_hash(visit->product), visit->entry.len == 0);
    }
    rs_grouping_sort(&placing->grouping);
    return true;
}

/* The visit whose turn it is. */
static struct visit *visit_at(const struct rs_placing *placing, size_t turn)
{
    return &placing->visits[placing->grouping.turns[turn]];
}

static size_t queue_claims(void *self, size_t at)
{
    struct rs_placing *placing = self;
    while (at < placing->place_count && is_room(placing)) {
        if (at + AHEAD < placing->place_count)
            rs_bytes_prefetch(placing->places[at + AHEAD].op->body);
        queue_claim(placing, &placing->places[at++]);
    }
    return at;
}

static bool take_claims(void *self, size_t from, size_t to, bool received)
{
    struct rs_placing *placing = self;
    for (size_t i = from; i < to; i++)
        take_claim(placing, &placing->places[i], i - from);
    return keep(placing, received);
}

void rs_placing_claim(struct rs_placing *placing)
{
    static const struct rs_redis_parts claims = {queue_claims, take_claims};
    run(placing, &claims);
    if (!placing->lost && !plan(placing))
        lose_by_memory(placing);
}

size_t rs_placing_product_count(const struct rs_placing *placing)
{
    return placing->lost ? 0 : placing->grouping.group_count;
}

struct rs_bytes rs_placing_product(const struct rs_placing *placing, size_t index)
{
    return placing->grouping.groups[index].name;
}

size_t rs_placing_review_count(const struct rs_placing *placing)
{
    return placing->place_count;
}

struct rs_bytes rs_placing_review(const struct rs_placing *placing, size_t index)
{
    return placing->places[index].key;
}

void rs_placing_fail_review(struct rs_placing *placing, size_t review, const struct rs_answer *row,
                            const char *reason)
{
    fail(&placing->places[review], row, reason);
}

/* --- steps 2 and 3 --- */

/* The end of the run of turns from `from` that go into one script call. */
static size_t group_end(const struct rs_placing *placing, size_t from)
{
    const struct visit *first = visit_at(placing, from);
    size_t bytes = 0, to = from;
    for (; to < placing->visit_count && to - from < GROUP_ENTRIES && bytes < GROUP_BYTES; to++) {
        const struct visit *visit = visit_at(placing, to);
        if (visit->touched != first->touched || (visit->entry.len == 0) != (first->entry.len == 0))
            break;
        bytes += visit->entry.len;
    }
    return to;
}

/* The sums of what these visits count; one entry is its own. */
static bool sum_up(struct rs_placing *placing, size_t from, size_t to, struct rs_bytes *ret_sums)
{
    size_t bytes = 0;
    *ret_sums = visit_at(placing, from)->entry;
    if (to - from == 1 || ret_sums->len == 0)
        return true;
    for (size_t i = from; i < to; i++)
        bytes += visit_at(placing, i)->entry.len;
    if (!rs_counters_start(&placing->counters, bytes))
        return false;
    for (size_t i = from; i < to; i++)
        rs_counters_add(&placing->counters, visit_at(placing, i)->entry);
    return rs_counters_text(&placing->counters, ret_sums);
}

static void prefetch_visit(const struct rs_placing *placing, size_t turn)
{
    if (turn >= placing->visit_count)
        return;
    const struct visit *visit = visit_at(placing, turn);
    rs_bytes_prefetch(visit->place->key);
    rs_bytes_prefetch(visit->entry);
}

/* Returns the end of what was queued; `from`, and starved, if there is no memory. */
static size_t queue_visits(struct rs_placing *placing, size_t from)
{
    size_t to = group_end(placing, from);
    struct rs_redis *redis = placing->redis;
    const struct visit *first = visit_at(placing, from);
    bool counted = placing->kinds->counted;
    struct rs_bytes sums;
    placing->starved = counted && !sum_up(placing, from, to, &sums);
    if (placing->starved)
        return from;
    rs_redis_call(redis, first->entry.len ? RS_APPLY : RS_WITHDRAW, 2, 3 * (to - from) + counted);
    rs_redis_arg_key(redis, placing->prefix, placing->kinds->guard, first->product);
    rs_redis_arg_key(redis, placing->prefix, placing->kinds->content, first->product);
    if (counted)
        rs_redis_arg(redis, sums);
    for (size_t i = from; i < to; i++) {
        const struct visit *visit = visit_at(placing, i);
        prefetch_visit(placing, i + AHEAD);
        rs_redis_arg(redis, visit->place->key);
        rs_redis_arg(redis, visit->version);
        rs_redis_arg(redis, visit->entry);
    }
    return to;
}

/* Returns the end of what the call was for. */
static size_t take_visits(struct rs_placing *placing, size_t from, size_t command)
{
    size_t to = group_end(placing, from);
    const char *reason = NULL;
    struct rs_bytes codes;
    const struct rs_answer *row = rs_redis_judge(placing->redis, command, &reason);
    if (!row && (!rs_reply_bytes(rs_redis_reply(placing->redis, command), &codes) ||
                 codes.len != to - from || strspn(codes.data, "0123") != codes.len))
        row = rs_redis_unexpected(&reason);
    for (size_t i = from; i < to; i++) {
        const struct visit *visit = visit_at(placing, i);
        struct place *place = visit->place;
        if (row) {
            fail(place, row, reason);
            continue;
        }
        place->open -= visit->entry.len > 0;
        if (codes.data[i - from] == '1')
            place->changed = true;
        else if (codes.data[i - from] == '3' && place->code == '2')
            place->code = '3';
    }
    return to;
}

static size_t queue_applies(void *self, size_t at)
{
    struct rs_placing *placing = self;
    while (at < placing->visit_count && is_room(placing) && !placing->starved)
        at = queue_visits(placing, at);
    return at;
}

static bool take_applies(void *self, size_t from, size_t to, bool received)
{
    struct rs_placing *placing = self;
    for (size_t command = 0; from < to; command++)
        from = take_visits(placing, from, command);
    return keep(placing, received);
}

void rs_placing_apply(struct rs_placing *placing)
{
    static const struct rs_redis_parts applies = {queue_applies, take_applies};
    run(placing, &applies);
}

void rs_placing_fail(struct rs_placing *placing, size_t product, const struct rs_answer *row,
                     const char *reason)
{
    for (size_t i = placing->grouping.groups[product].first;
         i < placing->visit_count && visit_at(placing, i)->touched == product; i++)
        fail(visit_at(placing, i)->place, row, reason);
}

/* --- step 4 --- */

static bool is_due(const struct place *place)
{
    return !place->failed && place->notes;
}

static void queue_forget(struct rs_placing *placing, const struct place *place)
{
    struct rs_redis *redis = placing->redis;
    struct rs_bytes notes = {place->notes, place->notes_len}, version, product;
    size_t count = 0;
    while (rs_note_next(&notes, &version, &product))
        count++;
    rs_redis_call(redis, RS_FORGET, 1, 2 * count);
    rs_redis_arg_key(redis, placing->prefix, placing->kinds->home, place->key);
    notes = (struct rs_bytes){place->notes, place->notes_len};
    while (rs_note_next(&notes, &version, &product)) {
        rs_redis_arg(redis, version);
        rs_redis_arg(redis, product);
    }
}

static size_t queue_forgets(void *self, size_t at)
{
    struct rs_placing *placing = self;
    for (; at < placing->place_count && is_room(placing); at++)
        if (is_due(&placing->places[at]))
            queue_forget(placing, &placing->places[at]);
    return at;
}

static bool take_forgets(void *self, size_t from, size_t to, bool received)
{
    struct rs_placing *placing = self;
    size_t command = 0;
    for (size_t i = from; i < to; i++) {
        struct place *place = &placing->places[i];
        const char *reason = NULL;
        if (!is_due(place))
            continue;
        const struct rs_answer *row = rs_redis_judge(placing->redis, command++, &reason);
        place->open -= row == NULL;
        place->changed |= row == NULL;
        if (row)
            fail(place, row, reason);
    }
    return keep(placing, received);
}

void rs_placing_forget(struct rs_placing *placing)
{
    static const struct rs_redis_parts forgets = {queue_forgets, take_forgets};
    run(placing, &forgets);
}

void rs_placing_finish(struct rs_placing *placing)
{
    static const char *const rows[] = {":0", ":1", ":2", ":3"};
    for (size_t i = 0; i < placing->place_count; i++) {
        struct place *place = &placing->places[i];
        if (place->failed)
            continue;
        assert(place->code && !place->open);
        const struct rs_answer *row = rs_redis_row(rows[place->code - '0']);
        rs_operation_answer(place->op, row, place->code == '3' ? row->meaning : NULL);
        place->op->applied = place->changed;
        place->op->conflict = place->code == '3';
    }
    forget_batch(placing);
}
