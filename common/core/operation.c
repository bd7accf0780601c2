#include "core/operation.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INLINE_OPS = 2 }; /* most events make one or two */

struct rs_operations {
    size_t count, size;
    struct rs_operation **ops;
    struct rs_operation *few[INLINE_OPS];
};

char rs_state_letter(enum rs_state state)
{
    return "pwe"[state];
}

struct rs_operations *rs_operations_create(void)
{
    struct rs_operations *out = calloc(1, sizeof(*out));
    if (out) {
        out->ops = out->few;
        out->size = INLINE_OPS;
    }
    return out;
}

static void destroy_operation(struct rs_operation *op)
{
    free(op->key);
    free(op->bytes);
    free(op);
}

void rs_operations_destroy(struct rs_operations *out)
{
    if (!out)
        return;
    for (size_t i = 0; i < out->count; i++)
        destroy_operation(out->ops[i]);
    if (out->ops != out->few)
        free(out->ops);
    free(out);
}

size_t rs_operations_count(const struct rs_operations *out)
{
    return out->count;
}

struct rs_operation *rs_operations_at(const struct rs_operations *out, size_t index)
{
    assert(index < out->count);
    return out->ops[index];
}

static bool grow(struct rs_operations *out)
{
    if (out->count < out->size)
        return true;
    struct rs_operation **ops = malloc(2 * out->size * sizeof(struct rs_operation *));
    if (!ops)
        return false;
    memcpy(ops, out->ops, out->count * sizeof(struct rs_operation *));
    if (out->ops != out->few)
        free(out->ops);
    out->ops = ops;
    out->size *= 2;
    return true;
}

static struct rs_operation *add(struct rs_operations *out)
{
    struct rs_operation *op = grow(out) ? calloc(1, sizeof(*op)) : NULL;
    if (op) {
        op->status = RS_RETRY;
        out->ops[out->count++] = op;
    }
    return op;
}

/* FNV-1a, so that keys are told apart without looking at them. Not seeded: who makes keys collide
 * makes the driver compare them, no more. */
static uint64_t hash(const char *key)
{
    uint64_t value = UINT64_C(14695981039346656037);
    for (; key && *key; key++)
        value = (value ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return key ? value | 1 : 0;
}

enum rs_status rs_operations_take(struct rs_operations *out, const struct rs_sink *sink,
                                  const char *key, int64_t version, char *bytes, size_t len)
{
    char *own_key = key && bytes ? strdup(key) : NULL;
    struct rs_operation *op = bytes && (own_key || !key) ? add(out) : NULL;
    if (!op) {
        free(own_key);
        free(bytes);
        return RS_FATAL;
    }
    op->sink = sink;
    op->key = own_key;
    op->key_hash = hash(own_key);
    op->version = version;
    op->bytes = bytes;
    op->len = len;
    return RS_OK;
}

enum rs_status rs_reject(struct rs_operations *out, const char *format, ...)
{
    struct rs_operation *op = add(out);
    if (!op)
        return RS_FATAL;
    op->status = RS_REJECT;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(op->reason, sizeof(op->reason), format, list);
    va_end(list);
    return RS_REJECT;
}

void rs_operation_answer(struct rs_operation *op, const struct rs_answer *row, const char *reason)
{
    op->status = row->status;
    op->fault = row->fault;
    op->reason[0] = '\0';
    if (reason)
        (void)snprintf(op->reason, sizeof(op->reason), "%s", reason);
}
