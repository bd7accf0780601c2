/* view.h - whether a view may be written: what its marker says against what we are. Pure. */
#ifndef RS_RUNTIME_VIEW_H
#define RS_RUNTIME_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sink.h"

/* What the program wants, and what it knows of the group, when it looks at a view. */
struct rs_view_wish {
    int64_t format;
    const char *fingerprint;
    size_t partitions;           /* of the topic now */
    bool has_offsets;            /* the group has committed anything, also after a rewind */
    bool has_progress;           /* and is behind the log's start */
    bool accept_changes;         /* view.accept_changes */
    int64_t now_ms;              /* wall clock */
    int64_t delete_retention_ms; /* of the source topic; -1 unknown */
};

struct rs_view_verdict {
    const char *code;  /* why it must not be written, from a closed set; NULL: it may */
    bool needs_verify; /* tombstones may have been missed */
    bool verify_soon;  /* nearly: 0.8 of the time */
    int64_t at_end_ms; /* when the partition that is longest away stood at the end; 0 unknown */
    char text[224];
};

void rs_view_judge(const struct rs_marker *marker, const struct rs_view_wish *wish,
                   struct rs_view_verdict *ret_verdict);

#endif
