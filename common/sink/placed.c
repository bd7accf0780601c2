#include "sink/placed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"
#include "core/settings.h"
#include "sink/active.h"

bool rs_placed_init(struct rs_placed *placed, const struct rs_view *view,
                    const struct rs_placement *kinds, const char *const *scripts,
                    struct rs_error *error)
{
    const struct rs_redis_config *config = rs_settings_get(view->settings, &rs_redis_component);
    *placed = (struct rs_placed){0};
    if (!rs_redis_view_init(&placed->view, view, error) ||
        !(placed->redis = rs_redis_create(config, scripts, error)))
        goto fail;
    placed->placing = rs_placing_create(placed->redis, placed->view.prefix, kinds);
    if (placed->placing)
        return true;
    rs_error_set(error, "out of memory");
fail:
    rs_placed_finish(placed);
    return false;
}

void rs_placed_finish(struct rs_placed *placed)
{
    if (!placed)
        return;
    rs_placing_destroy(placed->placing);
    rs_redis_destroy(placed->redis);
    rs_redis_view_finish(&placed->view);
    free(placed->ops);
    *placed = (struct rs_placed){0};
}

static void answer_all(struct rs_operation *const *ops, size_t count, const struct rs_answer *row,
                       const char *reason)
{
    for (size_t i = 0; i < count; i++)
        rs_operation_answer(ops[i], row, reason);
}

bool rs_placed_start(struct rs_placed *placed, struct rs_operation *const *ops, size_t count)
{
    const struct rs_answer *row;
    const char *reason = NULL;
    size_t kept = 0;
    if (!rs_array_reserve(&placed->ops, &placed->size, count, sizeof(*placed->ops))) {
        answer_all(ops, count, rs_redis_row("out of memory"), "out of memory");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (rs_redis_is_canary(ops[i]))
            rs_redis_canary_send(placed->redis, &placed->view, ops[i]);
        else
            placed->ops[kept++] = ops[i];
    }
    if (kept && !rs_redis_view_begin(placed->redis, &placed->view, &row, &reason)) {
        answer_all(placed->ops, kept, row, reason);
        return false;
    }
    if (kept)
        rs_placing_start(placed->placing, placed->ops, kept);
    return kept > 0;
}

/* A server that evicts keys forgets guards, and old versions would come back. */
enum rs_status rs_placed_check(void *self, char *reason)
{
    static const char name[] = "maxmemory_policy:";
    struct rs_placed *placed = self;
    struct rs_bytes text;
    (void)rs_redis_begin(placed->redis);
    size_t command = rs_redis_command(placed->redis, 2);
    rs_redis_arg_text(placed->redis, "INFO");
    rs_redis_arg_text(placed->redis, "memory");
    (void)rs_redis_run(placed->redis);
    enum rs_status status = rs_redis_status(placed->redis, command, reason);
    if (status != RS_OK || !rs_reply_bytes(rs_redis_reply(placed->redis, command), &text))
        return status;
    const char *policy = memmem(text.data, text.len, name, strlen(name));
    size_t left = policy ? text.len - (size_t)(policy - (const char *)text.data) - strlen(name) : 0;
    policy = policy ? policy + strlen(name) : "";
    size_t len = 0;
    while (len < left && policy[len] >= ' ')
        len++;
    if (len == 0 || (len == strlen("noeviction") && memcmp(policy, "noeviction", len) == 0))
        return RS_OK;
    (void)snprintf(reason, RS_REASON_BYTES,
                   "maxmemory-policy is %.*s: keys that are evicted forget their versions; set "
                   "noeviction",
                   (int)len, policy);
    return RS_REJECT;
}

enum rs_status rs_placed_prepare(void *self, char *reason)
{
    struct rs_placed *placed = self;
    bool fresh;
    return rs_active_begin(placed->redis, placed->view.name, placed->view.generation, &fresh,
                           reason);
}

enum rs_status rs_placed_read_marker(void *self, struct rs_marker *marker, char *reason)
{
    struct rs_placed *placed = self;
    return rs_redis_marker_read(placed->redis, &placed->view, marker, reason);
}

enum rs_status rs_placed_write_marker(void *self, const struct rs_marker *marker, char *reason)
{
    struct rs_placed *placed = self;
    return rs_redis_marker_write(placed->redis, &placed->view, marker, reason);
}
