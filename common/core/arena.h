/* arena.h - many small pieces of memory that are given back together. One thread. */
#ifndef RS_CORE_ARENA_H
#define RS_CORE_ARENA_H

#include <stddef.h>

struct rs_arena_chunk;

/* In the caller's memory; a zeroed one is empty. */
struct rs_arena {
    struct rs_arena_chunk *chunks; /* the one in use first */
};

/* So many bytes, aligned for anything, not cleared. NULL: out of memory, or too many. */
void *rs_arena_take(struct rs_arena *arena, size_t bytes);
/* All pieces end; some memory is kept for the next ones. */
void rs_arena_clear(struct rs_arena *arena);
void rs_arena_finish(struct rs_arena *arena); /* accepts NULL */

#endif
