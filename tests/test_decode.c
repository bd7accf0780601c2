#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "core/json.h"
#include "support/alloc.h"
#include "support/body.h"

#define OPEN "{\"reviewId\":\"r-1\",\"version\":3,\"productId\":\"p\",\"status\":\"published\""
#define GOOD OPEN "}"
#define NO_JSON "the value is no JSON: "

static const char *const types[] = {"review", NULL};
static struct rs_decoder *decoder;
static struct rs_event event;
static struct rs_error reason;

static void set_up(void)
{
    decoder = rs_decoder_create();
}

static void tear_down(void)
{
    rs_decoder_destroy(decoder);
}

TestSuite(decode, .init = set_up, .fini = tear_down);

static enum rs_verdict decode(struct rs_bytes key, struct rs_bytes value,
                              const struct rs_header *headers, size_t count)
{
    struct rs_record record = {
        .key = key, .value = value, .headers = headers, .header_count = count};
    event = (struct rs_event){.version = -7};
    reason.text[0] = '\0';
    enum rs_verdict verdict = rs_decode(decoder, &record, types, &event, &reason);
    cr_expect((verdict == RS_EVENT) != (event.version == -7), "written on RS_EVENT only");
    cr_expect((verdict == RS_MALFORMED) == (reason.text[0] != '\0'), "the same for the reason");
    return verdict;
}

/* `wanted` NULL: an event; else how the reason begins. */
static void judge(const char *name, enum rs_verdict verdict, const char *wanted)
{
    cr_expect_eq(verdict, wanted ? RS_MALFORMED : RS_EVENT, "%s: %s", name, reason.text);
    if (wanted)
        cr_expect_eq(strncmp(reason.text, wanted, strlen(wanted)), 0, "%s: \"%s\"", name,
                     reason.text);
}

static const struct {
    const char *name, *value, *reason;
} values[] = {
    {"good", GOOD, NULL},
    {"spaces around", " \r\n\t" GOOD " \r\n\t", NULL},
    {"a form feed behind", GOOD "\f", NO_JSON},
    {"no bytes", "", "the value is empty"},
    {"a space", " ", NO_JSON},
    {"a word", "review", NO_JSON},
    {"no end", OPEN, NO_JSON},
    {"cut in a string", "{\"reviewId\":\"r-", NO_JSON},
    {"cut in a number", "{\"version\":3", NO_JSON},
    {"one brace more", GOOD "}", NO_JSON},
    {"two of them", GOOD GOOD, NO_JSON},
    {"a letter more", GOOD "x", NO_JSON},
    {"a comma at the end", OPEN ",}", NO_JSON},
    {"single quotes", "{'reviewId':'r-1'}", NO_JSON},
    {"a brace too many", "{" GOOD, NO_JSON},
    {"NaN", OPEN ",\"x\":NaN}", NO_JSON},
    {"nan", OPEN ",\"x\":nan}", NO_JSON},
    {"Infinity", OPEN ",\"x\":-Infinity}", NO_JSON},
    {"a leading zero", OPEN ",\"x\":01}", NO_JSON},
    {"a leading point", OPEN ",\"x\":.5}", NO_JSON},
    {"a point at the end", OPEN ",\"x\":5.}", NO_JSON},
    {"an exponent without digits", OPEN ",\"x\":5e}", NO_JSON},
    {"a plus", OPEN ",\"x\":+1}", NO_JSON},
    {"a minus alone", OPEN ",\"x\":-}", NO_JSON},
    {"hexadecimal", OPEN ",\"x\":0x10}", NO_JSON},
    {"a line in a string", OPEN ",\"x\":\"a\nb\"}", NO_JSON},
    {"a tab in a string", OPEN ",\"x\":\"a\tb\"}", NO_JSON},
    {"DEL in a string", OPEN ",\"x\":\"a\x7f\"}", NULL},
    {"TRUE", OPEN ",\"x\":TRUE}", NO_JSON},
    {"an unknown escape", OPEN ",\"x\":\"\\x\"}", NO_JSON},
    {"a short escape", OPEN ",\"x\":\"\\u12\"}", NO_JSON},
    {"a name without quotes", OPEN ",x:1}", NO_JSON},
    {"the wrong bracket", OPEN ",\"x\":[1,2}", NO_JSON},
    {"a comment before", "/**/" GOOD, NO_JSON},
    {"a comment inside", OPEN "/**/}", NO_JSON},
    {"a byte order mark", "\xef\xbb\xbf" GOOD, NO_JSON},
    {"an array around", "[" GOOD "]", "the value is no JSON object"},
    {"an empty array", "[]", "the value is no JSON object"},
    {"null", "null", "the value is no JSON object"},
    {"true", "true", "the value is no JSON object"},
    {"a number", "7", "the value is no JSON object"},
    {"a string", "\"review\"", "the value is no JSON object"},
    {"an empty object", "{}", "reviewId is missing"},
    {"UTF-8: ff", OPEN ",\"x\":\"\xff\"}", NO_JSON},
    {"UTF-8: begun", OPEN ",\"x\":\"\xc3\"}", NO_JSON},
    {"UTF-8: a long form", OPEN ",\"x\":\"\xc0\xaf\"}", NO_JSON},
    {"UTF-8: a long form of three", OPEN ",\"x\":\"\xe0\x80\xaf\"}", NO_JSON},
    {"UTF-8: a surrogate", OPEN ",\"x\":\"\xed\xa0\x80\"}", NO_JSON},
    {"UTF-8: above U+10FFFF", OPEN ",\"x\":\"\xf4\x90\x80\x80\"}", NO_JSON},
    {"UTF-8: U+10FFFF", OPEN ",\"x\":\"\xf4\x8f\xbf\xbf\"}", NULL},
    {"UTF-8: not begun", OPEN ",\"x\":\"\x80\"}", NO_JSON},
    {"UTF-8: three of four", OPEN ",\"x\":\"\xf0\x9f\x98\"}", NO_JSON},
    {"UTF-8: Latin-1", OPEN ",\"x\":\"caf\xe9\"}", NO_JSON},
    {"UTF-8: in a name", OPEN ",\"\xff\":1}", NO_JSON},
    {"UTF-8: between members", OPEN "\xc2\xa0}", NO_JSON},
    {"nothing changed by escapes",
     "{\"\\u0072eviewId\":\"r\\u002d1\",\"version\":3,"
     "\"productId\":\"p\",\"status\":\"published\"}",
     NULL},
};

Test(decode, refuses_what_is_no_json_object)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        enum rs_verdict verdict = decode(rs_text("r-1"), rs_text(values[i].value), NULL, 0);
        judge(values[i].name, verdict, values[i].reason);
    }
    judge("NUL before", decode(rs_text("r-1"), (struct rs_bytes){"\0" GOOD, 10}, NULL, 0), NO_JSON);
    judge("NUL behind", decode(rs_text("r-1"), (struct rs_bytes){GOOD "\0", sizeof(GOOD)}, NULL, 0),
          NO_JSON);
    judge("NUL in a string",
          decode(rs_text("r-1"), (struct rs_bytes){"{\"a\":\"\0\"}", 9}, NULL, 0), NO_JSON);
}

/* Values at and over the limits: `times` pieces, each with its number where it has a %zu. */
static const struct {
    const char *name, *before, *piece;
    size_t times;
    const char *after, *reason;
} limits[] = {
    {"depth 32", OPEN ",\"x\":", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", NULL},
    {"depth 33", OPEN ",\"x\":", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
     "the value is nested deeper than 32 levels"},
    {"depth 33 in objects", OPEN ",\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"a\":1", 1,
     "}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "the value is nested deeper than 32 levels"},
    {"1,000 levels, never closed", OPEN ",\"x\":", "[", 1000, "", NO_JSON},
    {"a million levels", "", "[", 1000000, "", "the value has more than 4096 members"},
    {"a million levels of objects", "", "{\"a\":", 200000, "",
     "the value has more than 4096 members"},
    {"brackets in a string", OPEN ",\"x\":\"", "[", 1000, "\"}", NULL},
    {"4096 members", OPEN, ",\"m%zu\":0", 4092, "}", NULL},
    {"4097 members", OPEN, ",\"m%zu\":0", 4093, "}", "the value has more than 4096 members"},
    {"20000 members", OPEN, ",\"m%zu\":0", 20000, "}", "the value has more than 4096 members"},
    {"4096 with elements", OPEN ",\"x\":[0", ",0", 4090, "]}", NULL},
    {"4097 with elements", OPEN ",\"x\":[0", ",0", 4091, "]}",
     "the value has more than 4096 members"},
    {"half a million elements", OPEN ",\"x\":[0", ",0", 500000, "]}",
     "the value has more than 4096"},
    {"4096 with empty objects", OPEN ",\"x\":[0", ",{}", 4090, "]}", NULL},
    {"4095 with pairs", OPEN ",\"x\":[{\"a\":1}", ",{\"a\":1}", 2044, "]}", NULL},
    {"4097 with pairs, one too many", OPEN ",\"x\":[{\"a\":1}", ",{\"a\":1}", 2045, "]}",
     "the value has more"},
    {"a string of 256 KiB", OPEN ",\"x\":\"", "x", 262144, "\"}", NULL},
    {"a string of one byte more", OPEN ",\"x\":\"", "x", 262145, "\"}",
     "the value has a string of 262145 bytes in x, limit is 262144"},
    {"a string of 256 KiB of two bytes each", OPEN ",\"x\":\"", "\xc3\xa9", 131072, "\"}", NULL},
    {"one byte more", OPEN ",\"text\":\"", "\xc3\xa9", 131072, "x\"}",
     "the value has a string of 262145 bytes in text, limit is 262144"},
    {"a string that is longer as it is written", OPEN ",\"x\":\"", "\\n", 262144, "\"}", NULL},
    {"an element of one byte more", OPEN ",\"y\":[1,{\"z\":\"", "x", 262145, "\"}]}",
     "the value has a string of 262145 bytes in y, limit is 262144"},
    {"a name of 256 KiB", OPEN ",\"", "x", 262144, "\":1}", NULL},
    {"a name of one byte more", OPEN ",\"", "x", 262145, "\":1}",
     "the value has a string of 262145"},
    {"a value of 1 MiB", OPEN "}", " ", (1 << 20) - sizeof(GOOD) + 1, "", NULL},
    {"a value of one byte more", OPEN "}", " ", (1 << 20) - sizeof(GOOD) + 2, "",
     "the value has 1048577 bytes, limit is 1048576"},
    {"a number of 500,000 digits", OPEN ",\"x\":1", "0", 500000, "}", NULL},
    {"one of 4,000 names twice", OPEN ",\"m3999\":1", ",\"m%zu\":0", 4000, "}",
     "the value has member \"m3999\" twice"},
    {"names of one length, the first twice", OPEN ",\"mmmm16\":0", ",\"mmmm%02zu\":0", 17, "}",
     "the value has member \"mmmm16\" twice"},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static struct rs_bytes make_value(size_t row, struct rs_buffer *out)
{
    rs_buffer_clear(out);
    rs_buffer_add_text(out, limits[row].before);
    bool numbered = strchr(limits[row].piece, '%');
    for (size_t n = 0; n < limits[row].times; n++) {
        if (numbered)
            rs_buffer_printf(out, limits[row].piece, n);
        else
            rs_buffer_add_text(out, limits[row].piece);
    }
    rs_buffer_add_text(out, limits[row].after);
    return (struct rs_bytes){out->data, out->len};
}
#pragma GCC diagnostic pop

Test(decode, keeps_the_limits_to_the_byte)
{
    struct rs_buffer out = {0};
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
        judge(limits[i].name, decode(rs_text("r-1"), make_value(i, &out), NULL, 0),
              limits[i].reason);
    rs_buffer_finish(&out);
}

#define HEADERS(...)                                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define H(name_, text)                                                                             \
    {                                                                                              \
        name_,                                                                                     \
        {                                                                                          \
            text, sizeof(text) - 1                                                                 \
        }                                                                                          \
    }
#define NO_VERSION "the version header is \""
static const struct {
    const char *name;
    struct rs_header headers[3];
    bool erasure;
    const char *reason; /* "" for an event, NULL: skipped */
} envelopes[] = {
    {"no headers", {{0}}, false, ""},
    {"type review", {H("type", "review")}, false, ""},
    {"a null type", {{"type", {0}}}, false, ""},
    {"another type", {H("type", "photo")}, false, NULL},
    {"an empty type", {H("type", "")}, false, NULL},
    {"a type in capitals", {H("type", "Review")}, false, NULL},
    {"a type with a space", {H("type", "review ")}, false, NULL},
    {"a longer type", {H("type", "reviews")}, false, NULL},
    {"the last type counts", {H("type", "photo"), H("type", "review")}, false, ""},
    {"the last type counts, again", {H("type", "review"), H("type", "photo")}, false, NULL},
    {"the last type counts, null", {H("type", "photo"), {"type", {0}}}, false, ""},
    {"names of headers have capitals", {H("Type", "photo"), H("Version", "9")}, false, ""},
    {"the same version", {H("version", "3"), H("type", "review")}, false, ""},
    {"a null version", {{"version", {0}}}, false, ""},
    {"the last version counts", {H("version", "9"), H("version", "3")}, false, ""},
    {"the last version counts, null", {H("version", "9"), {"version", {0}}}, false, ""},
    {"the last version counts, again",
     {H("version", "3"), H("version", "9")},
     false,
     "the version header is 9, the value's version 3"},
    {"another version",
     {H("version", "2")},
     false,
     "the version header is 2, the value's version 3"},
    {"an empty version", {H("version", "")}, false, NO_VERSION "\", must be a decimal"},
    {"a leading zero", {H("version", "03")}, false, NO_VERSION "03\", must be a decimal"},
    {"a plus", {H("version", "+3")}, false, NO_VERSION "+3\""},
    {"a minus", {H("version", "-3")}, false, NO_VERSION "-3\""},
    {"a space before", {H("version", " 3")}, false, NO_VERSION " 3\""},
    {"a space behind", {H("version", "3 ")}, false, NO_VERSION "3 \""},
    {"a line behind", {H("version", "3\n")}, false, NO_VERSION "3?\""},
    {"NUL behind", {H("version", "3\0")}, false, NO_VERSION "3?\""},
    {"a fraction", {H("version", "3.0")}, false, NO_VERSION "3.0\""},
    {"an exponent", {H("version", "3e0")}, false, NO_VERSION "3e0\""},
    {"a word", {H("version", "abc")}, false, NO_VERSION "abc\""},
    {"digits beyond ASCII", {H("version", "\xef\xbc\x93")}, false, NO_VERSION "???\""},
    {"2^64+3", {H("version", "18446744073709551619")}, false, NO_VERSION "18446744073709551619\""},
    {"an erasure", {H("version", "5")}, true, ""},
    {"an erasure of the greatest version", {H("version", "9223372036854775807")}, true, ""},
    {"an erasure of another type", {H("type", "photo")}, true, NULL},
    {"an erasure without a version",
     {{0}},
     true,
     "the value is null and there is no version header"},
    {"an erasure with a type alone", {H("type", "review")}, true, "the value is null and there"},
    {"an erasure with a null version", {{"version", {0}}}, true, "the value is null and there"},
    {"an erasure of version 0",
     {H("version", "0")},
     true,
     NO_VERSION "0\", must be a decimal from 1"},
    {"an erasure of version -0", {H("version", "-0")}, true, NO_VERSION "-0\""},
    {"an erasure of version -1", {H("version", "-1")}, true, NO_VERSION "-1\""},
    {"an erasure of version 1.5", {H("version", "1.5")}, true, NO_VERSION "1.5\""},
    {"an erasure of version 1e3", {H("version", "1e3")}, true, NO_VERSION "1e3\""},
    {"an erasure of version 0x10", {H("version", "0x10")}, true, NO_VERSION "0x10\""},
    {"an erasure of no version", {H("version", "")}, true, NO_VERSION "\""},
    {"an erasure of version 2^63", {H("version", "9223372036854775808")}, true, NO_VERSION "9223"},
};

Test(decode, reads_the_envelope)
{
    for (size_t i = 0; i < sizeof(envelopes) / sizeof(*envelopes); i++) {
        size_t count = 0;
        while (count < 3 && envelopes[i].headers[count].name)
            count++;
        struct rs_bytes value = envelopes[i].erasure ? (struct rs_bytes){0} : rs_text(GOOD);
        enum rs_verdict verdict = decode(rs_text("r-1"), value, envelopes[i].headers, count);
        const char *wanted = envelopes[i].reason;
        if (wanted)
            judge(envelopes[i].name, verdict, *wanted ? wanted : NULL);
        else
            cr_expect_eq(verdict, RS_SKIPPED, "%s", envelopes[i].name);
    }
}

Test(decode, knows_of_an_erased_review_only_id_and_version)
{
    static const struct rs_header version = H("version", "42");
    char key[] = "r-\xc3\xa9";
    cr_assert_eq(decode((struct rs_bytes){key, 4}, (struct rs_bytes){0}, &version, 1), RS_EVENT);
    cr_expect_eq(event.state, RS_ERASED);
    cr_expect_eq(rs_state_letter(event.state), 'e');
    cr_expect_eq(event.version, 42);
    key[0] = 'x'; /* the id is a copy: keys have no terminator */
    cr_expect_str_eq(event.id, "r-\xc3\xa9");
    cr_expect(!event.product_id && !event.body.data && !event.document && !event.has_submitted);
    cr_expect_eq(event.rating_count, 0);
}

Test(decode, judges_the_keys_of_erasures)
{
    static const struct rs_header version = H("version", "42");
    static const struct {
        struct rs_bytes key;
        const char *reason;
    } keys[] = {
        {{NULL, 0}, "the key is null"},
        {{"", 0}, "the key has 0 bytes, must have 1 to 256"},
        {{"a\nb", 3}, "the key holds a control character"},
        {{"r\0", 2}, "the key holds a control character"},
        {{"\x7f", 1}, "the key holds a control character"},
        {{"\xc2\x9f", 2}, "the key holds a control character"},
        {{"\xff\xfe", 2}, "the key is no valid UTF-8"},
        {{"\xed\xa0\x80", 3}, "the key is no valid UTF-8"},
        {{"\xc2", 1}, "the key is no valid UTF-8"},
        {{"\xc2\xa0 \x20", 4}, NULL},
    };
    char longest[258];
    memset(longest, 'r', sizeof(longest));
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        judge("erasure", decode(keys[i].key, (struct rs_bytes){0}, &version, 1), keys[i].reason);
    judge("256", decode((struct rs_bytes){longest, 256}, (struct rs_bytes){0}, &version, 1), NULL);
    cr_expect_eq(strlen(event.id), 256);
    judge("257", decode((struct rs_bytes){longest, 257}, (struct rs_bytes){0}, &version, 1),
          "the key has 257 bytes, must have 1 to 256");
}

Test(decode, judges_the_type_before_anything_else)
{
    static const struct rs_header photo = H("type", "photo"), review = H("type", "review");
    cr_expect_eq(decode((struct rs_bytes){0}, (struct rs_bytes){0}, &photo, 1), RS_SKIPPED);
    cr_expect_eq(decode(rs_text("k"), rs_text("no JSON"), &photo, 1), RS_SKIPPED);
    judge("null key", decode((struct rs_bytes){0}, rs_text(GOOD), &review, 1), "the key is null");
    struct rs_record record = {.key = rs_text("r-1"), .value = rs_text(GOOD)};
    static const char *const none[] = {NULL};
    cr_expect_eq(rs_decode(decoder, &record, none, &event, &reason), RS_SKIPPED);
}

Test(decode, survives_every_failed_allocation)
{
    struct rs_buffer out = {0};
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        if (strcmp(limits[i].name, "4096 members") != 0 && limits[i].times != 262144)
            continue;
        struct rs_bytes value = make_value(i, &out);
        struct rs_record record = {.key = rs_text("r-1"), .value = value};
        for (long n = 0; rs_alloc_more(n); n++) {
            struct rs_decoder *fresh = rs_decoder_create();
            enum rs_verdict verdict =
                fresh ? rs_decode(fresh, &record, types, &event, &reason) : RS_NO_MEMORY;
            cr_expect_eq(verdict, rs_alloc_reset() ? RS_NO_MEMORY : RS_EVENT, "%s, %ld",
                         limits[i].name, n);
            if (fresh && verdict == RS_NO_MEMORY) /* the same decoder works again */
                cr_expect_eq(rs_decode(fresh, &record, types, &event, &reason), RS_EVENT);
            rs_decoder_destroy(fresh);
        }
    }
    rs_buffer_finish(&out);
}
