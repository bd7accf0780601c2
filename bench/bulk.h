/* bulk.h - bulk requests to Elasticsearch, or blocks to ClickHouse, by several threads, each with
 * its own connection. */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include <stddef.h>
#include <stdint.h>

struct bulk_pool;

/* `path` is behind the URL, e.g. "/reviews-bench/_bulk?filter_path=took,items.*.error"; errors of
 * items must be among what it asks for. */
struct bulk_pool *bulk_pool_open(const char *url, const char *path, int64_t threads);
/* Hand a body over (from malloc, taken); waits while every thread has one and one waits for each.
 */
void bulk_pool_send(struct bulk_pool *pool, char *body, size_t len);
/* Wait for all answers; ends the program if an item failed
 * for another reason than a greater version. Returns the number of bulks. */
uint64_t bulk_pool_finish(struct bulk_pool *pool);

#endif
