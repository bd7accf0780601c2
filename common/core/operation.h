/* operation.h - one idempotent, versioned change of one sink, as data. */
#ifndef RS_CORE_OPERATION_H
#define RS_CORE_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/status.h"

struct rs_sink;

enum { RS_REASON_BYTES = 192, RS_OWN_KEY_BYTES = 48 };

struct rs_operation {
    const struct rs_sink *sink; /* NULL: the processor refused the event, see `reason` */
    char *key;                  /* what versions are compared under: the review id; NULL: nothing */
    size_t key_len;
    uint64_t key_hash; /* equal for equal keys */
    int64_t version;
    char *bytes; /* the sink's own encoding, with a terminator behind it */
    size_t len;
    size_t size; /* what the allocator gave for `bytes` */
    struct rs_bytes
        body; /* more of it: the event's own body, which lives as long; usually absent */

    /* The answer, `reason` too, written by the sink at each send. Before each send the driver sets
     * RS_RETRY, RS_OUTAGE, not applied and no reason: what a sink leaves untouched is sent again.
     */
    enum rs_status status;
    enum rs_fault fault;
    bool applied;  /* with RS_OK: it changed the sink; false: stale */
    bool conflict; /* with RS_OK: the same version is stored with other content, which stays */

    /* The driver's own. */
    bool settled;
    bool canary;
    int attempts;          /* item faults while something else succeeded: towards poison */
    unsigned tries;        /* sends that failed, for the back-off */
    int64_t not_before_ms; /* of the caller's clock */

    char own_key[RS_OWN_KEY_BYTES]; /* where a short key is */
    char reason[RS_REASON_BYTES];
};

/* The operations of one event. */
struct rs_operations;
struct rs_operations *rs_operations_create(void); /* NULL: out of memory */
void rs_operations_destroy(struct rs_operations *out);
/* Forget them, keep memory for the next event's. */
void rs_operations_clear(struct rs_operations *out);
size_t rs_operations_count(const struct rs_operations *out);
/* The memory that they hold, spare too; bodies are not theirs. */
size_t rs_operations_bytes(const struct rs_operations *out);
struct rs_operation *rs_operations_at(const struct rs_operations *out, size_t index);

/* An empty buffer to make an operation's bytes in, where there is one with memory of an earlier
 * event's. The caller's, like any buffer. */
struct rs_buffer rs_operations_buffer(struct rs_operations *out);

/* Add an operation. Takes `bytes` (from malloc, NULL = an allocation failed before), also on
 * failure; copies `key` (may be NULL). RS_OK, or RS_FATAL: out of memory, `out` unchanged. */
enum rs_status rs_operations_take(struct rs_operations *out, const struct rs_sink *sink,
                                  const char *key, int64_t version, char *bytes, size_t len);

/* Refuse the event: adds an operation without sink whose reason is the text. Returns
 * RS_REJECT, or RS_FATAL when out of memory. */
enum rs_status rs_reject(struct rs_operations *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Without an answer, as before a send: RS_RETRY, RS_OUTAGE, not applied and no reason. */
void rs_operation_begin(struct rs_operation *op);
/* Give an operation its answer; the reason is cut to fit and may be NULL. */
void rs_operation_answer(struct rs_operation *op, const struct rs_answer *row, const char *reason);

#endif
