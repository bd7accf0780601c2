/* instant.h - points in time as RFC 3339 writes them. */
#ifndef RS_CORE_INSTANT_H
#define RS_CORE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"

struct rs_instant {
    int64_t ms;     /* since 1970-01-01T00:00:00Z; before it negative */
    char month[16]; /* "YYYY-MM" in UTC; an offset can lead to "-001-12" and "10000-01" */
};

/* "2026-01-31T09:30:00.123+01:00" (RFC 3339, section 5.6): T and Z in either case, any offset, a
 * fraction of any length, cut to milliseconds. A 60th second is allowed in every minute and is
 * the first one of the next. false: no such text, `ret_instant` is untouched. */
bool rs_instant_parse(struct rs_bytes text, struct rs_instant *ret_instant);

enum { RS_INSTANT_BYTES = 32 };
/* "2026-01-31T08:30:00.123Z", with a terminator. A year outside of 0 to 9999, which only an offset
 * leads to, has a sign: "-0001", "+10000"; `ms` lies within the years -9999 to 99999. */
void rs_instant_write(int64_t ms, char text[RS_INSTANT_BYTES]);

#endif
