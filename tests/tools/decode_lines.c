/* decode_lines - what the decoder makes of records, for comparison with another opinion.
 *
 * Reads records from stdin as netstrings-like fields: key, value, then the number of headers, then
 * name and value of each; a field is its length in decimal, ':' and the bytes, or '-' for null.
 * Writes one line a record, fields parted by TAB, bytes in hex. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decode.h"

enum { MOST_HEADERS = 16 };

/* false at the end of the input. The caller frees `data`. */
static bool read_field(struct rs_bytes *field)
{
    int first = getchar();
    *field = (struct rs_bytes){0};
    if (first == EOF)
        return false;
    if (first == '-')
        return true;
    size_t len = 0;
    for (; first >= '0' && first <= '9'; first = getchar())
        len = 10 * len + (size_t)(first - '0');
    char *data = malloc(len + 1);
    if (first != ':' || !data || fread(data, 1, len, stdin) != len) {
        fprintf(stderr, "decode_lines: the input is no list of records\n");
        exit(2);
    }
    data[len] = '\0';
    *field = (struct rs_bytes){data, len};
    return true;
}

static void print_hex(const char *text)
{
    putchar('\t');
    if (!text)
        putchar('-');
    for (; text && *text; text++)
        printf("%02x", (unsigned char)*text);
}

static void print_event(const struct rs_event *event)
{
    printf("event\t%c\t%" PRId64, rs_state_letter(event->state), event->version);
    print_hex(event->id);
    print_hex(event->product_id);
    if (event->has_submitted)
        printf("\t%" PRId64, event->submitted_ms);
    else
        printf("\t-");
    print_hex(event->month[0] ? event->month : NULL);
    print_hex(event->locale);
    print_hex(event->trip_type);
    print_hex(event->country);
    printf("\t%zu\t", event->body.len);
    for (size_t i = 0; i < event->rating_count; i++)
        printf("%s%s=%d", i ? "," : "", event->ratings[i].name, event->ratings[i].hundredths);
    putchar('\n');
}

static bool decode_one(struct rs_decoder *decoder)
{
    static const char *const types[] = {"review", NULL};
    struct rs_bytes names[MOST_HEADERS], count;
    struct rs_header headers[MOST_HEADERS];
    struct rs_record record = {.headers = headers};
    struct rs_event event;
    struct rs_error reason;
    if (!read_field(&record.key) || !read_field(&record.value) || !read_field(&count))
        return false;
    record.header_count = strtoul(count.data, NULL, 10);
    for (size_t i = 0; i < record.header_count && i < MOST_HEADERS; i++) {
        (void)read_field(&names[i]);
        headers[i].name = names[i].data;
        (void)read_field(&headers[i].value);
    }
    switch (rs_decode(decoder, &record, types, &event, &reason)) {
    case RS_EVENT:
        print_event(&event);
        break;
    case RS_SKIPPED:
        printf("skipped\n");
        break;
    case RS_MALFORMED:
        printf("dead\t%s\n", reason.text);
        break;
    default:
        printf("no memory\n");
    }
    for (size_t i = 0; i < record.header_count; i++) {
        free((char *)names[i].data);
        free((char *)headers[i].value.data);
    }
    free((char *)record.key.data);
    free((char *)record.value.data);
    free((char *)count.data);
    return true;
}

int main(void)
{
    struct rs_decoder *decoder = rs_decoder_create();
    while (decoder && decode_one(decoder))
        continue;
    rs_decoder_destroy(decoder);
    return decoder ? 0 : 1;
}
