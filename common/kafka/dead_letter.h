/* dead_letter.h - the sink that keeps what a processor can never apply (design, section 7).
 *
 * A dead letter is the record as it came, byte for byte, with headers dl-* behind its own. It is
 * settled when the brokers have acknowledged it. */
#ifndef RS_KAFKA_DEAD_LETTER_H
#define RS_KAFKA_DEAD_LETTER_H

#include "core/decode.h"
#include "core/sink.h"

struct rs_dead_letter_options {
    char *topic;
    int64_t max_value_bytes;
};
extern const struct rs_component rs_dead_letter_component; /* section "dead_letters" */

/* Needs rs_kafka_component and rs_dead_letter_component in the settings. Keeps no marker. Makes
 * no topic: while it is missing everything waits. A value that the topic refuses as too large is
 * cut to 512 KiB, then smaller, with `dl-truncated` (its full length) and `dl-digest` (SHA-256 of
 * the whole, in hex). */
extern const struct rs_sink rs_dead_letter;

/* Which answer means which status, by librdkafka's name of the error. */
extern const struct rs_answer rs_dead_letter_answers[];

/* Why, and who says so. Texts are borrowed for the call. */
struct rs_dead_letter {
    const char *processor, *generation;
    const char *class;  /* malformed, rejected, poison, … */
    const char *reason; /* NULL or "": unknown */
    const char *sink;   /* the one that refused; NULL: none */
    int64_t attempts;   /* sends before it was given up; 0 for what was never sent */
    int64_t at_ms;      /* since 1970 */
};

/* Add the operation that writes a record as a dead letter; all is copied. It has no key: none
 * ever replaces another. RS_FATAL: out of memory, `out` is unchanged. Pure. */
enum rs_status rs_dead_letter_add(struct rs_operations *out, const struct rs_record *record,
                                  const struct rs_dead_letter *letter);

/* The record that an operation holds, as it will be sent: for tests. `headers` has room for `size`;
 * returns how many there are; key, value and headers borrow from `op`. */
size_t rs_dead_letter_read(const struct rs_operation *op, struct rs_bytes *ret_key,
                           struct rs_bytes *ret_value, struct rs_header *headers, size_t size);

#endif
