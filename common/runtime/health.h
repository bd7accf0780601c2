/* health.h - --health: a processor asks another process of itself whether it is alive, so that a
 * container without a shell or curl can be checked. */
#ifndef RS_RUNTIME_HEALTH_H
#define RS_RUNTIME_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* The URL at which a program that listens on `listen` ("host:port"; NULL: loopback and
 * `default_port`) is reached from the same machine: every address becomes loopback. false: no
 * address, or port 0, which only the program itself knows. Pure. */
bool rs_health_url(const char *listen, int default_port, char *url, size_t size,
                   struct rs_error *error);

/* Ask /healthz, wait at most 4 s, and print one line. RS_EXIT_OK when it is alive (blocked for a
 * named reason is alive), otherwise RS_EXIT_FAILED: no other code, as a HEALTHCHECK wants it. */
int rs_health_run(const char *listen, int default_port);

#endif
