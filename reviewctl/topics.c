/* topics create | topics check */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "kafka/config.h"
#include "kafka/dead_letter.h"
#include "kafka/topics.h"
#include "reader.h"
#include "table.h"
#include "versions.h"

enum { OUTPUTS = 8, TOPICS = 3 + OUTPUTS };

struct args {
    struct common common;
    int partitions, replication;
    bool versions;
    const char *outputs[OUTPUTS];
    size_t output_count;
};

struct wanted {
    const char *name;
    enum rs_topic_role role;
};
/* Returns how many. */
static size_t list_topics(const struct rs_settings *settings, const struct args *args,
                          struct wanted topics[TOPICS])
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    const struct rs_dead_letter_options *dead =
        rs_settings_get(settings, &rs_dead_letter_component);
    topics[0] = (struct wanted){kafka->topic, RS_TOPIC_SOURCE};
    topics[1] = (struct wanted){dead->topic, RS_TOPIC_DEAD_LETTERS};
    topics[2] = (struct wanted){summaries_topic(settings), RS_TOPIC_OUTPUT};
    for (size_t i = 0; i < args->output_count; i++)
        topics[3 + i] = (struct wanted){args->outputs[i], RS_TOPIC_OUTPUT};
    return 3 + args->output_count;
}

static json_t *topic_json(const char *name, const struct rs_topic *topic, const char *state)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:I, s:I, s:I, s:[]}", "topic", name, "state",
                     state, "partitions", (int)topic->partitions, "replication",
                     (int)topic->replication, "cleanupPolicy", topic->cleanup_policy, "retentionMs",
                     (json_int_t)topic->retention_ms, "deleteRetentionMs",
                     (json_int_t)topic->delete_retention_ms, "maxMessageBytes",
                     (json_int_t)topic->max_message_bytes, "problems");
}

/* Add the topic's line and its problems; returns whether one of them refuses. */
static bool show_topic(const struct wanted *wanted, const struct rs_topic *topic, const char *state,
                       bool json, json_t *out)
{
    struct rs_topic_problem problems[RS_TOPIC_PROBLEMS];
    size_t count = rs_topic_judge(topic, wanted->name, wanted->role, problems);
    bool refuses = false;
    json_t *made = topic_json(wanted->name, topic, state);
    if (!json)
        (void)printf("topic %s: %s, %" PRId32 " partitions, %s\n", wanted->name, state,
                     topic->partitions, topic->described ? topic->cleanup_policy : "?");
    for (size_t i = 0; i < count; i++) {
        refuses = refuses || problems[i].refuses;
        if (!json)
            (void)printf("  %s: %s\n", problems[i].refuses ? "problem" : "warning",
                         problems[i].text);
        json_array_append_new(json_object_get(made, "problems"),
                              json_pack("{s:s, s:s}", "severity",
                                        problems[i].refuses ? "problem" : "warning", "text",
                                        problems[i].text));
    }
    json_array_append_new(out, made);
    return refuses;
}

/* --- create --- */

static int create_one(const struct rs_settings *settings, rd_kafka_t *client,
                      const struct wanted *wanted, const struct args *args, json_t *out)
{
    struct rs_error note = {{0}};
    struct rs_topic topic;
    int partitions = wanted->role == RS_TOPIC_DEAD_LETTERS ? 1 : args->partitions;
    enum rs_made made = rs_topic_create(client, wanted->name, wanted->role, partitions,
                                        args->replication, ASK_MS, &note);
    if (note.text[0])
        complain(0, "%s", note.text);
    if (made == RS_NOT_MADE)
        return CTL_FAILED;
    /* a new topic takes a moment until every broker knows it */
    enum rs_known known = RS_UNKNOWN;
    for (int tries = 0; known == RS_UNKNOWN && tries < 50; tries++) {
        known = rs_topic_describe(client, wanted->name, ASK_MS, &topic, &note);
        if (known == RS_UNKNOWN)
            (void)rd_kafka_poll(client, 100);
    }
    if (known != RS_KNOWN)
        return no_kafka(settings, note.text);
    bool refuses =
        show_topic(wanted, &topic, made == RS_MADE ? "made" : "exists", args->common.json, out);
    return refuses ? CTL_FAILED : CTL_OK;
}

static int create_all(const struct rs_settings *settings, const struct args *args)
{
    struct wanted topics[TOPICS];
    int worst = CTL_OK;
    rd_kafka_t *client = kafka_client(settings);
    if (!client)
        return CTL_USAGE;
    json_t *out = json_array();
    size_t count = list_topics(settings, args, topics);
    struct rs_error reason = {{0}};
    if (rs_topic_find(client, topics[0].name, REACH_MS, NULL, &reason) == RS_UNREACHABLE)
        worst = no_kafka(settings, reason.text);
    for (size_t i = 0; i < count && worst != CTL_UNREACHABLE; i++) {
        int code = create_one(settings, client, &topics[i], args, out);
        worst = code > worst ? code : worst;
    }
    rd_kafka_destroy(client);
    if (args->common.json)
        json_print(out);
    else
        json_decref(out);
    return worst;
}

/* --- check --- */

static int check_one(const struct rs_settings *settings, rd_kafka_t *client,
                     const struct wanted *wanted, bool json, json_t *out)
{
    struct rs_error reason = {{0}};
    struct rs_topic topic = {0};
    switch (rs_topic_describe(client, wanted->name, REACH_MS, &topic, &reason)) {
    case RS_KNOWN:
        return show_topic(wanted, &topic, "exists", json, out) ? CTL_FAILED : CTL_OK;
    case RS_UNKNOWN:
        if (!json)
            (void)printf("topic %s: missing\n  problem: topic %s: it does not exist; make it: "
                         "reviewctl topics create\n",
                         wanted->name, wanted->name);
        json_array_append_new(out, topic_json(wanted->name, &topic, "missing"));
        return CTL_FAILED;
    default:
        return no_kafka(settings, reason.text);
    }
}

struct versions_read {
    struct versions *versions;
    bool failed;
};

static bool add_record(void *context, const struct rs_record *record)
{
    struct versions_read *read = context;
    read->failed = !versions_add(read->versions, record);
    return !read->failed;
}

static void print_versions(const struct versions_result *result, const char *topic)
{
    (void)printf("topic %s: %" PRId64 " records, %" PRId64 " reviews, %" PRId64
                 " of other types, %" PRId64 " malformed\n",
                 topic, result->records, result->reviews, result->skipped, result->malformed);
    (void)printf("  reviews whose last record is not the greatest version: %" PRId64 "\n"
                 "  reviews whose last record is malformed: %" PRId64 "\n"
                 "  reviews in several partitions: %" PRId64 "\n"
                 "  records below a version before them: %" PRId64 "\n",
                 result->last_not_greatest, result->last_malformed, result->scattered,
                 result->out_of_order);
    for (size_t i = 0; i < result->count; i++) {
        char *line = text_clean(result->findings[i], strlen(result->findings[i]), 0);
        (void)printf("  %s\n", line);
        free(line);
    }
    if (result->count == VERSION_FINDINGS)
        (void)printf("  … (the first %d)\n", VERSION_FINDINGS);
}

static json_t *versions_json(const struct versions_result *result)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < result->count; i++) {
        struct rs_bytes text = rs_text(result->findings[i]);
        json_array_append_new(findings, json_of_bytes(text));
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "records",
                     (json_int_t)result->records, "reviews", (json_int_t)result->reviews, "skipped",
                     (json_int_t)result->skipped, "malformed", (json_int_t)result->malformed,
                     "lastNotGreatest", (json_int_t)result->last_not_greatest, "lastMalformed",
                     (json_int_t)result->last_malformed, "scattered", (json_int_t)result->scattered,
                     "outOfOrder", (json_int_t)result->out_of_order, "first", findings);
}

static int check_versions(const struct rs_settings *settings, const char *topic, bool json,
                          json_t *out)
{
    struct versions_result *result = calloc(1, sizeof(*result));
    struct versions_read read = {.versions = versions_create()};
    int code = CTL_FAILED;
    if (result && read.versions)
        code = read_topic(settings, topic, add_record, &read);
    if (!result || !read.versions || read.failed) {
        code = complain(CTL_FAILED, "out of memory");
    } else if (code == CTL_OK) {
        versions_finish(read.versions, result);
        if (!json)
            print_versions(result, topic);
        json_object_set_new(json_array_get(out, 0), "versions", versions_json(result));
        code = result->last_not_greatest || result->last_malformed || result->scattered ? CTL_FAILED
                                                                                        : CTL_OK;
    }
    versions_destroy(read.versions);
    free(result);
    return code;
}

static int check_all(const struct rs_settings *settings, const struct args *args)
{
    struct wanted topics[TOPICS];
    int worst = CTL_OK, code = CTL_OK;
    rd_kafka_t *client = kafka_client(settings);
    if (!client)
        return CTL_USAGE;
    json_t *out = json_array();
    size_t count = list_topics(settings, args, topics);
    for (size_t i = 0; i < count && worst != CTL_UNREACHABLE; i++) {
        code = check_one(settings, client, &topics[i], args->common.json, out);
        worst = code > worst ? code : worst;
    }
    rd_kafka_destroy(client);
    if (args->versions && worst != CTL_UNREACHABLE) {
        code = check_versions(settings, topics[0].name, args->common.json, out);
        worst = code > worst ? code : worst;
    }
    if (args->common.json)
        json_print(out);
    else
        json_decref(out);
    return worst;
}

/* --- commands --- */

static const struct argp_option create_options[] = {
    {.name = "partitions",
     .key = 'p',
     .arg = "N",
     .doc = "of the source and the summaries (4); the dead letters have one"},
    {.name = "replication",
     .key = 'r',
     .arg = "N",
     .doc = "replicas of each partition (what the brokers have as default)"},
    {.name = "output",
     .key = 'o',
     .arg = "TOPIC",
     .doc = "another compacted output topic, e.g. review-sentiments; up to 8 times"},
    {0},
};
static const struct argp_option check_options[] = {
    {.name = "versions",
     .key = 'V',
     .doc = "read the whole source topic and find reviews whose last record is not their "
            "greatest version: compaction would lose it"},
    {.name = "output",
     .key = 'o',
     .arg = "TOPIC",
     .doc = "another compacted output topic, e.g. review-sentiments; up to 8 times"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'p':
        args->partitions = (int)parse_number(state, "partitions", text, 1, 10000);
        return 0;
    case 'r':
        args->replication = (int)parse_number(state, "replication", text, 1, 100);
        return 0;
    case 'V':
        args->versions = true;
        return 0;
    case 'o':
        if (args->output_count == OUTPUTS)
            argp_error(state, "more than %d times --output", OUTPUTS);
        args->outputs[args->output_count++] = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp create_argp = {
    .options = create_options,
    .parser = parse,
    .children = common_children,
    .doc = "Make the topics that are missing, as the suite needs them: the source (compacted), "
           "the dead letters (kept for 30 days, large records) and the summaries (compacted). "
           "What exists is left as it is and checked.\v"
           "Examples:\n"
           "  reviewctl topics create --partitions 12 --replication 3\n"
           "  reviewctl topics create --output review-sentiments --output review-tags\n"
           "  reviewctl topics create --set kafka.topic=my-reviews\n\n"
           "Exit codes: 0 all are there, 1 one could not be made or has a problem, 4 no broker "
           "answered."};
static const struct argp check_argp = {
    .options = check_options,
    .parser = parse,
    .children = common_children,
    .doc = "Compare the topics' settings with what the suite needs.\v"
           "Examples:\n"
           "  reviewctl topics check\n"
           "  reviewctl topics check --versions --json\n\n"
           "Exit codes: 0 no problem (there may be warnings), 1 a problem, 4 no broker answered."};

static int run(const struct argp *argp, int argc, char **argv,
               int (*act)(const struct rs_settings *, const struct args *))
{
    struct args args = {.partitions = 4, .replication = -1};
    (void)argp_parse(argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = act(settings, &args);
    rs_settings_destroy(settings);
    return code;
}

static int run_create(int argc, char **argv)
{
    return run(&create_argp, argc, argv, create_all);
}

static int run_check(int argc, char **argv)
{
    return run(&check_argp, argc, argv, check_all);
}

const struct command topics_create = {.group = "topics",
                                      .name = "create",
                                      .summary = "make the topics that are missing",
                                      .argp = &create_argp,
                                      .run = run_create};
const struct command topics_check = {.group = "topics",
                                     .name = "check",
                                     .summary = "compare the topics with what is needed",
                                     .argp = &check_argp,
                                     .run = run_check};
