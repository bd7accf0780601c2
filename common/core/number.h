/* number.h - exact decimals: JSON numbers to integers, without a double in between. */
#ifndef RS_CORE_NUMBER_H
#define RS_CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"

enum rs_fit {
    RS_FITS,
    RS_TOO_SMALL,
    RS_TOO_LARGE,
    RS_TOO_FINE, /* in range, but with more decimals than wanted */
};

/* A number as JSON writes it, with any fraction and exponent, times 10^places: into
 * `ret_value` if that is an integer from `min` (at least 0) to `max`. `places`: 0 to 18. */
enum rs_fit rs_number_fixed(struct rs_bytes number, int places, int64_t min, int64_t max,
                            int64_t *ret_value);

/* Whether it is digits alone, with or without a minus: no fraction, no exponent. */
bool rs_number_is_integer(struct rs_bytes number);
/* Such a number of the range of int64_t; false: not one. */
bool rs_number_integer(struct rs_bytes number, int64_t *ret_value);

#endif
