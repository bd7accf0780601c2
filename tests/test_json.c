#include <criterion/criterion.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/alloc.h"

static const struct rs_json_limits plain = {
    .bytes = 1 << 20, .depth = 8, .members = 100000, .string_bytes = 1000};
static const struct rs_json_limits strict = {
    .bytes = 1 << 20, .depth = 32, .members = 4096, .string_bytes = 1 << 18, .strict = true};

static struct rs_json_reader *reader;
static struct rs_error reason;

static void set_up(void)
{
    reader = rs_json_reader_create();
}

static void tear_down(void)
{
    rs_json_reader_destroy(reader);
}

TestSuite(json, .init = set_up, .fini = tear_down);

/* The value, or NULL with the reason. */
static const struct rs_json *parse(const char *text, const struct rs_json_limits *limits)
{
    const struct rs_json *value = NULL;
    reason.text[0] = '\0';
    enum rs_json_verdict verdict = rs_json_read(reader, rs_text(text), limits, &value, &reason);
    cr_expect_eq(verdict == RS_JSON_READ, value != NULL);
    return value;
}

Test(json, has_values_of_seven_types)
{
    static const enum rs_json_type types[] = {RS_JSON_NULL,   RS_JSON_FALSE,  RS_JSON_TRUE,
                                              RS_JSON_NUMBER, RS_JSON_STRING, RS_JSON_ARRAY,
                                              RS_JSON_OBJECT};
    const struct rs_json *array = parse("[null,false,true,-1.50e+2,\"a\\u00e9\",[],{}]", &plain);
    struct rs_json_walk walk = {.of = array};
    while (rs_json_next(&walk)) {
        cr_expect_eq(rs_json_type(walk.value), types[walk.index - 1], "element %zu", walk.index);
        cr_expect_null(walk.name.data);
        struct rs_bytes string = rs_json_string(walk.value), number = rs_json_number(walk.value);
        cr_expect(rs_bytes_equal(string, rs_text(walk.index == 5 ? "a\xc3\xa9" : NULL)));
        cr_expect(rs_bytes_equal(number, rs_text(walk.index == 4 ? "-1.50e+2" : NULL)));
        cr_expect((string.data != NULL) == (walk.index == 5));
        cr_expect((number.data != NULL) == (walk.index == 4));
    }
    cr_expect_eq(walk.index, 7);
    cr_expect_eq(rs_json_type(array), RS_JSON_ARRAY);
}

Test(json, has_scalars_on_top_where_it_is_not_strict)
{
    static const char *const scalars[] = {"null", "true", "7", "\"x\"", "[]", " [ ] "};
    for (size_t i = 0; i < sizeof(scalars) / sizeof(*scalars); i++) {
        cr_expect(parse(scalars[i], &plain), "%s", scalars[i]);
        cr_expect(!parse(scalars[i], &strict), "%s", scalars[i]);
        cr_expect_str_eq(reason.text, "is no JSON object");
    }
}

Test(json, gives_nothing_where_there_is_nothing)
{
    const struct rs_json *object = parse("{\"a\":{\"b\":[1,{\"c\":2}]},\"n\":3}", &plain);
    int64_t integer = 77;
    cr_expect_eq(rs_json_type(NULL), RS_JSON_ABSENT);
    cr_expect_null(rs_json_get(NULL, "a"));
    cr_expect_null(rs_json_get(object, "b"));
    cr_expect_null(rs_json_get(rs_json_get(object, "n"), "a"));
    cr_expect_null(rs_json_get(rs_json_get(rs_json_get(object, "a"), "b"), "c"), "of an array");
    cr_expect(!rs_json_next(&(struct rs_json_walk){.of = NULL}));
    cr_expect(!rs_json_next(&(struct rs_json_walk){.of = rs_json_get(object, "n")}));
    cr_expect(!rs_json_integer(NULL, &integer) && !rs_json_integer(object, &integer));
    cr_expect_eq(integer, 77);
    cr_expect(rs_json_integer(rs_json_get(object, "n"), &integer) && integer == 3);
}

Test(json, is_walked_in_the_order_of_the_text)
{
    const struct rs_json *object = parse("{\"b\":[1,[2,3],{}],\"\":{\"x\":1},\"a\":null}", &plain);
    static const char *const names[] = {"b", "", "a"};
    struct rs_json_walk walk = {.of = object};
    while (rs_json_next(&walk)) {
        cr_expect(rs_bytes_equal(walk.name, rs_text(names[walk.index - 1])), "%zu", walk.index);
        cr_expect_eq(walk.value, rs_json_get(object, names[walk.index - 1]));
    }
    cr_expect_eq(walk.index, 3);
    cr_expect(!rs_json_next(&walk), "the end stays the end");
    struct rs_json_walk empty = {.of = rs_json_get(rs_json_get(object, "b"), "x")};
    cr_expect(!rs_json_next(&empty));
}

Test(json, finds_several_members_in_one_walk)
{
    static const struct rs_bytes names[] = {{"a", 1}, {"bb", 2}, {"c", 1}, {"", 0}};
    const struct rs_json *values[4];
    static const struct {
        const char *text, *found[4];
    } rows[] = {
        {"{\"a\":1,\"bb\":2,\"c\":3,\"\":4}", {"1", "2", "3", "4"}},
        {"{\"\":4,\"c\":3,\"x\":9,\"bb\":2,\"a\":1}", {"1", "2", "3", "4"}},
        {"{\"x\":{\"a\":5},\"c\":3,\"y\":[]}", {NULL, NULL, "3", NULL}},
        {"{\"b\":1,\"bbb\":2,\"A\":3}", {NULL, NULL, NULL, NULL}},
        {"{\"a\":1,\"c\":2,\"a\":3,\"a\":4}", {"1", NULL, "2", NULL}}, /* the first one */
        {"{}", {NULL, NULL, NULL, NULL}},
        {"[1,2]", {NULL, NULL, NULL, NULL}},
        {"7", {NULL, NULL, NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        rs_json_pick(parse(rows[i].text, &plain), names, 4, values);
        for (size_t n = 0; n < 4; n++)
            cr_expect(rs_bytes_equal(rs_json_number(values[n]), rs_text(rows[i].found[n])),
                      "%s: %zu", rows[i].text, n);
    }
    rs_json_pick(NULL, names, 4, values);
    cr_expect(!values[0] && !values[1] && !values[2] && !values[3]);
}

Test(json, that_is_strict_has_no_member_twice_and_no_nul)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":1}]}", ""},
        {"{\"a\":1,\"\\u0061\":1}", "has member \"a\" twice"},
        {"{\"a\":[[{\"x\":1,\"y\":2,\"x\":3}]]}", "has member \"x\" twice"},
        {"{\"a\nb\":1}", "is no JSON: "},
        {"{\"a\\nb\":1,\"a\\nb\":2}", "has member \"a?b\" twice"},
        {"{\"a\":\"\\u0000\"}", "has \\u0000 in a"},
        {"{\"b\":[\"x\",\"a\\u0000\"]}", "has \\u0000 in b"},
        {"{\"\\u0000\":1}", "has \\u0000 in a name"},
        {"{\"a\":\"\\\\u0000\"}", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cr_expect_eq(parse(rows[i].text, &strict) == NULL, rows[i].reason[0] != '\0', "row %zu", i);
        cr_expect_eq(strncmp(reason.text, rows[i].reason, strlen(rows[i].reason)), 0, "%s",
                     reason.text);
    }
    const struct rs_json *twice = parse("{\"a\":1,\"a\":\"\\u0000\"}", &plain);
    cr_expect(rs_bytes_equal(rs_json_number(rs_json_get(twice, "a")), rs_text("1")));
}

Test(json, keeps_the_limits_it_is_given)
{
    static const struct rs_json_limits tight = {
        .bytes = 24, .depth = 2, .members = 3, .string_bytes = 4};
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"[1,2,3]                 ", ""},
        {"[1,2,3]                  ", "has 25 bytes, limit is 24"},
        {"[1,2,3,4]", "has more than 3 members and elements"},
        {"[[1,2]]", ""},
        {"[[1,2,3]]", "has more than 3 members and elements"},
        {"{\"a\":{\"b\":1}}", ""},
        {"{\"a\":{\"b\":1},\"c\":2,\"\":1", "is no JSON: "},
        {"[[[]]]", "is nested deeper than 2 levels"},
        {"[\"abcd\"]", ""},
        {"[\"abcde\"]", "has a string of 5 bytes in a value, limit is 4"},
        {"{\"abcde\":1}", "has a string of 5 bytes in a name, limit is 4"},
        {"{\"a\":\"\xc3\xa9\xc3\xa9x\"}", "has a string of 5 bytes in a, limit is 4"},
        {"", "is no JSON: "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        cr_expect_eq(parse(rows[i].text, &tight) == NULL, rows[i].reason[0] != '\0', "%s",
                     rows[i].text);
        cr_expect_eq(strncmp(reason.text, rows[i].reason, strlen(rows[i].reason)), 0, "%s: %s",
                     rows[i].text, reason.text);
    }
}

Test(json, is_written_as_it_was_read)
{
    static const struct {
        const char *text, *written; /* NULL: the same */
    } rows[] = {
        {"{\"a\":[1,-0.0,1e400,1.50,12345678901234567890123],\"b\":{},\"c\":[],\"\":null}", NULL},
        {"[[[]],{\"a\":{\"b\":[true,false]}},[[1],2]]", NULL},
        {" { \"a\" : [ 1 , 2 ] } ", "{\"a\":[1,2]}"},
        {"\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\\"", NULL},
        {"[\"\\u0041\\/\\u00e9\\ud83d\\ude00\\u007f\\u2028\"]",
         "[\"A/\xc3\xa9\xf0\x9f\x98\x80\x7f\xe2\x80\xa8\"]"},
        {"[\"eight by\",\"seven b\",\"nine byte\",\"a quote\\\"at eight\",\"12345678\\n\"]", NULL},
        {"[\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\\\\\xc3\xa9\"]", NULL},
        {"[\"\\u0000\"]", NULL},
        {"-1", NULL},
        {"null", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_buffer out = {0};
        const struct rs_json *value = parse(rows[i].text, &plain);
        cr_assert(value, "%s: %s", rows[i].text, reason.text);
        rs_json_write(value, &out);
        cr_expect_str_eq(out.data, rows[i].written ? rows[i].written : rows[i].text);
        rs_buffer_finish(&out);
    }
    struct rs_buffer out = {0};
    rs_json_write(NULL, &out);
    cr_expect_str_eq(out.data, "null");
    rs_buffer_finish(&out);
}

/* Every byte at every place of a word, as the writer looks at eight bytes at a time. */
Test(json, has_every_byte_escaped_that_must_be)
{
    for (size_t place = 0; place < 17; place++) {
        for (int byte = 1; byte < 0x80; byte++) {
            char text[18] = "abcdefghijklmnopq", quoted[64];
            text[place] = text[16 - place] = (char)byte;
            struct rs_buffer out = {0};
            rs_json_write_string(rs_text(text), &out);
            strcpy(quoted, out.data);
            const struct rs_json *value = parse(quoted, &plain);
            cr_assert(value, "byte %d at %zu: %s", byte, place, quoted);
            cr_assert(rs_bytes_equal(rs_json_string(value), rs_text(text)), "%s", quoted);
            cr_assert_eq(out.len > 19, byte < 0x20 || byte == '"' || byte == '\\', "%s", quoted);
            rs_buffer_finish(&out);
        }
    }
}

Test(json, has_an_absent_text_written_as_an_empty_one)
{
    struct rs_buffer out = {0};
    rs_json_write_string(rs_text(NULL), &out);
    cr_expect_str_eq(out.data, "\"\"");
    rs_buffer_finish(&out);
}

Test(json, has_chosen_members_written)
{
    static const char *const paths[] = {"id", "author.id", "author.country", "n"};
    static const struct {
        const char *text, *written;
        size_t count;
    } rows[] = {
        {"{\"n\":1.0,\"x\":2,\"author\":{\"country\":\"FR\",\"id\":\"a\"},\"id\":\"r\\n\"}",
         "\"id\":\"r\\n\",\"author\":{\"id\":\"a\",\"country\":\"FR\"},\"n\":1.0", 4},
        {"{\"id\":null,\"author\":{\"id\":null,\"country\":\"FR\"},\"n\":[1,{}]}",
         "\"author\":{\"country\":\"FR\"},\"n\":[1,{}]", 2},
        {"{\"id\":false,\"author\":{\"name\":1}}", "\"id\":false", 1},
        {"{\"id\":\"\",\"author\":null}", "\"id\":\"\"", 1},
        {"{\"author\":\"bob\",\"author.id\":5}", "", 0},
        {"{\"author\":{\"id\":7}}", "\"author\":{\"id\":7}", 1},
        {"{}", "", 0},
        {"[]", "", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_buffer out = {0};
        rs_buffer_add(&out, "", 0);
        const struct rs_json *value = parse(rows[i].text, &plain);
        cr_expect_eq(rs_json_write_members(value, paths, 4, &out), rows[i].count, "row %zu", i);
        cr_expect_str_eq(out.data, rows[i].written);
        cr_expect_eq(rs_json_write_members(value, paths, 0, &out), 0);
        rs_buffer_finish(&out);
    }
}

/* How many bytes are allocated now: sanitizers replace malloc, and have their own count. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
static size_t allocated(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

Test(json, gives_back_what_a_large_text_took)
{
    size_t size = (1 << 20) - 2, before;
    char *text = malloc(size + 3);
    cr_assert(parse("{\"a\":1}", &strict));
    before = allocated();
    for (int shape = 0; shape < 4; shape++) {
        memset(text, " [0x"[shape], size);
        memcpy(text, shape == 2 ? "[0" : "{}", 2);
        for (size_t i = 2; i < size && shape == 2; i++)
            text[i] = ",0"[i % 2];
        text[size] = '\0';
        cr_expect_eq(parse(text, &strict) != NULL, shape == 0, "%s", reason.text);
        cr_assert(parse("{\"a\":1}", &strict));
        cr_expect_leq(allocated(), before + 600000, "shape %d keeps %zu", shape,
                      allocated() - before);
    }
    free(text);
}

Test(json, survives_every_failed_allocation)
{
    struct rs_buffer text = {0};
    for (int i = 0; i < 30; i++) /* more names than are compared in pairs */
        rs_buffer_printf(&text, "%s\"name %d\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4]", i ? "," : "{", i);
    rs_buffer_add_text(&text, "}");
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_json_reader *fresh = rs_json_reader_create();
        const struct rs_json *value;
        struct rs_buffer out = {0};
        enum rs_json_verdict verdict = RS_JSON_NO_MEMORY;
        if (fresh)
            verdict = rs_json_read(fresh, (struct rs_bytes){text.data, text.len}, &strict, &value,
                                   &reason);
        if (verdict == RS_JSON_READ)
            rs_json_write(value, &out);
        bool failed = rs_alloc_reset();
        cr_expect_eq(verdict != RS_JSON_READ || out.failed, failed, "allocation %ld", n);
        if (!failed)
            cr_expect_str_eq(out.data, text.data);
        rs_buffer_finish(&out);
        rs_json_reader_destroy(fresh);
    }
    rs_buffer_finish(&text);
    rs_json_reader_destroy(NULL);
}
