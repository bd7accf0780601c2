#include "sink/pair.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "sink/redis.h"

/* Eight bytes of a name as a number; a shorter name ends in zeros. The order of names is the order
 * of these numbers, where they differ. */
static uint64_t piece(struct rs_bytes name, size_t from)
{
    uint64_t bytes = 0;
    if (name.len > from)
        memcpy(&bytes, name.data + from,
               name.len - from < sizeof(bytes) ? name.len - from : sizeof(bytes));
    return be64toh(bytes);
}

struct rs_pair rs_pair(struct rs_bytes name, struct rs_bytes value)
{
    return (struct rs_pair){name, value, {piece(name, 0), piece(name, 8)}};
}

int rs_pair_compare(const void *a, const void *b)
{
    const struct rs_pair *one = a, *other = b;
    if (one->head[0] != other->head[0])
        return one->head[0] < other->head[0] ? -1 : 1;
    if (one->head[1] != other->head[1])
        return one->head[1] < other->head[1] ? -1 : 1;
    const struct rs_bytes x = one->name, y = other->name;
    size_t least = x.len < y.len ? x.len : y.len;
    int order = least ? memcmp(x.data, y.data, least) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

struct rs_bytes rs_pairs_find(const struct rs_pair *pairs, size_t count, const char *name)
{
    const struct rs_pair key = rs_pair(rs_text(name), (struct rs_bytes){0});
    const struct rs_pair *found =
        count ? bsearch(&key, pairs, count, sizeof(key), rs_pair_compare) : NULL;
    return found ? found->value : (struct rs_bytes){0};
}

static bool begins_with(struct rs_bytes name, struct rs_bytes prefix)
{
    return name.len >= prefix.len && memcmp(name.data, prefix.data, prefix.len) == 0;
}

const struct rs_pair *rs_pairs_within(const struct rs_pair *pairs, size_t count,
                                      struct rs_bytes prefix, size_t *ret_count)
{
    const struct rs_pair key = rs_pair(prefix, (struct rs_bytes){0});
    size_t from = 0, to = count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (rs_pair_compare(&pairs[middle], &key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    while (to < count && begins_with(pairs[to].name, prefix))
        to++;
    *ret_count = to - from;
    return pairs + from;
}

bool rs_pairs_read(const struct rs_reply *reply, const char *version, struct rs_pair *pairs,
                   size_t *ret_count, int64_t *ret_version)
{
    size_t size = rs_reply_count(reply), count = 0;
    int64_t number = 0;
    if (!rs_reply_is_array(reply) || size % 2)
        return false;
    for (size_t i = 0; i < size; i += 2) {
        struct rs_bytes name, value;
        if (!rs_reply_bytes(rs_reply_at(reply, i), &name) ||
            !rs_reply_bytes(rs_reply_at(reply, i + 1), &value))
            return false;
        if (!rs_bytes_equal(name, rs_text(version)))
            pairs[count++] = rs_pair(name, value);
        else if (!rs_number_integer(value, &number))
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
