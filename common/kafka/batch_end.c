#include "kafka/batch_end.h"

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

struct rs_batch_end rs_batch_end_begin(int64_t base, int64_t at, int64_t log_end)
{
    int64_t bad = greater(base, at);
    return (struct rs_batch_end){base, bad, greater(log_end, bad + 1)};
}

bool rs_batch_end_is_known(const struct rs_batch_end *end)
{
    return end->good == end->bad + 1;
}

int64_t rs_batch_end_probe(const struct rs_batch_end *end)
{
    return end->bad + (end->good - end->bad) / 2;
}

void rs_batch_end_readable(struct rs_batch_end *end, int64_t at)
{
    if (at > end->bad && at < end->good)
        end->good = at;
}

void rs_batch_end_failed(struct rs_batch_end *end, int64_t at, int64_t base)
{
    if (base > end->base)
        rs_batch_end_readable(end, base);
    else if (at > end->bad && at < end->good)
        end->bad = at;
}
