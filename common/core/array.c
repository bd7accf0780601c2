#include "core/array.h"

#include <stdlib.h>
#include <string.h>

bool rs_array_reserve(void *array, size_t *size, size_t count, size_t each)
{
    void *at;
    if (count <= *size)
        return true;
    size_t more = 2 * *size > count ? 2 * *size : count;
    memcpy(&at, array, sizeof(at));
    void *moved = realloc(at, more * each);
    if (!moved)
        return false;
    memcpy(array, &moved, sizeof(moved));
    *size = more;
    return true;
}
