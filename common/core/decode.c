#include "core/decode.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/number.h"
#include "core/review.h"
#include "core/utf8.h"

/* The envelope is decoded here: type, key, version header, limits of the value, erasures. What
 * the value means is the content decoder's business, found by the type. JSON is the format of
 * all of them so far. */
static const struct content {
    const char *type;
    bool (*decode)(const struct rs_json *document, struct rs_rating ratings[RS_MAX_RATINGS],
                   struct rs_event *event, struct rs_error *reason);
} contents[] = {
    {"review", rs_review_decode},
};

static const struct rs_json_limits limits = {
    .bytes = RS_MAX_VALUE_BYTES,
    .depth = RS_MAX_DEPTH,
    .members = RS_MAX_MEMBERS,
    .string_bytes = RS_MAX_STRING_BYTES,
    .strict = true,
};

struct rs_decoder {
    struct rs_json_reader *reader;
    struct rs_rating ratings[RS_MAX_RATINGS];
    char key[RS_MAX_ID_BYTES + 1]; /* an erased review's id, with a terminator */
};

struct rs_decoder *rs_decoder_create(void)
{
    struct rs_decoder *decoder = calloc(1, sizeof(*decoder));
    if (decoder && !(decoder->reader = rs_json_reader_create())) {
        free(decoder);
        decoder = NULL;
    }
    return decoder;
}

void rs_decoder_destroy(struct rs_decoder *decoder)
{
    if (!decoder)
        return;
    rs_json_reader_destroy(decoder->reader);
    free(decoder);
}

/* Of one name the last header counts, as in Kafka's own clients; a null one is absent. */
static struct rs_bytes header(const struct rs_record *record, const char *name)
{
    for (size_t i = record->header_count; i > 0; i--) {
        if (strcmp(record->headers[i - 1].name, name) == 0)
            return record->headers[i - 1].value;
    }
    return (struct rs_bytes){0};
}

/* The row of `types` that the record belongs to; NULL: of none. */
static const char *taken_type(const struct rs_record *record, const char *const *types)
{
    struct rs_bytes type = header(record, "type");
    if (!type.data)
        type = rs_text("review");
    for (; *types; types++) {
        if (rs_bytes_equal(type, rs_text(*types)))
            return *types;
    }
    return NULL;
}

static const struct content *content_of(const char *type)
{
    size_t i = 0;
    while (strcmp(contents[i].type, type) != 0) {
        i++;
        assert(i < sizeof(contents) / sizeof(*contents)); /* a processor takes no other */
    }
    return &contents[i];
}

/* Canonical decimal: no sign, no leading zero, no space. */
static bool read_version_header(struct rs_bytes text, int64_t *ret_version, struct rs_error *reason)
{
    char shown[32];
    bool canonical = text.len > 0 && text.data[0] >= '1' && rs_number_is_integer(text);
    if (canonical && rs_number_fixed(text, 0, 1, INT64_MAX, ret_version) == RS_FITS)
        return true;
    return rs_error_set(reason,
                        "the version header is \"%s\", must be a decimal from 1 to %" PRId64
                        " without sign, space or leading zero",
                        rs_utf8_show(text, shown, sizeof(shown)), INT64_MAX);
}

/* A null value: everything but id and version is forgotten. */
static bool decode_erasure(struct rs_decoder *decoder, const struct rs_record *record,
                           struct rs_event *event, struct rs_error *reason)
{
    struct rs_bytes version = header(record, "version");
    if (!version.data)
        return rs_error_set(reason, "the value is null and there is no version header: an "
                                    "erasure needs one");
    if (!rs_utf8_is_valid(record->key))
        return rs_error_set(reason, "the key is no valid UTF-8");
    if (!rs_review_check_id("the key", record->key, reason) ||
        !read_version_header(version, &event->version, reason))
        return false;
    memcpy(decoder->key, record->key.data, record->key.len);
    decoder->key[record->key.len] = '\0';
    event->id = decoder->key;
    event->state = RS_ERASED;
    return true;
}

/* What key and header say must be what the content says. */
static bool check_envelope(const struct rs_record *record, const struct rs_event *event,
                           struct rs_error *reason)
{
    struct rs_bytes text = header(record, "version");
    int64_t version = event->version;
    if (!rs_bytes_equal(record->key, rs_text(event->id)))
        return rs_error_set(reason, "the key is not the reviewId");
    if (text.data && !read_version_header(text, &version, reason))
        return false;
    if (version != event->version)
        return rs_error_set(reason,
                            "the version header is %" PRId64 ", the value's version %" PRId64,
                            version, event->version);
    return true;
}

static enum rs_verdict read_value(struct rs_decoder *decoder, const struct rs_record *record,
                                  struct rs_event *event, struct rs_error *reason)
{
    struct rs_error why;
    if (record->value.len == 0) {
        rs_error_set(reason, "the value is empty");
        return RS_MALFORMED;
    }
    switch (rs_json_read(decoder->reader, record->value, &limits, &event->document, &why)) {
    case RS_JSON_READ:
        event->body = record->value;
        return RS_EVENT;
    case RS_JSON_REFUSED:
        rs_error_set(reason, "the value %s", why.text);
        return RS_MALFORMED;
    default:
        return RS_NO_MEMORY;
    }
}

enum rs_verdict rs_decode(struct rs_decoder *decoder, const struct rs_record *record,
                          const char *const *types, struct rs_event *event, struct rs_error *reason)
{
    struct rs_event made = {.type = taken_type(record, types)};
    if (!made.type)
        return RS_SKIPPED;
    const struct content *content = content_of(made.type);
    if (!record->key.data) {
        rs_error_set(reason, "the key is null");
        return RS_MALFORMED;
    }
    if (!record->value.data) {
        if (!decode_erasure(decoder, record, &made, reason))
            return RS_MALFORMED;
    } else {
        enum rs_verdict verdict = read_value(decoder, record, &made, reason);
        if (verdict != RS_EVENT)
            return verdict;
        if (!content->decode(made.document, decoder->ratings, &made, reason) ||
            !check_envelope(record, &made, reason))
            return RS_MALFORMED;
    }
    *event = made;
    return RS_EVENT;
}
