#include "sink/annotation.h"

#include "core/decimal.h"
#include "sink/ledger_lua.h"
#include "sink/mirror_rows.h"
#include "sink/published.h"
#include "sink/redis_rows.h"

/* The home's fields: state, result. */
#define CLAIM                                                                                      \
    RS_CLAIM_SCRIPT("{'s', 'b'}",                                                                  \
                    "  if ARGV[4] ~= '' then\n"                                                    \
                    "    call('HSET', home, 'v', version, 'p', product, 's', ARGV[3], 'b', "       \
                    "ARGV[4])\n"                                                                   \
                    "    return 1\n"                                                               \
                    "  end\n")

/* Lines "<aspect>:<side>\t<strength>\t<place>" of a contribution. A set's key has the product's
 * hash tag, so it is in the slot of KEYS; ids hold no brace there. */
#define PREPARE                                                                                    \
    "local base = (string.gsub(KEYS[2], ':summary:{', ':evidence:{', 1)) .. ':'\n"                 \
    "local lost, gained = {}, {}\n"                                                                \
    "local function note(id, text, list)\n"                                                        \
    "  for name, n, at in string.gmatch(text, '([^\\t\\n]+)\\t(-?%d+)\\t([^\\t\\n]+)\\n') do\n"    \
    "    list[#list + 1] = {base .. name, n, id .. '|' .. at}\n"                                   \
    "  end\n"                                                                                      \
    "end\n"
#define NOTE                                                                                       \
    "      note(id, was, lost)\n"                                                                  \
    "      note(id, entry, gained)\n"
#define CHECK                                                                                      \
    "for _, one in ipairs(lost) do redis.call('ZCARD', one[1]) end\n"                              \
    "for _, one in ipairs(gained) do redis.call('ZCARD', one[1]) end\n"
#define MOVE                                                                                       \
    "for _, one in ipairs(lost) do redis.call('ZREM', one[1], one[3]) end\n"                       \
    "for _, one in ipairs(gained) do redis.call('ZADD', one[1], one[2], one[3]) end\n"
#define APPLY RS_LEDGER_SCRIPT(PREPARE, NOTE, CHECK, MOVE)

const char *const rs_annotation_scripts[] = {
    [RS_CLAIM] = RS_LUA CLAIM,      [RS_CLAIM_FULL] = RS_LUA_FULL CLAIM,
    [RS_APPLY] = RS_LUA APPLY,      [RS_WITHDRAW] = RS_LUA_FULL APPLY,
    [RS_FORGET] = RS_FORGET_SCRIPT, NULL,
};
const struct rs_placement rs_annotation_kinds = {
    .home = "review", .guard = "ledger", .content = "summary", .fields = 2, .counted = true};

const struct rs_answer rs_annotation_answers[] = {RS_REDIS_ROWS, RS_MIRROR_ROWS,
                                                  RS_REDIS_LAST_ROWS};

static void *open_annotation(const struct rs_view *view, struct rs_error *error)
{
    return rs_published_open(view, &rs_annotation_kinds, rs_annotation_scripts,
                             rs_annotation_kinds.home, rs_annotation_answers, error);
}

/* A review's record mirrors its home, so the mark stands before the claim. */
static void send_annotation(void *self, struct rs_operation *const *ops, size_t count)
{
    struct rs_published *annotation = self;
    struct rs_placing *placing = annotation->placed.placing;
    if (!rs_placed_start(&annotation->placed, ops, count))
        return;
    size_t items = rs_published_list(annotation, rs_placing_review_count(placing),
                                     rs_placing_review, rs_placing_fail_review);
    rs_published_mark(annotation, items);
    rs_placing_claim(placing);
    rs_placing_apply(placing);
    rs_published_settle(annotation, items, rs_placing_fail_review);
    rs_placing_forget(placing);
    rs_published_unmark(annotation, items);
    rs_placing_finish(placing);
}

static enum rs_status canary(void *self, struct rs_operations *out)
{
    (void)self;
    return rs_redis_canary_add(out, &rs_annotation);
}

/* --- encoding --- */

void rs_annotation_evidence(struct rs_buffer *contribution, const char *aspect, const char *side,
                            int64_t strength, const char *part, int64_t from, int64_t to)
{
    rs_buffer_add_text(contribution, aspect);
    rs_buffer_add_text(contribution, ":");
    rs_buffer_add_text(contribution, side);
    rs_buffer_add_text(contribution, "\t");
    rs_decimal_add(contribution, strength);
    rs_buffer_add_text(contribution, "\t");
    rs_buffer_add_text(contribution, part);
    rs_buffer_add_text(contribution, "|");
    rs_decimal_add(contribution, from);
    rs_buffer_add_text(contribution, "|");
    rs_decimal_add(contribution, to);
    rs_buffer_add_text(contribution, "\n");
}

enum rs_status rs_annotation_put(struct rs_operations *out, const struct rs_event *event,
                                 const struct rs_buffer *result,
                                 const struct rs_buffer *contribution)
{
    bool published = event->state == RS_PUBLISHED;
    char state = rs_state_letter(event->state);
    if (published && (result->failed || contribution->failed))
        return RS_FATAL;
    const struct rs_bytes values[] = {
        {&state, 1},
        published ? (struct rs_bytes){result->data, result->len} : rs_text(NULL),
    };
    /* An entry is not empty: one without a count is a line of nothing. */
    struct rs_bytes entry = contribution->len
                                ? (struct rs_bytes){contribution->data, contribution->len}
                                : rs_text("\n");
    return rs_placement_add(out, &rs_annotation, &rs_annotation_kinds, event,
                            published ? event->product_id : NULL, entry, values);
}

bool rs_annotation_render(struct rs_bytes review, int64_t version, const struct rs_pair *fields,
                          size_t count, struct rs_buffer *out)
{
    (void)review, (void)version;
    struct rs_bytes state = rs_pairs_find(fields, count, "s");
    struct rs_bytes result = rs_pairs_find(fields, count, "b");
    bool published = rs_bytes_equal(state, rs_text("p"));
    if (!state.len || published != (result.len > 0))
        return false;
    rs_buffer_add(out, result.data, result.len);
    return true;
}

const struct rs_sink rs_annotation = {
    .name = "annotation",
    .components = rs_published_components,
    .answers = rs_annotation_answers,
    .batch_events = 5000, /* more need fewer calls for a product, and more memory at once */
    .open = open_annotation,
    .close = rs_published_close,
    .send = send_annotation,
    .prepare = rs_published_prepare,
    .check = rs_placed_check,
    .read_marker = rs_placed_read_marker,
    .write_marker = rs_placed_write_marker,
    .canary = canary,
    .tick = rs_published_tick,
};
