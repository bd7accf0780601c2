/* sink.h - what an author of a sink implements. A sink sends and reports: it never sleeps, loops
 * for success or counts attempts; all waiting is in deliver.h. */
#ifndef RS_CORE_SINK_H
#define RS_CORE_SINK_H

#include "core/error.h"
#include "core/operation.h"
#include "core/option.h"

struct rs_settings;

/* How a view's results are published to a compacted topic (sink/mirror.h); part of a processor. */
struct rs_publication;

/* Which copy of which view a sink instance writes. Borrowed for the instance's life. */
struct rs_view {
    const char *processor;  /* "cache" */
    const char *generation; /* "g1" */
    const char *owner;      /* random id of this lane and start: [a-z0-9-]{1,40} */
    const struct rs_settings *settings;
    const struct rs_publication *publication; /* NULL: none */
};

enum { RS_MARKER_PARTITIONS = 1024 };

/* What a view says about itself in its store (design, section 4). */
struct rs_marker {
    bool found;           /* false: no marker, the view was never begun or the store was lost */
    bool has_data;        /* read only: the view holds something */
    int64_t format;       /* of the view's layout */
    char fingerprint[65]; /* hex; what else decides the output */
    size_t partitions;    /* of the topic when it was written; 0 unknown */
    int64_t at_end_ms[RS_MARKER_PARTITIONS]; /* wall clock, when the view last stood at the end
                                              * of the partition or began its first pass; 0 never */
};

/* Erasures whose older rows a store drops later, by itself or by housekeeping. */
struct rs_erasures {
    uint64_t waiting;  /* withdrawn or erased reviews of which an older row may still be stored */
    uint64_t finished; /* physically gone since the last report of any instance */
};

struct rs_sink {
    const char *name; /* label in metrics and logs: "redis", "elasticsearch" */
    const struct rs_component *const *components; /* its options; ends with NULL */
    const struct rs_answer *answers;
    size_t batch_events;  /* how many operations at once it does best with; 0: no matter */
    int64_t batch_age_ms; /* how long it is worth waiting for so many; 0: not at all */
    int64_t lanes;        /* how many threads it does best with; 0: no matter */

    /* Make an instance for one thread. Does not connect: a server that is down is no error.
     * NULL with the reason: bad configuration. */
    void *(*open)(const struct rs_view *view, struct rs_error *error);
    void (*close)(void *self); /* accepts NULL */

    /* Send operations of this sink and give each its answer. May block for the sink's own
     * time-outs. No two of them have the same key. */
    void (*send)(void *self, struct rs_operation *const *ops, size_t count);

    /* Whether the server is set up so that a view can stay right in it; asked by --check, changes
     * nothing. The answer is as of prepare; RS_REJECT: not as it is. NULL: nothing to ask. */
    enum rs_status (*check)(void *self, char *reason);
    /* Make sure that what the view lives in exists (index, alias, pointer); idempotent and safe
     * when several processes do it at once. NULL: nothing to make. The answer is as of an
     * operation; on other than RS_OK `reason` (RS_REASON_BYTES) is written. */
    enum rs_status (*prepare)(void *self, char *reason);
    /* Bring what the view lives in up to date; asked by --migrate. NULL: nothing to migrate. */
    enum rs_status (*migrate)(void *self, char *reason);
    /* Read, or write, the view's marker. Writing creates it or replaces format, fingerprint and
     * partitions, and raises at_end_ms only (never lowers). NULL: this sink keeps no marker. */
    enum rs_status (*read_marker)(void *self, struct rs_marker *marker, char *reason);
    enum rs_status (*write_marker)(void *self, const struct rs_marker *marker, char *reason);

    /* Add one operation that rewrites the view's marker, harmless and sure to succeed on a
     * healthy server: company for a retry that has none. NULL: none. */
    enum rs_status (*canary)(void *self, struct rs_operations *out);
    /* Housekeeping, called about once a second between sends by the same thread: keep-alive,
     * left-over markers, a changed generation. NULL: none. Errors wait for the next call. */
    void (*tick)(void *self, int64_t now_ms);
    /* How far erasures are, of all instances of the process. NULL: each is finished at once. */
    void (*erasures)(void *self, struct rs_erasures *ret);
};

#endif
