/* reader.h - a whole topic, from its first records to the ends that it has now. */
#ifndef RS_REVIEWCTL_READER_H
#define RS_REVIEWCTL_READER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "core/decode.h"
#include "core/settings.h"

enum { RECORD_HEADERS = 2048 };

/* Give each record to `record` until it returns false; partitions come side by side, each in its
 * order. Borrowed for the call. Returns an exit_code, after complaining. */
int read_topic(const struct rs_settings *settings, const char *topic,
               bool (*record)(void *context, const struct rs_record *record), void *context);
/* One record; CTL_FAILED (and no complaint) if it is not there. */
int read_record(const struct rs_settings *settings, const char *topic, int32_t partition,
                int64_t offset, bool (*record)(void *context, const struct rs_record *record),
                void *context);

/* The value of the last header of that name; data NULL: none, or a null one. */
struct rs_bytes record_header(const struct rs_record *record, const char *name);

#endif
