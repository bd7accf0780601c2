/* array.h - room in a growing array. */
#ifndef RS_CORE_ARRAY_H
#define RS_CORE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Make room for `count` elements of `each` bytes. `array` is the address of the pointer to the
 * first, from malloc or NULL, and `size` the number for which there is room; both may change.
 * false: out of memory, nothing has changed. */
bool rs_array_reserve(void *array, size_t *size, size_t count, size_t each);

#endif
