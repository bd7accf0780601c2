/* Values as they came into Elasticsearch: no guard, no decoding; the id is the record's key. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk.h"
#include "ceiling.h"
#include "support.h"

enum { DEFAULT_BULK_BYTES = 1 << 20, MAX_LINE_BYTES = 1 << 21 };

struct indexer {
    struct bulk_pool *pool;
    size_t bulk_bytes, len;
    char *body;
};

static void *bulk_open(const struct ceiling_options *options)
{
    char path[256];
    struct indexer *indexer = must_alloc(NULL, sizeof(*indexer));
    if (!options->elasticsearch || !options->index)
        die("--elasticsearch URL and --index NAME are required");
    snprintf(path, sizeof(path), "/%s/_bulk?filter_path=took,items.*.error", options->index);
    indexer->pool = bulk_pool_open(options->elasticsearch, path, options->concurrency);
    indexer->bulk_bytes = options->batch > 0 ? (size_t)options->batch : DEFAULT_BULK_BYTES;
    indexer->body = must_alloc(NULL, indexer->bulk_bytes + MAX_LINE_BYTES);
    indexer->len = 0;
    return indexer;
}

static void bulk_each(void *self, rd_kafka_message_t *message)
{
    struct indexer *indexer = self;
    char *out = indexer->body + indexer->len;
    if (message->len + message->key_len + 64 > MAX_LINE_BYTES)
        die("a record of %zu bytes is over %d", message->len, MAX_LINE_BYTES);
    int head = sprintf(out, "{\"index\":{\"_id\":\"%.*s\"}}\n", (int)message->key_len,
                       (const char *)message->key);
    memcpy(out + head, message->payload, message->len);
    out[(size_t)head + message->len] = '\n';
    indexer->len += (size_t)head + message->len + 1;
    if (indexer->len < indexer->bulk_bytes)
        return;
    bulk_pool_send(indexer->pool, indexer->body, indexer->len);
    indexer->body = must_alloc(NULL, indexer->bulk_bytes + MAX_LINE_BYTES);
    indexer->len = 0;
}

static void bulk_finish(void *self, char *more, size_t size)
{
    struct indexer *indexer = self;
    if (indexer->len)
        bulk_pool_send(indexer->pool, indexer->body, indexer->len);
    else
        free(indexer->body);
    snprintf(more, size, "\"bulks\":%" PRIu64, bulk_pool_finish(indexer->pool));
    free(indexer);
}

const struct ceiling ceiling_bulk = {"bulk", bulk_open, bulk_each, bulk_finish};
