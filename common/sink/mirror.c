#include "sink/mirror.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/answers.h"
#include "core/decimal.h"
#include "core/number.h"
#include "sink/mirror_state.h"
#include "sink/placement_lua.h"

enum {
    ROUNDS = 20, /* on a hot key members wait for each other: one round for each of them */
    SLICE = 64,  /* hashes read at once, so that memory stays small */
};

/* KEYS: publishing. ARGV: members. Must work on a full server: an erasure waits for it. */
static const char mark_script[] = RS_LUA_FULL "local now, add = redis.call('TIME'), {}\n"
                                              "now = now[1] * 1000 + math.floor(now[2] / 1000)\n"
                                              "for i, member in ipairs(ARGV) do\n"
                                              "  add[#add + 1] = now\n"
                                              "  add[#add + 1] = member\n"
                                              "  if #add == 1000 or i == #ARGV then\n"
                                              "    redis.call('ZADD', KEYS[1], unpack(add))\n"
                                              "    add = {}\n"
                                              "  end\n"
                                              "end\n"
                                              "return 1\n";

static const struct rs_option options[] = {
    RS_OPTION(struct rs_mirror_config, topic, NULL, NULL, NULL,
              "output topic, in place of the processor's own (product-summaries)"),
    RS_OPTION(struct rs_mirror_config, abandoned_ms, "120000", "120000", "3600000",
              "age at which a key that a member did not finish sending is sent by any other; at "
              "least twice the topic's message.timestamp.before.max.ms"),
    RS_OPTIONS_END,
};
const struct rs_component rs_mirror_component = {
    .section = "mirror",
    .summary = "the topic that mirrors the store",
    .options = options,
    .size = sizeof(struct rs_mirror_config),
};

struct rs_mirror *rs_mirror_create(const struct rs_mirror_setup *setup, struct rs_error *error)
{
    struct rs_mirror *mirror = calloc(1, sizeof(*mirror));
    char *owner = mirror ? strdup(setup->owner) : NULL;
    if (!owner) {
        rs_error_set(error, "out of memory");
        rs_producer_destroy(setup->producer);
        free(mirror);
        return NULL;
    }
    mirror->setup = *setup;
    mirror->setup.owner = owner;
    mirror->topic = setup->config->topic ? setup->config->topic : setup->publication->topic;
    return mirror;
}

void rs_mirror_destroy(struct rs_mirror *mirror)
{
    if (!mirror)
        return;
    rs_producer_destroy(mirror->setup.producer);
    free((char *)(uintptr_t)mirror->setup.owner); /* ours: see create */
    rs_buffer_finish(&mirror->value);
    free(mirror->pairs);
    free(mirror->flights);
    free(mirror->waiting);
    free(mirror);
}

void rs_mirror_arg_key(struct rs_mirror *mirror, const char *generation, const char *name)
{
    char key[512];
    (void)snprintf(key, sizeof(key), "reviews:%s:%s:%s", mirror->setup.view->name, generation,
                   name);
    rs_redis_arg_text(mirror->setup.redis, key);
}

/* --- how an item fails --- */

static const struct rs_answer *row_named(const struct rs_mirror *mirror, const char *answer)
{
    return rs_answer_find(mirror->setup.answers, answer);
}

static void fail(struct rs_mirror_item *item, const struct rs_answer *row, const char *reason)
{
    item->failed = row;
    item->flight = 0;
    (void)snprintf(item->reason, sizeof(item->reason), "%s", reason);
}

static bool is_open(const struct rs_mirror_item *item)
{
    return !item->settled && !item->failed;
}

static void fail_open(struct rs_mirror_item *items, size_t count, const struct rs_answer *row,
                      const char *reason)
{
    for (size_t i = 0; i < count; i++)
        if (is_open(&items[i]))
            fail(&items[i], row, reason);
}

const struct rs_answer *rs_mirror_judge(const struct rs_mirror *mirror, size_t command,
                                        const char **ret_reason)
{
    const struct rs_answer *row = rs_redis_judge(mirror->setup.redis, command, ret_reason);
    return row && row->status == RS_REJECT ? row_named(mirror, "mirror key") : row;
}

/* --- marks --- */

static void arg_member(struct rs_mirror *mirror, struct rs_bytes key)
{
    const struct rs_bytes parts[] = {key, rs_text("\n"), rs_text(mirror->setup.owner)};
    rs_redis_arg_parts(mirror->setup.redis, parts, 3);
}

/* Marks of all that are open; those that fail stay unmarked. */
static void mark(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count)
{
    struct rs_redis *redis = mirror->setup.redis;
    const char *reason = NULL;
    size_t open = 0;
    for (size_t i = 0; i < count; i++)
        open += is_open(&items[i]);
    if (!open)
        return;
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_eval(redis, mark_script, 1, open);
    rs_mirror_arg_key(mirror, mirror->setup.view->generation, "publishing");
    for (size_t i = 0; i < count; i++)
        if (is_open(&items[i]))
            arg_member(mirror, items[i].key);
    (void)rs_redis_run(redis);
    const struct rs_answer *row = rs_mirror_judge(mirror, command, &reason);
    if (row)
        fail_open(items, count, row, reason);
    for (size_t i = 0; i < count; i++)
        items[i].marked |= is_open(&items[i]);
}

void rs_mirror_mark(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count)
{
    if (!mirror->inactive)
        mark(mirror, items, count);
}

void rs_mirror_unmark(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count)
{
    struct rs_redis *redis = mirror->setup.redis;
    size_t done = 0;
    for (size_t i = 0; i < count; i++)
        done += items[i].settled && items[i].marked && !items[i].keep_mark;
    if (!done)
        return;
    (void)rs_redis_begin(redis);
    rs_redis_command(redis, 2 + done);
    rs_redis_arg_text(redis, "ZREM");
    rs_mirror_arg_key(mirror, mirror->setup.view->generation, "publishing");
    for (size_t i = 0; i < count; i++)
        if (items[i].settled && items[i].marked && !items[i].keep_mark)
            arg_member(mirror, items[i].key);
    (void)rs_redis_run(redis); /* what stays is settled again when it is old */
}

/* --- a round: read, send, wait --- */

static bool reserve_pairs(struct rs_mirror *mirror, size_t count)
{
    if (count <= mirror->pair_size)
        return true;
    struct rs_pair *pairs = realloc(mirror->pairs, count * sizeof(*pairs));
    if (!pairs)
        return false;
    mirror->pairs = pairs;
    mirror->pair_size = count;
    return true;
}

static int64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Send the rendered value; its end is in flights[item->flight - 1]. */
static void produce(struct rs_mirror *mirror, struct rs_mirror_item *item, int64_t read_ms)
{
    char epoch[RS_DECIMAL_BYTES], version[RS_DECIMAL_BYTES];
    struct rs_delivery *flight = &mirror->flights[item->flight - 1];
    const struct rs_header headers[] = {
        {"generation", rs_text(mirror->setup.view->generation)},
        {"epoch", rs_text(rs_decimal_text(epoch, item->epoch))},
        {"version", rs_text(rs_decimal_text(version, item->version))},
    };
    const struct rs_message message = {
        .topic = mirror->topic,
        .key = item->key,
        .value = {mirror->value.len ? mirror->value.data : NULL, mirror->value.len},
        .headers = headers,
        .header_count = sizeof(headers) / sizeof(*headers),
        .timestamp_ms = read_ms,
    };
    *flight = (struct rs_delivery){0};
    item->sent = true;
    (void)rs_producer_produce(mirror->setup.producer, &message, flight); /* also said in flight */
}

/* Send what a reply to HGETALL holds, as flight number `flight`; false: nothing was sent. */
static bool send_hash(struct rs_mirror *mirror, struct rs_mirror_item *item, size_t command,
                      int64_t epoch, int64_t read_ms, size_t flight)
{
    const char *reason = NULL;
    size_t count = 0;
    const struct rs_answer *row = rs_mirror_judge(mirror, command, &reason);
    if (row) {
        fail(item, row, reason);
        return false;
    }
    const struct rs_reply *hash = rs_redis_reply(mirror->setup.redis, command);
    if (!reserve_pairs(mirror, rs_reply_count(hash) / 2)) {
        fail(item, row_named(mirror, "out of memory"), "out of memory");
        return false;
    }
    if (!rs_pairs_read(hash, mirror->setup.publication->version, mirror->pairs, &count,
                       &item->version)) {
        fail(item, row_named(mirror, "hash damaged"), "a stored hash lacks its version");
        return false;
    }
    rs_buffer_clear(&mirror->value);
    if (item->version == 0 && !item->even_if_gone) {
        item->settled = true; /* nothing was ever there */
        item->keep_mark = item->sent;
    } else if (!mirror->setup.publication->render(item->key, item->version, mirror->pairs, count,
                                                  &mirror->value)) {
        fail(item, row_named(mirror, "hash damaged"), "a stored hash cannot be rendered");
    } else if (mirror->value.failed) {
        fail(item, row_named(mirror, "out of memory"), "out of memory");
    } else {
        item->epoch = epoch;
        item->flight = flight;
        produce(mirror, item, read_ms);
    }
    return item->flight > 0;
}

/* Look at the active generation in a pipeline's reply: true if it is ours. */
static bool look(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count,
                 size_t command, struct rs_active *ret_active)
{
    char text[RS_REASON_BYTES];
    const char *reason = text;
    const struct rs_answer *row = rs_mirror_judge(mirror, command, &reason);
    if (!row && rs_active_take(mirror->setup.redis, command, ret_active, text) != RS_OK)
        row = row_named(mirror, "no active generation");
    else if (!row && (!ret_active->found || ret_active->epoch < 1)) {
        row = row_named(mirror, "no active generation");
        reason = row->meaning;
    }
    if (row) {
        fail_open(items, count, row, reason);
        return false;
    }
    mirror->inactive = strcmp(ret_active->generation, mirror->setup.view->generation) != 0;
    for (size_t i = 0; mirror->inactive && i < count; i++) {
        if (!is_open(&items[i]))
            continue;
        /* What we sent may stand behind what the active generation sent: it looks after our
         * mark when that is old. */
        items[i].settled = true;
        items[i].keep_mark = items[i].sent;
    }
    return !mirror->inactive;
}

/* A round's reading of hashes, slice by slice. */
struct reading {
    struct rs_mirror *mirror;
    struct rs_mirror_item *items;
    size_t count, flights;
    /* Of the slices on their way. Before it is read: the brokers refuse what is much later. */
    int64_t read_ms[RS_REDIS_PIPELINES];
    bool unmarked; /* stopped: items must be marked first */
};

static bool is_due(const struct rs_mirror_item *item)
{
    return is_open(item) && !item->flight;
}

static int64_t *read_ms(struct reading *reading, size_t from)
{
    return &reading->read_ms[from / SLICE % RS_REDIS_PIPELINES];
}

static size_t queue_slice(void *self, size_t from)
{
    struct reading *reading = self;
    const struct rs_mirror_setup *setup = &reading->mirror->setup;
    size_t to = reading->count - from < SLICE ? reading->count : from + SLICE;
    if (from == to)
        return to;
    *read_ms(reading, from) = wall_ms();
    (void)rs_active_queue(setup->redis, setup->view->name);
    for (size_t i = from; i < to; i++) {
        if (!is_due(&reading->items[i]))
            continue;
        rs_redis_command(setup->redis, 2);
        rs_redis_arg_text(setup->redis, "HGETALL");
        rs_redis_arg_key(setup->redis, setup->view->prefix, setup->kind, reading->items[i].key);
    }
    return to;
}

static bool send_slice(void *self, size_t from, size_t to, bool received)
{
    struct reading *reading = self;
    struct rs_mirror_item *items = reading->items;
    struct rs_active active;
    size_t command = 0;
    (void)received; /* each reply is judged */
    if (!look(reading->mirror, items + from, to - from, command, &active))
        return true;
    for (size_t i = from; i < to; i++)
        reading->unmarked |= is_due(&items[i]) && !items[i].marked;
    for (size_t i = from; i < to && !reading->unmarked; i++)
        if (is_due(&items[i]))
            reading->flights += send_hash(reading->mirror, &items[i], ++command, active.epoch,
                                          *read_ms(reading, from), reading->flights + 1);
    return !reading->unmarked;
}

static void send_hashes(struct reading *reading)
{
    static const struct rs_redis_parts slices = {queue_slice, send_slice};
    reading->unmarked = false;
    rs_redis_stream(reading->mirror->setup.redis, &slices, reading);
}

static bool reserve(struct rs_mirror *mirror, size_t count)
{
    if (count <= mirror->flight_size)
        return true;
    struct rs_delivery *flights = realloc(mirror->flights, count * sizeof(*flights));
    if (flights)
        mirror->flights = flights;
    struct rs_delivery **waiting =
        flights ? realloc(mirror->waiting, count * sizeof(struct rs_delivery *)) : NULL;
    if (waiting) {
        mirror->waiting = waiting;
        mirror->flight_size = count;
    }
    return waiting;
}

/* What the brokers said. A record that came too late is read and sent again. */
static void land(struct rs_mirror *mirror, struct rs_mirror_item *item)
{
    const struct rs_delivery *flight = &mirror->flights[item->flight - 1];
    char answer[80];
    if (strcmp(flight->answer, "NO_ERROR") == 0)
        return;
    (void)snprintf(answer, sizeof(answer), "kafka %s", flight->answer);
    const struct rs_answer *row = row_named(mirror, answer);
    if (strcmp(row->answer, "*") == 0)
        row = row_named(mirror, "kafka other");
    item->flight = 0;
    (void)snprintf(item->reason, sizeof(item->reason), "%s: %.100s", mirror->topic, flight->reason);
    if (strcmp(flight->answer, "INVALID_TIMESTAMP") != 0)
        item->failed = row;
}

void rs_mirror_send(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count)
{
    struct reading reading = {.mirror = mirror, .items = items, .count = count};
    for (size_t i = 0; i < count; i++)
        items[i].flight = 0;
    if (!reserve(mirror, count)) {
        fail_open(items, count, row_named(mirror, "out of memory"), "out of memory");
        return;
    }
    send_hashes(&reading);
    if (reading.unmarked) {
        mark(mirror, items, count);
        send_hashes(&reading);
    }
    for (size_t i = 0; i < reading.flights; i++)
        mirror->waiting[i] = &mirror->flights[i];
    if (reading.flights) /* each ends by itself, RS_SINK_TIMEOUT_MS at the latest */
        (void)rs_producer_wait(mirror->setup.producer, mirror->waiting, reading.flights, -1);
    for (size_t i = 0; i < count; i++)
        if (items[i].flight)
            land(mirror, &items[i]);
}

/* --- confirm --- */

static void confirm_one(struct rs_mirror *mirror, struct rs_mirror_item *item, size_t command,
                        int64_t epoch)
{
    const char *reason = NULL;
    const struct rs_reply *reply = rs_redis_reply(mirror->setup.redis, command);
    struct rs_bytes text;
    int64_t version = 0;
    const struct rs_answer *row = rs_mirror_judge(mirror, command, &reason);
    if (row)
        fail(item, row, reason);
    else if (!rs_reply_is_nil(reply) &&
             (!rs_reply_bytes(reply, &text) || !rs_number_integer(text, &version)))
        fail(item, row_named(mirror, "hash damaged"), "a stored hash lacks its version");
    else
        item->settled = version == item->version && epoch == item->epoch;
}

void rs_mirror_confirm(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count)
{
    struct rs_redis *redis = mirror->setup.redis;
    struct rs_active active;
    size_t command = 0, sent = 0;
    for (size_t i = 0; i < count; i++)
        sent += items[i].flight > 0;
    if (!sent)
        return;
    (void)rs_redis_begin(redis);
    size_t pointer = rs_active_queue(redis, mirror->setup.view->name);
    for (size_t i = 0; i < count; i++) {
        if (!items[i].flight)
            continue;
        rs_redis_command(redis, 3);
        rs_redis_arg_text(redis, "HGET");
        rs_redis_arg_key(redis, mirror->setup.view->prefix, mirror->setup.kind, items[i].key);
        rs_redis_arg_text(redis, mirror->setup.publication->version);
    }
    (void)rs_redis_run(redis);
    if (!look(mirror, items, count, pointer, &active))
        return;
    for (size_t i = 0; i < count; i++)
        if (items[i].flight)
            confirm_one(mirror, &items[i], pointer + ++command, active.epoch);
}

void rs_mirror_settle(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count)
{
    for (int round = 0; round < ROUNDS; round++) {
        size_t open = 0;
        for (size_t i = 0; i < count; i++)
            open += is_open(&items[i]);
        if (!open)
            return;
        rs_mirror_send(mirror, items, count);
        rs_mirror_confirm(mirror, items, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_open(&items[i]))
            continue;
        bool late = items[i].reason[0];
        items[i].failed = row_named(mirror, late ? "kafka INVALID_TIMESTAMP" : "hash changes");
        if (!late)
            (void)snprintf(items[i].reason, sizeof(items[i].reason), "%s",
                           items[i].failed->meaning);
    }
}
