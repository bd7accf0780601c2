/* check.h - --check: configuration, topics and stores looked at, nothing written. */
#ifndef RS_RUNTIME_CHECK_H
#define RS_RUNTIME_CHECK_H

struct rs_pipeline;

/* Print a line per thing that was looked at on standard output. Returns the exit code: RS_EXIT_OK,
 * _USAGE (configuration), _BLOCKED (a person must act first), _TIMEOUT (no answer). */
int rs_check_run(const struct rs_pipeline *pipeline);
/* --migrate: bring what the view lives in up to date. The exit code is as above. */
int rs_check_migrate(const struct rs_pipeline *pipeline);

#endif
