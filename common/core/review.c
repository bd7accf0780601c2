#include "core/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/instant.h"
#include "core/number.h"
#include "core/utf8.h"

enum {
    MAX_KEYWORD_BYTES = 64,
    MAX_LONG_KEYWORD_BYTES = 256, /* author.id and source */
    MAX_RATING_NAME_BYTES = 64,
    SHOWN_DIGITS = 40,
};

/* The members that mean something, in the order in which producers usually write them. */
enum member {
    REVIEW_ID,
    VERSION,
    PRODUCT_ID,
    PRODUCT_NAME,
    STATUS,
    LOCALE,
    SUBMITTED_AT,
    AUTHOR,
    TRIP_TYPE,
    RATINGS,
    TITLE,
    TEXT,
    SOURCE,
    MEMBERS
};

static const struct rs_bytes names[MEMBERS] = {
    [REVIEW_ID] = {"reviewId", 8},
    [VERSION] = {"version", 7},
    [PRODUCT_ID] = {"productId", 9},
    [PRODUCT_NAME] = {"productName", 11},
    [STATUS] = {"status", 6},
    [LOCALE] = {"locale", 6},
    [SUBMITTED_AT] = {"submittedAt", 11},
    [AUTHOR] = {"author", 6},
    [TRIP_TYPE] = {"tripType", 8},
    [RATINGS] = {"ratings", 7},
    [TITLE] = {"title", 5},
    [TEXT] = {"text", 4},
    [SOURCE] = {"source", 6},
};
static const struct rs_bytes author_names[] = {{"id", 2}, {"country", 7}};

static bool wrong_type(struct rs_error *reason, const char *what, const struct rs_json *value,
                       const char *wanted)
{
    static const char *const types[] = {
        [RS_JSON_NULL] = "null",       [RS_JSON_FALSE] = "false",     [RS_JSON_TRUE] = "true",
        [RS_JSON_NUMBER] = "a number", [RS_JSON_STRING] = "a string", [RS_JSON_ARRAY] = "an array",
        [RS_JSON_OBJECT] = "an object"};
    enum rs_json_type type = rs_json_type(value);
    if (type == RS_JSON_ABSENT)
        return rs_error_set(reason, "%s is missing", what);
    return rs_error_set(reason, "%s is %s, must be %s", what, types[type], wanted);
}

static bool is_absent(const struct rs_json *value)
{
    return rs_json_type(value) <= RS_JSON_NULL;
}

/* --- required members --- */

bool rs_review_check_id(const char *what, struct rs_bytes id, struct rs_error *reason)
{
    if (id.len < 1 || id.len > RS_MAX_ID_BYTES)
        return rs_error_set(reason, "%s has %zu bytes, must have 1 to %d", what, id.len,
                            RS_MAX_ID_BYTES);
    if (rs_utf8_has_control(id))
        return rs_error_set(reason, "%s holds a control character", what);
    return true;
}

static bool read_id(const struct rs_json *value, enum member member, const char **ret_id,
                    struct rs_error *reason)
{
    struct rs_bytes id = rs_json_string(value);
    if (!id.data)
        return wrong_type(reason, names[member].data, value, "a string");
    *ret_id = id.data;
    return rs_review_check_id(names[member].data, id, reason);
}

static bool read_version(const struct rs_json *value, int64_t *ret_version, struct rs_error *reason)
{
    struct rs_bytes number = rs_json_number(value);
    if (!number.data)
        return wrong_type(reason, "version", value, "an integer");
    int shown = number.len < SHOWN_DIGITS ? (int)number.len : SHOWN_DIGITS;
    if (!rs_number_is_integer(number))
        return rs_error_set(reason,
                            "version is %.*s, must be an integer without fraction or "
                            "exponent",
                            shown, number.data);
    if (rs_number_fixed(number, 0, 1, INT64_MAX, ret_version) != RS_FITS)
        return rs_error_set(reason, "version is %.*s, must be from 1 to %" PRId64, shown,
                            number.data, INT64_MAX);
    return true;
}

static bool read_status(const struct rs_json *value, enum rs_state *ret_state,
                        struct rs_error *reason)
{
    struct rs_bytes status = rs_json_string(value);
    if (!status.data)
        return wrong_type(reason, "status", value, "published or withdrawn");
    if (rs_bytes_equal(status, rs_text("published")))
        *ret_state = RS_PUBLISHED;
    else if (rs_bytes_equal(status, rs_text("withdrawn")))
        *ret_state = RS_WITHDRAWN;
    else
        return rs_error_set(reason, "status is neither published nor withdrawn");
    return true;
}

/* --- optional members --- */

/* [A-Za-z][A-Za-z0-9_]{0,63} */
static bool is_rating_name(struct rs_bytes name)
{
    if (name.len < 1 || name.len > MAX_RATING_NAME_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.data[i], lower = (char)(byte | 0x20);
        if (!((lower >= 'a' && lower <= 'z') ||
              (i > 0 && ((byte >= '0' && byte <= '9') || byte == '_'))))
            return false;
    }
    return true;
}

static bool read_rating(const struct rs_json_walk *member, struct rs_rating *rating,
                        struct rs_error *reason)
{
    char what[MAX_RATING_NAME_BYTES + 16];
    if (!is_rating_name(member->name))
        return rs_error_set(reason, "the name of rating %zu is not [A-Za-z][A-Za-z0-9_]{0,63}",
                            member->index);
    rating->name = member->name.data;
    struct rs_bytes number = rs_json_number(member->value);
    int64_t hundredths = 0;
    enum rs_fit fit = RS_FITS;
    if (number.data)
        fit = rs_number_fixed(number, 2, 100, 500, &hundredths);
    rating->hundredths = (int)hundredths;
    if (number.data && fit == RS_FITS)
        return true;
    (void)snprintf(what, sizeof(what), "ratings.%s", rating->name);
    if (!number.data)
        return wrong_type(reason, what, member->value, "a number");
    return rs_error_set(reason, "%s is %.*s, must %s", what,
                        number.len < SHOWN_DIGITS ? (int)number.len : SHOWN_DIGITS, number.data,
                        fit == RS_TOO_FINE ? "have at most 2 decimals" : "be from 1 to 5");
}

static bool read_ratings(const struct rs_json *value, struct rs_rating *ratings,
                         struct rs_event *event, struct rs_error *reason)
{
    if (is_absent(value))
        return true;
    if (rs_json_type(value) != RS_JSON_OBJECT)
        return wrong_type(reason, "ratings", value, "an object");
    for (struct rs_json_walk walk = {.of = value}; rs_json_next(&walk);) {
        if (walk.index > RS_MAX_RATINGS)
            return rs_error_set(reason, "ratings has more than %d members", RS_MAX_RATINGS);
        if (!read_rating(&walk, &ratings[walk.index - 1], reason))
            return false;
        event->rating_count = walk.index;
    }
    event->ratings = ratings;
    return true;
}

static bool read_submitted(const struct rs_json *value, struct rs_event *event,
                           struct rs_error *reason)
{
    struct rs_bytes text = rs_json_string(value);
    struct rs_instant instant;
    if (is_absent(value))
        return true;
    if (!text.data)
        return wrong_type(reason, "submittedAt", value, "a date and time");
    if (!rs_instant_parse(text, &instant))
        return rs_error_set(reason, "submittedAt is no date and time of RFC 3339");
    event->has_submitted = true;
    event->submitted_ms = instant.ms;
    memcpy(event->month, instant.month, sizeof(event->month));
    return true;
}

static bool check_text(const struct rs_json *value, enum member member, struct rs_error *reason)
{
    return is_absent(value) || rs_json_type(value) == RS_JSON_STRING ||
           wrong_type(reason, names[member].data, value, "a string");
}

/* A bounded text without control characters; NULL when absent or empty. */
static bool read_keyword(const struct rs_json *value, const char *what, size_t most,
                         const char **ret_keyword, struct rs_error *reason)
{
    struct rs_bytes text = rs_json_string(value);
    *ret_keyword = text.len > 0 ? text.data : NULL;
    if (!text.data)
        return is_absent(value) || wrong_type(reason, what, value, "a string");
    if (text.len > most)
        return rs_error_set(reason, "%s has %zu bytes, limit is %zu", what, text.len, most);
    if (rs_utf8_has_control(text))
        return rs_error_set(reason, "%s holds a control character", what);
    return true;
}

static bool read_author(const struct rs_json *value, struct rs_event *event,
                        struct rs_error *reason)
{
    const struct rs_json *members[2];
    const char *id;
    if (!is_absent(value) && rs_json_type(value) != RS_JSON_OBJECT)
        return wrong_type(reason, "author", value, "an object");
    rs_json_pick(value, author_names, 2, members);
    return read_keyword(members[0], "author.id", MAX_LONG_KEYWORD_BYTES, &id, reason) &&
           read_keyword(members[1], "author.country", MAX_KEYWORD_BYTES, &event->country, reason);
}

bool rs_review_decode(const struct rs_json *document, struct rs_rating ratings[RS_MAX_RATINGS],
                      struct rs_event *event, struct rs_error *reason)
{
    const struct rs_json *values[MEMBERS];
    const char *source;
    rs_json_pick(document, names, MEMBERS, values);
    return read_id(values[REVIEW_ID], REVIEW_ID, &event->id, reason) &&
           read_version(values[VERSION], &event->version, reason) &&
           read_id(values[PRODUCT_ID], PRODUCT_ID, &event->product_id, reason) &&
           read_status(values[STATUS], &event->state, reason) &&
           read_ratings(values[RATINGS], ratings, event, reason) &&
           read_submitted(values[SUBMITTED_AT], event, reason) &&
           read_author(values[AUTHOR], event, reason) &&
           check_text(values[PRODUCT_NAME], PRODUCT_NAME, reason) &&
           check_text(values[TITLE], TITLE, reason) && check_text(values[TEXT], TEXT, reason) &&
           read_keyword(values[SOURCE], "source", MAX_LONG_KEYWORD_BYTES, &source, reason) &&
           read_keyword(values[LOCALE], "locale", MAX_KEYWORD_BYTES, &event->locale, reason) &&
           read_keyword(values[TRIP_TYPE], "tripType", MAX_KEYWORD_BYTES, &event->trip_type,
                        reason);
}
