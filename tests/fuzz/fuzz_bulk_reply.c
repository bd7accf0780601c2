/* fuzz_bulk_reply - any bytes as the answer to a bulk of three, and as an error.
 *
 * Nothing is told to an operation unless the whole answer fits, and no reason has a byte that
 * would break a log line. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sink/elasticsearch_reply.h"

static struct rs_json_reader *reader;

static void check_reason(const char *reason)
{
    for (; *reason; reason++)
        assert(*reason >= ' ' && *reason < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char a[] = "a", b[] = "b\xc3\xa9\"";
    struct rs_operation ops[3] = {
        {.key = a, .status = RS_RETRY}, {.status = RS_RETRY}, {.key = b, .status = RS_RETRY}};
    struct rs_operation *pointers[] = {&ops[0], &ops[1], &ops[2]};
    const struct rs_bytes body = {(const char *)data, size};
    char why[RS_REASON_BYTES] = "", reason[RS_REASON_BYTES];
    struct rs_es_error error;
    if (!reader)
        reader = rs_json_reader_create();
    bool read = rs_es_read_bulk(reader, body, pointers, 3, "canary", why);
    assert(read == (*why == '\0'));
    for (int i = 0; i < 3; i++) {
        assert(read || (ops[i].status == RS_RETRY && !ops[i].applied && !*ops[i].reason));
        assert(!ops[i].applied || ops[i].status == RS_OK);
        check_reason(ops[i].reason);
    }
    rs_es_read_error(reader, 400 + (int)(size % 200), body, &error);
    rs_es_describe(&error, rs_es_request_row(&error), reason);
    check_reason(reason);
    check_reason(error.words);
    return 0;
}
