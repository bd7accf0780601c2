/* clickhouse_built_in - config/analytics-schema.sql inside the program, so that it works from any
 * folder. CMake gives the file's path. */
#include "sink/clickhouse_schema.h"

#ifndef RS_ANALYTICS_SCHEMA
#define RS_ANALYTICS_SCHEMA "config/analytics-schema.sql"
#endif

__asm__(".pushsection .rodata\n"
        "rs_ch_built_in_begin:\n"
        ".incbin \"" RS_ANALYTICS_SCHEMA "\"\n"
        ".byte 0\n"
        ".popsection\n");

extern const char rs_ch_built_in_begin[];

const char *rs_ch_built_in_schema(void)
{
    return rs_ch_built_in_begin;
}
