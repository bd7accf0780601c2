#include <assert.h>
#include <string.h>

#include "sink/redis.h"
#include "sink/redis_rows.h"

const struct rs_answer rs_redis_answers[] = {RS_REDIS_ROWS, RS_REDIS_LAST_ROWS};

const struct rs_answer *rs_redis_row(const char *answer)
{
    const struct rs_answer *row = rs_redis_answers;
    while (row->answer && strcmp(row->answer, answer) != 0)
        row++;
    assert(row->answer);
    return row;
}

const struct rs_answer *rs_redis_error_row(const char *text)
{
    size_t len = strcspn(text, " ");
    const struct rs_answer *row = rs_redis_answers;
    for (; row[1].answer; row++)
        if (row->answer[0] == '-' && strlen(row->answer) == len + 1 &&
            memcmp(row->answer + 1, text, len) == 0)
            break;
    return row; /* the last row is "*" */
}

const struct rs_answer *rs_redis_unexpected(const char **ret_reason)
{
    *ret_reason = "unexpected reply of a script";
    return rs_redis_row("unexpected");
}
