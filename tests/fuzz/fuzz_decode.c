/* fuzz_decode - holds the decoder against a second opinion made with jansson: the same values
 * accepted, the same fields read. The input is a record's value; it also serves as the key and
 * the version header of an erasure.
 *
 * What jansson cannot tell is left out: numbers beyond int64_t and double, and numbers of so
 * many digits that a double rounds them. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/decode.h"
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EXACT_DIGITS = 15, STATUSES = 2 };

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* --- the second opinion --- */

static bool within_limits(const json_t *value, int depth, size_t *members)
{
    const char *name;
    json_t *part;
    size_t index;
    if (json_is_string(value))
        return json_string_length(value) <= RS_MAX_STRING_BYTES;
    if (!json_is_object(value) && !json_is_array(value))
        return true;
    *members += json_is_object(value) ? json_object_size(value) : json_array_size(value);
    if (depth > RS_MAX_DEPTH || *members > RS_MAX_MEMBERS)
        return false;
    json_object_foreach((json_t *)value, name,
                        part) if (strlen(name) > RS_MAX_STRING_BYTES ||
                                  !within_limits(part, depth + 1, members)) return false;
    json_array_foreach(value, index,
                       part) if (!within_limits(part, depth + 1, members)) return false;
    return true;
}

/* Valid UTF-8 comes in: a control character is one of ASCII's, or begins with C2. */
static bool is_clean(const char *text, size_t len, size_t most)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i], next = (unsigned char)text[i + 1];
        if (byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next <= 0x9f))
            return false;
    }
    return len <= most;
}

static const char *id_of(const json_t *value)
{
    size_t len = json_string_length(value);
    return json_is_string(value) && len > 0 && is_clean(json_string_value(value), len, 256)
               ? json_string_value(value)
               : NULL;
}

/* NULL, absent or empty: true. `ret` may be NULL. */
static bool keyword_of(const json_t *value, size_t most, const char **ret)
{
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value) ||
        !is_clean(json_string_value(value), json_string_length(value), most))
        return false;
    if (ret && json_string_length(value) > 0)
        *ret = json_string_value(value);
    return true;
}

static bool is_text(const json_t *value)
{
    return !value || json_is_null(value) || json_is_string(value);
}

/* By the C library's calendar. */
static bool date_of(const json_t *value, struct rs_event *event)
{
    struct tm tm = {0}, utc;
    int used = 0, ms = 0, hours = 0, minutes = 0;
    const char *text = json_string_value(value);
    if (!value || json_is_null(value))
        return true;
    const char *form = "dddd-dd-ddTdd:dd:dd", *at = text;
    for (; text && *form; form++, at++) {
        if (*form == 'd' ? *at < '0' || *at > '9' : *at != *form && !(*form == 'T' && *at == 't'))
            return false;
    }
    if (!text || strlen(text) != json_string_length(value))
        return false;
    (void)sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                 &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
    struct tm copy = {.tm_year = tm.tm_year - 1900, .tm_mon = tm.tm_mon - 1, .tm_mday = tm.tm_mday};
    (void)timegm(&copy); /* moves a day that its month does not have */
    if (copy.tm_mon != tm.tm_mon - 1 || copy.tm_mday != tm.tm_mday || tm.tm_hour > 23 ||
        tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    if (*at == '.') {
        size_t digits = strspn(at + 1, "0123456789");
        char cut[4] = "000";
        memcpy(cut, at + 1, digits < 3 ? digits : 3);
        ms = atoi(cut);
        at += 1 + digits;
        if (digits == 0)
            return false;
    }
    if (strcasecmp(at, "Z") != 0) {
        if (strlen(at) != 6 || !strchr("+-", *at) || strspn(at + 1, "0123456789") != 2 ||
            at[3] != ':' || strspn(at + 4, "0123456789") != 2 ||
            sscanf(at + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || hours > 23 || minutes > 59)
            return false;
        hours = *at == '-' ? -hours : hours;
        minutes = *at == '-' ? -minutes : minutes;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    time_t seconds = timegm(&tm) - hours * 3600 - minutes * 60;
    (void)gmtime_r(&seconds, &utc);
    event->has_submitted = true;
    event->submitted_ms = seconds * 1000 + ms;
    (void)snprintf(event->month, sizeof(event->month), "%04d-%02d", utc.tm_year + 1900,
                   utc.tm_mon + 1);
    return true;
}

static bool is_rating_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return strlen(name) <= 64 && strspn(name, letters) == strlen(name) && strchr(letters, *name) &&
           *name && strchr(letters, *name) < strchr(letters, '_');
}

static bool ratings_of(const json_t *value, struct rs_rating *ratings, struct rs_event *event)
{
    const char *name;
    json_t *part;
    if (!value || json_is_null(value))
        return true;
    if (!json_is_object(value) || json_object_size(value) > RS_MAX_RATINGS)
        return false;
    json_object_foreach((json_t *)value, name, part)
    {
        double number = json_number_value(part);
        long hundredths = number >= 1 && number <= 5 ? lround(number * 100) : 0;
        if (!json_is_number(part) || !is_rating_name(name) ||
            (double)hundredths / 100.0 != number || number < 1)
            return false;
        ratings[event->rating_count++] = (struct rs_rating){name, (int)hundredths};
    }
    return true;
}

static bool event_of(const json_t *document, struct rs_rating *ratings, struct rs_event *event)
{
    static const char *const statuses[STATUSES] = {"published", "withdrawn"};
    size_t members = 0, state = 0;
    const json_t *author = json_object_get(document, "author");
    const json_t *status = json_object_get(document, "status");
    if (!json_is_object(document) || !within_limits(document, 1, &members))
        return false;
    while (state < STATUSES &&
           !(json_is_string(status) && strcmp(json_string_value(status), statuses[state]) == 0))
        state++;
    event->state = (enum rs_state)state;
    event->id = id_of(json_object_get(document, "reviewId"));
    event->product_id = id_of(json_object_get(document, "productId"));
    event->version = json_integer_value(json_object_get(document, "version"));
    return event->id && event->product_id && event->version > 0 && state < STATUSES &&
           ratings_of(json_object_get(document, "ratings"), ratings, event) &&
           date_of(json_object_get(document, "submittedAt"), event) &&
           is_text(json_object_get(document, "title")) &&
           is_text(json_object_get(document, "text")) &&
           is_text(json_object_get(document, "productName")) &&
           (!author || json_is_null(author) || json_is_object(author)) &&
           keyword_of(json_object_get(document, "source"), 256, NULL) &&
           keyword_of(json_object_get(author, "id"), 256, NULL) &&
           keyword_of(json_object_get(author, "country"), 64, &event->country) &&
           keyword_of(json_object_get(document, "locale"), 64, &event->locale) &&
           keyword_of(json_object_get(document, "tripType"), 64, &event->trip_type);
}

/* --- comparison --- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void compare(const struct rs_event *ours, const struct rs_event *theirs)
{
    MUST(ours->version == theirs->version);
    MUST(ours->state == theirs->state);
    MUST(same_text(ours->id, theirs->id));
    MUST(same_text(ours->product_id, theirs->product_id));
    MUST(same_text(ours->locale, theirs->locale));
    MUST(same_text(ours->trip_type, theirs->trip_type));
    MUST(same_text(ours->country, theirs->country));
    MUST(ours->has_submitted == theirs->has_submitted);
    MUST(ours->submitted_ms == theirs->submitted_ms);
    MUST(strcmp(ours->month, theirs->month) == 0);
    MUST(ours->rating_count == theirs->rating_count);
    for (size_t i = 0; i < ours->rating_count; i++) {
        size_t n = 0; /* older versions of jansson walk in another order */
        while (n < theirs->rating_count &&
               !same_text(ours->ratings[i].name, theirs->ratings[n].name))
            n++;
        MUST(n < theirs->rating_count);
        MUST(ours->ratings[i].hundredths == theirs->ratings[n].hundredths);
    }
}

/* Written again, the document is what was read. */
static void check_writer(const struct rs_event *event, const json_t *document)
{
    static const char *const paths[] = {"reviewId", "author.id", "author.country", "ratings",
                                        "text"};
    struct rs_buffer out = {0};
    rs_json_write(event->document, &out);
    json_t *again = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    MUST(again && json_equal(again, document));
    json_decref(again);
    rs_buffer_clear(&out);
    rs_buffer_add_text(&out, "{");
    (void)rs_json_write_members(event->document, paths, sizeof(paths) / sizeof(*paths), &out);
    rs_buffer_add_text(&out, "}");
    again = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    MUST(again &&
         json_equal(json_object_get(again, "reviewId"), json_object_get(document, "reviewId")));
    json_decref(again);
    rs_buffer_finish(&out);
}

/* Whether somewhere stand more digits than a double keeps. */
static bool has_long_number(const uint8_t *data, size_t size)
{
    for (size_t i = 0, run = 0; i < size; i++) {
        run = (data[i] >= '0' && data[i] <= '9') || data[i] == '.' ? run + 1 : 0;
        if (run > EXACT_DIGITS)
            return true;
    }
    return false;
}

static void check_erasure(struct rs_decoder *decoder, const char *data, size_t size)
{
    static const char *const types[] = {"review", NULL};
    struct rs_error reason;
    struct rs_event event;
    size_t half = size < 20 ? size : 20; /* the longest version is the header, the rest the key */
    struct rs_header header = {"version", {data, half}};
    struct rs_record record = {
        .key = {data + half, size - half}, .headers = &header, .header_count = 1};
    char text[32];
    if (rs_decode(decoder, &record, types, &event, &reason) == RS_EVENT) {
        json_t *key = json_stringn(record.key.data, record.key.len);
        MUST(id_of(key) && strcmp(event.id, json_string_value(key)) == 0);
        (void)snprintf(text, sizeof(text), "%" PRId64, event.version);
        MUST(event.version > 0 && strlen(text) == half && memcmp(text, data, half) == 0);
        json_decref(key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"review", NULL};
    static struct rs_decoder *decoder;
    struct rs_rating ratings[RS_MAX_RATINGS];
    struct rs_event ours, theirs = {.ratings = ratings};
    struct rs_error reason;
    json_error_t error;
    if (!decoder)
        decoder = rs_decoder_create();
    check_erasure(decoder, (const char *)data, size);

    json_t *document = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, &error);
    bool unknown = !document && json_error_code(&error) == json_error_numeric_overflow;
    /* jansson 2.14 skips a NUL between values like a space; JSON does not. */
    bool good = document && size <= RS_MAX_VALUE_BYTES && !memchr(data, '\0', size) &&
                event_of(document, ratings, &theirs);
    struct rs_record record = {.key = rs_text(good ? theirs.id : "r-1"),
                               .value = {(const char *)data, size}};
    enum rs_verdict verdict = rs_decode(decoder, &record, types, &ours, &reason);
    MUST(verdict == RS_EVENT || verdict == RS_MALFORMED);
    unknown |= has_long_number(data, size) && (verdict == RS_EVENT) != good;
    if (!unknown && (verdict == RS_EVENT) != good)
        fprintf(stderr, "ours: %s\ntheirs: %s\n", verdict == RS_EVENT ? "an event" : reason.text,
                document ? "read" : error.text);
    MUST(unknown || (verdict == RS_EVENT) == good);
    if (verdict == RS_EVENT && good) {
        compare(&ours, &theirs);
        check_writer(&ours, document);
    }
    json_decref(document);
    return 0;
}
