#include "sink/published.h"

#include <stdlib.h>

#include "core/array.h"
#include "core/settings.h"

const struct rs_component *const rs_published_components[] = {&rs_redis_component,
                                                              &rs_mirror_component, NULL};

void rs_published_close(void *self)
{
    struct rs_published *published = self;
    if (!published)
        return;
    rs_mirror_destroy(published->mirror);
    rs_placed_finish(&published->placed);
    free(published->items);
    free(published);
}

static bool open_mirror(struct rs_published *published, const struct rs_view *view,
                        const char *mirrored, const struct rs_answer *answers,
                        struct rs_error *error)
{
    struct rs_mirror_setup setup = {
        .config = rs_settings_get(view->settings, &rs_mirror_component),
        .publication = view->publication,
        .owner = view->owner,
        .redis = published->placed.redis,
        .view = &published->placed.view,
        .kind = mirrored,
        .answers = answers,
        .producer = rs_producer_shared(view->settings, error),
    };
    if (setup.producer)
        published->mirror = rs_mirror_create(&setup, error);
    return published->mirror;
}

void *rs_published_open(const struct rs_view *view, const struct rs_placement *kinds,
                        const char *const *scripts, const char *mirrored,
                        const struct rs_answer *answers, struct rs_error *error)
{
    struct rs_published *published = calloc(1, sizeof(*published));
    if (!published)
        rs_error_set(error, "out of memory");
    else if (rs_placed_init(&published->placed, view, kinds, scripts, error) &&
             (!view->publication || open_mirror(published, view, mirrored, answers, error)))
        return published;
    rs_published_close(published);
    return NULL;
}

enum rs_status rs_published_prepare(void *self, char *reason)
{
    struct rs_published *published = self;
    return published->mirror ? rs_mirror_begin(published->mirror, reason)
                             : rs_placed_prepare(&published->placed, reason);
}

void rs_published_tick(void *self, int64_t now_ms)
{
    struct rs_published *published = self;
    if (published->mirror)
        rs_mirror_tick(published->mirror, now_ms);
}

size_t rs_published_list(struct rs_published *published, size_t count,
                         struct rs_bytes (*key)(const struct rs_placing *, size_t),
                         void (*fail)(struct rs_placing *, size_t, const struct rs_answer *,
                                      const char *))
{
    struct rs_placing *placing = published->placed.placing;
    if (!published->mirror)
        return 0;
    if (!rs_array_reserve(&published->items, &published->size, count, sizeof(*published->items))) {
        for (size_t i = 0; i < count; i++)
            fail(placing, i, rs_redis_row("out of memory"), "out of memory");
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        published->items[i] = (struct rs_mirror_item){.key = key(placing, i)};
    return count;
}

void rs_published_mark(struct rs_published *published, size_t count)
{
    if (count)
        rs_mirror_mark(published->mirror, published->items, count);
}

void rs_published_settle(struct rs_published *published, size_t count,
                         void (*fail)(struct rs_placing *, size_t, const struct rs_answer *,
                                      const char *))
{
    if (count)
        rs_mirror_settle(published->mirror, published->items, count);
    for (size_t i = 0; i < count; i++)
        if (published->items[i].failed)
            fail(published->placed.placing, i, published->items[i].failed,
                 published->items[i].reason);
}

void rs_published_unmark(struct rs_published *published, size_t count)
{
    if (count) /* before finish: the items borrow from the operations */
        rs_mirror_unmark(published->mirror, published->items, count);
}
