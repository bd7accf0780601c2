#include "core/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/backoff.h"
#include "core/grouping.h"
#include "core/sink.h"

/* A sink of the lane and what it is waited for. */
struct channel {
    const struct rs_sink *sink;
    void *instance;
    struct rs_backoff backoff;
    int64_t wait_until_ms;
    bool stuck;   /* nothing of its last request succeeded */
    bool probing; /* its request stands for more than it holds */
    struct rs_deliver_trouble trouble;
};

/* One unsettled operation of a channel, while a step looks at it. */
struct slot {
    struct rs_operation *op;
    size_t sequence; /* of arrival */
};

struct rs_deliver {
    struct rs_deliver_options options;
    struct channel *channels;
    struct rs_item **items; /* in order of arrival */
    size_t count, size;
    struct slot *slots; /* in order of arrival */
    struct slot *turns; /* the same by key, the greatest version of it first */
    size_t slot_size;
    struct rs_grouping grouping;
    struct rs_operation **batch; /* as long as slots, and one for a canary */
};

struct rs_deliver *rs_deliver_create(const struct rs_deliver_options *options)
{
    struct rs_deliver *deliver = calloc(1, sizeof(*deliver));
    if (!deliver)
        return NULL;
    deliver->options = *options;
    deliver->channels = calloc(options->sink_count, sizeof(*deliver->channels));
    if (!deliver->channels) {
        free(deliver);
        return NULL;
    }
    for (size_t i = 0; i < options->sink_count; i++) {
        deliver->channels[i].sink = options->sinks[i].sink;
        deliver->channels[i].instance = options->sinks[i].instance;
        deliver->channels[i].backoff =
            (struct rs_backoff){.base_ms = options->base_ms, .max_ms = options->max_ms};
    }
    return deliver;
}

void rs_deliver_destroy(struct rs_deliver *deliver, void (*discard)(void *, struct rs_item *))
{
    if (!deliver)
        return;
    for (size_t i = 0; i < deliver->count; i++)
        discard(deliver->options.context, deliver->items[i]);
    free(deliver->channels);
    free(deliver->items);
    free(deliver->slots);
    free(deliver->turns);
    rs_grouping_finish(&deliver->grouping);
    free(deliver->batch);
    free(deliver);
}

bool rs_deliver_add(struct rs_deliver *deliver, struct rs_item *item)
{
    if (!rs_array_reserve(&deliver->items, &deliver->size, deliver->count + 1,
                          sizeof(*deliver->items)))
        return false;
    deliver->items[deliver->count++] = item;
    return true;
}

static int64_t clock_ms(const struct rs_deliver *deliver)
{
    return deliver->options.clock_us(deliver->options.context) / 1000;
}

static uint32_t draw(const struct rs_deliver *deliver)
{
    return deliver->options.random(deliver->options.context);
}

/* --- collecting what a channel has to send --- */

static bool reserve_slots(struct rs_deliver *deliver, size_t count)
{
    if (count < deliver->slot_size)
        return true;
    size_t size = deliver->slot_size ? deliver->slot_size : 256;
    while (size <= count)
        size *= 2;
    struct slot *slots = realloc(deliver->slots, size * sizeof(*slots));
    if (slots)
        deliver->slots = slots;
    struct slot *turns = realloc(deliver->turns, size * sizeof(*turns));
    if (turns)
        deliver->turns = turns;
    struct rs_operation **batch = realloc(deliver->batch, size * sizeof(*batch));
    if (batch)
        deliver->batch = batch;
    if (!slots || !turns || !batch)
        return false;
    deliver->slot_size = size;
    return true;
}

static bool collect(struct rs_deliver *deliver, const struct rs_sink *sink, size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < deliver->count; i++) {
        const struct rs_operations *ops = deliver->items[i]->ops;
        for (size_t j = 0; j < rs_operations_count(ops); j++) {
            struct rs_operation *op = rs_operations_at(ops, j);
            if (op->sink != sink || op->settled || op->status == RS_REJECT)
                continue;
            if (!reserve_slots(deliver, count + 1))
                return false;
            deliver->slots[count] = (struct slot){op, count};
            count++;
        }
    }
    *ret_count = count;
    return true;
}

/* The greatest version, then the first that came. */
static int compare_slots(const void *left, const void *right)
{
    const struct slot *a = left, *b = right;
    if (a->op->version != b->op->version)
        return a->op->version > b->op->version ? -1 : 1;
    return a->sequence < b->sequence ? -1 : 1;
}

/* Put the slots in turns. Keys stay in the order in which they came, so that memory is read in the
 * order in which it was written. False: out of memory. */
static bool arrange(struct rs_deliver *deliver, size_t count)
{
    struct rs_grouping *grouping = &deliver->grouping;
    if (!rs_grouping_start(grouping, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct rs_operation *op = deliver->slots[i].op;
        (void)rs_grouping_add(grouping, (struct rs_bytes){op->key, op->key_len}, op->key_hash,
                              false);
    }
    rs_grouping_sort(grouping);
    for (size_t i = 0; i < count; i++)
        deliver->turns[i] = deliver->slots[grouping->turns[i]];
    for (size_t i = 0; i < grouping->group_count; i++) {
        const struct rs_group *group = &grouping->groups[i];
        if (group->next[0] - group->first > 1)
            qsort(deliver->turns + group->first, group->next[0] - group->first,
                  sizeof(*deliver->turns), compare_slots);
    }
    return true;
}

static bool same_key(const struct rs_operation *a, const struct rs_operation *b)
{
    return a->key && b->key && a->key_hash == b->key_hash && strcmp(a->key, b->key) == 0;
}

/* Put the greatest due version of each key into the batch; returns how many, and whether one of
 * them is sent for the first time. */
static size_t choose(struct rs_deliver *deliver, size_t slots, int64_t now_ms, bool *ret_fresh)
{
    size_t count = 0;
    *ret_fresh = false;
    for (size_t i = 0; i < slots; i++) {
        struct rs_operation *op = deliver->turns[i].op;
        if (i > 0 && same_key(op, deliver->turns[i - 1].op))
            continue;
        if (op->not_before_ms > now_ms)
            continue;
        if (op->tries == 0)
            *ret_fresh = true;
        deliver->batch[count++] = op;
    }
    return count;
}

/* --- reading the answers --- */

static void note_trouble(struct channel *channel, const struct rs_operation *op)
{
    struct rs_deliver_trouble *trouble = &channel->trouble;
    if (trouble->sink && trouble->status >= op->status)
        return; /* FATAL stands above RETRY; of equals the first is kept */
    trouble->sink = channel->sink;
    trouble->status = op->status;
    (void)snprintf(trouble->reason, sizeof(trouble->reason), "%s",
                   op->reason[0] ? op->reason : "no answer");
}

/* One that failed waits by itself; an item fault beside a success counts towards poison. */
static void put_off(struct rs_deliver *deliver, struct rs_operation *op, bool company,
                    int64_t now_ms)
{
    struct rs_backoff backoff = {deliver->options.base_ms, deliver->options.max_ms, op->tries};
    op->not_before_ms = now_ms + rs_backoff_next_ms(&backoff, draw(deliver));
    op->tries = backoff.attempt;
    if (op->status == RS_RETRY && op->fault == RS_ITEM && company) {
        op->attempts++;
        if (op->attempts >= deliver->options.poison_attempts && !op->canary)
            op->status = RS_REJECT; /* buried at the end of the step */
    }
}

/* The wait after an outage counts from when the request went out, so that a server that comes back
 * is found soon although the request that met the outage hung until its time-out. */
static int64_t next_try_ms(const struct rs_deliver *deliver, struct channel *channel,
                           int64_t began_ms, int64_t now_ms)
{
    int64_t next = began_ms + rs_backoff_next_ms(&channel->backoff, draw(deliver));
    int64_t soonest = now_ms + deliver->options.base_ms;
    return next > soonest ? next : soonest;
}

static void read_answers(struct rs_deliver *deliver, struct channel *channel, size_t count,
                         int64_t began_ms)
{
    struct rs_operation **batch = deliver->batch;
    bool success = false, failure = false, outage = false;
    for (size_t i = 0; i < count; i++)
        success |= batch[i]->status == RS_OK;
    if (!channel->probing || !success) /* else it goes on until all are taken */
        channel->trouble = (struct rs_deliver_trouble){0};
    int64_t now_ms = clock_ms(deliver);
    for (size_t i = 0; i < count; i++) {
        struct rs_operation *op = batch[i];
        op->settled = op->status == RS_OK;
        if (op->status == RS_OK || op->status == RS_REJECT)
            continue;
        failure = true;
        outage |= op->status == RS_FATAL || op->fault == RS_OUTAGE;
        note_trouble(channel, op);
        if (success || op->fault == RS_ITEM)
            put_off(deliver, op, success, now_ms);
    }
    if ((success || !failure) && !channel->probing)
        rs_backoff_reset(&channel->backoff);
    channel->stuck = failure && outage && !success;
    if (channel->stuck)
        channel->wait_until_ms = next_try_ms(deliver, channel, began_ms, now_ms);
    channel->trouble.attempt = channel->backoff.attempt;
    channel->trouble.wait_ms = channel->stuck ? channel->wait_until_ms - now_ms : 0;
}

/* Versions below one that is settled are stale with it; below one that waits they wait too. */
static void settle_superseded(struct rs_deliver *deliver, size_t slots)
{
    for (size_t i = 1; i < slots; i++) {
        struct rs_operation *op = deliver->turns[i].op;
        const struct rs_operation *before = deliver->turns[i - 1].op;
        if (op->settled || !same_key(op, before) || before->status == RS_REJECT)
            continue;
        op->not_before_ms = before->not_before_ms;
        if (before->settled) {
            op->status = RS_OK;
            op->settled = true;
        }
    }
}

static void send_batch(struct rs_deliver *deliver, struct channel *channel, size_t count)
{
    struct rs_operation **batch = deliver->batch;
    for (size_t i = 0; i < count; i++)
        rs_operation_begin(batch[i]);
    int64_t began_us = deliver->options.clock_us(deliver->options.context);
    channel->sink->send(channel->instance, batch, count);
    if (deliver->options.sent)
        deliver->options.sent(deliver->options.context, channel->sink, batch, count,
                              deliver->options.clock_us(deliver->options.context) - began_us);
    read_answers(deliver, channel, count, began_us / 1000);
}

/* A server that stood still carries out all that was sent to it meanwhile before it gets to what is
 * new, so while it is waited for it is asked with one operation; with any of them, as the fault may
 * be of one shard. Returns how many are left in the batch. */
static size_t probe(struct rs_deliver *deliver, size_t count)
{
    deliver->batch[0] = deliver->batch[draw(deliver) % count];
    return 1;
}

static void serve(struct rs_deliver *deliver, struct channel *channel)
{
    int64_t now_ms = clock_ms(deliver);
    size_t slots = 0;
    if (channel->wait_until_ms > now_ms || !collect(deliver, channel->sink, &slots) || slots == 0 ||
        !arrange(deliver, slots))
        return;
    bool fresh;
    size_t count = choose(deliver, slots, now_ms, &fresh);
    if (count == 0)
        return;
    channel->probing = channel->stuck && count > 1;
    if (channel->probing)
        count = probe(deliver, count);
    /* A retry without company says nothing about whose fault it is. */
    struct rs_operations *canary = NULL;
    if (!fresh && !channel->stuck && channel->sink->canary) {
        canary = rs_operations_create();
        if (canary && channel->sink->canary(channel->instance, canary) == RS_OK) {
            deliver->batch[count] = rs_operations_at(canary, 0);
            deliver->batch[count++]->canary = true;
        }
    }
    send_batch(deliver, channel, count);
    settle_superseded(deliver, slots);
    rs_operations_destroy(canary);
}

/* --- items --- */

static void bury(struct rs_deliver *deliver, struct rs_item *item)
{
    for (size_t i = 0; i < rs_operations_count(item->ops); i++) {
        const struct rs_operation *op = rs_operations_at(item->ops, i);
        if (op->settled || op->status != RS_REJECT)
            continue;
        enum rs_death why = op->attempts >= deliver->options.poison_attempts && op->sink
                                ? RS_DEATH_POISON
                                : RS_DEATH_REJECTED;
        item->dead |= deliver->options.bury(deliver->options.context, item, why, op);
        return;
    }
}

/* A refused dead letter has nowhere to go: it is tried for ever. */
static void refuse_refusal(struct rs_item *item)
{
    for (size_t i = 0; i < rs_operations_count(item->ops); i++) {
        struct rs_operation *op = rs_operations_at(item->ops, i);
        if (!op->settled && op->status == RS_REJECT)
            op->status = RS_RETRY;
    }
}

static bool is_settled(const struct rs_item *item)
{
    for (size_t i = 0; i < rs_operations_count(item->ops); i++)
        if (!rs_operations_at(item->ops, i)->settled)
            return false;
    return true;
}

static bool was_applied(const struct rs_item *item)
{
    for (size_t i = 0; i < rs_operations_count(item->ops); i++)
        if (rs_operations_at(item->ops, i)->applied)
            return true;
    return false;
}

static void settle_items(struct rs_deliver *deliver)
{
    size_t kept = 0;
    for (size_t i = 0; i < deliver->count; i++) {
        struct rs_item *item = deliver->items[i];
        if (item->dead)
            refuse_refusal(item);
        else
            bury(deliver, item);
        if (!is_settled(item)) {
            deliver->items[kept++] = item;
            continue;
        }
        enum rs_outcome outcome = item->dead          ? RS_OUTCOME_DEAD
                                  : was_applied(item) ? RS_OUTCOME_APPLIED
                                                      : RS_OUTCOME_STALE;
        deliver->options.settled(deliver->options.context, item, outcome);
    }
    deliver->count = kept;
}

static struct channel *channel_of(const struct rs_deliver *deliver, const struct rs_sink *sink)
{
    for (size_t i = 0; i < deliver->options.sink_count; i++)
        if (deliver->channels[i].sink == sink)
            return &deliver->channels[i];
    return NULL;
}

/* When the first operation is due; -1 when nothing waits. */
static int64_t next_due_ms(const struct rs_deliver *deliver)
{
    int64_t due = -1;
    for (size_t i = 0; i < deliver->count; i++)
        for (size_t j = 0; j < rs_operations_count(deliver->items[i]->ops); j++) {
            const struct rs_operation *op = rs_operations_at(deliver->items[i]->ops, j);
            const struct channel *channel = channel_of(deliver, op->sink);
            if (op->settled)
                continue;
            int64_t at = op->not_before_ms;
            if (channel && channel->wait_until_ms > at)
                at = channel->wait_until_ms;
            if (due < 0 || at < due)
                due = at;
        }
    return due;
}

int64_t rs_deliver_step(struct rs_deliver *deliver)
{
    settle_items(deliver); /* what the processor refused */
    for (size_t i = 0; i < deliver->options.sink_count; i++)
        serve(deliver, &deliver->channels[i]);
    settle_items(deliver);
    int64_t due = next_due_ms(deliver);
    if (due < 0)
        return -1;
    int64_t wait = due - clock_ms(deliver);
    return wait > 0 ? wait : 0;
}

size_t rs_deliver_pending(const struct rs_deliver *deliver)
{
    return deliver->count;
}

bool rs_deliver_stuck(const struct rs_deliver *deliver)
{
    if (deliver->count == 0) /* all was taken back: a new item has to try */
        return false;
    for (size_t i = 0; i < deliver->options.sink_count; i++)
        if (deliver->channels[i].stuck)
            return true;
    return false;
}

void rs_deliver_trouble(const struct rs_deliver *deliver, struct rs_deliver_trouble *ret_trouble)
{
    *ret_trouble = (struct rs_deliver_trouble){0};
    for (size_t i = 0; i < deliver->options.sink_count; i++) {
        const struct rs_deliver_trouble *trouble = &deliver->channels[i].trouble;
        if (trouble->sink && (!ret_trouble->sink || trouble->status > ret_trouble->status))
            *ret_trouble = *trouble;
    }
}

void rs_deliver_drop(struct rs_deliver *deliver, bool (*gone)(void *, struct rs_item *))
{
    size_t kept = 0;
    for (size_t i = 0; i < deliver->count; i++)
        if (!gone(deliver->options.context, deliver->items[i]))
            deliver->items[kept++] = deliver->items[i];
    deliver->count = kept;
}
