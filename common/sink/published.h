/* published.h - what the sinks share that place reviews in Redis (placed.h) and mirror one of their
 * kinds of hashes to a topic (mirror.h). */
#ifndef RS_SINK_PUBLISHED_H
#define RS_SINK_PUBLISHED_H

#include "sink/mirror.h"
#include "sink/placed.h"

struct rs_published {
    struct rs_placed placed;  /* first: the callbacks of placed.h take the instance */
    struct rs_mirror *mirror; /* NULL: no output topic */
    struct rs_mirror_item *items;
    size_t size;
};

/* Of Redis and of the mirror. */
extern const struct rs_component *const rs_published_components[];

/* As open of sink.h; `mirrored`: the kind of the hashes that the topic holds. */
void *rs_published_open(const struct rs_view *view, const struct rs_placement *kinds,
                        const char *const *scripts, const char *mirrored,
                        const struct rs_answer *answers, struct rs_error *error);
void rs_published_close(void *self);
enum rs_status rs_published_prepare(void *self, char *reason);
void rs_published_tick(void *self, int64_t now_ms);

/* The keys of a batch that the topic holds, in this order: list, mark before they are written,
 * settle afterwards, unmark. `key` gives the i-th one, `fail` answers the operations that touch it;
 * both are of placement.h. All do nothing for 0 keys. List returns how many; 0 also without a
 * topic, or without memory (then all have failed). */
size_t rs_published_list(struct rs_published *published, size_t count,
                         struct rs_bytes (*key)(const struct rs_placing *, size_t),
                         void (*fail)(struct rs_placing *, size_t, const struct rs_answer *,
                                      const char *));
void rs_published_mark(struct rs_published *published, size_t count);
void rs_published_settle(struct rs_published *published, size_t count,
                         void (*fail)(struct rs_placing *, size_t, const struct rs_answer *,
                                      const char *));
void rs_published_unmark(struct rs_published *published, size_t count);

#endif
