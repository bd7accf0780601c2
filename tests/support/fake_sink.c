#include "support/fake_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    char letter;
    struct rs_answer row;
} letters[] = {
    {'o', {.answer = "ok", .status = RS_OK}},
    {'s', {.answer = "stale", .status = RS_OK}},
    {'r', {.answer = "down", .status = RS_RETRY, .fault = RS_OUTAGE}},
    {'i', {.answer = "odd", .status = RS_RETRY, .fault = RS_ITEM}},
    {'j', {.answer = "refused", .status = RS_REJECT}},
    {'f', {.answer = "password", .status = RS_FATAL}},
};

static void answer(struct rs_operation *op, char letter)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
        if (letters[i].letter == letter)
            rs_operation_answer(op, &letters[i].row, letters[i].row.answer);
    op->applied = letter == 'o';
}

static void send_scripted(void *self, struct rs_operation *const *ops, size_t count)
{
    struct fake_sink *fake = self;
    const char *script = fake->requests ? fake->requests[fake->next] : NULL;
    size_t used = strlen(fake->log);
    for (size_t i = 0; i < count; i++) {
        char letter = 'o';
        if (ops[i]->canary)
            letter = 'o';
        else if (script)
            letter = i < strlen(script) ? script[i] : script[strlen(script) - 1];
        answer(ops[i], letter);
        used +=
            (size_t)snprintf(fake->log + used, sizeof(fake->log) - used, "%s%s@%d", i ? " " : "",
                             ops[i]->key ? ops[i]->key : "-", (int)ops[i]->version);
    }
    (void)snprintf(fake->log + used, sizeof(fake->log) - used, "|");
    if (script)
        fake->next++;
    if (fake->clock_ms)
        *fake->clock_ms += fake->takes_ms;
    fake->sent += count;
}

static enum rs_status add_canary(void *self, struct rs_operations *out)
{
    struct fake_sink *fake = self;
    if (!fake->canaries)
        return RS_FATAL;
    return rs_operations_take(out, &fake_sink, "~canary", 0, strdup(""), 0);
}

const struct rs_sink fake_sink = {.name = "fake", .send = send_scripted, .canary = add_canary};
const struct rs_sink fake_dead_sink = {.name = "dead", .send = send_scripted};

void fake_add(struct rs_operations *ops, const struct rs_sink *sink, const char *key,
              int64_t version)
{
    if (rs_operations_take(ops, sink, key, version, strdup(""), 0) != RS_OK)
        abort();
}
