/* dead-letters list | dead-letters show */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "commands.h"
#include "core/utf8.h"
#include "json_out.h"
#include "kafka/dead_letter.h"
#include "place.h"
#include "reader.h"
#include "table.h"

struct args {
    struct common common;
    const char *processor, *class;
    long limit;
    int32_t partition;
    int64_t offset;
    bool source, original;
};

/* What the list shows of a dead letter; all owned. */
struct row {
    int32_t partition;
    int64_t offset;
    json_t *document;
};

struct list {
    const struct args *args;
    struct row *rows; /* a ring of the last `limit` */
    int64_t seen, matching;
};

static const char *topic_of(const struct rs_settings *settings)
{
    const struct rs_dead_letter_options *options =
        rs_settings_get(settings, &rs_dead_letter_component);
    return options->topic;
}

static bool is_text(struct rs_bytes value, const char *wanted)
{
    return !wanted || (value.data && rs_bytes_equal(value, rs_text(wanted)));
}

/* --- list --- */

static void put(json_t *document, const char *name, const struct rs_record *record,
                const char *header)
{
    json_object_set_new(document, name, json_of_bytes(record_header(record, header)));
}

static json_t *describe(const struct rs_record *record)
{
    json_t *document = json_pack("{s:i, s:I}", "partition", (int)record->partition, "offset",
                                 (json_int_t)record->offset);
    put(document, "processor", record, "dl-processor");
    put(document, "generation", record, "dl-generation");
    put(document, "topic", record, "dl-topic");
    put(document, "sourcePartition", record, "dl-partition");
    put(document, "sourceOffset", record, "dl-offset");
    put(document, "class", record, "dl-class");
    put(document, "reason", record, "dl-reason");
    put(document, "sink", record, "dl-sink");
    put(document, "attempts", record, "dl-attempts");
    put(document, "at", record, "dl-at");
    json_object_set_new(document, "key", json_of_bytes(record->key));
    json_object_set_new(document, "valueBytes",
                        record->value.data ? json_integer((json_int_t)record->value.len)
                                           : json_null());
    return document;
}

static bool take(void *context, const struct rs_record *record)
{
    struct list *list = context;
    list->seen++;
    if (!is_text(record_header(record, "dl-processor"), list->args->processor) ||
        !is_text(record_header(record, "dl-class"), list->args->class))
        return true;
    struct row *row = &list->rows[list->matching++ % list->args->limit];
    json_decref(row->document);
    *row = (struct row){record->partition, record->offset, describe(record)};
    return true;
}

static const char *text_of(const json_t *document, const char *name)
{
    const char *text = json_string_value(json_object_get(document, name));
    return text ? text : "?";
}

static void add_line(struct table *table, const struct row *row)
{
    const json_t *document = row->document;
    const char *key = json_string_value(json_object_get(document, "key"));
    table_add(table, "%" PRId32 ":%" PRId64, row->partition, row->offset);
    table_add(table, "%s", text_of(document, "at"));
    table_add(table, "%s", text_of(document, "processor"));
    table_add(table, "%s:%s:%s", text_of(document, "topic"), text_of(document, "sourcePartition"),
              text_of(document, "sourceOffset"));
    table_add(table, "%s", text_of(document, "class"));
    table_add(table, "%s",
              key                                              ? key
              : json_is_null(json_object_get(document, "key")) ? "(null)"
                                                               : "(bytes)");
    table_add(table, "%s", text_of(document, "reason"));
}

static void print_list(const struct list *list)
{
    static const char *const headings[] = {"DEAD LETTER", "AT",  "PROCESSOR", "SOURCE",
                                           "CLASS",       "KEY", "REASON",    NULL};
    struct table table;
    table_init(&table, headings);
    table.widest[5] = 40;
    int64_t first = list->matching > list->args->limit ? list->matching - list->args->limit : 0;
    for (int64_t i = first; i < list->matching; i++) {
        const struct row *row = &list->rows[i % list->args->limit];
        if (list->args->common.json) {
            (void)json_dumpf(row->document, stdout, JSON_COMPACT);
            (void)fputc('\n', stdout);
        } else {
            add_line(&table, row);
        }
    }
    if (!list->args->common.json) {
        table_print(&table, stdout);
        (void)printf("%" PRId64 " of %" PRId64 " matching, of %" PRId64 " dead letters\n",
                     list->matching - first, list->matching, list->seen);
    }
    table_finish(&table);
}

static int list_all(const struct args *args, const struct rs_settings *settings)
{
    struct list list = {.args = args, .rows = calloc((size_t)args->limit, sizeof(*list.rows))};
    if (!list.rows)
        return complain(CTL_FAILED, "out of memory");
    int code = read_topic(settings, topic_of(settings), take, &list);
    if (code == CTL_OK)
        print_list(&list);
    for (long i = 0; i < args->limit; i++)
        json_decref(list.rows[i].document);
    free(list.rows);
    return code;
}

/* --- show --- */

struct show {
    const struct args *args;
    int64_t shown;
};

static bool is_own(const struct rs_header *header)
{
    return strncmp(header->name, "dl-", 3) == 0;
}

/* An envelope as `publish` reads it; headers as pairs, because names may repeat. */
static void print_envelope(const struct rs_record *record, bool original)
{
    json_t *headers = json_array(), *line = json_object();
    for (size_t i = 0; i < record->header_count; i++)
        if (!original || !is_own(&record->headers[i]))
            json_array_append_new(headers, json_pack("[s, o]", record->headers[i].name,
                                                     json_of_bytes(record->headers[i].value)));
    const struct {
        const char *plain, *base64;
        struct rs_bytes bytes;
    } members[] = {{"key", "keyBase64", record->key}, {"value", "valueBase64", record->value}};
    for (size_t i = 0; i < 2; i++) {
        bool is_base64 = members[i].bytes.data && !rs_utf8_is_valid(members[i].bytes);
        char *text = is_base64 ? base64_encode(members[i].bytes) : NULL;
        json_object_set_new(line, is_base64 ? members[i].base64 : members[i].plain,
                            is_base64 ? json_string(text) : json_of_bytes(members[i].bytes));
        free(text);
    }
    json_object_set_new(line, "headers", headers);
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)fputc('\n', stdout);
    json_decref(line);
}

static void print_bytes(const char *name, struct rs_bytes bytes)
{
    char *text = bytes.data ? text_clean(bytes.data, bytes.len, 0) : NULL;
    (void)printf("%-15s %s\n", name, text ? text : "(null)");
    free(text);
}

static void print_record(const struct rs_record *record, bool original)
{
    (void)printf("%-15s %s partition %" PRId32 " offset %" PRId64 "\n", "dead letter",
                 record->topic, record->partition, record->offset);
    for (size_t i = 0; i < record->header_count; i++) {
        char *name = text_clean(record->headers[i].name, strlen(record->headers[i].name), 0);
        if (!original || !is_own(&record->headers[i]))
            print_bytes(name, record->headers[i].value);
        free(name);
    }
    print_bytes("key", record->key);
    print_bytes("value", record->value);
}

static bool is_number(struct rs_bytes text, int64_t wanted)
{
    char decimal[24];
    (void)snprintf(decimal, sizeof(decimal), "%" PRId64, wanted);
    return is_text(text, decimal);
}

static bool show_one(void *context, const struct rs_record *record)
{
    struct show *show = context;
    const struct args *args = show->args;
    if (args->source && (!is_number(record_header(record, "dl-partition"), args->partition) ||
                         !is_number(record_header(record, "dl-offset"), args->offset) ||
                         !is_text(record_header(record, "dl-processor"), args->processor)))
        return true;
    if (show->shown++ && !args->common.json)
        (void)putchar('\n');
    if (args->common.json)
        print_envelope(record, args->original);
    else
        print_record(record, args->original);
    return true;
}

static int show_at(const struct args *args, const struct rs_settings *settings)
{
    struct show show = {args, 0};
    const char *topic = topic_of(settings);
    int code = args->source
                   ? read_topic(settings, topic, show_one, &show)
                   : read_record(settings, topic, args->partition, args->offset, show_one, &show);
    if ((code == CTL_OK || code == CTL_FAILED) && show.shown == 0)
        return complain(CTL_FAILED, "topic %s has no dead letter %s%" PRId32 ":%" PRId64, topic,
                        args->source ? "of " : "at ", args->partition, args->offset);
    return code;
}

/* --- commands --- */

static const struct argp_option list_options[] = {
    {.name = "processor", .key = 'p', .arg = "NAME", .doc = "only of this processor"},
    {.name = "class", .key = 'C', .arg = "CLASS", .doc = "only of this class, e.g. malformed"},
    {.name = "limit", .key = 'l', .arg = "N", .doc = "the last N of them (50)"},
    {0},
};
static const struct argp_option show_options[] = {
    {.name = "source", .key = 'S', .doc = "P:O is of the event, not of the dead letter"},
    {.name = "processor", .key = 'p', .arg = "NAME", .doc = "with --source: only of this one"},
    {.name = "original", .key = 'o', .doc = "without the headers dl-*: the record as it came"},
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
        args->processor = text;
        return 0;
    case 'C':
        args->class = text;
        return 0;
    case 'l':
        args->limit = parse_number(state, "limit", text, 1, 1000000);
        return 0;
    case 'S':
        args->source = true;
        return 0;
    case 'o':
        args->original = true;
        return 0;
    case ARGP_KEY_ARG:
        if (args->limit || state->arg_num > 0)
            return ARGP_ERR_UNKNOWN;
        if (!coordinates_parse(text, &args->partition, &args->offset))
            argp_error(state, "%s: partition:offset is needed, e.g. 0:17", text);
        return 0;
    case ARGP_KEY_NO_ARGS:
        if (!args->limit)
            argp_error(state, "which one? PARTITION:OFFSET, as `dead-letters list` shows it");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp list_argp = {
    .options = list_options,
    .parser = parse,
    .children = common_children,
    .doc = "List dead letters: where each is, which event it was, and why it could not be "
           "applied.\v"
           "Examples:\n"
           "  reviewctl dead-letters list --processor search --limit 10\n"
           "  reviewctl dead-letters list --json --limit 100000 | jq -r .class | sort | uniq -c\n\n"
           "With --json, one object a line.\n"
           "Exit codes: 0 done (also when there are none), 1 no such topic, 4 no broker answered."};
static const struct argp show_argp = {
    .options = show_options,
    .parser = parse,
    .children = common_children,
    .args_doc = "PARTITION:OFFSET",
    .doc = "Show a dead letter with all its headers and its value.\v"
           "Examples:\n"
           "  reviewctl dead-letters show 0:17\n"
           "  reviewctl dead-letters show --source 3:120456 --processor cache\n"
           "  reviewctl dead-letters show 0:17 --json --original | reviewctl publish -\n\n"
           "The last publishes the record once more, as it came. With --json it is an envelope as "
           "publish reads it.\n"
           "Exit codes: 0 shown, 1 there is none, 4 no broker answered."};

static int run(const struct argp *argp, long limit, int argc, char **argv,
               int (*act)(const struct args *, const struct rs_settings *))
{
    struct args args = {.limit = limit};
    (void)argp_parse(argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = act(&args, settings);
    rs_settings_destroy(settings);
    return code;
}

static int run_list(int argc, char **argv)
{
    return run(&list_argp, 50, argc, argv, list_all);
}

static int run_show(int argc, char **argv)
{
    return run(&show_argp, 0, argc, argv, show_at);
}

const struct command dead_letters_list = {.group = "dead-letters",
                                          .name = "list",
                                          .summary = "events that could not be applied, and why",
                                          .argp = &list_argp,
                                          .run = run_list};
const struct command dead_letters_show = {.group = "dead-letters",
                                          .name = "show",
                                          .summary = "one of them, with headers and value",
                                          .argp = &show_argp,
                                          .run = run_show};
