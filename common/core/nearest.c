#include "core/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_NAME = 128 };

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '_' || c == '-' ? '.' : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table: distances of a[0..i] to every b[0..j], from the two rows before it. */
static void fill_row(const char *a, size_t i, const char *b, size_t b_len, size_t *const rows[3])
{
    size_t *row = rows[0], *above = rows[1], *two_above = rows[2];
    row[0] = i;
    for (size_t j = 1; j <= b_len; j++) {
        char ca = fold(a[i - 1]), cb = fold(b[j - 1]);
        row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + (ca != cb));
        if (i > 1 && j > 1 && ca == fold(b[j - 2]) && fold(a[i - 2]) == cb)
            row[j] = least(row[j], two_above[j - 2] + 1);
    }
}

static size_t length_of(const char *name)
{
    size_t len = strlen(name);
    return len < MAX_NAME ? len : MAX_NAME;
}

size_t rs_name_distance(const char *a, const char *b)
{
    size_t memory[3][MAX_NAME + 1], *rows[3] = {memory[0], memory[1], memory[2]};
    size_t a_len = length_of(a), b_len = length_of(b);
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *oldest = rows[2];
        rows[2] = rows[1];
        rows[1] = rows[0];
        rows[0] = oldest;
        fill_row(a, i, b, b_len, rows);
    }
    return rows[0][b_len];
}

static bool is_same(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (fold(a[i]) != fold(b[i]))
            return false;
    return true;
}

/* Whether `part` is whole words at the beginning or the end of a longer name. */
static bool is_part(const char *part, const char *whole)
{
    size_t len = strlen(part), whole_len = strlen(whole);
    if (len == 0 || len >= whole_len)
        return false;
    const char *end = whole + whole_len - len;
    return (fold(whole[len]) == '.' && is_same(part, whole, len)) ||
           (fold(end[-1]) == '.' && is_same(part, end, len));
}

static bool is_near(const char *a, const char *b, size_t distance)
{
    size_t a_len = length_of(a), b_len = length_of(b);
    return distance <= (a_len > b_len ? a_len : b_len) / 3 || is_part(a, b) || is_part(b, a);
}

void rs_nearest_offer(struct rs_nearest *nearest, const char *candidate)
{
    size_t distance = rs_name_distance(nearest->name, candidate);
    if (nearest->found && nearest->distance <= distance)
        return; /* the first stays */
    if (!is_near(nearest->name, candidate, distance))
        return;
    nearest->found = candidate;
    nearest->distance = distance;
}
