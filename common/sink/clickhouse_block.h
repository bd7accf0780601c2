/* clickhouse_block.h - the body of an insert: rows joined, and compressed as they come.
 *
 * ClickHouse's own frames of LZ4: sixteen bytes of a checksum that the server is told to ignore
 * (TCP and TLS have theirs), a byte of method, two lengths, the data. */
#ifndef RS_SINK_CLICKHOUSE_BLOCK_H
#define RS_SINK_CLICKHOUSE_BLOCK_H

#include "core/bytes.h"

/* A zeroed one is empty. */
struct rs_ch_block {
    bool compress;
    struct rs_buffer plain; /* of the next frame, or everything where not compressed */
    struct rs_buffer frames;
};

void rs_ch_block_clear(struct rs_ch_block *block);
void rs_ch_block_add(struct rs_ch_block *block, const void *data, size_t len);
/* The whole body, until the block is changed; {NULL, 0}: out of memory. */
struct rs_bytes rs_ch_block_end(struct rs_ch_block *block);
void rs_ch_block_finish(struct rs_ch_block *block);

#endif
