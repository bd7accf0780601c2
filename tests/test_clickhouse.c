/* The sink against a scripted server: answers row by row, halving, blocks, what a marker means. */
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <lz4.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answers.h"
#include "core/settings.h"
#include "sink/clickhouse.h"
#include "sink/clickhouse_call.h"
#include "support/alloc.h"
#include "support/scripted_http.h"

enum { MOST = 64 };

static struct {
    struct scripted_http *server;
    struct rs_settings *settings;
    void *sink;
    struct rs_operation ops[MOST], *pointers[MOST];
    size_t count;
    /* what the server does: `status` and `body` to blocks that hold `bad` (NULL: to all) */
    enum scripted_manner manner;
    int status;
    const char *body, *bad;
    size_t refused_over; /* `status` only to blocks of more rows; 0: to all */
    char seen[256 * 1024];
    char head[4096];
    char last[512 * 1024]; /* the body of the last request, any bytes */
    size_t last_len;
} test;

static size_t rows_of(const char *body)
{
    size_t rows = 0;
    for (; (body = strchr(body, '\n')); body++)
        rows++;
    return rows;
}

static void answer(void *context, const struct scripted_request *request,
                   struct scripted_answer *ret_answer)
{
    (void)context;
    bool hit = (!test.bad || strstr(request->body, test.bad)) &&
               (!test.refused_over || rows_of(request->body) > test.refused_over);
    snprintf(test.head, sizeof(test.head), "%s", request->head);
    test.last_len = request->len < sizeof(test.last) ? request->len : 0;
    memcpy(test.last, request->body, test.last_len);
    if (strlen(test.seen) + request->len + 2 < sizeof(test.seen))
        strcat(strcat(test.seen, request->body), "|");
    ret_answer->status = hit && test.status ? test.status : 200;
    ret_answer->manner = hit ? test.manner : SCRIPTED_WHOLE;
    ret_answer->body = strdup(hit && test.body ? test.body : "");
}

static void *open_with(const char *more, struct rs_error *error)
{
    static const struct rs_component *const components[] = {&rs_clickhouse_component, NULL};
    struct rs_view view = {.processor = "analytics", .generation = "g1", .owner = "test"};
    char url[128];
    rs_settings_destroy(test.settings);
    test.settings = rs_settings_create(components);
    snprintf(url, sizeof(url), "clickhouse.url=%s", scripted_http_url(test.server));
    cr_assert(rs_settings_set(test.settings, url, error) &&
                  rs_settings_set(test.settings, "clickhouse.request_timeout_ms=400", error) &&
                  (!more || rs_settings_set(test.settings, more, error)) &&
                  rs_settings_finish(test.settings, NULL, error),
              "%s", error->text);
    view.settings = test.settings;
    return rs_clickhouse.open(&view, error);
}

static void begin(void)
{
    struct rs_error error = {""};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    test.server = scripted_http_start(answer, NULL);
    test.sink = open_with("clickhouse.compress=false", &error);
    cr_assert_not_null(test.sink, "%s", error.text);
}

static void end(void)
{
    for (size_t i = 0; i < test.count; i++) {
        free(test.ops[i].key);
        free(test.ops[i].bytes);
    }
    rs_clickhouse.close(test.sink);
    rs_settings_destroy(test.settings);
    scripted_http_stop(test.server);
    curl_global_cleanup();
}

static void add(const char *id, size_t bytes)
{
    struct rs_operation *op = &test.ops[test.count];
    char *text = malloc(bytes + 64);
    int len = snprintf(text, bytes + 64, "{\"reviewId\":\"%s\",\"t\":\"", id);
    memset(text + len, 'x', bytes);
    snprintf(text + len + bytes, 8, "\"}\n");
    *op =
        (struct rs_operation){.key = strdup(id), .version = 7, .bytes = text, .len = strlen(text)};
    test.pointers[test.count++] = op;
}

/* Send all afresh: one letter an operation. */
static const char *told(void)
{
    static char text[MOST + 1];
    for (size_t i = 0; i < test.count; i++) {
        test.ops[i].status = RS_RETRY;
        test.ops[i].fault = RS_OUTAGE;
        test.ops[i].applied = false;
        test.ops[i].reason[0] = '\0';
    }
    rs_clickhouse.send(test.sink, test.pointers, test.count);
    for (size_t i = 0; i < test.count; i++)
        text[i] = test.ops[i].status == RS_OK       ? (test.ops[i].applied ? '+' : 's')
                  : test.ops[i].status == RS_REJECT ? 'j'
                  : test.ops[i].status == RS_FATAL  ? 'f'
                  : test.ops[i].fault == RS_ITEM    ? 'i'
                                                    : 'o';
    text[test.count] = '\0';
    return text;
}

TestSuite(clickhouse, .init = begin, .fini = end, .timeout = 60);

static char letter_of(const struct rs_answer *row)
{
    return row->status == RS_REJECT  ? 'j'
           : row->status == RS_FATAL ? 'f'
           : row->fault == RS_ITEM   ? 'i'
                                     : 'o';
}

/* Each row by its number in both forms that servers use; a row of ours is accepted beside it. */
Test(clickhouse, answers_each_exception_as_its_table_says)
{
    add("bad", 3);
    test.bad = "\"bad\"";
    size_t seen = 0;
    for (const struct rs_answer *row = rs_clickhouse_answers; row->answer; row++) {
        int code = atoi(row->answer);
        char body[256], want[2] = {letter_of(row)};
        if (code == 0)
            continue;
        seen++;
        const char *more = strstr(row->answer, "unknown field") ? "Unknown field found" : "x";
        const char *const forms[] = {
            "Code: %d, e.displayText() = DB::Exception: %s secret, e.what()",
            "Code: %d. DB::Exception: %s secret. (NAME) (version 26.7)\n"};
        for (size_t i = 0; i < 2; i++) {
            snprintf(body, sizeof(body), forms[i], code, more);
            test.body = body;
            test.status = i ? 404 : 500;
            cr_expect_str_eq(told(), want, "%s", row->answer);
            cr_expect_not_null(strstr(test.ops[0].reason, row->meaning), "%s: %s", row->answer,
                               test.ops[0].reason);
            cr_expect_null(strstr(test.ops[0].reason, "secret"), "words of the server");
        }
    }
    cr_expect_gt(seen, 50);
}

static const struct {
    const char *name;
    enum scripted_manner manner;
    int status;
    const char *body, *want, *reason;
} others[] = {
    {"stored", SCRIPTED_WHOLE, 200, "", "+", ""},
    {"an answer that says something", SCRIPTED_WHOLE, 200, "Code: 60", "o", "not what a server"},
    {"an exception that nobody knows", SCRIPTED_WHOLE, 500, "Code: 9999, x", "i", "exception 9999"},
    {"no exception", SCRIPTED_WHOLE, 500, "oops", "o", "the server or a proxy"},
    {"bad gateway", SCRIPTED_WHOLE, 502, "", "o", "the server or a proxy"},
    {"wrong password", SCRIPTED_WHOLE, 401, "", "f", "wrong user"},
    {"forbidden", SCRIPTED_WHOLE, 403, "", "f", "lacks a right"},
    {"no ClickHouse", SCRIPTED_WHOLE, 404, "not found", "f", "no ClickHouse behind"},
    {"a redirect", SCRIPTED_WHOLE, 302, "", "f", "redirect"},
    {"too large alone", SCRIPTED_WHOLE, 413, "", "j", "too large"},
    {"overloaded", SCRIPTED_WHOLE, 429, "", "o", "overloaded"},
    {"too late", SCRIPTED_WHOLE, 408, "", "o", "in time"},
    {"no answer", SCRIPTED_SILENT, 200, "", "o", "127.0.0.1"},
    {"lost", SCRIPTED_RESET, 200, "", "o", "127.0.0.1"},
    {"half an answer", SCRIPTED_HALF, 500, "Code: 117, x", "o", "127.0.0.1"},
    {"an endless answer", SCRIPTED_ENDLESS, 200, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "o", ""},
};

Test(clickhouse, answers_what_is_no_exception_as_its_table_says)
{
    add("bad", 3);
    test.bad = "\"bad\"";
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        test.manner = others[i].manner;
        test.status = others[i].status;
        test.body = others[i].body;
        cr_expect_str_eq(told(), others[i].want, "%s", others[i].name);
        cr_expect_not_null(strstr(test.ops[0].reason, others[i].reason), "%s: %s", others[i].name,
                           test.ops[0].reason);
    }
}

Test(clickhouse, halves_down_to_the_one_row_that_is_refused)
{
    char id[16], quoted[16];
    for (int i = 0; i < 50; i++) {
        snprintf(id, sizeof(id), "id%02d", i);
        add(id, 10);
    }
    test.status = 500;
    test.body = "Code: 72, e.displayText() = DB::Exception: secret";
    test.bad = quoted;
    for (int i = 0; i < 50; i++) {
        char want[MOST + 1];
        memset(want, '+', 50);
        want[50] = '\0';
        want[i] = 'j';
        snprintf(quoted, sizeof(quoted), "\"id%02d\"", i);
        size_t before = scripted_http_count(test.server);
        cr_expect_str_eq(told(), want);
        cr_expect_leq(scripted_http_count(test.server) - before, 14,
                      "twice the logarithm, and "
                      "perhaps a row of ours");
    }
}

Test(clickhouse, blames_no_row_when_every_row_is_refused)
{
    for (int i = 0; i < 16; i++)
        add("a", 10);
    test.status = 500;
    test.body = "Code: 27, x";
    cr_expect_str_eq(told(), "oooooooooooooooo");
    cr_expect_eq(scripted_http_count(test.server), 6, "16 8 4 2 1 and the row of ours");
}

Test(clickhouse, stops_at_an_outage_and_leaves_the_rest)
{
    for (int i = 0; i < 20; i++)
        add("a", 10000);
    rs_clickhouse.close(test.sink);
    struct rs_error error;
    test.sink = open_with("clickhouse.block.max_bytes=64KiB", &error);
    test.status = 500;
    test.body = "Code: 252, x";
    cr_expect_str_eq(told(), "oooooooooooooooooooo");
    cr_expect_eq(scripted_http_count(test.server), 1);
}

Test(clickhouse, sends_blocks_of_bounded_size_and_smaller_ones_when_memory_is_full)
{
    struct rs_error error;
    rs_clickhouse.close(test.sink);
    test.sink = open_with("clickhouse.block.max_bytes=256KiB", &error);
    for (int i = 0; i < 40; i++)
        add("a", 20000);
    cr_expect_str_eq(told(), "++++++++++++++++++++++++++++++++++++++++");
    cr_expect_eq(scripted_http_count(test.server), 4, "13 rows of 20 kB each time");
    test.status = 500;
    test.body = "Code: 241, x";
    told();
    test.status = 0;
    test.body = NULL;
    size_t before = scripted_http_count(test.server);
    told();
    cr_expect_geq(scripted_http_count(test.server) - before, 6);
}

static uint32_t read_length(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* What ClickHouse reads: checksum (ignored), method, length with this head, length of the data. */
Test(clickhouse, compresses_blocks_in_its_own_frames)
{
    struct rs_error error;
    static char plain[4 << 20], want[4 << 20];
    size_t len = 0, frames = 0;
    rs_clickhouse.close(test.sink);
    test.sink = open_with(NULL, &error);
    for (int i = 0; i < 40; i++) {
        add("a", 60000);
        strcat(want, test.ops[i].bytes);
    }
    (void)told();
    cr_expect_not_null(strstr(test.head, "&decompress=1"));
    for (size_t at = 0; at + 25 < test.last_len; frames++) {
        const unsigned char *head = (const unsigned char *)test.last + at;
        cr_assert_eq(head[16], 0x82);
        uint32_t packed = read_length(head + 17), size = read_length(head + 21);
        cr_assert_leq(at + 16 + packed, test.last_len);
        cr_assert_eq(
            LZ4_decompress_safe(test.last + at + 25, plain + len, (int)packed - 9, (int)size),
            (int)size);
        len += size;
        at += 16 + packed;
    }
    cr_expect_eq(frames, 3, "a MiB each");
    cr_expect_eq(len, strlen(want));
    cr_expect_eq(memcmp(plain, want, len), 0);
}

Test(clickhouse, refuses_what_makes_no_database)
{
    static const char *const bad[] = {"clickhouse.database=a-b", "clickhouse.database=1a",
                                      "clickhouse.database=a`b",
                                      "clickhouse.schema_file=/nowhere/x.sql"};
    struct rs_error error;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        error.text[0] = '\0';
        cr_expect_null(open_with(bad[i], &error), "%s", bad[i]);
        cr_expect_neq(error.text[0], '\0', "%s", bad[i]);
    }
}

static const struct {
    const char *line;
    bool found;
    int64_t value;
    const char *rest;
} fields[] = {
    {"12\t3\n", true, 12, "3\n"}, {"-9223372036854775808\n", true, INT64_MIN, ""},
    {"7", true, 7, ""},           {"\t12\n", false, 0, NULL}, /* empty: the next field is not its */
    {"\n12\n", false, 0, NULL},   {" 12\n", false, 0, NULL},
    {"12x\n", false, 0, NULL},    {"9223372036854775808\n", false, 0, NULL},
    {"\\N\n", false, 0, NULL},    {"", false, 0, NULL},
};

Test(clickhouse, reads_an_integer_from_its_own_field_only)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        const char *at = fields[i].line;
        int64_t value = 0;
        cr_expect_eq(rs_ch_integer(&at, &value), fields[i].found, "row %zu", i);
        cr_expect_eq(value, fields[i].value, "row %zu", i);
        cr_expect_str_eq(at, fields[i].rest ? fields[i].rest : fields[i].line, "row %zu", i);
    }
}

Test(clickhouse, loses_nothing_when_memory_is_short)
{
    for (int i = 0; i < 2; i++)
        add("a", 10);
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_view view = {
            .processor = "analytics", .generation = "g1", .settings = test.settings};
        struct rs_error error = {""};
        void *own = rs_clickhouse.open(&view, &error), *kept = test.sink;
        if (!own) {
            cr_expect_not_null(strstr(error.text, "out of memory"), "%s", error.text);
            continue;
        }
        test.sink = own;
        const char *letters = told();
        cr_expect(strcmp(letters, "++") == 0 || strcmp(letters, "oo") == 0, "%ld: %s", n, letters);
        rs_clickhouse.close(own);
        test.sink = kept;
    }
    cr_expect_str_eq(told(), "++");
}
