#include "sink/pair.h"

#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "sink/redis.h"

int rs_pair_compare(const void *a, const void *b)
{
    const struct rs_bytes x = ((const struct rs_pair *)a)->name;
    const struct rs_bytes y = ((const struct rs_pair *)b)->name;
    size_t least = x.len < y.len ? x.len : y.len;
    int order = least ? memcmp(x.data, y.data, least) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

struct rs_bytes rs_pairs_find(const struct rs_pair *pairs, size_t count, const char *name)
{
    const struct rs_pair key = {.name = rs_text(name)};
    const struct rs_pair *found =
        count ? bsearch(&key, pairs, count, sizeof(key), rs_pair_compare) : NULL;
    return found ? found->value : (struct rs_bytes){0};
}

bool rs_pairs_read(const struct rs_reply *reply, const char *version, struct rs_pair *pairs,
                   size_t *ret_count, int64_t *ret_version)
{
    size_t size = rs_reply_count(reply), count = 0;
    int64_t number = 0;
    if (!rs_reply_is_array(reply) || size % 2)
        return false;
    for (size_t i = 0; i < size; i += 2) {
        struct rs_pair pair;
        if (!rs_reply_bytes(rs_reply_at(reply, i), &pair.name) ||
            !rs_reply_bytes(rs_reply_at(reply, i + 1), &pair.value))
            return false;
        if (!rs_bytes_equal(pair.name, rs_text(version)))
            pairs[count++] = pair;
        else if (!rs_number_integer(pair.value, &number))
            return false;
    }
    if (size && number < 1)
        return false;
    if (count)
        qsort(pairs, count, sizeof(*pairs), rs_pair_compare);
    *ret_count = count;
    *ret_version = number;
    return true;
}
