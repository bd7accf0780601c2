#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/number.h"
#include "sink/mirror_state.h"
#include "sink/placement_lua.h"
#include "sink/redis_key.h"

enum {
    LOOK_MS = 1000,
    LEFTOVERS_MS = 10000,
    LEASE_MS = 60000, /* of one part of a republishing, with its waits for the brokers */
    PART_MS = 200,
};

/* KEYS: publishing. ARGV: age in ms. Members as old as that, with their times: at most 100. */
static const char due_script[] =
    RS_LUA_FULL "local now = redis.call('TIME')\n"
                "now = now[1] * 1000 + math.floor(now[2] / 1000)\n"
                "return redis.call('ZRANGE', KEYS[1], '-inf', now - ARGV[1], 'BYSCORE', 'LIMIT', "
                "0, 100, 'WITHSCORES')\n";

/* KEYS: publishing. ARGV: member, time. A mark that was refreshed since then stays. */
static const char drop_script[] =
    RS_LUA_FULL "if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then\n"
                "  return redis.call('ZREM', KEYS[1], ARGV[1])\n"
                "end\n"
                "return 0\n";

/* KEYS: republishing. ARGV: owner, time to live in ms. Returns 1: the lease is the owner's. */
static const char lease_script[] =
    RS_LUA_FULL "local holder = redis.call('GET', KEYS[1])\n"
                "if holder and holder ~= ARGV[1] then return 0 end\n"
                "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
                "return 1\n";

/* KEYS: epoch-sent. ARGV: epoch. */
static const char sent_script[] =
    RS_LUA_FULL "local sent = redis.call('GET', KEYS[1])\n"
                "if not sent or tonumber(sent) < tonumber(ARGV[1]) then\n"
                "  redis.call('SET', KEYS[1], ARGV[1])\n"
                "end\n"
                "return 1\n";
/* KEYS: republishing. ARGV: owner. */
static const char release_script[] =
    RS_LUA_FULL "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end\n"
                "return 1\n";

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Run one of the scripts above on a key of ours; false: it gave no integer. */
static bool eval(struct rs_mirror *mirror, const char *script, const char *name, const char *first,
                 const char *second, int64_t *ret)
{
    struct rs_redis *redis = mirror->setup.redis;
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_eval(redis, script, 1, second ? 2 : 1);
    rs_mirror_arg_key(mirror, mirror->setup.view->generation, name);
    rs_redis_arg_text(redis, first);
    if (second)
        rs_redis_arg_text(redis, second);
    (void)rs_redis_run(redis);
    return rs_reply_integer(rs_redis_reply(redis, command), ret);
}

static bool set_sent(struct rs_mirror *mirror, int64_t epoch)
{
    char text[24];
    int64_t ignored;
    (void)snprintf(text, sizeof(text), "%" PRId64, epoch);
    return eval(mirror, sent_script, "epoch-sent", text, NULL, &ignored);
}

enum rs_status rs_mirror_begin(struct rs_mirror *mirror, char *reason)
{
    const char *text = NULL;
    bool fresh = false;
    enum rs_status status = rs_active_begin(mirror->setup.redis, mirror->setup.view->name,
                                            mirror->setup.view->generation, &fresh, reason);
    if (status != RS_OK || !fresh || set_sent(mirror, 1))
        return status;
    const struct rs_answer *row = rs_mirror_judge(mirror, 0, &text);
    row = row ? row : rs_redis_unexpected(&text);
    (void)snprintf(reason, RS_REASON_BYTES, "%s", text);
    return row->status;
}

/* --- what members left --- */

/* The key of a mark: what stands before its owner. */
static struct rs_bytes key_of(struct rs_bytes member)
{
    const char *end = member.len ? memrchr(member.data, '\n', member.len) : NULL;
    return (struct rs_bytes){member.data, end ? (size_t)(end - member.data) : 0};
}

struct leftovers {
    struct rs_buffer texts; /* members and times, one behind the other */
    struct rs_bytes *members, *times;
    struct rs_mirror_item *items;
    size_t count;
};

static void forget_leftovers(struct leftovers *left)
{
    rs_buffer_finish(&left->texts);
    free(left->members);
    free(left->times);
    free(left->items);
}

/* Copy the due marks of a generation out of the reply. */
static bool read_due(struct rs_mirror *mirror, const char *generation, struct leftovers *left)
{
    char age[24];
    struct rs_redis *redis = mirror->setup.redis;
    (void)snprintf(age, sizeof(age), "%" PRId64, mirror->setup.config->abandoned_ms);
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_eval(redis, due_script, 1, 1);
    rs_mirror_arg_key(mirror, generation, "publishing");
    rs_redis_arg_text(redis, age);
    (void)rs_redis_run(redis);
    const struct rs_reply *reply = rs_redis_reply(redis, command);
    size_t most = rs_reply_count(reply) / 2;
    left->members = calloc(most + 1, sizeof(*left->members));
    left->times = calloc(most + 1, sizeof(*left->times));
    left->items = calloc(most + 1, sizeof(*left->items));
    if (!left->members || !left->times || !left->items)
        return false;
    for (size_t i = 0; i < most; i++) {
        struct rs_bytes member, time;
        if (!rs_reply_bytes(rs_reply_at(reply, 2 * i), &member) || !key_of(member).len ||
            !rs_reply_bytes(rs_reply_at(reply, 2 * i + 1), &time))
            continue;
        left->members[left->count].len = member.len;
        left->times[left->count++].len = time.len;
        rs_buffer_add(&left->texts, member.data, member.len);
        rs_buffer_add(&left->texts, time.data, time.len);
    }
    const char *at = left->texts.data;
    for (size_t i = 0; i < left->count && !left->texts.failed; i++) {
        left->members[i].data = at;
        left->times[i].data = at + left->members[i].len;
        at += left->members[i].len + left->times[i].len;
        left->items[i].key = key_of(left->members[i]);
    }
    return !left->texts.failed;
}

static void drop_settled(struct rs_mirror *mirror, const char *generation,
                         const struct leftovers *left)
{
    struct rs_redis *redis = mirror->setup.redis;
    (void)rs_redis_begin(redis);
    for (size_t i = 0; i < left->count; i++) {
        if (!left->items[i].settled || left->items[i].keep_mark)
            continue;
        rs_redis_eval(redis, drop_script, 1, 2);
        rs_mirror_arg_key(mirror, generation, "publishing");
        rs_redis_arg(redis, left->members[i]);
        rs_redis_arg(redis, left->times[i]);
    }
    (void)rs_redis_run(redis); /* what stays is settled again */
}

/* Settle what members of a generation left. What one of another generation had on its way may
 * stand behind ours, so ours is sent again, even an empty one. */
static void settle_leftovers(struct rs_mirror *mirror, const char *generation)
{
    struct leftovers left = {0};
    bool foreign = strcmp(generation, mirror->setup.view->generation) != 0;
    if (read_due(mirror, generation, &left) && left.count) {
        for (size_t i = 0; i < left.count; i++)
            left.items[i].even_if_gone = foreign;
        rs_mirror_settle(mirror, left.items, left.count);
        drop_settled(mirror, generation, &left);
        rs_mirror_unmark(mirror, left.items, left.count);
    }
    forget_leftovers(&left);
}

static void settle_all_leftovers(struct rs_mirror *mirror)
{
    struct rs_buffer names = {0};
    struct rs_bytes name;
    (void)rs_redis_begin(mirror->setup.redis);
    size_t command = rs_active_queue_generations(mirror->setup.redis, mirror->setup.view->name);
    (void)rs_redis_run(mirror->setup.redis);
    const struct rs_reply *reply = rs_redis_reply(mirror->setup.redis, command);
    for (size_t i = 0; i < rs_reply_count(reply); i++)
        if (rs_reply_bytes(rs_reply_at(reply, i), &name) && name.len < RS_GENERATION_BYTES)
            rs_buffer_add(&names, name.data, strlen(name.data) + 1);
    settle_leftovers(mirror, mirror->setup.view->generation);
    for (size_t at = 0; at < names.len && !names.failed; at += strlen(names.data + at) + 1)
        if (strcmp(names.data + at, mirror->setup.view->generation) != 0)
            settle_leftovers(mirror, names.data + at);
    rs_buffer_finish(&names);
}

/* --- every key under a new epoch --- */

/* The prefix of our hashes' keys as a pattern, and a star. */
static void arg_pattern(struct rs_mirror *mirror)
{
    struct rs_buffer pattern = {0};
    const struct rs_bytes parts[] = {rs_text(mirror->setup.view->prefix),
                                     rs_text(mirror->setup.kind), rs_text(":{*}")};
    for (size_t i = 0; i < parts[0].len; i++) {
        if (strchr("*?[]\\^", parts[0].data[i]))
            rs_buffer_add(&pattern, "\\", 1);
        rs_buffer_add(&pattern, parts[0].data + i, 1);
    }
    rs_buffer_add(&pattern, parts[1].data, parts[1].len);
    rs_buffer_add(&pattern, parts[2].data, parts[2].len);
    rs_redis_arg(mirror->setup.redis, (struct rs_bytes){pattern.data, pattern.len});
    rs_buffer_finish(&pattern);
}

/* Send the keys of a reply to SCAN; true: all are settled. */
static bool send_keys(struct rs_mirror *mirror, const struct rs_reply *keys)
{
    size_t count = 0, most = rs_reply_count(keys);
    struct rs_mirror_item *items = calloc(most + 1, sizeof(*items));
    struct rs_buffer id = {0}, ids = {0};
    bool good = items;
    for (size_t i = 0; i < most && good; i++) {
        struct rs_bytes key;
        if (!rs_reply_bytes(rs_reply_at(keys, i), &key) ||
            !rs_redis_key_id(key, mirror->setup.view->prefix, mirror->setup.kind, &id))
            continue;
        rs_buffer_add(&ids, id.data, id.len);
        items[count++].key.len = id.len;
    }
    good = good && !ids.failed && !id.failed;
    for (size_t i = 0, at = 0; i < count && good; at += items[i++].key.len)
        items[i].key.data = ids.data + at;
    if (good && count) {
        rs_mirror_settle(mirror, items, count);
        rs_mirror_unmark(mirror, items, count);
    }
    for (size_t i = 0; i < count && good; i++)
        good = items[i].settled && !items[i].keep_mark;
    rs_buffer_finish(&id);
    rs_buffer_finish(&ids);
    free(items);
    return good;
}

/* One call of SCAN and its keys; false: try the same part again later. */
static bool scan_part(struct rs_mirror *mirror)
{
    struct rs_redis *redis = mirror->setup.redis;
    struct rs_bytes cursor;
    char next[sizeof(mirror->cursor)];
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_command(redis, 6);
    rs_redis_arg_text(redis, "SCAN");
    rs_redis_arg_text(redis, mirror->cursor);
    rs_redis_arg_text(redis, "MATCH");
    arg_pattern(mirror);
    rs_redis_arg_text(redis, "COUNT");
    rs_redis_arg_text(redis, "1000");
    (void)rs_redis_run(redis);
    const struct rs_reply *reply = rs_redis_reply(redis, command);
    if (!rs_reply_bytes(rs_reply_at(reply, 0), &cursor) || cursor.len >= sizeof(next) ||
        !rs_reply_is_array(rs_reply_at(reply, 1)))
        return false;
    (void)snprintf(next, sizeof(next), "%s", cursor.data);
    if (!send_keys(mirror, rs_reply_at(reply, 1)))
        return false;
    memcpy(mirror->cursor, next, sizeof(next));
    return true;
}

static void republish(struct rs_mirror *mirror, int64_t epoch)
{
    char ttl[24];
    int64_t mine = 0;
    (void)snprintf(ttl, sizeof(ttl), "%d", LEASE_MS);
    if (!eval(mirror, lease_script, "republishing", mirror->setup.owner, ttl, &mine) || !mine) {
        mirror->scanning = false; /* another member does it, or did */
        return;
    }
    if (!mirror->scanning || mirror->scan_epoch != epoch) {
        mirror->scanning = true;
        mirror->scan_epoch = epoch;
        (void)snprintf(mirror->cursor, sizeof(mirror->cursor), "0");
    }
    for (int64_t end = now_ms() + PART_MS;;) {
        if (!scan_part(mirror))
            return;
        if (strcmp(mirror->cursor, "0") == 0)
            break;
        if (now_ms() >= end)
            return;
    }
    if (set_sent(mirror, epoch))
        mirror->scanning = false;
    (void)eval(mirror, release_script, "republishing", mirror->setup.owner, NULL, &mine);
}

/* --- */

void rs_mirror_tick(struct rs_mirror *mirror, int64_t now)
{
    struct rs_redis *redis = mirror->setup.redis;
    struct rs_active active;
    char reason[RS_REASON_BYTES];
    struct rs_bytes text;
    int64_t sent = 0;
    if (now < mirror->next_look_ms)
        return;
    mirror->next_look_ms = now + LOOK_MS;
    (void)rs_redis_begin(redis);
    size_t pointer = rs_active_queue(redis, mirror->setup.view->name);
    size_t command = rs_redis_command(redis, 2);
    rs_redis_arg_text(redis, "GET");
    rs_mirror_arg_key(mirror, mirror->setup.view->generation, "epoch-sent");
    if (!rs_redis_run(redis) || rs_active_take(redis, pointer, &active, reason) != RS_OK)
        return;
    if (rs_reply_bytes(rs_redis_reply(redis, command), &text))
        (void)rs_number_integer(text, &sent);
    mirror->inactive =
        !active.found || strcmp(active.generation, mirror->setup.view->generation) != 0;
    if (mirror->inactive) {
        mirror->scanning = false;
        return;
    }
    if (sent < active.epoch)
        republish(mirror, active.epoch);
    if (now >= mirror->next_leftovers_ms) {
        mirror->next_leftovers_ms = now + LEFTOVERS_MS;
        settle_all_leftovers(mirror);
    }
}
