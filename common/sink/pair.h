/* pair.h - one field of a stored hash. */
#ifndef RS_SINK_PAIR_H
#define RS_SINK_PAIR_H

#include "core/bytes.h"

struct rs_pair {
    struct rs_bytes name, value;
};

#endif
