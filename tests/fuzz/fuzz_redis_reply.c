/* Any bytes as a reply of Redis, through every reader that takes one. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "sink/placement.h"
#include "sink/redis_view.h"
#include "sink/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a home's claim may say: notes are read to their end. */
static void as_claim(const struct rs_reply *reply)
{
    char code;
    struct rs_bytes notes, version, product;
    if (!rs_claim_parse(reply, &code, &notes))
        return;
    assert(code >= '0' && code <= '3');
    while (rs_note_next(&notes, &version, &product))
        assert(version.len && product.len && !memchr(product.data, '\n', product.len));
}

/* A summary is valid JSON, or refused. */
static void as_summary(const struct rs_reply *reply)
{
    static const struct rs_json_limits limits = {
        .bytes = 1 << 26, .depth = 8, .members = 1 << 24, .string_bytes = 1 << 24};
    int64_t version;
    size_t count;
    struct rs_buffer out = {0};
    struct rs_pair *pairs = calloc(rs_reply_count(reply) / 2 + 1, sizeof(*pairs));
    if (pairs && rs_pairs_read(reply, "rev", pairs, &count, &version) &&
        rs_summary_render(rs_text("p"), version, pairs, count, &out) && !out.failed) {
        const struct rs_json *value;
        struct rs_json_reader *reader = rs_json_reader_create();
        assert(!reader || rs_json_read(reader, (struct rs_bytes){out.data, out.len}, &limits,
                                       &value, NULL) != RS_JSON_REFUSED);
        rs_json_reader_destroy(reader);
    }
    rs_buffer_finish(&out);
    free(pairs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rs_marker marker;
    struct rs_arena arena = {0};
    struct rs_reply *reply = rs_reply_parse(data, size, &arena);
    as_claim(reply);
    as_summary(reply);
    (void)rs_redis_marker_parse(reply, &marker);
    rs_arena_finish(&arena);
    return 0;
}
