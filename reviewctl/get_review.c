/* get review ID */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "commands.h"
#include "core/json.h"
#include "json_out.h"
#include "processors.h"
#include "sink/active.h"
#include "stores.h"
#include "table.h"

struct args {
    struct common common;
    const char *id, *generation;
};

/* The fields of a review's hash in the cache; data NULL: absent. */
struct stored {
    struct rs_bytes version, state, product, submitted, body;
};

static void read_hash(const struct rs_reply *reply, struct stored *ret)
{
    const struct {
        const char *name;
        struct rs_bytes *value;
    } fields[] = {{"v", &ret->version},
                  {"s", &ret->state},
                  {"p", &ret->product},
                  {"t", &ret->submitted},
                  {"b", &ret->body}};
    for (size_t i = 0; i + 1 < rs_reply_count(reply); i += 2) {
        struct rs_bytes name = {NULL, 0};
        (void)rs_reply_bytes(rs_reply_at(reply, i), &name);
        for (size_t j = 0; j < sizeof(fields) / sizeof(*fields); j++)
            if (rs_bytes_equal(name, rs_text(fields[j].name)))
                (void)rs_reply_bytes(rs_reply_at(reply, i + 1), fields[j].value);
    }
}

static const char *state_name(struct rs_bytes state)
{
    char letter = state.len == 1 ? state.data[0] : '?';
    return letter == 'p'   ? "published"
           : letter == 'w' ? "withdrawn"
           : letter == 'e' ? "erased"
                           : "in an unknown state";
}

static void add_member(struct rs_buffer *out, const char *name, struct rs_bytes value)
{
    rs_buffer_printf(out, ",\"%s\":", name);
    if (value.data)
        rs_json_write_string(value, out);
    else
        rs_buffer_add_text(out, "null");
}

static void print_json(const struct args *args, const char *generation, const struct stored *stored)
{
    struct rs_buffer out = {0};
    rs_buffer_add_text(&out, "{\"reviewId\":");
    rs_json_write_string(rs_text(args->id), &out);
    add_member(&out, "generation", rs_text(generation));
    rs_buffer_printf(&out, ",\"version\":%.*s", (int)stored->version.len, stored->version.data);
    add_member(&out, "state", rs_text(state_name(stored->state)));
    add_member(&out, "productId", stored->product);
    add_member(&out, "submittedMs", stored->submitted);
    rs_buffer_add_text(&out, ",\"body\":");
    if (stored->body.data)
        rs_buffer_add(&out, stored->body.data, stored->body.len);
    else
        rs_buffer_add_text(&out, "null");
    rs_buffer_add_text(&out, "}");
    (void)fwrite(out.data, 1, out.len, stdout);
    (void)putchar('\n');
    rs_buffer_finish(&out);
}

static void print_body(struct rs_bytes body)
{
    struct rs_buffer indented = {0};
    json_indent(body, &indented);
    if (isatty(STDOUT_FILENO)) { /* a review may hold what a terminal obeys */
        for (char *line = strtok(indented.data, "\n"); line; line = strtok(NULL, "\n")) {
            char *clean = text_clean(line, strlen(line), 0);
            (void)puts(clean);
            free(clean);
        }
    } else {
        (void)fwrite(indented.data, 1, indented.len, stdout);
        (void)putchar('\n');
    }
    rs_buffer_finish(&indented);
}

static int show(const struct args *args, const char *generation, const struct rs_reply *reply)
{
    struct stored stored = {0};
    read_hash(reply, &stored);
    if (!stored.version.data)
        return complain(CTL_FAILED, "no review %s in generation %s of the cache", args->id,
                        generation);
    if (args->common.json)
        print_json(args, generation, &stored);
    else if (stored.body.data)
        print_body(stored.body);
    else
        (void)printf("review %s is %s, version %.*s\n", args->id, state_name(stored.state),
                     (int)stored.version.len, stored.version.data);
    return CTL_OK;
}

static int get(const struct args *args, const struct rs_settings *settings)
{
    char generation[RS_GENERATION_BYTES], prefix[RS_GENERATION_BYTES + 32];
    char reason[RS_REASON_BYTES] = "";
    struct rs_redis *redis = open_redis(settings);
    if (!redis)
        return CTL_USAGE;
    int code = active_generation(settings, redis, "cache", args->generation, generation,
                                 sizeof(generation));
    if (code == CTL_OK) {
        (void)snprintf(prefix, sizeof(prefix), "reviews:cache:%s:", generation);
        (void)rs_redis_begin(redis);
        size_t command = rs_redis_command(redis, 2);
        rs_redis_arg_text(redis, "HGETALL");
        rs_redis_arg_key(redis, prefix, "review", rs_text(args->id));
        (void)rs_redis_run(redis);
        enum rs_status status = rs_redis_status(redis, command, reason);
        code = status == RS_OK ? show(args, generation, rs_redis_reply(redis, command))
                               : redis_failed(settings, status, reason);
    }
    rs_redis_destroy(redis);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "generation",
     .key = 'g',
     .arg = "G",
     .doc = "instead of the one that readers use (reviews:active:cache)"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'g':
        check_generation(state, text);
        args->generation = text;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one review at a time");
        args->id = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which review? ID is its reviewId");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp review_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .args_doc = "ID",
    .doc = "Show a review as the cache holds it, from Redis.\v"
           "Examples:\n"
           "  reviewctl get review r-1\n"
           "  reviewctl get review r-1 --json | jq .version\n\n"
           "With --json: reviewId, generation, version, state, productId, submittedMs, body (the "
           "event as it came, null unless published).\n"
           "Exit codes: 0 found (also if withdrawn or erased), 1 not found, 4 Redis did not "
           "answer."};

static int run_get(int argc, char **argv)
{
    struct args args = {0};
    (void)argp_parse(&review_argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = get(&args, settings);
    rs_settings_destroy(settings);
    return code;
}

const struct command get_review = {.group = "get",
                                   .name = "review",
                                   .summary = "a review as the cache holds it",
                                   .argp = &review_argp,
                                   .run = run_get};
