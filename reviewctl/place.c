#include "place.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/instant.h"

/* Digits from *at on, at most `most`. */
static bool read_digits(const char **at, int64_t most, int64_t *ret)
{
    char *end;
    errno = 0;
    if (**at < '0' || **at > '9')
        return false;
    long long number = strtoll(*at, &end, 10);
    if (errno || number > most)
        return false;
    *at = end;
    *ret = number;
    return true;
}

static bool read_numbers(const char **at, char between, int32_t *ret_partition, int64_t *ret_offset)
{
    int64_t partition;
    if (!read_digits(at, INT32_MAX, &partition) || *(*at)++ != between ||
        !read_digits(at, INT64_MAX, ret_offset))
        return false;
    *ret_partition = (int32_t)partition;
    return true;
}

bool coordinates_parse(const char *text, int32_t *ret_partition, int64_t *ret_offset)
{
    return read_numbers(&text, ':', ret_partition, ret_offset) && *text == '\0';
}

static bool parse_offsets(const char *text, struct place *place, struct rs_error *error)
{
    for (const char *at = text;; at++) {
        if (place->count == PLACE_OFFSETS)
            return rs_error_set(error, "--to: more than %d partitions", PLACE_OFFSETS);
        int32_t partition;
        int64_t offset;
        if (!read_numbers(&at, '=', &partition, &offset) || (*at && *at != ','))
            return rs_error_set(error,
                                "--to=%.100s: beginning, end, an RFC 3339 time such as "
                                "2026-01-31T09:30:00Z, or offsets such as 0=12,1=40",
                                text);
        for (size_t i = 0; i < place->count; i++)
            if (place->at[i].partition == partition)
                return rs_error_set(error, "--to: partition %d twice", (int)partition);
        place->at[place->count].partition = partition;
        place->at[place->count++].offset = offset;
        if (!*at)
            return true;
    }
}

bool place_parse(const char *text, struct place *ret_place, struct rs_error *error)
{
    struct rs_instant instant;
    ret_place->offsets = false;
    ret_place->count = 0;
    if (strcmp(text, "beginning") == 0) {
        ret_place->where = RS_PLACE_BEGINNING;
    } else if (strcmp(text, "end") == 0) {
        ret_place->where = RS_PLACE_END;
    } else if (rs_instant_parse(rs_text(text), &instant)) {
        ret_place->where = RS_PLACE_TIME;
        ret_place->at_ms = instant.ms;
        if (instant.ms < 0)
            return rs_error_set(error, "--to=%s: before 1970", text);
    } else {
        ret_place->offsets = true;
        return parse_offsets(text, ret_place, error);
    }
    return true;
}
