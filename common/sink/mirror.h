/* mirror.h - a compacted topic that holds what a guarded store holds (design, section 3).
 *
 * Compaction keeps a key's last record, not its greatest version, so whoever changed a hash of the
 * store sends what it then holds, waits for the brokers, and confirms that the store still holds
 * it; only then is the operation confirmed. For one batch of keys:
 *   mark     each key in the sorted set `…:publishing` (member: key, newline, owner; score: Redis'
 *            clock in ms), before anything is sent
 *   settle   read, send, wait, confirm; again for those that changed meanwhile, a few rounds
 *   unmark   the own markers of what is settled
 * What a member left when it died, any member settles when the marker is 120 s old: by then the
 * brokers refuse what the dead one still had on its way (`message.timestamp.before.max.ms` of 60 s;
 * each record carries the time before its state was read). A generation that is not active
 * sends nothing. When it becomes active it sends every key once under the new epoch, and settles
 * what members of other generations left. One thread; shares the connection of its sink. */
#ifndef RS_SINK_MIRROR_H
#define RS_SINK_MIRROR_H

#include "core/option.h"
#include "kafka/producer.h"
#include "sink/pair.h"
#include "sink/redis_view.h"

/* How a view's hashes become records; const, part of a processor. */
struct rs_publication {
    const char *topic;   /* unless mirror.topic says another */
    const char *version; /* the hash's field that grows with each change: "rev" */
    /* Add the value of a record; nothing added: a null value. `fields`: the hash without the
     * version, sorted by the bytes of their names, each name once. false: the hash cannot be
     * rendered. Pure. */
    bool (*render)(struct rs_bytes key, int64_t version, const struct rs_pair *fields, size_t count,
                   struct rs_buffer *out);
};

/* Section "mirror". */
struct rs_mirror_config {
    char *topic; /* NULL: the publication's */
    int64_t abandoned_ms;
};
extern const struct rs_component rs_mirror_component;

struct rs_mirror_setup { /* all borrowed but the producer */
    const struct rs_mirror_config *config;
    const struct rs_publication *publication;
    const char *owner; /* random id of lane and start */
    struct rs_redis *redis;
    const struct rs_redis_view *view;
    const char *kind;                /* of the hashes' keys: "summary" */
    const struct rs_answer *answers; /* with the rows of mirror_rows.h */
    struct rs_producer *producer;    /* taken, also on failure */
};

struct rs_mirror;
struct rs_mirror *rs_mirror_create(const struct rs_mirror_setup *setup, struct rs_error *error);
void rs_mirror_destroy(struct rs_mirror *mirror); /* accepts NULL */

/* One key on its way; zero it, then set `key`. The memory must stay until settle returns. */
struct rs_mirror_item {
    struct rs_bytes key; /* borrowed */
    bool even_if_gone;   /* no hash: send an empty one of version 0, in place of nothing */
    /* How it ended: */
    const struct rs_answer *failed; /* NULL: settled */
    char reason[RS_REASON_BYTES];
    /* The mirror's own: */
    bool marked, settled, sent, keep_mark;
    int64_t version, epoch; /* of what was sent last */
    size_t flight;          /* of this round, counted from 1; 0: not sent */
};

/* A store that was last seen to be inactive is not marked; settle looks again. */
void rs_mirror_mark(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count);
void rs_mirror_settle(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count);
void rs_mirror_unmark(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count);

/* The steps of a round of settle, for tests that stop between them. */
void rs_mirror_send(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count);
void rs_mirror_confirm(struct rs_mirror *mirror, struct rs_mirror_item *items, size_t count);

/* At the first start of a view its epoch counts as sent. As prepare of sink.h. */
enum rs_status rs_mirror_begin(struct rs_mirror *mirror, char *reason);
/* About once a second: look at the active generation, send all keys under a new epoch (part by
 * part: a call takes a fraction of a second), settle what others left (every 10 s). */
void rs_mirror_tick(struct rs_mirror *mirror, int64_t now_ms);

#endif
