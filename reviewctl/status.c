/* status */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "kafka/config.h"
#include "processors.h"
#include "sink/http.h"
#include "table.h"

enum { MAX_URLS = 64, CONNECT_MS = 1000, REQUEST_MS = 3000, MAX_ANSWER_BYTES = 16 << 20 };

struct args {
    struct common common;
    const char *urls[MAX_URLS];
    size_t url_count;
};

struct report {
    json_t *processors, *groups;
    size_t answered, silent, not_ready;
};

/* --- processors --- */

/* The processor's own /status; NULL: it did not answer. */
static json_t *ask(const char *url, char *why, size_t size)
{
    const struct rs_http_options options = {
        .urls = url, .connect_ms = CONNECT_MS, .request_ms = REQUEST_MS};
    const struct rs_http_request request = {
        .method = "GET", .path = "/status", .max_bytes = MAX_ANSWER_BYTES};
    struct rs_http_answer answer;
    struct rs_error error = {{0}};
    struct rs_http *http = rs_http_create(&options, &error);
    json_t *document = NULL;
    (void)snprintf(why, size, "%.200s", error.text);
    if (!http)
        return NULL;
    rs_http_send(http, &request, &answer);
    if (answer.outcome == RS_HTTP_ANSWERED)
        document = json_loadb(answer.body.data, answer.body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!document && answer.outcome == RS_HTTP_ANSWERED)
        (void)snprintf(why, size, "answers %d without JSON", answer.status);
    else if (!document)
        (void)snprintf(why, size, "%s", answer.why);
    if (document && !json_is_object(document)) {
        json_decref(document);
        document = NULL;
        (void)snprintf(why, size, "answers no JSON object");
    }
    rs_http_destroy(http);
    return document;
}

static void add_processor(struct report *report, const char *url, bool must_answer)
{
    char why[256];
    json_t *document = ask(url, why, sizeof(why));
    if (document) {
        report->answered++;
        report->not_ready += !json_is_true(json_object_get(document, "ready"));
    } else if (!must_answer) {
        return; /* not every processor runs everywhere */
    } else {
        report->silent++;
        document = json_pack("{s:s, s:b, s:s}", "state", "unreachable", "ready", 0, "error", why);
    }
    json_object_set_new(document, "url", json_string(url));
    json_array_append_new(report->processors, document);
}

static void ask_all(const struct args *args, struct report *report)
{
    for (size_t i = 0; i < args->url_count; i++)
        add_processor(report, args->urls[i], true);
    for (const struct processor *processor = processors; !args->url_count && processor->name;
         processor++) {
        char url[64];
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", processor->port);
        add_processor(report, url, false);
    }
}

static json_int_t sum_of(const json_t *document, const char *name)
{
    json_int_t sum = 0;
    size_t i;
    json_t *partition;
    json_array_foreach(json_object_get(document, "partitions"), i, partition) sum +=
        json_integer_value(json_object_get(partition, name));
    return sum;
}

static const char *text_at(const json_t *document, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(document, name));
    return text ? text : otherwise;
}

/* The first reason, and how many more there are. */
static void add_blocked(struct table *table, const json_t *document)
{
    const json_t *blocked = json_object_get(document, "blocked");
    size_t count = json_array_size(blocked);
    const char *error = text_at(document, "error", "");
    if (json_is_string(blocked))
        table_add(table, "%s", json_string_value(blocked));
    else if (count == 0)
        table_add(table, "%s", error);
    else if (count == 1)
        table_add(table, "%s", text_at(json_array_get(blocked, 0), "reason", "?"));
    else
        table_add(table, "%s (and %zu more)", text_at(json_array_get(blocked, 0), "reason", "?"),
                  count - 1);
}

static void add_number(struct table *table, const json_t *value)
{
    if (json_is_integer(value))
        table_add(table, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_number(value))
        table_add(table, "%.0f", json_number_value(value));
    else
        table_add(table, "?");
}

static void print_processors(const json_t *list)
{
    static const char *const headings[] = {"PROCESSOR",   "GEN",        "STATE", "READY",   ">LAG",
                                           ">PER SECOND", ">IN FLIGHT", ">DEAD", "BLOCKED", NULL};
    struct table table;
    size_t i;
    json_t *document;
    table_init(&table, headings);
    json_array_foreach(list, i, document)
    {
        bool known = json_object_get(document, "processor") != NULL;
        table_add(&table, "%s", text_at(document, "processor", text_at(document, "url", "?")));
        table_add(&table, "%s", text_at(document, "generation", ""));
        table_add(&table, "%s", text_at(document, "state", "?"));
        table_add(&table, json_is_true(json_object_get(document, "ready")) ? "yes" : "no");
        add_number(&table, json_object_get(document, "lag"));
        add_number(&table, json_object_get(document, "rate_per_s"));
        if (known) {
            table_add(&table, "%" JSON_INTEGER_FORMAT, sum_of(document, "in_flight"));
            table_add(&table, "%" JSON_INTEGER_FORMAT, sum_of(document, "dead"));
        } else {
            table_add(&table, "?");
            table_add(&table, "?");
        }
        add_blocked(&table, document);
    }
    table_print(&table, stdout);
    table_finish(&table);
}

/* --- groups --- */

struct groups {
    rd_kafka_t *client;
    const char *topic;
    struct report *report;
};

static void add_group(void *context, const char *name)
{
    struct groups *groups = context;
    struct group_lag lag;
    struct rs_error reason = {{0}};
    bool known = read_group_lag(groups->client, name, groups->topic, &lag, &reason);
    json_array_append_new(groups->report->groups,
                          json_pack("{s:s, s:s, s:I, s:o, s:b}", "group", name, "state",
                                    known ? lag.group.state : "?", "members",
                                    (json_int_t)lag.group.members, "lag",
                                    known ? json_integer((json_int_t)lag.lag) : json_null(),
                                    "started", known && lag.started));
}

static int ask_kafka(const struct rs_settings *settings, struct report *report)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    struct rs_error reason = {{0}};
    struct groups groups = {kafka_client(settings), kafka->topic, report};
    if (!groups.client)
        return CTL_USAGE;
    bool done = true;
    if (kafka->group)
        add_group(&groups, kafka->group);
    else
        done = rs_groups_list(groups.client, "reviews-", REACH_MS, add_group, &groups, &reason);
    rd_kafka_destroy(groups.client);
    return done ? CTL_OK : no_kafka(settings, reason.text);
}

static void print_groups(const json_t *list)
{
    static const char *const headings[] = {"GROUP", "STATE", ">MEMBERS", ">LAG", NULL};
    struct table table;
    size_t i;
    json_t *group;
    if (json_array_size(list) == 0)
        return;
    table_init(&table, headings);
    json_array_foreach(list, i, group)
    {
        table_add(&table, "%s", text_at(group, "group", "?"));
        table_add(&table, "%s", text_at(group, "state", "?"));
        add_number(&table, json_object_get(group, "members"));
        add_number(&table, json_object_get(group, "lag"));
    }
    (void)putchar('\n');
    table_print(&table, stdout);
    table_finish(&table);
}

static int report_all(const struct args *args, const struct rs_settings *settings)
{
    struct report report = {.processors = json_array(), .groups = json_array()};
    ask_all(args, &report);
    int code = ask_kafka(settings, &report);
    if (report.answered == 0 && args->url_count == 0)
        code = complain(CTL_UNREACHABLE, "no processor answers on 127.0.0.1:9401 to 9406; --url "
                                         "names others");
    else if (code == CTL_OK && (report.silent || report.not_ready))
        code = CTL_FAILED;
    if (args->common.json) {
        json_print(
            json_pack("{s:O, s:O}", "processors", report.processors, "groups", report.groups));
    } else {
        if (json_array_size(report.processors) > 0)
            print_processors(report.processors);
        print_groups(report.groups);
    }
    json_decref(report.processors);
    json_decref(report.groups);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "url",
     .key = 'u',
     .arg = "URL",
     .doc = "a processor's http.listen, e.g. http://10.0.0.7:9401; may be repeated; in place of "
            "127.0.0.1:9401 to 9406"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'u':
        if (args->url_count == MAX_URLS)
            argp_error(state, "more than %d times --url", MAX_URLS);
        args->urls[args->url_count++] = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp status_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .doc = "Show every processor (lag, rate, in flight, dead letters, what blocks it) and every "
           "consumer group reviews-* with its lag.\v"
           "Examples:\n"
           "  reviewctl status\n"
           "  reviewctl status --json | jq '.processors[] | select(.ready | not) | .blocked'\n"
           "  reviewctl status --url http://10.0.0.7:9401 --url http://10.0.0.8:9401\n\n"
           "With --json: processors (each as its /status, and its url) and groups.\n"
           "Exit codes: 0 all that answer are ready, 1 one is not, or a --url did not answer, 4 "
           "none answered, or Kafka did not."};

static int run_status(int argc, char **argv)
{
    struct args args = {0};
    (void)argp_parse(&status_argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = report_all(&args, settings);
    rs_settings_destroy(settings);
    return code;
}

const struct command show_status = {.group = "status",
                                    .summary = "all processors: lag, rate, what blocks them",
                                    .argp = &status_argp,
                                    .run = run_status};
