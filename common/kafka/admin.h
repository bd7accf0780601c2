/* admin.h - one request of librdkafka's admin interface: init, the request on `queue` with
 * `options`, wait, read `event`, finish. For topics.c and groups.c. */
#ifndef RS_KAFKA_ADMIN_H
#define RS_KAFKA_ADMIN_H

#include <librdkafka/rdkafka.h>

#include "core/error.h"

struct rs_admin {
    rd_kafka_queue_t *queue;
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *event; /* the result, from rs_admin_wait to rs_admin_finish */
    int timeout_ms;
};

void rs_admin_init(struct rs_admin *admin, rd_kafka_t *client, rd_kafka_admin_op_t op,
                   int timeout_ms);
/* False: the request failed as a whole, or nothing came in time. */
bool rs_admin_wait(struct rs_admin *admin, struct rs_error *reason)
    __attribute__((warn_unused_result));
void rs_admin_finish(struct rs_admin *admin);

#endif
