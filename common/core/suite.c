#include "core/suite.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *const rs_suite[] = {
    /* the runtime's, in every processor */
    "generation", "lanes", "memory.limit", "http.listen", "log.format", "log.level",
    "shutdown.drain_ms", "dead_letters.topic", "mirror.topic", "elasticsearch.alias",
    /* whole sections */
    "kafka.", "redis.", "elasticsearch.", "opensearch.", "clickhouse.", "postgres.", "s3.",
    "mirror.", "dead_letters.", "http.", "retry.", "batch.", "shutdown.", "log.", "cache.",
    "search.", "aggregation.", "sentiment.", "tags.", "analytics.", "language.", "test.", NULL};

static char upper(char c)
{
    return c == '.' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void rs_suite_variable(const char *option, char *buffer, size_t size)
{
    (void)snprintf(buffer, size, "REVIEWS_%s", option);
    for (; *buffer; buffer++)
        *buffer = upper(*buffer);
}

bool rs_suite_is_variable(const char *variable, const char *option)
{
    while (*option && *variable == upper(*option))
        variable++, option++;
    return !*option && !*variable;
}

bool rs_suite_is_in_section(const char *variable, const char *section)
{
    while (*section && *variable == upper(*section))
        variable++, section++;
    return !*section;
}

const char *rs_suite_find(const char *variable)
{
    const char *section = NULL;
    for (size_t i = 0; rs_suite[i]; i++) {
        if (rs_suite_is_variable(variable, rs_suite[i]))
            return rs_suite[i];
        size_t len = strlen(rs_suite[i]);
        if (rs_suite[i][len - 1] == '.' && rs_suite_is_in_section(variable, rs_suite[i]))
            section = rs_suite[i];
    }
    return section;
}
