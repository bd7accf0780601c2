/* redis_rows.h - the rows that every sink on Redis has in its answer table. */
#ifndef RS_SINK_REDIS_ROWS_H
#define RS_SINK_REDIS_ROWS_H

#include "core/status.h"

/* ":" and the code of a script, "-" and the first word of an error, or the name of what befell the
 * connection; with what it means, and what the sink does before it reports. */
#define RS_REDIS_ROWS                                                                              \
    {":1", RS_OK, RS_OUTAGE, "applied"},                                                           \
        {":2", RS_OK, RS_OUTAGE, "this version is stored already: its later steps are repeated"},  \
        {":3", RS_OK, RS_OUTAGE,                                                                   \
         "conflict: this version is stored with other content, which stays"},                      \
        {":0", RS_OK, RS_OUTAGE, "stale: a greater version is stored"},                            \
        {"-LOADING", RS_RETRY, RS_OUTAGE, "reads its data from disk"},                             \
        {"-OOM", RS_RETRY, RS_OUTAGE, "maxmemory reached; withdrawals and erasures still pass"},   \
        {"-READONLY", RS_RETRY, RS_OUTAGE, "is a replica now; drops the connection"},              \
        {"-MASTERDOWN", RS_RETRY, RS_OUTAGE, "a replica without its master"},                      \
        {"-NOREPLICAS", RS_RETRY, RS_OUTAGE, "too few replicas to accept a write"},                \
        {"-MISCONF", RS_RETRY, RS_OUTAGE, "cannot write its snapshot, so refuses writes"},         \
        {"-BUSY", RS_RETRY, RS_OUTAGE, "another client's script runs for too long"},               \
        {"-TRYAGAIN", RS_RETRY, RS_OUTAGE, "slot is moving"},                                      \
        {"-MOVED", RS_RETRY, RS_OUTAGE, "cluster redirect: the slot lives elsewhere"},             \
        {"-ASK", RS_RETRY, RS_OUTAGE, "cluster redirect: the slot is moving"},                     \
        {"-CLUSTERDOWN", RS_RETRY, RS_OUTAGE, "slot has no master at the moment"},                 \
        {"-NOSCRIPT", RS_RETRY, RS_OUTAGE, "forgot the script again, after it was loaded anew"},   \
        {"-WRONGTYPE", RS_REJECT, RS_ITEM, "another program wrote this key; nothing was changed"}, \
        {"-CROSSSLOT", RS_REJECT, RS_ITEM, "keys of one script in two slots"},                     \
        {"-NOAUTH", RS_FATAL, RS_OUTAGE, "password needed"},                                       \
        {"-WRONGPASS", RS_FATAL, RS_OUTAGE, "wrong user or password"},                             \
        {"-NOPERM", RS_FATAL, RS_OUTAGE, "user lacks a right"},                                    \
        {"login refused", RS_FATAL, RS_OUTAGE,                                                     \
         "AUTH or SELECT was refused: user, password or database"},                                \
        {"not connected", RS_RETRY, RS_OUTAGE, "no connection could be made"},                     \
        {"connection lost", RS_RETRY, RS_OUTAGE,                                                   \
         "closed on the way; what was sent may have been applied, and is repeated"},               \
        {"time-out", RS_RETRY, RS_OUTAGE, "no answer in time; drops the connection"},              \
        {"bad reply", RS_RETRY, RS_OUTAGE, "not RESP, or over the limits; drops the connection"},  \
        {"out of memory", RS_RETRY, RS_OUTAGE, "of ours; nothing was sent"},                       \
        {"not reached", RS_RETRY, RS_OUTAGE, "an earlier step of the operation's batch failed"},   \
    {                                                                                              \
        "unexpected", RS_RETRY, RS_ITEM, "a reply of another shape than the script's"              \
    }

/* The end of such a table. */
#define RS_REDIS_LAST_ROWS                                                                         \
    {"*", RS_RETRY, RS_ITEM, "any other error; poison if its neighbours succeed"},                 \
    {                                                                                              \
        NULL, RS_OK, RS_OUTAGE, NULL                                                               \
    }

#endif
