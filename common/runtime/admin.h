/* admin.h - the HTTP port of a processor: /metrics, /healthz, /readyz, /status. Answers from
 * counters and copies; never calls a sink or a broker. */
#ifndef RS_RUNTIME_ADMIN_H
#define RS_RUNTIME_ADMIN_H

#include "core/bytes.h"
#include "core/error.h"

struct rs_admin_server;
struct rs_pipeline;

/* Listen on `listen` ("host:port", port 0: any free one; NULL: loopback and the processor's port,
 * or a free one when that is taken). NULL: the reason names the address and the remedy. */
struct rs_admin_server *rs_admin_start(struct rs_pipeline *pipeline, const char *listen,
                                       struct rs_error *error);
void rs_admin_stop(struct rs_admin_server *server); /* accepts NULL */

/* The bodies, by path; the result is the HTTP status. */
unsigned rs_report_metrics(struct rs_pipeline *pipeline, struct rs_buffer *out);
unsigned rs_report_health(struct rs_pipeline *pipeline, struct rs_buffer *out);
unsigned rs_report_ready(struct rs_pipeline *pipeline, struct rs_buffer *out);
unsigned rs_report_status(struct rs_pipeline *pipeline, struct rs_buffer *out);

#endif
