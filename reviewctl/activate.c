/* activate PROCESSOR GENERATION */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "kafka/config.h"
#include "processors.h"
#include "sink/active.h"
#include "sink/clickhouse_schema.h"
#include "sink/elasticsearch.h"
#include "sink/elasticsearch_index.h"
#include "stores.h"

enum { NAME_BYTES = 320 };

struct args {
    struct common common;
    const char *processor, *generation;
    bool force;
};

static void print_switch(const struct args *args, const char *from, int64_t epoch)
{
    if (args->common.json)
        json_print(json_pack("{s:s, s:s?, s:s, s:o}", "processor", args->processor, "from",
                             *from ? from : NULL, "to", args->generation, "epoch",
                             epoch ? json_integer((json_int_t)epoch) : json_null()));
    else
        (void)printf("%s: %s -> %s\n", args->processor, *from ? from : "(none)", args->generation);
}

/* A generation that is behind is switched to all the same (going back must be quick), but said. */
static void warn_if_behind(const struct args *args, const struct rs_settings *settings)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    char group[256];
    struct group_lag lag;
    struct rs_error reason = {{0}};
    rd_kafka_t *client = kafka_client(settings);
    if (!client)
        return;
    group_name(settings, args->processor, args->generation, group, sizeof(group));
    if (!read_group_lag(client, group, kafka->topic, &lag, &reason))
        complain(0, "note: how far group %s is could not be read: %s", group, reason.text);
    else if (!lag.started)
        complain(0, "note: group %s has not committed anything yet", group);
    else if (lag.lag > 0)
        complain(0, "note: group %s is %" PRId64 " events behind%s", group, lag.lag,
                 lag.group.members ? "" : " and has no members");
    rd_kafka_destroy(client);
}

/* --- views in Redis --- */

/* Whether the generation ever began: a pointer to nothing would empty the view for its readers. */
static int check_began(const struct args *args, const struct rs_settings *settings,
                       struct rs_redis *redis)
{
    char reason[RS_REASON_BYTES] = "";
    struct rs_bytes name;
    (void)rs_redis_begin(redis);
    size_t command = rs_active_queue_generations(redis, args->processor);
    (void)rs_redis_run(redis);
    enum rs_status status = rs_redis_status(redis, command, reason);
    if (status != RS_OK)
        return redis_failed(settings, status, reason);
    const struct rs_reply *reply = rs_redis_reply(redis, command);
    for (size_t i = 0; i < rs_reply_count(reply); i++)
        if (rs_reply_bytes(rs_reply_at(reply, i), &name) &&
            rs_bytes_equal(name, rs_text(args->generation)))
            return CTL_OK;
    return complain(CTL_REFUSED,
                    "generation %s of %s has never been started, so readers would find nothing; "
                    "build it first (generation=%s), or --force",
                    args->generation, args->processor, args->generation);
}

static int switch_pointer(const struct args *args, const struct rs_settings *settings)
{
    struct rs_active before = {0};
    char reason[RS_REASON_BYTES] = "";
    int64_t epoch = 0;
    struct rs_redis *redis = open_redis(settings);
    if (!redis)
        return CTL_USAGE;
    int code = args->force ? CTL_OK : check_began(args, settings, redis);
    enum rs_status status = RS_OK;
    if (code == CTL_OK)
        status = rs_active_read(redis, args->processor, &before, reason);
    if (code == CTL_OK && status == RS_OK)
        status = rs_active_switch(redis, args->processor, args->generation, &epoch, reason);
    rs_redis_destroy(redis);
    if (status != RS_OK)
        return redis_failed(settings, status, reason);
    if (code == CTL_OK)
        print_switch(args, before.found ? before.generation : "", epoch);
    return code;
}

/* --- the search alias --- */

static int check_index(struct elastic *elastic, const char *index)
{
    struct rs_buffer path = {0};
    rs_buffer_add_text(&path, "/");
    rs_http_add_encoded(&path, index);
    rs_buffer_add_text(&path, "?filter_path=*.settings.index.uuid,error.type,error.reason");
    int code = path.failed ? complain(CTL_FAILED, "out of memory")
                           : elastic_call(elastic, "GET", path.data, NULL);
    rs_buffer_finish(&path);
    if (code != CTL_OK)
        return code;
    if (elastic->answer.status == 404)
        return complain(CTL_REFUSED,
                        "there is no index %s, so searches would find nothing; build it first",
                        index);
    return elastic->answer.status == 200 ? CTL_OK : elastic_refused(elastic);
}

/* What the alias stands for now: "g1", or the names of other indices; "" for nothing. */
static int read_alias(struct elastic *elastic, const char *alias, char *from)
{
    struct rs_buffer path = {0};
    rs_buffer_add_text(&path, "/_alias/");
    rs_http_add_encoded(&path, alias);
    int code = path.failed ? complain(CTL_FAILED, "out of memory")
                           : elastic_call(elastic, "GET", path.data, NULL);
    rs_buffer_finish(&path);
    if (code != CTL_OK || elastic->answer.status == 404)
        return code;
    if (elastic->answer.status != 200)
        return elastic_refused(elastic);
    for (struct rs_json_walk walk = {.of = elastic->value}; rs_json_next(&walk);) {
        const char *name = walk.name.data;
        size_t len = strlen(from);
        (void)snprintf(from + len, NAME_BYTES - len, "%s%s", len ? "," : "",
                       strncmp(name, "reviews-", 8) == 0 ? name + 8 : name);
    }
    return CTL_OK;
}

static int move_alias(struct elastic *elastic, const struct args *args,
                      const struct rs_settings *settings, const char *alias)
{
    const struct rs_view of = {.processor = args->processor,
                               .generation = args->generation,
                               .owner = "reviewctl",
                               .settings = settings};
    struct rs_es_view view = {0};
    struct rs_error error = {{0}};
    char reason[RS_REASON_BYTES] = "";
    int code = CTL_OK;
    if (rs_es_view_init(&view, &of, alias, rs_es_built_in_index(), "", &error)) {
        view.http = elastic->http;
        enum rs_status moved = rs_es_activate(&view, reason);
        view.http = NULL; /* it is not the view's to destroy */
        if (moved != RS_OK)
            code = complain(moved == RS_RETRY ? CTL_UNREACHABLE : CTL_FAILED, "Elasticsearch: %s",
                            reason);
    } else {
        code = complain(CTL_USAGE, "%s", error.text);
    }
    rs_es_view_finish(&view);
    return code;
}

static int switch_alias(const struct args *args, const struct rs_settings *settings)
{
    const struct rs_elasticsearch_config *config =
        rs_settings_get(settings, &rs_elasticsearch_component);
    char index[NAME_BYTES], from[NAME_BYTES] = "";
    struct elastic elastic;
    if (!elastic_open(&elastic, settings))
        return CTL_USAGE;
    (void)snprintf(index, sizeof(index), "reviews-%s", args->generation);
    int code = check_index(&elastic, index);
    if (code == CTL_OK)
        code = read_alias(&elastic, config->alias, from);
    if (code == CTL_OK)
        code = move_alias(&elastic, args, settings, config->alias);
    elastic_close(&elastic);
    if (code == CTL_OK)
        print_switch(args, from, 0);
    return code;
}

/* --- views in ClickHouse --- */

static int switch_views(const struct args *args, const struct rs_settings *settings)
{
    struct rs_ch_view view = {0};
    char from[RS_CH_NAME_BYTES] = "", reason[RS_REASON_BYTES] = "";
    if (!columns_open(&view, settings, args->generation)) {
        rs_ch_view_finish(&view);
        return CTL_USAGE;
    }
    enum rs_status status = rs_ch_active(&view, from, reason);
    if (status == RS_OK)
        status = rs_ch_activate(&view, reason);
    rs_ch_view_finish(&view);
    if (status == RS_REJECT)
        return complain(CTL_REFUSED, "%s, so readers would find nothing; build it first", reason);
    if (status != RS_OK)
        return columns_failed(status, reason);
    print_switch(args, from, 0);
    return CTL_OK;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "force", .key = 'f', .doc = "also a generation that was never started"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'f':
        args->force = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "PROCESSOR and GENERATION, nothing else");
        if (state->arg_num == 1)
            check_generation(state, text);
        *(state->arg_num == 0 ? &args->processor : &args->generation) = text;
        return 0;
    case ARGP_KEY_END:
        if (!args->generation)
            argp_error(state, "which PROCESSOR and GENERATION?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp activate_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .args_doc = "PROCESSOR GENERATION",
    .doc = "Let the readers of a view use another generation, in one step: the alias of the "
           "search, the views of the analytics, the pointer of a view in Redis. The epoch of its "
           "output topic rises. Going "
           "back is the same.\v"
           "Examples (a full reindex):\n"
           "  reviews-search --set generation=g2 --until-end\n"
           "  reviewctl activate search g2\n"
           "  reviewctl activate search g1       (back)\n\n"
           "Exit codes: 0 done (also if it was the active one), 1 the store refused it, 3 refused, "
           "as there is no such generation, 4 a server did not answer."};

static int run_activate(int argc, char **argv)
{
    struct args args = {0};
    (void)argp_parse(&activate_argp, argc, argv, 0, NULL, &args);
    const struct processor *processor = find_processor(args.processor);
    if (!processor)
        return CTL_USAGE;
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = processor->points_in_redis                  ? switch_pointer(&args, settings)
               : strcmp(processor->name, "analytics") == 0 ? switch_views(&args, settings)
                                                           : switch_alias(&args, settings);
    if (code == CTL_OK)
        warn_if_behind(&args, settings);
    rs_settings_destroy(settings);
    return code;
}

const struct command activate = {.group = "activate",
                                 .summary = "let readers use another generation of a view",
                                 .argp = &activate_argp,
                                 .run = run_activate};
