/* fuzz_clickhouse_reply - three digits as the status of an answer, any bytes behind them as its
 * body: as the answer to a block, and as lines of fields.
 *
 * Every answer but a 200 has a row that is no success, no reason of an operation has a word of the
 * server's, and none has a byte that would break a log line. */
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/clickhouse.h"
#include "sink/clickhouse_call.h"
#include "sink/clickhouse_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reason(const char *reason)
{
    assert(*reason && strlen(reason) < RS_REASON_BYTES);
    for (; *reason; reason++)
        assert(*reason >= ' ' && *reason < 0x7f);
}

/* The number alone, without what the server says to it, gives the same reason. */
static void check_silence(const struct rs_http_answer *answer, const struct rs_answer *row)
{
    char reason[RS_REASON_BYTES] = "", alone[RS_REASON_BYTES] = "", number[32];
    struct rs_http_answer bare = *answer;
    int len = snprintf(number, sizeof(number), "Code: %d, x", rs_ch_code(answer->body));
    bare.body = (struct rs_bytes){number, (size_t)len};
    rs_ch_describe(answer, row, reason);
    rs_ch_describe(&bare, row, alone);
    check_reason(reason);
    assert(strcmp(reason, alone) == 0);
}

static void as_answer(const struct rs_http_answer *answer)
{
    char reason[RS_REASON_BYTES] = "";
    const struct rs_answer *row = rs_ch_answer_row(answer);
    assert(!row == (answer->status == 200));
    if (!row)
        return;
    assert(row >= rs_clickhouse_answers && row->answer && row->status != RS_OK);
    check_silence(answer, row);
    rs_ch_quote(answer, row, reason);
    check_reason(reason);
}

static void as_lines(const char *at)
{
    while (*at) {
        const char *before = at;
        char text[8];
        int64_t value = 0;
        if (rs_ch_integer(&at, &value)) {
            assert(isdigit((unsigned char)*before) || *before == '-');
            assert(value == strtoll(before, NULL, 10));
        } else {
            assert(at == before);
            rs_ch_text(&at, text, sizeof(text));
            assert(strlen(text) < sizeof(text) && !strpbrk(text, "\t\n"));
        }
        assert(at > before);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_http_answer answer = {.outcome = RS_HTTP_ANSWERED};
    size_t digits = 0;
    for (; digits < 3 && digits < size && isdigit(data[digits]); digits++)
        answer.status = 10 * answer.status + (data[digits] - '0');
    size_t len = size - digits;
    char *body = malloc(len + 1); /* of its own, so that a read behind its end is seen */
    if (!body)
        return 0;
    memcpy(body, data + digits, len);
    body[len] = '\0';
    answer.body = (struct rs_bytes){body, len};
    as_answer(&answer);
    as_lines(body);
    free(body);
    return 0;
}
