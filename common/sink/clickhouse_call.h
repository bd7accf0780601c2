/* clickhouse_call.h - one statement about a view itself (schema, marker, merges) and its answer.
 *
 * Each is bounded and none is repeated. On an outage the next one goes to the next server. */
#ifndef RS_SINK_CLICKHOUSE_CALL_H
#define RS_SINK_CLICKHOUSE_CALL_H

#include "core/bytes.h"
#include "core/operation.h"
#include "sink/clickhouse_reply.h"

enum { RS_CH_NAME_BYTES = 160 };

/* The server and the names of a view on it; plain data of one thread. */
struct rs_ch_view {
    struct rs_http *http;
    const char *generation;            /* borrowed */
    char readers[RS_CH_NAME_BYTES];    /* the database of the views that readers use */
    char database[RS_CH_NAME_BYTES];   /* of this generation */
    char in_readers[RS_CH_NAME_BYTES]; /* both in backticks */
    char in_database[RS_CH_NAME_BYTES];
    bool found; /* the marker was there when it was last read */
};

/* Fill the names. False: they make none. */
bool rs_ch_view_init(struct rs_ch_view *view, const char *database, const char *generation,
                     struct rs_error *error);
void rs_ch_view_finish(struct rs_ch_view *view); /* accepts a zeroed one; destroys http */

struct rs_ch_answer {
    const struct rs_answer *row; /* of anything but a success; NULL then */
    int code;                    /* of the exception, 0: none */
    struct rs_bytes body;        /* of a success: lines, their fields apart by tabs; until the next
                                  * call, and with a terminator behind it */
};

/* Run one statement. On other than success `reason` (RS_REASON_BYTES) says why. */
void rs_ch_run(struct rs_ch_view *view, const char *statement, int64_t within_ms,
               struct rs_ch_answer *ret_answer, char *reason);
/* The same for a statement that is made like printf; for constants and names of ours. */
enum rs_status rs_ch_call(struct rs_ch_view *view, struct rs_ch_answer *ret_answer, char *reason,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));
/* An integer field at `*at`, which moves behind it and its tab or line end; false: none. */
bool rs_ch_integer(const char **at, int64_t *ret_value);
/* A text field, likewise, cut to fit. */
void rs_ch_text(const char **at, char *ret, size_t size);
/* Write a reason; returns `status`. */
enum rs_status rs_ch_complain(char *reason, enum rs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
