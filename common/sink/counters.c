#include "sink/counters.h"

#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/number.h"

enum { LEAST_LINE = 4 /* bytes of a counter: "n\t1\n" */ };

bool rs_counters_start(struct rs_counters *counters, size_t bytes)
{
    size_t most = bytes / LEAST_LINE;
    if (!rs_grouping_start(&counters->names, most))
        return false;
    if (most <= counters->size)
        return true;
    int64_t *sums = realloc(counters->sums, most * sizeof(*sums));
    if (!sums)
        return false;
    counters->sums = sums;
    counters->size = most;
    return true;
}

/* The counter in a line without its end; false: another kind of line. */
static bool read_counter(struct rs_bytes line, struct rs_bytes *ret_name, int64_t *ret_value)
{
    const char *tab = line.len ? memchr(line.data, '\t', line.len) : NULL;
    if (!tab || tab == line.data)
        return false;
    *ret_name = (struct rs_bytes){line.data, (size_t)(tab - line.data)};
    return rs_number_integer((struct rs_bytes){tab + 1, line.len - ret_name->len - 1}, ret_value);
}

void rs_counters_add(struct rs_counters *counters, struct rs_bytes contribution)
{
    struct rs_bytes rest = contribution, name;
    int64_t value;
    const char *end;
    while (rest.len && (end = memchr(rest.data, '\n', rest.len))) {
        struct rs_bytes line = {rest.data, (size_t)(end - rest.data)};
        rest = (struct rs_bytes){end + 1, rest.len - line.len - 1};
        if (!read_counter(line, &name, &value))
            continue;
        size_t known = counters->names.group_count;
        size_t at = rs_grouping_add(&counters->names, name, rs_bytes_hash(name), false);
        counters->sums[at] = at < known ? counters->sums[at] + value : value;
    }
}

bool rs_counters_text(struct rs_counters *counters, struct rs_bytes *ret_text)
{
    struct rs_buffer *text = &counters->text;
    rs_buffer_clear(text);
    for (size_t i = 0; i < counters->names.group_count; i++) {
        struct rs_bytes name = counters->names.groups[i].name;
        rs_buffer_add(text, name.data, name.len);
        rs_buffer_add(text, "\t", 1);
        rs_decimal_add(text, counters->sums[i]);
        rs_buffer_add(text, "\n", 1);
    }
    *ret_text = (struct rs_bytes){text->data, text->len};
    return !text->failed;
}

void rs_counters_finish(struct rs_counters *counters)
{
    rs_grouping_finish(&counters->names);
    free(counters->sums);
    rs_buffer_finish(&counters->text);
    *counters = (struct rs_counters){0};
}
