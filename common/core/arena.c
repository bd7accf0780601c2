#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 256 * 1024, ALIGN = alignof(max_align_t) };

struct rs_arena_chunk {
    struct rs_arena_chunk *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

static struct rs_arena_chunk *add_chunk(struct rs_arena *arena, size_t bytes)
{
    size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    struct rs_arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (!chunk)
        return NULL;
    *chunk = (struct rs_arena_chunk){.next = arena->chunks, .size = size};
    arena->chunks = chunk;
    return chunk;
}

void *rs_arena_take(struct rs_arena *arena, size_t bytes)
{
    struct rs_arena_chunk *chunk = arena->chunks;
    if (bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if ((!chunk || chunk->size - chunk->used < bytes) && !(chunk = add_chunk(arena, bytes)))
        return NULL;
    void *piece = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return piece;
}

void rs_arena_clear(struct rs_arena *arena)
{
    struct rs_arena_chunk *kept = NULL;
    while (arena->chunks) {
        struct rs_arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        if (!kept && chunk->size == CHUNK_BYTES)
            kept = chunk;
        else
            free(chunk);
    }
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
    }
    arena->chunks = kept;
}

void rs_arena_finish(struct rs_arena *arena)
{
    if (!arena)
        return;
    rs_arena_clear(arena);
    free(arena->chunks);
    arena->chunks = NULL;
}
