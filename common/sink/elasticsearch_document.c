/* elasticsearch_document - from an event to the document that is stored. */
#include <string.h>

#include "core/decimal.h"
#include "core/instant.h"
#include "core/json.h"
#include "sink/elasticsearch.h"

/* OpenSearch 2.18 refuses a document with a number of more than 1000 characters anywhere, mapped
 * or not (run); Elasticsearch 7.10 takes it. */
enum { LONGEST_NUMBER = 64, SUBMITTED_BYTES = 64 };

/* `submittedAt` may be any RFC 3339 text, e.g. with a leap second or `t` and `z`, which no date
 * field takes in all forms. Years outside of 0 to 9999 can only come from an offset; both servers
 * read "-0001" and "+10000" (run), but Elasticsearch no negative epoch_millis. */
static void write_submitted(int64_t ms, struct rs_buffer *out)
{
    char text[RS_INSTANT_BYTES];
    rs_instant_write(ms, text);
    rs_buffer_add_text(out, ",\"submitted\":\"");
    rs_buffer_add_text(out, text);
    rs_buffer_add(out, "\"", 1);
}

static bool has_long_number(const struct rs_json *object)
{
    for (struct rs_json_walk walk = {.of = object}; rs_json_next(&walk);)
        if (rs_json_number(walk.value).len > LONGEST_NUMBER)
            return true;
    return false;
}

/* The same ratings in their shortest form. */
static void write_short_ratings(const struct rs_event *event, struct rs_buffer *out)
{
    rs_buffer_add_text(out, "\"ratings\":{");
    for (size_t i = 0; i < event->rating_count; i++)
        rs_buffer_printf(out, "%s\"%s\":%d.%02d", i ? "," : "", event->ratings[i].name,
                         event->ratings[i].hundredths / 100, event->ratings[i].hundredths % 100);
    rs_buffer_add_text(out, "}");
}

static void write_members(const struct rs_event *event, const char *const *members, size_t count,
                          struct rs_buffer *out)
{
    if (!has_long_number(rs_json_get(event->document, "ratings"))) {
        (void)rs_json_write_members(event->document, members, count, out);
        return;
    }
    size_t at = 0;
    while (at < count && strcmp(members[at], "ratings") != 0)
        at++;
    (void)rs_json_write_members(event->document, members, at, out);
    if (at < count) {
        rs_buffer_add_text(out, out->data[out->len - 1] == '{' ? "" : ",");
        write_short_ratings(event, out);
    }
    if (at + 1 >= count)
        return;
    size_t before = out->len;
    rs_buffer_add_text(out, ",");
    if (rs_json_write_members(event->document, members + at + 1, count - at - 1, out) == 0 &&
        !out->failed)
        out->len = before;
}

static enum rs_status add(struct rs_operations *out, const struct rs_event *event,
                          struct rs_buffer *document)
{
    size_t len = 0;
    rs_buffer_add(document, "}", 1);
    char *bytes = rs_buffer_take(document, &len);
    return rs_operations_take(out, &rs_elasticsearch, event->id, event->version, bytes, len);
}

enum rs_status rs_elasticsearch_put(struct rs_operations *out, const struct rs_event *event,
                                    const char *const *members, size_t count,
                                    const struct rs_buffer *more)
{
    struct rs_buffer document = rs_operations_buffer(out);
    (void)rs_buffer_reserve(&document, event->body.len + more->len + SUBMITTED_BYTES);
    rs_buffer_add(&document, "{", 1);
    if (document.failed || more->failed) {
        rs_buffer_finish(&document);
        return RS_FATAL;
    }
    write_members(event, members, count, &document);
    if (event->has_submitted)
        write_submitted(event->submitted_ms, &document);
    if (more->len) {
        rs_buffer_add_text(&document, ",");
        rs_buffer_add(&document, more->data, more->len);
    }
    return add(out, event, &document);
}

enum rs_status rs_elasticsearch_tombstone(struct rs_operations *out, const struct rs_event *event)
{
    struct rs_buffer document = rs_operations_buffer(out);
    rs_buffer_add_text(&document, "{\"reviewId\":");
    rs_json_write_string(rs_text(event->id), &document);
    rs_buffer_add_text(&document, ",\"version\":");
    rs_decimal_add(&document, event->version);
    if (event->state == RS_WITHDRAWN) {
        rs_buffer_add_text(&document, ",\"productId\":");
        rs_json_write_string(rs_text(event->product_id), &document);
    }
    rs_buffer_add_text(&document, event->state == RS_WITHDRAWN ? ",\"status\":\"withdrawn\""
                                                               : ",\"status\":\"erased\"");
    return add(out, event, &document);
}
