#include "sink/index.h"

#include <stdlib.h>

#include "core/decimal.h"
#include "sink/placed.h"
#include "sink/placement_lua.h"

/* KEYS: guard, product. ARGV: triples of review id, version, score ("": withdraw). The sorted set
 * is written first: if it is of another type, that command fails and nothing has changed. */
#define APPLY                                                                                      \
    RS_LUA_NEWER                                                                                   \
    "local ids, codes, add, drop, set = {}, {}, {}, {}, {}\n"                                      \
    "for i = 1, #ARGV, 3 do ids[#ids + 1] = ARGV[i] end\n"                                         \
    "local stored = redis.call('HMGET', KEYS[1], unpack(ids))\n"                                   \
    "for i, id in ipairs(ids) do\n"                                                                \
    "  local version, score = ARGV[3 * i - 1], ARGV[3 * i]\n"                                      \
    "  if not stored[i] or newer(version, stored[i]) then\n"                                       \
    "    codes[i] = '1'\n"                                                                         \
    "    set[#set + 1] = id\n"                                                                     \
    "    set[#set + 1] = version\n"                                                                \
    "    if score == '' then drop[#drop + 1] = id else\n"                                          \
    "      add[#add + 1] = score\n"                                                                \
    "      add[#add + 1] = id\n"                                                                   \
    "    end\n"                                                                                    \
    "  else\n"                                                                                     \
    "    codes[i] = version == stored[i] and '2' or '0'\n"                                         \
    "  end\n"                                                                                      \
    "end\n"                                                                                        \
    "if #add > 0 then redis.call('ZADD', KEYS[2], unpack(add)) end\n"                              \
    "if #drop > 0 then redis.call('ZREM', KEYS[2], unpack(drop)) end\n"                            \
    "if #set > 0 then redis.call('HSET', KEYS[1], unpack(set)) end\n"                              \
    "return table.concat(codes)\n"

/* The home's fields: state, submittedAt in ms, body. */
#define CLAIM                                                                                      \
    RS_CLAIM_SCRIPT("{'s', 't', 'b'}",                                                             \
                    "  if ARGV[4] ~= '' and ARGV[5] ~= '' then\n"                                  \
                    "    call('HSET', home, 'v', version, 'p', product, 's', ARGV[3], 't', "       \
                    "ARGV[4], 'b', ARGV[5])\n"                                                     \
                    "    return 1\n"                                                               \
                    "  end\n")

const char *const rs_index_scripts[] = {
    [RS_CLAIM] = RS_LUA CLAIM,      [RS_CLAIM_FULL] = RS_LUA_FULL CLAIM,
    [RS_APPLY] = RS_LUA APPLY,      [RS_WITHDRAW] = RS_LUA_FULL APPLY,
    [RS_FORGET] = RS_FORGET_SCRIPT, NULL,
};
const struct rs_placement rs_index_kinds = {
    .home = "review", .guard = "guard", .content = "product", .fields = 3};

static void *open_index(const struct rs_view *view, struct rs_error *error)
{
    struct rs_placed *index = calloc(1, sizeof(*index));
    if (!index)
        rs_error_set(error, "out of memory");
    else if (rs_placed_init(index, view, &rs_index_kinds, rs_index_scripts, error))
        return index;
    free(index);
    return NULL;
}

static void close_index(void *self)
{
    rs_placed_finish(self);
    free(self);
}

static void send_index(void *self, struct rs_operation *const *ops, size_t count)
{
    struct rs_placed *index = self;
    if (!rs_placed_start(index, ops, count))
        return;
    rs_placing_claim(index->placing);
    rs_placing_apply(index->placing);
    rs_placing_forget(index->placing);
    rs_placing_finish(index->placing);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    (void)self;
    return rs_redis_canary_add(out, &rs_index);
}

enum rs_status rs_index_put(struct rs_operations *out, const struct rs_event *event,
                            struct rs_bytes body)
{
    bool listed = event->state == RS_PUBLISHED, dated = listed && event->has_submitted;
    char state = rs_state_letter(event->state), digits[RS_DECIMAL_BYTES];
    const char *submitted = rs_decimal_text(digits, dated ? event->submitted_ms : 0);
    const struct rs_bytes values[] = {
        {&state, 1},
        rs_text(dated ? submitted : NULL),
        listed ? body : rs_text(NULL),
    };
    return rs_placement_add(out, &rs_index, &rs_index_kinds, event,
                            listed ? event->product_id : NULL, rs_text(submitted), values);
}

static const struct rs_component *const components[] = {&rs_redis_component, NULL};

const struct rs_sink rs_index = {
    .name = "redis",
    .components = components,
    .answers = rs_redis_answers,
    .batch_events = 2000, /* the more, the fewer calls a product needs */
    .lanes = 2,           /* Redis has one thread */
    .open = open_index,
    .close = close_index,
    .send = send_index,
    .prepare = rs_placed_prepare,
    .check = rs_placed_check,
    .read_marker = rs_placed_read_marker,
    .write_marker = rs_placed_write_marker,
    .canary = canary,
};
