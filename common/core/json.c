#include "core/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "core/number.h"
#include "core/utf8.h"

/* A value is yyjson's own. All values of a text stand in one array, in the order of the text: a
 * name before its value, a container before its content. The checks are one walk along it. */

enum {
    KEPT_BYTES = 256 * 1024, /* a block up to this size is kept for the next text */
    LEAST_BLOCK = 4096,
    FEW_NAMES = 16, /* up to so many are compared in pairs */
    SHOWN_NAME = 48,
};

/* yyjson takes two blocks at a time: the copy of the text, and the values, which may grow. */
struct block {
    char *data;
    size_t size;
    bool taken;
};

struct rs_json_reader {
    struct block blocks[2];
    size_t most_bytes; /* of values: with more, the text is over its limit of members */
    bool too_many;
};

static yyjson_val *of(const struct rs_json *value)
{
    return (yyjson_val *)value;
}

static const struct rs_json *as_json(yyjson_val *value)
{
    return (const struct rs_json *)value;
}

/* --- memory --- */

static void release(struct block *block)
{
    block->taken = false;
    if (block->size > KEPT_BYTES) {
        free(block->data);
        *block = (struct block){0};
    }
}

static void *take_block(void *self, size_t size)
{
    struct rs_json_reader *reader = self;
    struct block *block = &reader->blocks[reader->blocks[0].taken];
    assert(!block->taken);
    if (block->size < size) {
        free(block->data);
        *block = (struct block){0};
        if (size <= KEPT_BYTES)
            size += size / 2 + LEAST_BLOCK;
        block->data = malloc(size);
        if (!block->data)
            return NULL;
        block->size = size;
    }
    block->taken = true;
    return block->data;
}

static void *grow_block(void *self, void *data, size_t old_size, size_t size)
{
    struct rs_json_reader *reader = self;
    struct block *block = &reader->blocks[reader->blocks[1].data == data];
    if (old_size > reader->most_bytes) {
        reader->too_many = true;
        return NULL;
    }
    if (size <= block->size)
        return data;
    char *more = realloc(data, size);
    if (!more)
        return NULL;
    block->data = more;
    block->size = size;
    return more;
}

static void free_block(void *self, void *data)
{
    struct rs_json_reader *reader = self;
    release(&reader->blocks[reader->blocks[1].data == data]);
}

struct rs_json_reader *rs_json_reader_create(void)
{
    return calloc(1, sizeof(struct rs_json_reader));
}

void rs_json_reader_destroy(struct rs_json_reader *reader)
{
    if (!reader)
        return;
    free(reader->blocks[0].data);
    free(reader->blocks[1].data);
    free(reader);
}

/* --- checks --- */

static bool same_name(yyjson_val *a, yyjson_val *b)
{
    const char *left = unsafe_yyjson_get_str(a), *right = unsafe_yyjson_get_str(b);
    size_t len = unsafe_yyjson_get_len(a);
    return len == unsafe_yyjson_get_len(b) && *left == *right && memcmp(left, right, len) == 0;
}

/* From 0 to 63, equal for equal names. */
static unsigned look(yyjson_val *name)
{
    return ((unsigned)unsafe_yyjson_get_len(name) * 5 +
            (unsigned char)*unsafe_yyjson_get_str(name)) %
           64;
}

static int compare_names(const void *a, const void *b)
{
    yyjson_val *left = *(yyjson_val *const *)a, *right = *(yyjson_val *const *)b;
    size_t len = unsafe_yyjson_get_len(left), other = unsafe_yyjson_get_len(right);
    if (len != other)
        return len < other ? -1 : 1;
    return memcmp(unsafe_yyjson_get_str(left), unsafe_yyjson_get_str(right), len);
}

/* Of at most FEW_NAMES: one that is there twice, or NULL. */
static yyjson_val *find_among_few(yyjson_val *name, size_t count)
{
    yyjson_val *names[FEW_NAMES], *twice = NULL;
    uint64_t seen = 0; /* by length and first byte; most names differ there */
    for (size_t i = 0; i < count; i++, name = unsafe_yyjson_get_next(name + 1)) {
        uint64_t mark = UINT64_C(1) << look(name);
        names[i] = name;
        if (seen & mark)
            for (size_t j = 0; j < i; j++)
                twice = same_name(name, names[j]) ? name : twice;
        seen |= mark;
    }
    return twice;
}

/* A name that the object has twice: into `ret_name`, NULL when there is none. Sorting keeps a
 * flood of names from costing the square of it. false: out of memory. */
static bool find_twice(yyjson_val *object, yyjson_val **ret_name)
{
    size_t count = unsafe_yyjson_get_len(object);
    yyjson_val *name = unsafe_yyjson_get_first(object);
    *ret_name = NULL;
    if (count <= FEW_NAMES) {
        *ret_name = find_among_few(name, count);
        return true;
    }
    yyjson_val **names = malloc(count * sizeof(yyjson_val *));
    if (!names)
        return false;
    for (size_t i = 0; i < count; i++, name = unsafe_yyjson_get_next(name + 1))
        names[i] = name;
    qsort(names, count, sizeof(yyjson_val *), compare_names);
    for (size_t i = 1; i < count; i++) {
        if (same_name(names[i - 1], names[i]))
            *ret_name = names[i];
    }
    free(names);
    return true;
}

static const char *shown(yyjson_val *name, char buffer[SHOWN_NAME])
{
    struct rs_bytes text = {unsafe_yyjson_get_str(name), unsafe_yyjson_get_len(name)};
    return rs_utf8_show(text, buffer, SHOWN_NAME);
}

struct check {
    const struct rs_json_limits *limits;
    struct rs_error *reason;
    yyjson_val *root;
    size_t members;
};

/* The name of the outermost object's member that the value is in, or is; NULL: of none. */
static yyjson_val *member_of(yyjson_val *root, const yyjson_val *value)
{
    yyjson_val *name = unsafe_yyjson_get_first(root), *next;
    if (!unsafe_yyjson_is_obj(root))
        return NULL;
    while ((next = unsafe_yyjson_get_next(name + 1)) <= value)
        name = next;
    return name;
}

static bool check_string(const struct check *check, yyjson_val *value)
{
    char name[SHOWN_NAME];
    const char *where = "a value";
    size_t len = unsafe_yyjson_get_len(value);
    bool too_long = len > check->limits->string_bytes;
    if (!too_long && !(check->limits->strict && memchr(unsafe_yyjson_get_str(value), '\0', len)))
        return true;
    yyjson_val *member = member_of(check->root, value);
    if (member)
        where = member == value ? "a name" : shown(member, name);
    if (too_long)
        return rs_error_set(check->reason, "has a string of %zu bytes in %s, limit is %zu", len,
                            where, check->limits->string_bytes);
    return rs_error_set(check->reason, "has \\u0000 in %s", where);
}

static enum rs_json_verdict check_container(struct check *check, yyjson_val *value, size_t depth)
{
    const struct rs_json_limits *limits = check->limits;
    char text[SHOWN_NAME];
    yyjson_val *twice = NULL;
    check->members += unsafe_yyjson_get_len(value);
    if (depth > limits->depth)
        rs_error_set(check->reason, "is nested deeper than %zu levels", limits->depth);
    else if (check->members > limits->members)
        rs_error_set(check->reason, "has more than %zu members and elements", limits->members);
    else if (!limits->strict || !unsafe_yyjson_is_obj(value))
        return RS_JSON_READ;
    else if (!find_twice(value, &twice))
        return RS_JSON_NO_MEMORY;
    else if (!twice)
        return RS_JSON_READ;
    else
        rs_error_set(check->reason, "has member \"%s\" twice", shown(twice, text));
    return RS_JSON_REFUSED;
}

/* `strings`: one may be too long, or hold a NUL. */
static enum rs_json_verdict check_values(struct check *check, size_t count, bool strings)
{
    yyjson_val *ends[RS_JSON_MAX_DEPTH]; /* of the open containers */
    size_t depth = 0;
    for (yyjson_val *value = check->root, *end = value + count; value < end; value++) {
        if (strings && unsafe_yyjson_is_str(value) && !check_string(check, value))
            return RS_JSON_REFUSED;
        if (!unsafe_yyjson_is_ctn(value))
            continue;
        while (depth > 0 && value >= ends[depth - 1])
            depth--;
        enum rs_json_verdict verdict = check_container(check, value, depth + 1);
        if (verdict != RS_JSON_READ)
            return verdict;
        ends[depth++] = unsafe_yyjson_get_next(value);
    }
    return RS_JSON_READ;
}

static enum rs_json_verdict refuse_text(const struct rs_json_reader *reader,
                                        const struct rs_json_limits *limits,
                                        const yyjson_read_err *error, struct rs_error *reason)
{
    if (reader->too_many)
        rs_error_set(reason, "has more than %zu members and elements", limits->members);
    else if (error->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return RS_JSON_NO_MEMORY;
    else
        rs_error_set(reason, "is no JSON: %s at byte %zu", error->msg, error->pos);
    return RS_JSON_REFUSED;
}

enum rs_json_verdict rs_json_read(struct rs_json_reader *reader, struct rs_bytes text,
                                  const struct rs_json_limits *limits,
                                  const struct rs_json **ret_value, struct rs_error *reason)
{
    assert(limits->depth <= RS_JSON_MAX_DEPTH);
    release(&reader->blocks[0]);
    release(&reader->blocks[1]);
    if (text.len > limits->bytes) {
        rs_error_set(reason, "has %zu bytes, limit is %zu", text.len, limits->bytes);
        return RS_JSON_REFUSED;
    }
    /* One value is on top, an element is one, a member two; yyjson wants a few for itself. */
    size_t most = limits->members < SIZE_MAX / 64 ? 2 * limits->members + 16 : SIZE_MAX / 32;
    reader->most_bytes = most * sizeof(yyjson_val);
    reader->too_many = false;
    const yyjson_alc memory = {take_block, grow_block, free_block, reader};
    yyjson_read_err error;
    yyjson_doc *document = yyjson_read_opts((char *)text.data, text.len, YYJSON_READ_NUMBER_AS_RAW,
                                            &memory, &error); /* it does not write into the text */
    if (!document)
        return refuse_text(reader, limits, &error, reason);
    yyjson_val *root = yyjson_doc_get_root(document);
    if (limits->strict && !unsafe_yyjson_is_obj(root)) {
        rs_error_set(reason, "is no JSON object");
        return RS_JSON_REFUSED;
    }
    /* No string is longer than the text, and a NUL comes from an escape only. */
    bool strings =
        text.len > limits->string_bytes || (limits->strict && memchr(text.data, '\\', text.len));
    struct check check = {.limits = limits, .reason = reason, .root = root};
    enum rs_json_verdict verdict =
        check_values(&check, yyjson_doc_get_val_count(document), strings);
    if (verdict == RS_JSON_READ)
        *ret_value = as_json(root);
    return verdict;
}

/* --- access --- */

enum rs_json_type rs_json_type(const struct rs_json *value)
{
    static const enum rs_json_type types[] = {
        [YYJSON_TYPE_NULL] = RS_JSON_NULL,  [YYJSON_TYPE_BOOL] = RS_JSON_FALSE,
        [YYJSON_TYPE_RAW] = RS_JSON_NUMBER, [YYJSON_TYPE_STR] = RS_JSON_STRING,
        [YYJSON_TYPE_ARR] = RS_JSON_ARRAY,  [YYJSON_TYPE_OBJ] = RS_JSON_OBJECT};
    return yyjson_is_true(of(value)) ? RS_JSON_TRUE : types[yyjson_get_type(of(value))];
}

struct rs_bytes rs_json_string(const struct rs_json *value)
{
    return (struct rs_bytes){yyjson_get_str(of(value)),
                             yyjson_is_str(of(value)) ? unsafe_yyjson_get_len(of(value)) : 0};
}

bool rs_json_is_plain(const struct rs_json *value)
{
    return yyjson_is_str(of(value)) && yyjson_get_subtype(of(value)) == YYJSON_SUBTYPE_NOESC;
}

struct rs_bytes rs_json_number(const struct rs_json *value)
{
    return (struct rs_bytes){yyjson_get_raw(of(value)),
                             yyjson_is_raw(of(value)) ? unsafe_yyjson_get_len(of(value)) : 0};
}

bool rs_json_integer(const struct rs_json *value, int64_t *ret_integer)
{
    return rs_number_integer(rs_json_number(value), ret_integer);
}

const struct rs_json *rs_json_get(const struct rs_json *object, const char *name)
{
    return as_json(yyjson_obj_get(of(object), name));
}

void rs_json_pick(const struct rs_json *object, const struct rs_bytes *names, size_t count,
                  const struct rs_json **values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = NULL;
    if (!yyjson_is_obj(of(object)))
        return;
    yyjson_val *name = unsafe_yyjson_get_first(of(object));
    size_t next = 0;
    for (size_t left = unsafe_yyjson_get_len(of(object)); left > 0; left--) {
        for (size_t tries = 0; tries < count; tries++) {
            size_t i = next;
            next = i + 1 < count ? i + 1 : 0;
            if (unsafe_yyjson_equals_strn(name, names[i].data, names[i].len)) {
                if (!values[i])
                    values[i] = as_json(name + 1);
                break;
            }
        }
        name = unsafe_yyjson_get_next(name + 1);
    }
}

bool rs_json_next(struct rs_json_walk *walk)
{
    if (walk->index == 0) {
        if (!yyjson_is_ctn(of(walk->of)))
            return false;
        walk->value = as_json(unsafe_yyjson_get_first(of(walk->of)));
    }
    if (walk->index == unsafe_yyjson_get_len(of(walk->of)))
        return false;
    if (walk->index++)
        walk->value = as_json(unsafe_yyjson_get_next(of(walk->value)));
    if (unsafe_yyjson_is_obj(of(walk->of))) {
        walk->name = rs_json_string(walk->value);
        walk->value = as_json(of(walk->value) + 1);
    }
    return true;
}
