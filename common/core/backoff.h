/* backoff.h - how long to wait before the next try: exponential, capped, with jitter. */
#ifndef RS_CORE_BACKOFF_H
#define RS_CORE_BACKOFF_H

#include <stdint.h>

struct rs_backoff {
    int64_t base_ms, max_ms; /* first wait and cap, both at least 1 */
    unsigned attempt;        /* failed tries in a row */
};

/* The next wait in ms: base * 2^attempt, at most max, of which the upper half is random
 * ("equal jitter": waits spread, but never shrink to nothing). `random` is any 32-bit draw. */
int64_t rs_backoff_next_ms(struct rs_backoff *backoff, uint32_t random);
void rs_backoff_reset(struct rs_backoff *backoff);

#endif
