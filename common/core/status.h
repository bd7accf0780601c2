/* status.h - how an operation ended, whose fault it was, and the row that decides both. */
#ifndef RS_CORE_STATUS_H
#define RS_CORE_STATUS_H

#include <stddef.h>

enum rs_status {
    RS_OK,     /* the sink holds this version of the review, or a later one */
    RS_RETRY,  /* the same bytes may work later */
    RS_REJECT, /* never for this event */
    RS_FATAL,  /* never until a person acts, e.g. wrong credentials */
};

/* Whose fault a RETRY is. Only `item` faults count towards poison, and only when something
 * else to the same target succeeded in the same request (design, section 4). */
enum rs_fault {
    RS_OUTAGE, /* of the server, the network, a shard: neighbours on other nodes may succeed */
    RS_ITEM,   /* of this operation alone */
};

/* One row of a sink's answer table. `answer` is matched as the sink's header says; the last
 * row of a table is "*", any other answer. A table ends with a row whose `answer` is NULL. */
struct rs_answer {
    const char *answer;
    enum rs_status status;
    enum rs_fault fault; /* read for RS_RETRY only */
    const char *meaning; /* printed in the manual */
};

/* Stable lower-case words for logs, metrics and manuals: "ok", "retry", "reject", "fatal". */
const char *rs_status_name(enum rs_status status);
const char *rs_fault_name(enum rs_fault fault); /* "outage", "item" */

#endif
