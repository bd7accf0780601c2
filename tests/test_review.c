#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"
#include "core/json.h"
#include "support/body.h"

static const char *const types[] = {"review", NULL};
static struct rs_decoder *decoder;
static struct rs_event event;
static struct rs_error reason;
static char *body; /* the event borrows it */

static void set_up(void)
{
    decoder = rs_decoder_create();
}

static void tear_down(void)
{
    rs_decoder_destroy(decoder);
    free(body);
}

TestSuite(review, .init = set_up, .fini = tear_down);

static enum rs_verdict decode(const char *key, const char *member, const char *json)
{
    free(body);
    body = body_with(member, json);
    struct rs_record record = {.key = rs_text(key), .value = rs_text(body)};
    return rs_decode(decoder, &record, types, &event, &reason);
}

Test(review, has_its_members_read)
{
    cr_assert_eq(decode("r-1", NULL, NULL), RS_EVENT, "%s", reason.text);
    cr_expect_eq(event.type, types[0]);
    cr_expect_str_eq(event.id, "r-1");
    cr_expect_eq(event.version, 3);
    cr_expect_eq(event.state, RS_PUBLISHED);
    cr_expect_str_eq(event.product_id, "hotel-9");
    cr_expect_str_eq(event.locale, "en");
    cr_expect_str_eq(event.trip_type, "family");
    cr_expect_str_eq(event.country, "FR");
    cr_expect(event.has_submitted);
    cr_expect_eq(event.submitted_ms, INT64_C(1769851800000));
    cr_expect_str_eq(event.month, "2026-01");
    cr_assert_eq(event.rating_count, 2);
    cr_expect_str_eq(event.ratings[0].name, "overall");
    cr_expect_eq(event.ratings[0].hundredths, 400);
    cr_expect_str_eq(event.ratings[1].name, "cleanliness");
    cr_expect_eq(event.ratings[1].hundredths, 500);
    cr_expect_eq(event.body.data, body);
    cr_expect(
        rs_bytes_equal(rs_json_string(rs_json_get(event.document, "source")), rs_text("site")));
}

Test(review, needs_four_members)
{
    struct rs_bytes value = rs_text(" {\"status\":\"withdrawn\",\"productId\":\"\xc3\xa9\",\n"
                                    "\"version\":9223372036854775807, \"reviewId\":\"r\"}\r\n");
    struct rs_record record = {.key = rs_text("r"), .value = value};
    cr_assert_eq(rs_decode(decoder, &record, types, &event, &reason), RS_EVENT, "%s", reason.text);
    cr_expect_eq(event.state, RS_WITHDRAWN);
    cr_expect_eq(event.version, INT64_MAX);
    cr_expect_str_eq(event.product_id, "\xc3\xa9");
    cr_expect(!event.locale && !event.trip_type && !event.country);
    cr_expect(!event.has_submitted && event.submitted_ms == 0);
    cr_expect_str_eq(event.month, "");
    cr_expect_eq(event.rating_count, 0);
    cr_expect(rs_bytes_equal(event.body, value), "the body is the value as it came");
}

#define OF_RANGE ", must be from 1 to 9223372036854775807"
#define NO_INTEGER ", must be an integer without fraction or exponent"
static const struct {
    const char *name, *member, *json, *reason, *key;
} rows[] = {
    {"no id", "reviewId", NULL, "reviewId is missing", NULL},
    {"an id that is a number", "reviewId", "17", "reviewId is a number, must be a string", NULL},
    {"an id that is null", "reviewId", "null", "reviewId is null, must be a string", NULL},
    {"an id that is true", "reviewId", "true", "reviewId is true, must be a string", NULL},
    {"an id in an array", "reviewId", "[\"r-1\"]", "reviewId is an array", NULL},
    {"an id in an object", "reviewId", "{\"id\":\"r-1\"}", "reviewId is an object", NULL},
    {"an empty id", "reviewId", "\"\"", "reviewId has 0 bytes, must have 1 to 256", ""},
    {"an id of two lines", "reviewId", "\"a\\nb\"", "reviewId holds a control character", "a\nb"},
    {"an id with NUL", "reviewId", "\"a\\u0000b\"", "the value has \\u0000 in reviewId", "a"},
    {"an id with a C1 control", "reviewId", "\"\\u0085\"", "reviewId holds a control", "\xc2\x85"},
    {"an id of spaces and signs", "reviewId", "\" {%}\\\"\\\\\"", NULL, " {%}\"\\"},
    {"an id beyond the basic plane", "reviewId", "\"\\ud83d\\ude00\"", NULL, "\xf0\x9f\x98\x80"},
    {"an id with a no-break space", "reviewId", "\"\xc2\xa0\"", NULL, "\xc2\xa0"},
    {"another key", "reviewId", "\"r-2\"", "the key is not the reviewId", NULL},
    {"a key with a space behind", "reviewId", "\"r-1\"", "the key is not the reviewId", "r-1 "},
    {"a shorter key", "reviewId", "\"r-1\"", "the key is not the reviewId", "r-"},
    {"an empty key", "reviewId", "\"r-1\"", "the key is not the reviewId", ""},

    {"no product", "productId", NULL, "productId is missing", NULL},
    {"a product that is a number", "productId", "1.5", "productId is a number", NULL},
    {"a product that is null", "productId", "null", "productId is null", NULL},
    {"an empty product", "productId", "\"\"", "productId has 0 bytes", NULL},
    {"a product with a return", "productId", "\"\\r\"", "productId holds a control", NULL},
    {"a product with DEL", "productId", "\"a\x7f\"", "productId holds a control", NULL},
    {"a product with NUL", "productId", "\"\\u0000\"", "the value has \\u0000 in productId", NULL},

    {"no status", "status", NULL, "status is missing", NULL},
    {"a status that is null", "status", "null", "status is null, must be published or", NULL},
    {"a status that is a number", "status", "1", "status is a number", NULL},
    {"another status", "status", "\"deleted\"", "status is neither published nor", NULL},
    {"a status in capitals", "status", "\"Published\"", "status is neither", NULL},
    {"a status with a space", "status", "\"published \"", "status is neither", NULL},
    {"an empty status", "status", "\"\"", "status is neither", NULL},
    {"withdrawn", "status", "\"withdrawn\"", NULL, NULL},
    {"a status with escapes", "status", "\"\\u0070ublished\"", NULL, NULL},

    {"no version", "version", NULL, "version is missing", NULL},
    {"version null", "version", "null", "version is null, must be an integer", NULL},
    {"version as a string", "version", "\"3\"", "version is a string, must be an integer", NULL},
    {"version true", "version", "true", "version is true", NULL},
    {"version in an array", "version", "[3]", "version is an array", NULL},
    {"version 0", "version", "0", "version is 0" OF_RANGE, NULL},
    {"version -0", "version", "-0", "version is -0" OF_RANGE, NULL},
    {"version -1", "version", "-1", "version is -1" OF_RANGE, NULL},
    {"version -2^63-1", "version", "-9223372036854775809", "version is -9223372036854775809", NULL},
    {"version 2^63-1", "version", "9223372036854775807", NULL, NULL},
    {"version 2^63", "version", "9223372036854775808", "version is 9223372036854775808" OF_RANGE,
     NULL},
    {"version 2^64+3", "version", "18446744073709551619", "version is 18446744073709551619", NULL},
    {"version 10^30", "version", "1000000000000000000000000000000", "version is 10000000", NULL},
    {"version 3.0", "version", "3.0", "version is 3.0" NO_INTEGER, NULL},
    {"version 3.5", "version", "3.5", "version is 3.5" NO_INTEGER, NULL},
    {"version 3e0", "version", "3e0", "version is 3e0" NO_INTEGER, NULL},
    {"version 3E+2", "version", "3E+2", "version is 3E+2" NO_INTEGER, NULL},
    {"version 2^53+1 exactly", "version", "9007199254740993", NULL, NULL},

    {"ratings null", "ratings", "null", NULL, NULL},
    {"ratings empty", "ratings", "{}", NULL, NULL},
    {"ratings absent", "ratings", NULL, NULL, NULL},
    {"ratings in an array", "ratings", "[4]", "ratings is an array, must be an object", NULL},
    {"ratings a number", "ratings", "4", "ratings is a number, must be an object", NULL},
    {"a rating of null", "ratings", "{\"overall\":null}", "ratings.overall is null, must be a",
     NULL},
    {"a rating as text", "ratings", "{\"overall\":\"4\"}", "ratings.overall is a string", NULL},
    {"a rating true", "ratings", "{\"overall\":true}", "ratings.overall is true", NULL},
    {"a rating of 7", "ratings", "{\"overall\":7}", "ratings.overall is 7, must be from 1 to 5",
     NULL},
    {"a rating of 0", "ratings", "{\"a\":5,\"b\":0}", "ratings.b is 0, must be from 1 to 5", NULL},
    {"a rating of 0.99", "ratings", "{\"a\":0.99}", "ratings.a is 0.99, must be from", NULL},
    {"a rating of 0.999", "ratings", "{\"a\":0.999}", "ratings.a is 0.999, must be from", NULL},
    {"a rating of 5.01", "ratings", "{\"a\":5.01}", "ratings.a is 5.01, must be from", NULL},
    {"a rating of 5.001", "ratings", "{\"a\":5.001}", "ratings.a is 5.001, must be from", NULL},
    {"a rating of -4.5", "ratings", "{\"a\":-4.5}", "ratings.a is -4.5, must be from", NULL},
    {"a rating of 1e9", "ratings", "{\"a\":1e9}", "ratings.a is 1e9, must be from", NULL},
    {"a rating of 1e999999999999999999999", "ratings", "{\"a\":1e999999999999999999999}",
     "ratings.a is 1e999999999999999999999, must be from", NULL},
    {"a rating of 4.125", "ratings", "{\"a\":4.125}", "ratings.a is 4.125, must have at most 2",
     NULL},
    {"a rating of 4.500", "ratings", "{\"a\":4.500}", NULL, NULL},
    {"a rating of 45e-1", "ratings", "{\"a\":45e-1}", NULL, NULL},
    {"33 ratings", "ratings",
     "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
     "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"t\":1,\"u\":1,\"v\":1,"
     "\"w\":1,\"x\":1,\"y\":1,\"z\":1,\"A\":1,\"B\":1,\"C\":1,\"D\":1,\"E\":1,\"F\":1,\"G\":1}",
     "ratings has more than 32 members", NULL},
    {"32 ratings", "ratings",
     "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
     "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"s\":1,\"t\":1,\"u\":1,\"v\":1,"
     "\"w\":1,\"x\":1,\"y\":1,\"z\":1,\"A\":1,\"B\":1,\"C\":1,\"D\":1,\"E\":1,\"F\":1}",
     NULL, NULL},
    {"a rating with a dot", "ratings", "{\"food.drink\":4}", "the name of rating 1 is not", NULL},
    {"a rating without a name", "ratings", "{\"\":4}", "the name of rating 1 is not", NULL},
    {"a rating that begins with a digit", "ratings", "{\"a\":1,\"1a\":4}",
     "the name of rating 2 is not", NULL},
    {"a rating that begins with _", "ratings", "{\"_a\":4}", "the name of rating 1 is not", NULL},
    {"a rating beyond ASCII", "ratings", "{\"\xc3\xa9\":4}", "the name of rating 1 is not", NULL},
    {"a rating near the letters", "ratings", "{\"a[\":4}", "the name of rating 1 is not", NULL},
    {"a rating with all that may be", "ratings", "{\"aZ_09\":4}", NULL, NULL},

    {"a date null", "submittedAt", "null", NULL, NULL},
    {"a date absent", "submittedAt", NULL, NULL, NULL},
    {"a date as a number", "submittedAt", "1769851800", "submittedAt is a number", NULL},
    {"no date", "submittedAt", "\"yesterday\"", "submittedAt is no date and time of RFC 3339",
     NULL},
    {"an empty date", "submittedAt", "\"\"", "submittedAt is no date", NULL},
    {"30 February", "submittedAt", "\"2026-02-30T00:00:00Z\"", "submittedAt is no date", NULL},

    {"a locale that is empty", "locale", "\"\"", NULL, NULL},
    {"a locale null", "locale", "null", NULL, NULL},
    {"a locale as a number", "locale", "5", "locale is a number, must be a string", NULL},
    {"a trip with a line", "tripType", "\"a\\nb\"", "tripType holds a control character", NULL},
    {"a trip in an array", "tripType", "[]", "tripType is an array", NULL},
    {"a trip beyond ASCII", "tripType", "\"\xe4\xba\xb2\"", NULL, NULL},
    {"a source false", "source", "false", "source is false", NULL},
    {"a source with a tab", "source", "\"\\t\"", "source holds a control character", NULL},
    {"author null", "author", "null", NULL, NULL},
    {"author empty", "author", "{}", NULL, NULL},
    {"author of nulls", "author", "{\"id\":null,\"country\":null}", NULL, NULL},
    {"author as text", "author", "\"bob\"", "author is a string, must be an object", NULL},
    {"author in an array", "author", "[]", "author is an array", NULL},
    {"author's id a number", "author", "{\"id\":5}", "author.id is a number", NULL},
    {"author's id with a control", "author", "{\"id\":\"\\u009f\"}", "author.id holds a", NULL},
    {"author's country an object", "author", "{\"country\":{}}", "author.country is an object",
     NULL},
    {"author's unknown member", "author", "{\"age\":[5]}", NULL, NULL},
    {"a title null", "title", "null", NULL, NULL},
    {"a title empty", "title", "\"\"", NULL, NULL},
    {"a title as a number", "title", "5", "title is a number, must be a string", NULL},
    {"a text in an object", "text", "{}", "text is an object, must be a string", NULL},
    {"a product's name true", "productName", "true", "productName is true", NULL},
    {"a title of controls", "title", "\"\\u0001\\n\"", NULL, NULL},
    {"a text with NUL", "text", "\"a\\u0000b\"", "the value has \\u0000 in text", NULL},
    {"a text with a backslash and u0000", "text", "\"a\\\\u0000b\"", NULL, NULL},
    {"half a surrogate pair", "title", "\"a\\ud800b\"", "the value is no JSON: ", NULL},
    {"a surrogate pair in turn", "title", "\"\\ude00\\ud83d\"", "the value is no JSON: ", NULL},

    {"unknown: an integer of 26 digits", "x", "10000000000000000000000000", NULL, NULL},
    {"unknown: a real beyond double", "x", "1e400", NULL, NULL},
    {"unknown: -1e-400", "x", "-1e-400", NULL, NULL},
    {"unknown: null", "x", "null", NULL, NULL},
    {"unknown: the same names deeper", "x", "[{\"reviewId\":1,\"version\":99}]", NULL, NULL},
    {"unknown: NUL in a name", "x", "{\"\\u0000\":1}", "the value has \\u0000 in x", NULL},
    {"unknown: an empty name", "", "1", NULL, NULL},

    {"member twice: version", "x\":1,\"version", "3", "the value has member \"version\" twice",
     NULL},
    {"member twice: escaped", "\\u0076ersion", "3", "the value has member \"version\" twice", NULL},
    {"member twice: unknown", "x", "{\"a\":1,\"a\":1}", "the value has member \"a\" twice", NULL},
    {"member twice: deep", "x", "[{\"d\":{\"b\":1,\"\\u0062\":2}}]",
     "the value has member \"b\" twice", NULL},
    {"member twice: empty", "x", "{\"\":1,\"\":2}", "the value has member \"\" twice", NULL},
};

/* A row's reason is NULL: an event; else it is how the reason begins. */
static void judge(const char *name, enum rs_verdict verdict, const char *wanted)
{
    cr_expect_eq(verdict, wanted ? RS_MALFORMED : RS_EVENT, "%s: %s", name, reason.text);
    if (!wanted)
        return;
    cr_expect_eq(strncmp(reason.text, wanted, strlen(wanted)), 0, "%s: \"%s\"", name, reason.text);
    cr_expect_null(strstr(reason.text, "private"), "%s: the reason shows review text", name);
}

Test(review, has_members_of_the_right_kind_or_is_refused_for_a_named_reason)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *key = rows[i].key ? rows[i].key : "r-1";
        judge(rows[i].name, decode(key, rows[i].member, rows[i].json), rows[i].reason);
    }
}

static const struct {
    const char *name, *member, *before, *piece;
    size_t times;
    const char *after, *reason;
} lengths[] = {
    {"an id of 256 bytes", "reviewId", "\"", "r", 256, "\"", NULL},
    {"an id of 257 bytes", "reviewId", "\"", "r", 257, "\"", "reviewId has 257 bytes, must have"},
    {"an id of 128 letters of two bytes", "reviewId", "\"", "\xc3\xa9", 128, "\"", NULL},
    {"an id of one byte more", "reviewId", "\"", "\xc3\xa9", 128, "x\"", "reviewId has 257 bytes"},
    {"a product of 256 bytes", "productId", "\"", "p", 256, "\"", NULL},
    {"a product of 257 bytes", "productId", "\"", "p", 257, "\"", "productId has 257 bytes"},
    {"a locale of 64 bytes", "locale", "\"", "x", 64, "\"", NULL},
    {"a locale of 65 bytes", "locale", "\"", "x", 65, "\"", "locale has 65 bytes, limit is 64"},
    {"a locale of 64 bytes in 32 letters", "locale", "\"", "\xc3\xa9", 32, "\"", NULL},
    {"a locale of 64 escaped bytes", "locale", "\"", "\\u0041", 64, "\"", NULL},
    {"a trip of 65 bytes", "tripType", "\"", "x", 65, "\"", "tripType has 65 bytes, limit is 64"},
    {"a source of 256 bytes", "source", "\"", "x", 256, "\"", NULL},
    {"a source of 257 bytes", "source", "\"", "x", 257, "\"", "source has 257 bytes, limit is 256"},
    {"author's country of 65 bytes", "author", "{\"country\":\"", "x", 65, "\"}",
     "author.country has 65 bytes, limit is 64"},
    {"author's id of 256 bytes", "author", "{\"id\":\"", "x", 256, "\"}", NULL},
    {"author's id of 257 bytes", "author", "{\"id\":\"", "x", 257, "\"}",
     "author.id has 257 bytes, limit is 256"},
    {"a rating's name of 64 bytes", "ratings", "{\"", "a", 64, "\":1}", NULL},
    {"a rating's name of 65 bytes", "ratings", "{\"", "a", 65, "\":1}", "the name of rating 1 is"},
    {"a rating of many digits", "ratings", "{\"a\":4.", "0", 100000, "}", NULL},
    {"a rating that is too fine at the end", "ratings", "{\"a\":4.", "0", 100000, "1}",
     "ratings.a is 4.00000000000000000000000000000000000000, must have at most 2 decimals"},
    {"a version of many digits", "version", "1", "0", 100000, "", "version is 10000"},
    {"a date of many digits", "submittedAt", "\"2026-01-31T09:30:00.", "9", 100000, "Z\"", NULL},
};

Test(review, has_lengths_up_to_their_limits)
{
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        struct rs_buffer json = {0}, id = {0};
        rs_buffer_add_text(&json, lengths[i].before);
        for (size_t n = 0; n < lengths[i].times; n++)
            rs_buffer_add_text(&json, lengths[i].piece);
        rs_buffer_add_text(&json, lengths[i].after);
        if (strcmp(lengths[i].member, "reviewId") == 0) /* the key is what stands in the quotes */
            rs_buffer_add(&id, json.data + 1, json.len - 2);
        judge(lengths[i].name, decode(id.data ? id.data : "r-1", lengths[i].member, json.data),
              lengths[i].reason);
        rs_buffer_finish(&json);
        rs_buffer_finish(&id);
    }
}

Test(review, keeps_ratings_as_hundredths)
{
    static const struct {
        const char *number;
        int hundredths;
    } ratings[] = {
        {"1", 100},      {"5", 500},          {"4.5", 450},        {"4.35", 435},
        {"1.05", 105},   {"2.49", 249},       {"4.500", 450},      {"45e-1", 450},
        {"0.01e2", 100}, {"500E-2", 500},     {"0.5e+1", 500},     {"50e-001", 500},
        {"4.99", 499},   {"1.010", 101},      {"0.000005e6", 500}, {"1e0", 100},
        {"1.0E-0", 100}, {"4990000e-6", 499},
    };
    for (size_t i = 0; i < sizeof(ratings) / sizeof(*ratings); i++) {
        char json[64];
        snprintf(json, sizeof(json), "{\"overall\":%s}", ratings[i].number);
        cr_assert_eq(decode("r-1", "ratings", json), RS_EVENT, "%s", ratings[i].number);
        cr_assert_eq(event.rating_count, 1);
        cr_expect_eq(event.ratings[0].hundredths, ratings[i].hundredths, "%s", ratings[i].number);
    }
}

Test(review, has_no_keyword_where_it_is_empty_or_null)
{
    static const char *const absent[] = {NULL, "null", "\"\""};
    for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
        cr_assert_eq(decode("r-1", "locale", absent[i]), RS_EVENT);
        cr_expect(!event.locale && event.trip_type && event.country);
        cr_assert_eq(decode("r-1", "tripType", absent[i]), RS_EVENT);
        cr_expect(event.locale && !event.trip_type && event.country);
        cr_assert_eq(decode("r-1", "author", i == 2 ? "{\"country\":\"\"}" : absent[i]), RS_EVENT);
        cr_expect(event.locale && event.trip_type && !event.country);
        cr_assert_eq(decode("r-1", "ratings", i == 2 ? "{}" : absent[i]), RS_EVENT);
        cr_expect_eq(event.rating_count, 0);
    }
}
