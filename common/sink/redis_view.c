#include "sink/redis_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

static const char began_script[] = "#!lua flags=allow-oom\n"
                                   "return redis.call('HSET', KEYS[1], 'began', '1')\n";

static const char write_script[] = "#!lua flags=allow-oom\n"
                                   "local marker, set = KEYS[1], {'format', ARGV[1], "
                                   "'fingerprint', ARGV[2], 'partitions', ARGV[3]}\n"
                                   "for i = 4, #ARGV, 2 do\n"
                                   "  local was = redis.call('HGET', marker, ARGV[i])\n"
                                   "  if not was or tonumber(was) < tonumber(ARGV[i + 1]) then\n"
                                   "    redis.call('HSET', marker, ARGV[i], ARGV[i + 1])\n"
                                   "  end\n"
                                   "end\n"
                                   "redis.call('HSET', marker, unpack(set))\n"
                                   "return 1\n";

bool rs_redis_view_init(struct rs_redis_view *view, const struct rs_view *of,
                        struct rs_error *error)
{
    *view =
        (struct rs_redis_view){.name = strdup(of->processor), .generation = strdup(of->generation)};
    if (asprintf(&view->prefix, "reviews:%s:%s:", of->processor, of->generation) < 0)
        view->prefix = NULL;
    if (view->name && view->generation && view->prefix)
        return true;
    rs_redis_view_finish(view);
    return rs_error_set(error, "out of memory");
}

void rs_redis_view_finish(struct rs_redis_view *view)
{
    if (!view)
        return;
    free(view->prefix);
    free(view->name);
    free(view->generation);
    *view = (struct rs_redis_view){0};
}

/* --- the marker --- */

static void marker_key(struct rs_redis *redis, const struct rs_redis_view *view)
{
    char key[512];
    (void)snprintf(key, sizeof(key), "%smarker", view->prefix);
    rs_redis_arg_text(redis, key);
}

/* "at:<partition>" with its wall clock. */
static bool take_at(struct rs_bytes name, struct rs_bytes value, struct rs_marker *marker)
{
    int64_t partition, at_ms;
    if (!rs_number_integer((struct rs_bytes){name.data + 3, name.len - 3}, &partition) ||
        !rs_number_integer(value, &at_ms) || partition < 0)
        return false;
    if (partition < RS_MARKER_PARTITIONS)
        marker->at_end_ms[partition] = at_ms;
    return true;
}

static bool take_field(struct rs_bytes name, struct rs_bytes value, struct rs_marker *marker)
{
    int64_t number = 0;
    if (rs_bytes_equal(name, rs_text("format")))
        return marker->found = rs_number_integer(value, &marker->format);
    if (rs_bytes_equal(name, rs_text("partitions"))) {
        bool good = rs_number_integer(value, &number) && number >= 0;
        marker->partitions = good ? (size_t)number : 0;
        return good;
    }
    if (rs_bytes_equal(name, rs_text("fingerprint"))) {
        if (value.len >= sizeof(marker->fingerprint))
            return false;
        memcpy(marker->fingerprint, value.data, value.len);
        marker->fingerprint[value.len] = '\0';
        return true;
    }
    if (rs_bytes_equal(name, rs_text("began")))
        marker->has_data = true;
    return name.len < 3 || memcmp(name.data, "at:", 3) != 0 || take_at(name, value, marker);
}

bool rs_redis_marker_parse(const struct rs_reply *reply, struct rs_marker *marker)
{
    struct rs_bytes name, value;
    *marker = (struct rs_marker){0};
    for (size_t i = 0; i + 1 < rs_reply_count(reply); i += 2)
        if (!rs_reply_bytes(rs_reply_at(reply, i), &name) ||
            !rs_reply_bytes(rs_reply_at(reply, i + 1), &value) || !take_field(name, value, marker))
            return false;
    return rs_reply_is_array(reply);
}

enum rs_status rs_redis_marker_read(struct rs_redis *redis, const struct rs_redis_view *view,
                                    struct rs_marker *marker, char *reason)
{
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_command(redis, 2);
    rs_redis_arg_text(redis, "HGETALL");
    marker_key(redis, view);
    (void)rs_redis_run(redis);
    enum rs_status status = rs_redis_status(redis, command, reason);
    if (status != RS_OK || rs_redis_marker_parse(rs_redis_reply(redis, command), marker))
        return status;
    (void)snprintf(reason, RS_REASON_BYTES, "%smarker is not of this program's making",
                   view->prefix);
    return RS_FATAL;
}

enum rs_status rs_redis_marker_write(struct rs_redis *redis, const struct rs_redis_view *view,
                                     const struct rs_marker *marker, char *reason)
{
    char text[32];
    size_t ends = 0;
    for (size_t i = 0; i < RS_MARKER_PARTITIONS; i++)
        ends += marker->at_end_ms[i] != 0;
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_eval(redis, write_script, 1, 3 + 2 * ends);
    marker_key(redis, view);
    (void)snprintf(text, sizeof(text), "%" PRId64, marker->format);
    rs_redis_arg_text(redis, text);
    rs_redis_arg_text(redis, marker->fingerprint);
    (void)snprintf(text, sizeof(text), "%zu", marker->partitions);
    rs_redis_arg_text(redis, text);
    for (size_t i = 0; i < RS_MARKER_PARTITIONS; i++) {
        if (!marker->at_end_ms[i])
            continue;
        (void)snprintf(text, sizeof(text), "at:%zu", i);
        rs_redis_arg_text(redis, text);
        (void)snprintf(text, sizeof(text), "%" PRId64, marker->at_end_ms[i]);
        rs_redis_arg_text(redis, text);
    }
    (void)rs_redis_run(redis);
    return rs_redis_status(redis, command, reason);
}

bool rs_redis_view_begin(struct rs_redis *redis, struct rs_redis_view *view,
                         const struct rs_answer **ret_row, const char **ret_reason)
{
    if (view->began)
        return true;
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_eval(redis, began_script, 1, 0);
    marker_key(redis, view);
    (void)rs_redis_run(redis);
    *ret_row = rs_redis_judge(redis, command, ret_reason);
    if (*ret_row && (*ret_row)->status == RS_REJECT)
        *ret_row = rs_redis_row("not reached"); /* the marker's fault, never an event's */
    view->began = !*ret_row;
    return view->began;
}

/* --- the canary --- */

enum rs_status rs_redis_canary_add(struct rs_operations *out, const struct rs_sink *sink)
{
    return rs_operations_take(out, sink, NULL, 0, strdup("canary"), strlen("canary"));
}

bool rs_redis_is_canary(const struct rs_operation *op)
{
    return !op->key;
}

void rs_redis_canary_send(struct rs_redis *redis, const struct rs_redis_view *view,
                          struct rs_operation *op)
{
    const char *reason = NULL;
    (void)rs_redis_begin(redis);
    size_t command = rs_redis_command(redis, 4);
    rs_redis_arg_text(redis, "HSET");
    marker_key(redis, view);
    rs_redis_arg_text(redis, "canary");
    rs_redis_arg_text(redis, "1");
    (void)rs_redis_run(redis);
    const struct rs_answer *row = rs_redis_judge(redis, command, &reason);
    rs_operation_answer(op, row ? row : rs_redis_row(":2"), reason);
}
