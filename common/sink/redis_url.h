/* redis_url.h - the parts of a Redis URL. Pure. */
#ifndef RS_SINK_REDIS_URL_H
#define RS_SINK_REDIS_URL_H

#include "core/error.h"

struct rs_redis_url {
    char *host; /* name or address, without brackets; NULL: a Unix socket */
    char *path; /* of the Unix socket, or NULL */
    int port, database;
    char *user, *password; /* percent-decoded; NULL: none */
};

/* Parse redis://[user:password@]host[:port][/db] or unix:///path. false with the reason, which
 * never holds the credentials; `url` is then empty. */
bool rs_redis_url_init(struct rs_redis_url *url, const char *text, struct rs_error *error);
void rs_redis_url_finish(struct rs_redis_url *url); /* accepts NULL and a zeroed one */

#endif
