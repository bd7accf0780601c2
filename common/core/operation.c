#include "core/operation.h"

#include <assert.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INLINE_OPS = 2 /* most events make one or two */, SPARE_BYTES = 4096 };

struct rs_operations {
    size_t count, size;
    struct rs_operation **ops;
    struct rs_operation *few[INLINE_OPS];
    struct rs_operation first;
    struct rs_buffer spare; /* empty */
    size_t held;            /* bytes of what is counted */
};

char rs_state_letter(enum rs_state state)
{
    return "pwe"[state];
}

struct rs_operations *rs_operations_create(void)
{
    struct rs_operations *out = malloc(sizeof(*out));
    if (out) {
        out->count = 0;
        out->spare = (struct rs_buffer){0};
        out->ops = out->few;
        out->size = INLINE_OPS;
        out->held = 0;
    }
    return out;
}

void rs_operations_clear(struct rs_operations *out)
{
    for (size_t i = 0; i < out->count; i++) {
        struct rs_operation *op = out->ops[i];
        if (op->key != op->own_key)
            free(op->key);
        if (out->spare.data || op->len >= SPARE_BYTES)
            free(op->bytes);
        else if (op->bytes)
            out->spare = (struct rs_buffer){.data = op->bytes, .size = op->size};
        if (op != &out->first)
            free(op);
    }
    out->count = out->held = 0;
}

void rs_operations_destroy(struct rs_operations *out)
{
    if (!out)
        return;
    rs_operations_clear(out);
    rs_buffer_finish(&out->spare);
    if (out->ops != out->few)
        free(out->ops);
    free(out);
}

struct rs_buffer rs_operations_buffer(struct rs_operations *out)
{
    struct rs_buffer buffer = out->spare;
    out->spare = (struct rs_buffer){0};
    return buffer;
}

size_t rs_operations_count(const struct rs_operations *out)
{
    return out->count;
}

size_t rs_operations_bytes(const struct rs_operations *out)
{
    size_t list = out->ops != out->few ? out->size * sizeof(struct rs_operation *) : 0;
    return sizeof(*out) + list + out->spare.size + out->held;
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

/* A new operation, not yet counted; NULL: out of memory. Only its texts are not zeroed. */
static struct rs_operation *make(struct rs_operations *out)
{
    if (!grow(out))
        return NULL;
    struct rs_operation *op = out->count ? malloc(sizeof(*op)) : &out->first;
    if (op) {
        memset(op, 0, offsetof(struct rs_operation, own_key));
        op->status = RS_RETRY;
        op->reason[0] = '\0';
        out->ops[out->count] = op;
    }
    return op;
}

static void unmake(struct rs_operations *out, struct rs_operation *op)
{
    if (op && op != &out->first)
        free(op);
}

/* Count one that is complete, with what the allocator gave it: a buffer that grew is up to twice as
 * large as its content. */
static void keep(struct rs_operations *out, struct rs_operation *op)
{
    out->count++;
    op->size = malloc_usable_size(op->bytes);
    out->held += op->size;
    if (op->key != op->own_key)
        out->held += malloc_usable_size(op->key);
    if (op != &out->first)
        out->held += sizeof(*op);
}

/* A copy of the key, in the operation where it is short. */
static bool set_key(struct rs_operation *op, const char *key)
{
    if (!key)
        return true;
    size_t len = strlen(key);
    op->key = len < sizeof(op->own_key) ? op->own_key : malloc(len + 1);
    if (!op->key)
        return false;
    memcpy(op->key, key, len + 1);
    op->key_len = len;
    op->key_hash = rs_bytes_hash((struct rs_bytes){key, len});
    return true;
}

enum rs_status rs_operations_take(struct rs_operations *out, const struct rs_sink *sink,
                                  const char *key, int64_t version, char *bytes, size_t len)
{
    struct rs_operation *op = bytes ? make(out) : NULL;
    if (!op || !set_key(op, key)) {
        unmake(out, op);
        free(bytes);
        return RS_FATAL;
    }
    op->sink = sink;
    op->version = version;
    op->bytes = bytes;
    op->len = len;
    keep(out, op);
    return RS_OK;
}

enum rs_status rs_reject(struct rs_operations *out, const char *format, ...)
{
    struct rs_operation *op = make(out);
    if (!op)
        return RS_FATAL;
    op->status = RS_REJECT;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(op->reason, sizeof(op->reason), format, list);
    va_end(list);
    keep(out, op);
    return RS_REJECT;
}

void rs_operation_begin(struct rs_operation *op)
{
    op->status = RS_RETRY;
    op->fault = RS_OUTAGE;
    op->applied = op->conflict = false;
    op->reason[0] = '\0';
}

void rs_operation_answer(struct rs_operation *op, const struct rs_answer *row, const char *reason)
{
    op->status = row->status;
    op->fault = row->fault;
    op->reason[0] = '\0';
    if (reason)
        (void)snprintf(op->reason, sizeof(op->reason), "%s", reason);
}
