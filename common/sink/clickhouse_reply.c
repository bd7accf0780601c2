#include "sink/clickhouse_reply.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answers.h"
#include "sink/clickhouse.h"

/* Codes and names as in dbms/src/Common/ErrorCodes.cpp of 18.16 and later; the ones that tests
 * provoke on a real server are so marked in tests/e2e/test_analytics_faults.py. */
const struct rs_answer rs_clickhouse_answers[] = {
    {"HTTP 200", RS_OK, RS_OUTAGE, "the whole block is stored"},
    /* what is in a row: the block is halved, and only the row that alone is refused is rejected,
     * after a row of our own has been accepted beside it */
    {"6 CANNOT_PARSE_TEXT", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"26 CANNOT_PARSE_QUOTED_STRING", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"27 CANNOT_PARSE_INPUT_ASSERTION_FAILED", RS_REJECT, RS_ITEM,
     "a value is not of its column's type"},
    {"36 BAD_ARGUMENTS", RS_REJECT, RS_ITEM, "a value that the column does not have"},
    {"38 CANNOT_PARSE_DATE", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"41 CANNOT_PARSE_DATETIME", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"49 LOGICAL_ERROR", RS_RETRY, RS_ITEM,
     "a bug of the server; poison if its neighbours succeed"},
    {"53 TYPE_MISMATCH", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"69 ARGUMENT_OUT_OF_BOUND", RS_REJECT, RS_ITEM, "a value is out of its column's range"},
    {"70 CANNOT_CONVERT_TYPE", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"72 CANNOT_PARSE_NUMBER", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"117 INCORRECT_DATA", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"130 CANNOT_READ_ARRAY_FROM_TEXT", RS_REJECT, RS_ITEM, "a value is not of its column's type"},
    {"131 TOO_LARGE_STRING_SIZE", RS_REJECT, RS_ITEM, "a value is too large"},
    {"190 SIZES_OF_ARRAYS_DONT_MATCH", RS_REJECT, RS_ITEM, "arrays of different lengths"},
    {"321 VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", RS_REJECT, RS_ITEM,
     "a value is out of its column's range"},
    {"349 CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN", RS_REJECT, RS_ITEM, "a value is missing"},
    {"395 FUNCTION_THROW_IF_VALUE_IS_NON_ZERO", RS_REJECT, RS_ITEM,
     "a column of the table refuses the row on purpose"},
    {"469 VIOLATED_CONSTRAINT", RS_REJECT, RS_ITEM, "a constraint of the table refuses the row"},
    {"691 UNKNOWN_ELEMENT_OF_ENUM", RS_REJECT, RS_ITEM, "a value that the column does not have"},
    /* the server, its disk, its neighbours */
    {"60 UNKNOWN_TABLE", RS_RETRY, RS_OUTAGE,
     "the table is missing; whether the view was lost, its marker tells"},
    {"81 UNKNOWN_DATABASE", RS_RETRY, RS_OUTAGE,
     "the database is missing; whether the view was lost, its marker tells"},
    {"74 CANNOT_READ_FROM_FILE_DESCRIPTOR", RS_RETRY, RS_OUTAGE, "the disk fails"},
    {"75 CANNOT_WRITE_TO_FILE_DESCRIPTOR", RS_RETRY, RS_OUTAGE, "the disk is full or fails"},
    {"76 CANNOT_OPEN_FILE", RS_RETRY, RS_OUTAGE, "the disk is full or fails"},
    {"88 CANNOT_TRUNCATE_FILE", RS_RETRY, RS_OUTAGE, "the disk is full or fails"},
    {"159 TIMEOUT_EXCEEDED", RS_RETRY, RS_OUTAGE, "the server gave the request up"},
    {"201 QUOTA_EXCEEDED", RS_RETRY, RS_OUTAGE, "the user's quota is used up for now"},
    {"202 TOO_MANY_SIMULTANEOUS_QUERIES", RS_RETRY, RS_OUTAGE, "overloaded"},
    {"203 NO_FREE_CONNECTION", RS_RETRY, RS_OUTAGE, "overloaded"},
    {"204 CANNOT_FSYNC", RS_RETRY, RS_OUTAGE, "the disk fails"},
    {"209 SOCKET_TIMEOUT", RS_RETRY, RS_OUTAGE, "the block did not arrive in time"},
    {"210 NETWORK_ERROR", RS_RETRY, RS_OUTAGE, "a node does not reach another"},
    {"218 TABLE_IS_DROPPED", RS_RETRY, RS_OUTAGE, "the table is being dropped"},
    {"225 NO_ZOOKEEPER", RS_RETRY, RS_OUTAGE, "the replica has lost its coordinator"},
    {"236 ABORTED", RS_RETRY, RS_OUTAGE, "the server stops"},
    {"241 MEMORY_LIMIT_EXCEEDED", RS_RETRY, RS_OUTAGE, "out of memory; smaller blocks follow"},
    {"242 TABLE_IS_READ_ONLY", RS_RETRY, RS_OUTAGE, "the replica is read-only for now"},
    {"243 NOT_ENOUGH_SPACE", RS_RETRY, RS_OUTAGE, "the disk is full"},
    {"252 TOO_MANY_PARTS", RS_RETRY, RS_OUTAGE, "merges are behind; wait for them"},
    {"285 TOO_FEW_LIVE_REPLICAS", RS_RETRY, RS_OUTAGE, "too few replicas"},
    {"286 UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", RS_RETRY, RS_OUTAGE, "too few replicas"},
    {"319 UNKNOWN_STATUS_OF_INSERT", RS_RETRY, RS_OUTAGE, "sent again; harmless by the version"},
    {"394 QUERY_WAS_CANCELLED", RS_RETRY, RS_OUTAGE, "somebody cancelled the request"},
    {"425 SYSTEM_ERROR", RS_RETRY, RS_OUTAGE, "the server's system fails"},
    {"999 KEEPER_EXCEPTION", RS_RETRY, RS_OUTAGE, "the replica has lost its coordinator"},
    {"1000 POCO_EXCEPTION", RS_RETRY, RS_OUTAGE, "the server's system fails, e.g. a full disk"},
    {"1001 STD_EXCEPTION", RS_RETRY, RS_OUTAGE, "the server's system fails, e.g. no memory"},
    /* until somebody acts */
    {"16 NO_SUCH_COLUMN_IN_TABLE", RS_FATAL, RS_OUTAGE, "the table lacks a column: run --migrate"},
    {"117 unknown field", RS_FATAL, RS_OUTAGE, "the table lacks a column: run --migrate"},
    {"47 UNKNOWN_IDENTIFIER", RS_FATAL, RS_OUTAGE, "the schema is not this program's"},
    {"62 SYNTAX_ERROR", RS_FATAL, RS_OUTAGE,
     "a statement is not understood: clickhouse.schema_file"},
    {"115 UNKNOWN_SETTING", RS_FATAL, RS_OUTAGE, "a setting is not understood"},
    {"164 READONLY", RS_FATAL, RS_OUTAGE, "the user may only read"},
    {"192 UNKNOWN_USER", RS_FATAL, RS_OUTAGE, "no such user"},
    {"193 WRONG_PASSWORD", RS_FATAL, RS_OUTAGE, "wrong password"},
    {"194 REQUIRED_PASSWORD", RS_FATAL, RS_OUTAGE, "a password is needed"},
    {"195 IP_ADDRESS_NOT_ALLOWED", RS_FATAL, RS_OUTAGE, "the user may not come from this address"},
    {"291 DATABASE_ACCESS_DENIED", RS_FATAL, RS_OUTAGE, "the user lacks a right"},
    {"497 ACCESS_DENIED", RS_FATAL, RS_OUTAGE, "the user lacks a right"},
    {"516 AUTHENTICATION_FAILED", RS_FATAL, RS_OUTAGE, "wrong user or password"},
    /* answers without an exception */
    {"HTTP 3xx", RS_FATAL, RS_OUTAGE, "a redirect, which is not followed: set the final URL"},
    {"HTTP 401", RS_FATAL, RS_OUTAGE, "wrong user or password"},
    {"HTTP 403", RS_FATAL, RS_OUTAGE, "the user lacks a right"},
    {"HTTP 408", RS_RETRY, RS_OUTAGE, "the block did not arrive in time"},
    {"HTTP 413", RS_REJECT, RS_ITEM, "halved down to one row that alone is too large"},
    {"HTTP 429", RS_RETRY, RS_OUTAGE, "overloaded"},
    {"HTTP 4xx", RS_FATAL, RS_OUTAGE, "no ClickHouse behind this URL, or a proxy refuses"},
    {"HTTP 5xx", RS_RETRY, RS_OUTAGE, "the server or a proxy is not available"},
    {"others fail", RS_RETRY, RS_OUTAGE,
     "not sent or not judged: a row of our own is refused as well, so it is the table"},
    {"no connection", RS_RETRY, RS_OUTAGE, "server not reached; the next of the list is tried"},
    {"time-out", RS_RETRY, RS_OUTAGE, "no answer in time; sent again, harmless by the version"},
    {"reset", RS_RETRY, RS_OUTAGE, "connection lost; sent again, harmless by the version"},
    {"answer too large", RS_RETRY, RS_OUTAGE, "cut off; sent again"},
    {"bad answer", RS_RETRY, RS_OUTAGE, "not what a server says to a block; sent again"},
    {"certificate", RS_FATAL, RS_OUTAGE, "not trusted: set clickhouse.ca_file"},
    {"out of memory", RS_RETRY, RS_OUTAGE, "of this program"},
    {"*", RS_RETRY, RS_ITEM, "any other exception; halved, poison if its neighbours succeed"},
    {NULL, RS_RETRY, RS_OUTAGE, NULL},
};

const struct rs_answer *rs_ch_row(const char *name)
{
    const struct rs_answer *row = rs_answer_find(rs_clickhouse_answers, name);
    assert(strcmp(row->answer, name) == 0);
    return row;
}

int rs_ch_code(struct rs_bytes body)
{
    static const char mark[] = "Code: ";
    const char *at = body.data ? memmem(body.data, body.len, mark, sizeof(mark) - 1) : NULL;
    int code = 0;
    if (!at)
        return 0;
    for (at += sizeof(mark) - 1; isdigit((unsigned char)*at) && code < 100000; at++)
        code = code * 10 + (*at - '0');
    return code;
}

static const struct rs_answer *code_row(int code, struct rs_bytes body)
{
    static const char unknown[] = "Unknown field";
    if (code == 117 && memmem(body.data, body.len, unknown, sizeof(unknown) - 1))
        return rs_ch_row("117 unknown field");
    for (const struct rs_answer *row = rs_clickhouse_answers; row->answer; row++)
        if (isdigit((unsigned char)*row->answer) && atoi(row->answer) == code)
            return row;
    return rs_ch_row("*");
}

static const struct rs_answer *status_row(int status)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "HTTP %d", status);
    const struct rs_answer *row = rs_answer_find(rs_clickhouse_answers, name);
    if (strcmp(row->answer, name) == 0)
        return row;
    (void)snprintf(name, sizeof(name), "HTTP %dxx", status / 100);
    row = rs_answer_find(rs_clickhouse_answers, name);
    return strcmp(row->answer, name) == 0 ? row : rs_ch_row("bad answer");
}

const struct rs_answer *rs_ch_answer_row(const struct rs_http_answer *answer)
{
    static const char *const names[] = {
        [RS_HTTP_ANSWERED] = "bad answer",        [RS_HTTP_NO_CONNECTION] = "no connection",
        [RS_HTTP_TIMED_OUT] = "time-out",         [RS_HTTP_RESET] = "reset",
        [RS_HTTP_TOO_LARGE] = "answer too large", [RS_HTTP_UNTRUSTED] = "certificate",
        [RS_HTTP_NO_MEMORY] = "out of memory"};
    if (answer->outcome != RS_HTTP_ANSWERED)
        return rs_ch_row(names[answer->outcome]);
    int code = answer->status == 200 ? 0 : rs_ch_code(answer->body);
    if (code)
        return code_row(code, answer->body);
    return answer->status == 200 ? NULL : status_row(answer->status);
}

void rs_ch_describe(const struct rs_http_answer *answer, const struct rs_answer *row,
                    char reason[RS_REASON_BYTES])
{
    int code = answer->outcome == RS_HTTP_ANSWERED ? rs_ch_code(answer->body) : 0;
    if (answer->outcome != RS_HTTP_ANSWERED)
        (void)snprintf(reason, RS_REASON_BYTES, "%s", answer->why);
    else if (code && strcmp(row->answer, "*") == 0)
        (void)snprintf(reason, RS_REASON_BYTES, "HTTP %d, exception %d: %.120s", answer->status,
                       code, row->meaning);
    else
        (void)snprintf(reason, RS_REASON_BYTES, "HTTP %d, %.50s: %.110s", answer->status,
                       row->answer, row->meaning);
}

void rs_ch_quote(const struct rs_http_answer *answer, const struct rs_answer *row,
                 char reason[RS_REASON_BYTES])
{
    rs_ch_describe(answer, row, reason);
    if (answer->outcome != RS_HTTP_ANSWERED || !answer->body.len)
        return;
    (void)snprintf(reason, RS_REASON_BYTES, "HTTP %d: %s", answer->status, answer->body.data);
    for (; *reason; reason++)
        if (!isprint((unsigned char)*reason))
            *reason = ' ';
}
