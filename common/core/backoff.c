#include "core/backoff.h"

int64_t rs_backoff_next_ms(struct rs_backoff *backoff, uint32_t random)
{
    int64_t wait = backoff->max_ms;
    if (backoff->attempt < 32 && backoff->base_ms << backoff->attempt < backoff->max_ms)
        wait = backoff->base_ms << backoff->attempt;
    if (backoff->attempt < 32)
        backoff->attempt++;
    int64_t half = wait / 2;
    return wait - half + (int64_t)(random % (uint64_t)(half + 1));
}

void rs_backoff_reset(struct rs_backoff *backoff)
{
    backoff->attempt = 0;
}
