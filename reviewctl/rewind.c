/* rewind PROCESSOR --to PLACE */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "kafka/config.h"
#include "kafka/topics.h"
#include "place.h"
#include "processors.h"
#include "table.h"

enum { GROUP_BYTES = 256 };

struct args {
    struct common common;
    const char *processor, *to, *generation;
    struct place place;
    bool dry_run;
};

struct plan {
    char group[GROUP_BYTES];
    const char *topic;
    rd_kafka_topic_partition_list_t *before, *after;
};

/* Offsets given by hand must lie in the log, or the processor would stop there. */
static int place_by_hand(rd_kafka_t *client, const struct args *args, struct plan *plan)
{
    struct rs_error reason = {{0}};
    rd_kafka_topic_partition_list_destroy(plan->after);
    plan->after = rd_kafka_topic_partition_list_new((int)args->place.count);
    for (size_t i = 0; i < args->place.count; i++) {
        int32_t partition = args->place.at[i].partition;
        int64_t offset = args->place.at[i].offset, first, next;
        if (!rd_kafka_topic_partition_list_find(plan->before, plan->topic, partition))
            return complain(CTL_USAGE, "topic %s has no partition %" PRId32, plan->topic,
                            partition);
        if (!rs_topic_bounds(client, plan->topic, partition, ASK_MS, &first, &next, &reason))
            return complain(CTL_UNREACHABLE, "%s", reason.text);
        if (offset < first || offset > next)
            return complain(CTL_USAGE,
                            "partition %" PRId32 ": offset %" PRId64
                            " is not in the log, which has %" PRId64 " to %" PRId64,
                            partition, offset, first, next);
        rd_kafka_topic_partition_list_add(plan->after, plan->topic, partition)->offset = offset;
    }
    return CTL_OK;
}

static int make_plan(rd_kafka_t *client, const struct rs_settings *settings,
                     const struct args *args, struct plan *plan)
{
    struct rs_error reason = {{0}};
    struct rs_group group;
    enum rs_known known = rs_topic_find(client, plan->topic, REACH_MS, NULL, &reason);
    if (known == RS_UNKNOWN)
        return complain(CTL_FAILED, "%s", reason.text);
    if (known == RS_KNOWN)
        plan->before = rs_group_partitions(client, plan->topic, ASK_MS, &reason);
    if (!plan->before)
        return no_kafka(settings, reason.text);
    plan->after = rd_kafka_topic_partition_list_copy(plan->before);
    if (!rs_group_describe(client, plan->group, ASK_MS, &group, &reason))
        return no_kafka(settings, reason.text);
    if (group.members > 0)
        return complain(CTL_REFUSED,
                        "group %s has %zu member%s (first: %s at %s), which would go on from "
                        "where they are; stop reviews-%s first",
                        plan->group, group.members, group.members == 1 ? "" : "s", group.client,
                        group.host, args->processor);
    if (!rs_group_committed(client, plan->group, plan->before, ASK_MS, &reason))
        return no_kafka(settings, reason.text);
    if (args->place.offsets)
        return place_by_hand(client, args, plan);
    return rs_group_place(client, plan->after, args->place.where, args->place.at_ms, ASK_MS,
                          &reason)
               ? CTL_OK
               : no_kafka(settings, reason.text);
}

static json_t *offset_json(int64_t offset)
{
    return offset < 0 ? json_null() : json_integer(offset);
}

static void show_plan(const struct plan *plan, const struct args *args)
{
    static const char *const headings[] = {">PARTITION", ">BEFORE", ">AFTER", NULL};
    struct table table;
    json_t *rows = json_array();
    table_init(&table, headings);
    for (int i = 0; i < plan->after->cnt; i++) {
        const rd_kafka_topic_partition_t *to = &plan->after->elems[i];
        const rd_kafka_topic_partition_t *from =
            rd_kafka_topic_partition_list_find(plan->before, plan->topic, to->partition);
        table_add(&table, "%" PRId32, to->partition);
        if (from->offset < 0)
            table_add(&table, "none");
        else
            table_add(&table, "%" PRId64, from->offset);
        table_add(&table, "%" PRId64, to->offset);
        json_array_append_new(rows, json_pack("{s:i, s:o, s:I}", "partition", (int)to->partition,
                                              "before", offset_json(from->offset), "after",
                                              (json_int_t)to->offset));
    }
    if (args->common.json) {
        json_print(json_pack("{s:s, s:s, s:b, s:O}", "group", plan->group, "topic", plan->topic,
                             "changed", !args->dry_run, "partitions", rows));
    } else {
        (void)printf("group %s, topic %s%s\n", plan->group, plan->topic,
                     args->dry_run ? " (nothing is changed)" : "");
        table_print(&table, stdout);
    }
    table_finish(&table);
    json_decref(rows);
}

/* Write the offsets and read them back: a request that timed out may have been applied. */
static int apply(rd_kafka_t *client, const struct plan *plan)
{
    struct rs_error reason = {{0}}, again = {{0}};
    bool sent = rs_group_rewind(client, plan->group, plan->after, ASK_MS, &reason);
    rd_kafka_topic_partition_list_t *now = rd_kafka_topic_partition_list_copy(plan->after);
    bool same = rs_group_committed(client, plan->group, now, ASK_MS, &again);
    for (int i = 0; same && i < now->cnt; i++)
        same = now->elems[i].offset == plan->after->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(now);
    if (same)
        return CTL_OK;
    return complain(CTL_FAILED, "group %s: the offsets were not set: %s", plan->group,
                    sent ? "others are committed; is a member running?" : reason.text);
}

static int rewind_with(const struct args *args, const struct rs_settings *settings)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    struct plan plan = {.topic = kafka->topic};
    rd_kafka_t *client = kafka_client(settings);
    if (!client)
        return CTL_USAGE;
    group_name(settings, args->processor, args->generation, plan.group, sizeof(plan.group));
    int code = make_plan(client, settings, args, &plan);
    if (code == CTL_OK && !args->dry_run)
        code = apply(client, &plan);
    if (code == CTL_OK)
        show_plan(&plan, args);
    if (plan.before)
        rd_kafka_topic_partition_list_destroy(plan.before);
    if (plan.after)
        rd_kafka_topic_partition_list_destroy(plan.after);
    rd_kafka_destroy(client);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "to",
     .key = 't',
     .arg = "PLACE",
     .doc = "beginning, end, a time (RFC 3339: the first record at or after it), or offsets such "
            "as 0=12,1=40 (other partitions stay)"},
    {.name = "generation", .key = 'g', .arg = "G", .doc = "which copy of the view (g1)"},
    {.name = "dry-run", .key = 'n', .doc = "show what would be done"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    struct rs_error error;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 't':
        args->to = text;
        if (!place_parse(text, &args->place, &error))
            argp_error(state, "%s", error.text);
        return 0;
    case 'g':
        check_generation(state, text);
        args->generation = text;
        return 0;
    case 'n':
        args->dry_run = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one processor at a time");
        args->processor = text;
        return 0;
    case ARGP_KEY_END:
        if (!args->processor || !args->to)
            argp_error(state, "which PROCESSOR, and --to where?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp rewind_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .args_doc = "PROCESSOR",
    .doc = "Set the offsets from which a processor goes on. Its group must have no members. "
           "Nothing is undone in its store: what is read again is stale there, and skipping ahead "
           "leaves a hole.\v"
           "Examples:\n"
           "  reviewctl rewind cache --to beginning\n"
           "  reviewctl rewind search --generation g2 --to 2026-01-31T09:30:00+01:00 --dry-run\n"
           "  reviewctl rewind aggregation --to 0=1200,3=88\n\n"
           "Exit codes: 0 set and read back, 1 not set, 3 refused, as the group has members, "
           "4 no broker answered."};

static int run_rewind(int argc, char **argv)
{
    struct args *args = calloc(1, sizeof(*args));
    if (!args)
        return complain(CTL_FAILED, "out of memory");
    args->generation = "g1";
    (void)argp_parse(&rewind_argp, argc, argv, 0, NULL, args);
    int code = CTL_USAGE;
    struct rs_settings *settings =
        find_processor(args->processor) ? common_settings(&args->common) : NULL;
    if (settings)
        code = rewind_with(args, settings);
    rs_settings_destroy(settings);
    free(args);
    return code;
}

const struct command rewind_group = {.group = "rewind",
                                     .summary = "set from where a processor goes on",
                                     .argp = &rewind_argp,
                                     .run = run_rewind};
