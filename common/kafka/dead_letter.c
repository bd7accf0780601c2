#include "kafka/dead_letter.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answers.h"
#include "core/settings.h"
#include "kafka/producer.h"

enum { CUT_BYTES = 512 * 1024, SMALLER = 8, PREPARE_MS = 5000, DIGEST_TEXT = 65, CUT_HEADERS = 2 };

static const struct rs_option options[] = {
    RS_OPTION(struct rs_dead_letter_options, topic, "reviews.dead-letters", NULL, NULL,
              "topic of the events that this processor can never apply"),
    RS_OPTION(struct rs_dead_letter_options, max_value_bytes, "8388608", "1024", "15728640",
              "larger values are cut to this in a dead letter, with their length and digest"),
    RS_OPTIONS_END,
};
const struct rs_component rs_dead_letter_component = {
    .section = "dead_letters",
    .summary = "where events go that can never be applied",
    .options = options,
    .size = sizeof(struct rs_dead_letter_options),
};

const struct rs_answer rs_dead_letter_answers[] = {
    {"NO_ERROR", RS_OK, RS_OUTAGE, "acknowledged by all replicas in sync"},
    {"MSG_SIZE_TOO_LARGE", RS_FATAL, RS_OUTAGE,
     "too large even without its value; raise max.message.bytes of the topic"},
    {"UNKNOWN_TOPIC_OR_PART", RS_RETRY, RS_OUTAGE,
     "no such topic; make it: reviewctl topics create"},
    {"_UNKNOWN_TOPIC", RS_RETRY, RS_OUTAGE, "no such topic; make it: reviewctl topics create"},
    {"_UNKNOWN_PARTITION", RS_RETRY, RS_OUTAGE, "the topic was made again with fewer partitions"},
    {"TOPIC_AUTHORIZATION_FAILED", RS_FATAL, RS_OUTAGE, "the user may not write to the topic"},
    {"CLUSTER_AUTHORIZATION_FAILED", RS_FATAL, RS_OUTAGE, "the user may not write idempotently"},
    {"_AUTHENTICATION", RS_FATAL, RS_OUTAGE, "the brokers refuse user and password"},
    {"_SSL", RS_FATAL, RS_OUTAGE, "TLS failed: certificate, name or authority"},
    {"INVALID_RECORD", RS_FATAL, RS_OUTAGE,
     "refused by the topic; it must not be compacted, as some events have no key"},
    {"POLICY_VIOLATION", RS_FATAL, RS_OUTAGE, "refused by a policy of the brokers"},
    {"_FAIL", RS_FATAL, RS_OUTAGE, "no producer can be made with these settings"},
    {"INVALID_TIMESTAMP", RS_RETRY, RS_OUTAGE, "the clocks of this host and the broker differ"},
    {"_MSG_TIMED_OUT", RS_RETRY, RS_OUTAGE, "no answer in time; it may have been written"},
    {"NOT_ENOUGH_REPLICAS", RS_RETRY, RS_OUTAGE, "fewer replicas in sync than the topic asks for"},
    {"_QUEUE_FULL", RS_RETRY, RS_OUTAGE, "the queue to the brokers is full"},
    {"*", RS_RETRY, RS_OUTAGE, "any other error: nothing is dropped"},
    {NULL, RS_RETRY, RS_OUTAGE, NULL},
};

struct dead_letter {
    struct rs_producer *producer;
    const struct rs_dead_letter_options *options;
};

/* One operation while it is sent. */
struct letter {
    struct rs_operation *op;
    struct rs_message message;
    struct rs_header *headers; /* with room for those of a cut value */
    struct rs_bytes value;     /* the whole one */
    char length[24], digest[DIGEST_TEXT];
    struct rs_delivery delivery;
};

static bool write_digest(struct rs_bytes value, char *text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (!EVP_Digest(value.data, value.len, digest, &len, EVP_sha256(), NULL))
        return false;
    for (unsigned i = 0; i < len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return true;
}

/* Keep the first `len` bytes of the value, and say so in the headers. */
static bool cut(struct letter *letter, size_t len)
{
    if (!letter->digest[0]) {
        if (!write_digest(letter->value, letter->digest))
            return false;
        (void)snprintf(letter->length, sizeof(letter->length), "%zu", letter->value.len);
        struct rs_header *more = letter->headers + letter->message.header_count;
        more[0] = (struct rs_header){"dl-truncated", rs_text(letter->length)};
        more[1] = (struct rs_header){"dl-digest", rs_text(letter->digest)};
        letter->message.header_count += CUT_HEADERS;
    }
    letter->message.value.len = len;
    return true;
}

static bool init_letter(struct letter *letter, struct rs_operation *op,
                        const struct dead_letter *self)
{
    struct rs_message *message = &letter->message;
    struct rs_bytes key;
    size_t count = rs_dead_letter_read(op, &key, &letter->value, NULL, 0);
    letter->op = op;
    letter->headers = calloc(count + CUT_HEADERS, sizeof(*letter->headers));
    if (!letter->headers)
        return false;
    (void)rs_dead_letter_read(op, &key, &letter->value, letter->headers, count);
    *message = (struct rs_message){
        .topic = self->options->topic,
        .key = key,
        .value = letter->value,
        .headers = letter->headers,
        .header_count = count,
    };
    size_t most = (size_t)self->options->max_value_bytes;
    return letter->value.len <= most || cut(letter, most);
}

/* Queue it; a full queue is emptied of those before it first. */
static void queue(struct dead_letter *self, struct letter *letter, struct letter *first)
{
    if (rs_producer_produce(self->producer, &letter->message, &letter->delivery) != RS_RETRY)
        return;
    for (struct letter *before = first; before < letter; before++)
        (void)rs_producer_wait(self->producer, &(struct rs_delivery *){&before->delivery}, 1, -1);
    letter->delivery = (struct rs_delivery){0};
    (void)rs_producer_produce(self->producer, &letter->message, &letter->delivery);
}

static bool is_too_large(struct letter *letter)
{
    return strcmp(letter->delivery.answer, "MSG_SIZE_TOO_LARGE") == 0;
}

static void send_alone(struct dead_letter *self, struct letter *letter)
{
    letter->delivery = (struct rs_delivery){0};
    (void)rs_producer_produce(self->producer, &letter->message, &letter->delivery);
    (void)rs_producer_wait(self->producer, &(struct rs_delivery *){&letter->delivery}, 1, -1);
}

/* The broker refuses a batch as a whole: so first alone, then with less and less of its value. */
static void shrink(struct dead_letter *self, struct letter *letter)
{
    send_alone(self, letter);
    for (size_t len = CUT_BYTES; is_too_large(letter) && letter->message.value.len > 0;
         len /= SMALLER) {
        if (letter->message.value.len <= len)
            continue;
        if (!cut(letter, len))
            return;
        send_alone(self, letter);
    }
}

static void answer(const struct dead_letter *self, const struct letter *letter)
{
    char reason[RS_REASON_BYTES];
    const struct rs_answer *row = rs_answer_find(rs_dead_letter_answers, letter->delivery.answer);
    bool missing = strstr(letter->delivery.answer, "UNKNOWN_TOPIC") != NULL;
    (void)snprintf(reason, sizeof(reason), "topic %.50s: %.127s", self->options->topic,
                   missing ? row->meaning : letter->delivery.reason);
    rs_operation_answer(letter->op, row, row->status == RS_OK ? NULL : reason);
    letter->op->applied = row->status == RS_OK;
}

static void send_letters(void *instance, struct rs_operation *const *ops, size_t count)
{
    struct dead_letter *self = instance;
    struct letter *letters = calloc(count, sizeof(*letters));
    size_t ready = 0;
    /* out of memory leaves the rest untouched: it is sent again */
    while (letters && ready < count && init_letter(&letters[ready], ops[ready], self)) {
        queue(self, &letters[ready], letters);
        ready++;
    }
    for (size_t i = 0; i < ready; i++)
        (void)rs_producer_wait(self->producer, &(struct rs_delivery *){&letters[i].delivery}, 1,
                               -1);
    for (size_t i = 0; i < ready; i++) {
        if (is_too_large(&letters[i]))
            shrink(self, &letters[i]);
        answer(self, &letters[i]);
    }
    for (size_t i = 0; letters && i < count; i++)
        free(letters[i].headers);
    free(letters);
}

static void *open_instance(const struct rs_view *view, struct rs_error *error)
{
    struct dead_letter *self = calloc(1, sizeof(*self));
    if (!self) {
        rs_error_set(error, "out of memory");
        return NULL;
    }
    self->options = rs_settings_get(view->settings, &rs_dead_letter_component);
    self->producer = rs_producer_shared(view->settings, error);
    if (self->producer)
        return self;
    free(self);
    return NULL;
}

static void close_instance(void *instance)
{
    struct dead_letter *self = instance;
    if (!self)
        return;
    rs_producer_destroy(self->producer);
    free(self);
}

static enum rs_status prepare(void *instance, char *reason)
{
    struct dead_letter *self = instance;
    struct rs_error error = {{0}};
    switch (rs_producer_topic(self->producer, self->options->topic, PREPARE_MS, NULL, &error)) {
    case RS_KNOWN:
        return RS_OK;
    case RS_UNKNOWN:
        (void)snprintf(reason, RS_REASON_BYTES,
                       "topic %.80s does not exist; make it: reviewctl topics create",
                       self->options->topic);
        return RS_RETRY;
    default:
        (void)snprintf(reason, RS_REASON_BYTES, "%.180s", error.text);
        return RS_RETRY;
    }
}

/* Errors of the connection pile up in librdkafka until somebody polls. */
static void tick(void *instance, int64_t now_ms)
{
    struct dead_letter *self = instance;
    (void)now_ms;
    rs_producer_poll(self->producer, 0);
}

static const struct rs_component *const components[] = {&rs_dead_letter_component, NULL};

const struct rs_sink rs_dead_letter = {
    .name = "dead_letters",
    .components = components,
    .answers = rs_dead_letter_answers,
    .open = open_instance,
    .close = close_instance,
    .send = send_letters,
    .prepare = prepare,
    .tick = tick,
};
