/* log.h - one line per thing, on standard error: key=value, or JSON. Never blocks events: what
 * cannot be written at once is dropped and counted. */
#ifndef RS_RUNTIME_LOG_H
#define RS_RUNTIME_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum rs_level { RS_LOG_ERROR, RS_LOG_WARN, RS_LOG_INFO, RS_LOG_DEBUG };

/* Before threads start. `level` as of the option; false: not one of the words. */
bool rs_log_setup(bool json, const char *level);
/* Write "time= level= at=" and then `format`, which must print pairs such as `sink=%s wait_ms=%d`;
 * a text goes last, as `reason` (NULL: none), and is quoted and cut here. Any thread. */
void rs_log(enum rs_level level, const char *at, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Lines that could not be written. */
uint64_t rs_log_dropped(void);

#endif
