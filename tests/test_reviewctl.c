/* The pure parts of reviewctl. Its files are no library, so they are included. */
#include "../reviewctl/json_out.c"
#include "../reviewctl/line.c"
#include "../reviewctl/place.c"
#include "../reviewctl/search_body.c"
#include "../reviewctl/table.c"
#include "../reviewctl/versions.c"

#include <criterion/criterion.h>

#include "support/alloc.h"

/* --- lines of publish --- */

#define EVENT "{\"reviewId\":\"r-1\",\"version\":7,\"productId\":\"h\",\"status\":\"published\"}"

/* key|value|place|name=value,…; a null is "~". */
static const char *show_record(const struct line_record *record)
{
    static char text[512];
    struct rs_buffer out = {0};
    const struct rs_bytes parts[] = {record->key, record->value, record->place};
    for (size_t i = 0; i < 3; i++)
        rs_buffer_printf(&out, "%.*s|", parts[i].data ? (int)parts[i].len : 1,
                         parts[i].data ? parts[i].data : "~");
    for (size_t i = 0; i < record->header_count; i++)
        rs_buffer_printf(&out, "%s%s=%.*s", i ? "," : "", record->headers[i].name,
                         record->headers[i].value.data ? (int)record->headers[i].value.len : 1,
                         record->headers[i].value.data ? record->headers[i].value.data : "~");
    (void)snprintf(text, sizeof(text), "%s", out.data);
    rs_buffer_finish(&out);
    return text;
}

static const struct {
    const char *name, *line;
    enum line_verdict verdict;
    const char *want; /* the record, or the beginning of the reason */
} lines[] = {
    {"an event goes as it is", " " EVENT " \r\n", LINE_RECORD,
     "r-1|" EVENT "|~|type=review,version=7"},
    {"an empty line is nothing", " \t\r\n", LINE_EMPTY, ""},
    {"an event that no processor would take",
     "{\"reviewId\":\"r\",\"version\":0,\"productId\":\"h\",\"status\":\"published\"}", LINE_BAD,
     "version"},
    {"an id that is no string", "{\"reviewId\":5}", LINE_BAD, "reviewId is not a string"},
    {"an erasure", "{\"key\":\"r-1\",\"value\":null,\"headers\":{\"version\":\"9\"}}", LINE_RECORD,
     "r-1|~|~|version=9"},
    {"a number in headers keeps its form",
     "{\"key\":\"k\",\"value\":\"\",\"headers\":{\"version\":9007199254740993}}", LINE_RECORD,
     "k||~|version=9007199254740993"},
    {"a value that is an object, to the letter",
     "{\"key\":null,\"value\":{\"a\":1.50,\"b\":18446744073709551616}}", LINE_RECORD,
     "~|{\"a\":1.50,\"b\":18446744073709551616}|~|"},
    {"other bytes, as in the acceptance logs",
     "{\"n\":1,\"keyBase64\":\"/w==\",\"valueBase64\":\"AAE=\",\"headers\":{\"x\":{\"base64\":"
     "\"cg==\"},\"y\":null}}",
     LINE_RECORD, "\xff||~|x=r,y=~"},
    {"a place of its own", "{\"key\":\"k\",\"value\":\"v\",\"partitionKey\":\"p\"}", LINE_RECORD,
     "k|v|p|"},
    {"headers as pairs, of which names may repeat",
     "{\"key\":\"k\",\"value\":\"v\",\"headers\":[[\"a\",\"1\"],[\"a\",null]]}", LINE_RECORD,
     "k|v|~|a=1,a=~"},
    {"a broken record is sent as it is", "{\"key\":\"k\",\"value\":\"{no json\"}", LINE_RECORD,
     "k|{no json|~|"},
    {"no JSON", "review", LINE_BAD, "the line "},
    {"two values", EVENT EVENT, LINE_BAD, "the line "},
    {"no object", "[1]", LINE_BAD, "the line is no JSON object"},
    {"neither event nor envelope", "{\"id\":1}", LINE_BAD, "neither an event"},
    {"a forgotten value is no erasure", "{\"key\":\"k\"}", LINE_BAD, "neither an event"},
    {"a value of another type", "{\"key\":\"k\",\"value\":7}", LINE_BAD, "value is not a string"},
    {"a key of another type", "{\"key\":{},\"value\":\"v\"}", LINE_BAD, "key is not a string"},
    {"bad Base64", "{\"keyBase64\":\"abc\",\"value\":\"v\"}", LINE_BAD, "keyBase64 is no Base64"},
    {"headers of another type", "{\"key\":\"k\",\"value\":\"v\",\"headers\":1}", LINE_BAD,
     "headers is neither"},
    {"a header of another type", "{\"key\":\"k\",\"value\":\"v\",\"headers\":{\"a\":[]}}", LINE_BAD,
     "header a is not"},
    {"a pair that is none", "{\"key\":\"k\",\"value\":\"v\",\"headers\":[[\"a\"]]}", LINE_BAD,
     "a header is not [\"name\", value]"},
};

Test(reviewctl, reads_a_line_as_an_event_or_an_envelope)
{
    struct line_parser *parser = line_parser_create();
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct line_record record = {0};
        struct rs_error reason = {{0}};
        enum line_verdict verdict = line_parse(parser, rs_text(lines[i].line), &record, &reason);
        cr_expect_eq(verdict, lines[i].verdict, "%s: %s", lines[i].name, reason.text);
        if (verdict == LINE_RECORD)
            cr_expect_str_eq(show_record(&record), lines[i].want, "%s", lines[i].name);
        else
            cr_expect_eq(strncmp(reason.text, lines[i].want, strlen(lines[i].want)), 0, "%s: %s",
                         lines[i].name, reason.text);
    }
    line_parser_destroy(parser);
}

Test(reviewctl, says_so_when_memory_runs_out_on_a_line)
{
    static const char line[] = "{\"keyBase64\":\"/w==\",\"value\":{\"a\":[1,2]},\"headers\":{\"x\":"
                               "{\"base64\":\"cg==\"}}}";
    for (long n = 0; rs_alloc_more(n); n++) {
        struct line_record record = {0};
        struct rs_error reason = {{0}};
        struct line_parser *parser = line_parser_create();
        if (parser && line_parse(parser, rs_text(line), &record, &reason) == LINE_BAD)
            cr_expect(reason.text[0]);
        line_parser_destroy(parser);
    }
}

/* --- places --- */

static const struct {
    const char *text;
    bool good;
    int64_t want; /* at_ms, or the offset of the last partition */
} places[] = {
    {"beginning", true, 0},
    {"end", true, 0},
    {"2026-01-31T09:30:00Z", true, 1769851800000},
    {"2026-01-31T10:30:00+01:00", true, 1769851800000},
    {"0=12", true, 12},
    {"0=12,1=9223372036854775807", true, INT64_MAX},
    {"0=9223372036854775808", false, 0},
    {"0=12,", false, 0},
    {"0=12,0=13", false, 0},
    {"0=-1", false, 0},
    {"=1", false, 0},
    {"0:1", false, 0},
    {"2026-02-30T09:30:00Z", false, 0},
    {"1969-12-31T23:59:59Z", false, 0},
    {"", false, 0},
};

Test(reviewctl, reads_where_to_rewind_to)
{
    static struct place place;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        struct rs_error error;
        bool good = place_parse(places[i].text, &place, &error);
        cr_expect_eq(good, places[i].good, "%s", places[i].text);
        if (good && place.offsets)
            cr_expect_eq(place.at[place.count - 1].offset, places[i].want, "%s", places[i].text);
        else if (good && place.where == RS_PLACE_TIME)
            cr_expect_eq(place.at_ms, places[i].want, "%s", places[i].text);
    }
}

Test(reviewctl, reads_coordinates)
{
    int32_t partition;
    int64_t offset;
    cr_expect(coordinates_parse("3:1204", &partition, &offset));
    cr_expect_eq(partition, 3);
    cr_expect_eq(offset, 1204);
    static const char *const bad[] = {"",    "3",    "3:",  ":4",          "3:4x",
                                      "a:4", "3:-1", "3=4", "4294967296:1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_expect(!coordinates_parse(bad[i], &partition, &offset), "%s", bad[i]);
}

/* --- JSON and Base64 --- */

Test(reviewctl, keeps_bytes_through_base64)
{
    for (size_t len = 0; len < 70; len++) {
        char bytes[70];
        size_t back = 99;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(i * 37 + len);
        char *text = base64_encode((struct rs_bytes){bytes, len});
        char *same = base64_decode(rs_text(text), &back);
        cr_expect_eq(back, len);
        cr_expect(same && memcmp(same, bytes, len) == 0);
        free(text);
        free(same);
    }
    static const char *const bad[] = {"a", "ab", "abc", "a===", "====", "ab=c", "ab*d", "ab\nd"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_expect_null(base64_decode(rs_text(bad[i]), NULL), "%s", bad[i]);
}

Test(reviewctl, indents_without_touching_a_token)
{
    static const struct {
        const char *json, *want;
    } rows[] = {
        {"{\"a\":1.50,\"b\":[1e400,{}],\"c\":\"x: {,\\\"}\"}",
         "{\n  \"a\": 1.50,\n  \"b\": [\n    1e400,\n    {}\n  ],\n  \"c\": \"x: {,\\\"}\"\n}"},
        {" [ ] ", "[]"},
        {"7", "7"},
        {"\"open", "\"open"},
        {"}}", "\n}\n}"}, /* no JSON, no crash */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_buffer out = {0};
        json_indent(rs_text(rows[i].json), &out);
        cr_expect_str_eq(out.data, rows[i].want);
        rs_buffer_finish(&out);
    }
}

/* --- tables --- */

Test(reviewctl, makes_foreign_text_harmless_and_cuts_it_to_its_width)
{
    static const struct {
        const char *text;
        size_t widest;
        const char *want;
    } rows[] = {
        {"plain", 0, "plain"},
        {"\x1b[31mred\x07", 0, "?[31mred?"},
        {"bad \xff\xc0\xaf", 0, "bad ???"},
        {"\xe2\x80\xaegnp.exe", 0, "?gnp.exe"},
        {"caf\xc3\xa9", 0, "caf\xc3\xa9"},
        {"abcdef", 6, "abcdef"},
        {"abcdefg", 6, "abcde…"},
        {"日本語", 6, "日本語"},
        {"日本語", 5, "日本…"},
        {"日本語", 4, "日…"},
        {"", 3, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *clean = text_clean(rows[i].text, strlen(rows[i].text), rows[i].widest);
        cr_expect_str_eq(clean, rows[i].want);
        free(clean);
    }
}

Test(reviewctl, prints_columns_that_line_up)
{
    static const char *const headings[] = {"NAME", ">LAG", "REASON", NULL};
    struct table table;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    table_init(&table, headings);
    for (int i = 0; i < 2; i++) {
        table_add(&table, "%s", i ? "b" : "日本");
        table_add(&table, "%d", i ? 5 : 12345);
        table_add(&table, "%s", i ? "" : "no\nreason");
    }
    table_print(&table, file);
    (void)fclose(file);
    cr_expect_str_eq(text, "NAME    LAG  REASON\n"
                           "日本  12345  no?reason\n"
                           "b         5  \n");
    table_finish(&table);
    free(text);
}

/* --- search --- */

static void expect_json(json_t *made, const char *want, const char *name)
{
    char *text = made ? json_dumps(made, JSON_COMPACT) : NULL;
    cr_expect_str_eq(text ? text : "", want, "%s: %s", name, text ? text : "(none)");
    free(text);
    json_decref(made);
}

Test(reviewctl, turns_filters_and_orders_into_queries)
{
    static const struct {
        const char *text, *want;
        json_t *(*make)(const char *, struct rs_error *);
    } rows[] = {
        {"locale=en", "{\"term\":{\"locale\":\"en\"}}", search_filter},
        {"productId=a=b", "{\"term\":{\"productId\":\"a=b\"}}", search_filter},
        {"rating>=4", "{\"range\":{\"ratings.overall\":{\"gte\":\"4\"}}}", search_filter},
        {"submittedAt<2026-01-01", "{\"range\":{\"submitted\":{\"lt\":\"2026-01-01\"}}}",
         search_filter},
        {"country=FR", "{\"term\":{\"author.country\":\"FR\"}}", search_filter},
        {"sentiment=negative", "{\"term\":{\"sentiment.polarity\":\"negative\"}}", search_filter},
        {"sentiment>0.5", "{\"range\":{\"sentiment.score\":{\"gt\":\"0.5\"}}}", search_filter},
        {"aspects.wifi=mixed", "{\"term\":{\"aspects.wifi.polarity\":\"mixed\"}}", search_filter},
        {"aspects.wifi<0", "{\"range\":{\"aspects.wifi.score\":{\"lt\":\"0\"}}}", search_filter},
        {"aspects.wifi.score=0", "{\"term\":{\"aspects.wifi.score\":\"0\"}}", search_filter},
        {"aspects.lift=mixed", "", search_filter},
        {"tag=sea view", "{\"term\":{\"tags\":\"sea view\"}}", search_filter},
        {"text=good", "", search_filter},
        {"locale", "", search_filter},
        {"=en", "", search_filter},
        {"rating", "{\"ratings.overall\":{\"order\":\"asc\",\"missing\":\"_last\"}}", search_sort},
        {"submittedAt:desc", "{\"submitted\":{\"order\":\"desc\",\"missing\":\"_last\"}}",
         search_sort},
        {"aspects.noise", "{\"aspects.noise.score\":{\"order\":\"asc\",\"missing\":\"_last\"}}",
         search_sort},
        {"aspects.lift", "", search_sort},
        {"score:desc", "{\"_score\":\"desc\"}", search_sort},
        {"title:asc", "", search_sort},
        {"rating:up", "", search_sort},
        {":asc", "", search_sort},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_error error = {{0}};
        expect_json(rows[i].make(rows[i].text, &error), rows[i].want, rows[i].text);
        cr_expect_eq(error.text[0] != '\0', rows[i].want[0] == '\0', "%s", rows[i].text);
    }
}

Test(reviewctl, counts_by_value_what_is_asked_for)
{
    struct rs_error error = {{0}};
    json_t *facets = json_object();
    cr_expect(search_facet(facets, "sentiment", &error));
    cr_expect(search_facet(facets, "tags", &error));
    cr_expect_not(search_facet(facets, "text", &error));
    cr_expect_not(search_facet(facets, "aspects.lift", &error));
    expect_json(json_incref(facets),
                "{\"sentiment\":{\"terms\":{\"field\":\"sentiment.polarity\",\"size\":20}},"
                "\"tags\":{\"terms\":{\"field\":\"tags\",\"size\":20}}}",
                "facets");
    cr_expect(search_facet(facets, "aspects", &error));
    cr_expect_eq(json_object_size(facets), 2 + 18);
    json_decref(facets);
}

Test(reviewctl, searches_published_reviews_alone_in_an_order_that_pages_keep)
{
    expect_json(search_body("", json_array(), json_array(), json_object(), 10, 3),
                "{\"version\":true,\"track_total_hits\":true,\"track_scores\":true,\"from\":20,"
                "\"size\":10,\"sort\":[{\"_score\":\"desc\"},{\"reviewId\":\"asc\"}],\"aggs\":{},"
                "\"query\":{"
                "\"bool\":{\"must\":{\"match_all\":{}},\"filter\":[{\"term\":{\"status\":"
                "\"published\"}}]}}}",
                "body");
}

/* --- versions --- */

struct step {
    const char *key, *version; /* NULL version: malformed */
    int32_t partition;
};

static const struct {
    const char *name;
    struct step steps[5];
    int64_t out_of_order, last_not_greatest, last_malformed, scattered;
} logs[] = {
    {"in order", {{"a", "1", 0}, {"b", "5", 0}, {"a", "2", 0}}, 0, 0, 0, 0},
    {"a repeat is in order", {{"a", "2", 0}, {"a", "2", 0}}, 0, 0, 0, 0},
    {"an old one in the middle",
     {{"a", "1", 0}, {"a", "3", 0}, {"a", "2", 0}, {"a", "4", 0}},
     1,
     0,
     0,
     0},
    {"an old one at the end", {{"a", "9223372036854775807", 0}, {"a", "2", 0}}, 1, 1, 0, 0},
    {"a malformed one at the end", {{"a", "1", 0}, {"a", NULL, 0}}, 0, 0, 1, 0},
    {"a malformed one in the middle", {{"a", "1", 0}, {"a", NULL, 0}, {"a", "2", 0}}, 0, 0, 0, 0},
    {"nothing but malformed ones is no review", {{"a", NULL, 0}}, 0, 0, 0, 0},
    {"two partitions", {{"a", "1", 0}, {"a", "2", 1}}, 0, 0, 0, 1},
};

static void add_step(struct versions *versions, const struct step *step, int64_t offset)
{
    char value[256];
    int len = snprintf(value, sizeof(value),
                       "{\"reviewId\":\"%s\",\"version\":%s,\"productId\":\"h\",\"status\":"
                       "\"published\"}",
                       step->key, step->version ? step->version : "0");
    const struct rs_record record = {.topic = "t",
                                     .partition = step->partition,
                                     .offset = offset,
                                     .key = rs_text(step->key),
                                     .value = {value, (size_t)len}};
    cr_assert(versions_add(versions, &record));
}

Test(reviewctl, finds_reviews_whose_last_record_is_not_their_greatest_version)
{
    static struct versions_result result;
    for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
        struct versions *versions = versions_create();
        for (int64_t j = 0; j < 5 && logs[i].steps[j].key; j++)
            add_step(versions, &logs[i].steps[j], j);
        versions_finish(versions, &result);
        cr_expect_eq(result.out_of_order, logs[i].out_of_order, "%s", logs[i].name);
        cr_expect_eq(result.last_not_greatest, logs[i].last_not_greatest, "%s", logs[i].name);
        cr_expect_eq(result.last_malformed, logs[i].last_malformed, "%s", logs[i].name);
        cr_expect_eq(result.scattered, logs[i].scattered, "%s", logs[i].name);
        versions_destroy(versions);
    }
}
