#include "sink/clickhouse_block.h"

#include <lz4.h>
#include <stdint.h>
#include <string.h>

enum { FRAME_BYTES = 1 << 20, CHECKSUM_BYTES = 16, HEAD_BYTES = 9, METHOD_LZ4 = 0x82 };

void rs_ch_block_clear(struct rs_ch_block *block)
{
    rs_buffer_clear(&block->plain);
    rs_buffer_clear(&block->frames);
}

static void put_length(char *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (8 * i) & 0xFF);
}

static void end_frame(struct rs_ch_block *block)
{
    struct rs_buffer *out = &block->frames;
    int most = LZ4_compressBound((int)block->plain.len);
    if (block->plain.failed || !block->plain.len ||
        !rs_buffer_reserve(out, CHECKSUM_BYTES + HEAD_BYTES + (size_t)most))
        return;
    char *head = out->data + out->len;
    memset(head, 0, CHECKSUM_BYTES);
    int len = LZ4_compress_default(block->plain.data, head + CHECKSUM_BYTES + HEAD_BYTES,
                                   (int)block->plain.len, most);
    out->failed |= len <= 0;
    head[CHECKSUM_BYTES] = (char)METHOD_LZ4;
    put_length(head + CHECKSUM_BYTES + 1, (size_t)len + HEAD_BYTES); /* itself and method too */
    put_length(head + CHECKSUM_BYTES + 5, block->plain.len);
    out->len += CHECKSUM_BYTES + HEAD_BYTES + (size_t)len;
    rs_buffer_clear(&block->plain);
}

void rs_ch_block_add(struct rs_ch_block *block, const void *data, size_t len)
{
    rs_buffer_add(&block->plain, data, len);
    if (block->compress && block->plain.len >= FRAME_BYTES)
        end_frame(block);
}

struct rs_bytes rs_ch_block_end(struct rs_ch_block *block)
{
    if (block->compress)
        end_frame(block);
    const struct rs_buffer *whole = block->compress ? &block->frames : &block->plain;
    return block->plain.failed || block->frames.failed ? (struct rs_bytes){NULL, 0}
                                                       : (struct rs_bytes){whole->data, whole->len};
}

void rs_ch_block_finish(struct rs_ch_block *block)
{
    rs_buffer_finish(&block->plain);
    rs_buffer_finish(&block->frames);
}
