#include "runtime/check.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/sink.h"
#include "kafka/config.h"
#include "kafka/dead_letter.h"
#include "kafka/topics.h"
#include "runtime/pipeline.h"
#include "sink/mirror.h"

enum { ASK_MS = 5000 };

/* The first trouble decides, unless a later one is worse in the sense of "act, do not wait". */
static int worse(int code, int other)
{
    return code == RS_EXIT_OK || other == RS_EXIT_BLOCKED ? other : code;
}

static int say(int code, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int say(int code, const char *what, const char *format, ...)
{
    va_list list;
    (void)printf("%-5s %s: ", code == RS_EXIT_OK ? "ok" : "FAIL", what);
    va_start(list, format);
    (void)vprintf(format, list);
    va_end(list);
    (void)putchar('\n');
    return code;
}

/* --- topics --- */

struct role {
    const char *option, *topic;
    enum rs_topic_role role;
};

static int judge(const struct rs_topic *topic, const struct role *role)
{
    struct rs_topic_problem problems[RS_TOPIC_PROBLEMS];
    size_t count = rs_topic_judge(topic, role->topic, role->role, problems);
    int code = RS_EXIT_OK;
    for (size_t i = 0; i < count; i++)
        if (problems[i].refuses)
            code = say(RS_EXIT_BLOCKED, role->option, "%s", problems[i].text);
        else
            (void)printf("warn  %s: %s\n", role->option, problems[i].text);
    if (code == RS_EXIT_OK)
        (void)say(code, role->option, "%s has %d partitions", role->topic, (int)topic->partitions);
    return code;
}

static int check_topic(rd_kafka_t *client, const struct role *role)
{
    struct rs_topic topic;
    struct rs_error reason = {""};
    switch (rs_topic_describe(client, role->topic, ASK_MS, &topic, &reason)) {
    case RS_UNREACHABLE:
        return say(RS_EXIT_TIMEOUT, role->option, "%s", reason.text);
    case RS_UNKNOWN:
        return say(RS_EXIT_BLOCKED, role->option,
                   "topic %s does not exist; create it, e.g. with reviewctl topics create",
                   role->topic);
    default:
        return judge(&topic, role);
    }
}

static int check_topics(const struct rs_pipeline *pipeline)
{
    const struct rs_settings *settings = pipeline->settings;
    const struct rs_publication *publication = pipeline->processor->publication;
    const struct rs_dead_letter_options *letters =
        rs_settings_get(settings, &rs_dead_letter_component);
    const struct rs_mirror_config *mirror = rs_settings_get(settings, &rs_mirror_component);
    const struct role roles[] = {
        {"kafka.topic", pipeline->topic, RS_TOPIC_SOURCE},
        {"dead_letters.topic", letters->topic, RS_TOPIC_DEAD_LETTERS},
        {"mirror.topic",
         publication && mirror && mirror->topic ? mirror->topic
         : publication                          ? publication->topic
                                                : NULL,
         RS_TOPIC_OUTPUT},
    };
    struct rs_error error = {""};
    rd_kafka_conf_t *conf = rs_kafka_conf(settings, &error);
    rd_kafka_t *client =
        conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.text, sizeof(error.text)) : NULL;
    if (!client && conf)
        rd_kafka_conf_destroy(conf);
    if (!client)
        return say(RS_EXIT_USAGE, "kafka", "%s", error.text);
    int code = RS_EXIT_OK;
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
        if (roles[i].topic && code != RS_EXIT_TIMEOUT) /* one answer that does not come is enough */
            code = worse(code, check_topic(client, &roles[i]));
    rd_kafka_destroy(client);
    return code;
}

/* --- stores --- */

static int answer(const struct rs_sink *sink, enum rs_status status, const char *reason)
{
    static const int codes[] = {[RS_OK] = RS_EXIT_OK,
                                [RS_RETRY] = RS_EXIT_TIMEOUT,
                                [RS_REJECT] = RS_EXIT_BLOCKED,
                                [RS_FATAL] = RS_EXIT_BLOCKED};
    return status == RS_OK ? RS_EXIT_OK : say(codes[status], sink->name, "%s", reason);
}

/* NULL: complained, exit RS_EXIT_USAGE. */
static void *open_store(const struct rs_pipeline *pipeline, const struct rs_sink *sink)
{
    const struct rs_view view = {.processor = pipeline->processor->base.section,
                                 .generation = pipeline->options->generation,
                                 .owner = pipeline->start_id,
                                 .settings = pipeline->settings,
                                 .publication = pipeline->processor->publication};
    struct rs_error error = {""};
    void *instance = sink->open(&view, &error);
    if (!instance)
        (void)say(RS_EXIT_USAGE, sink->name, "%s", error.text);
    return instance;
}

static int check_store(const struct rs_pipeline *pipeline, const struct rs_sink *sink)
{
    static struct rs_marker marker; /* 8 KiB */
    char reason[RS_REASON_BYTES] = "";
    void *instance = open_store(pipeline, sink);
    if (!instance)
        return RS_EXIT_USAGE;
    int code = answer(sink, sink->read_marker(instance, &marker, reason), reason);
    if (code == RS_EXIT_OK && sink->check)
        code = answer(sink, sink->check(instance, reason), reason);
    sink->close(instance);
    if (code != RS_EXIT_OK)
        return code;
    if (!marker.found)
        return say(code, sink->name, "reachable; generation %s is not begun",
                   pipeline->options->generation);
    return say(code, sink->name, "reachable; generation %s has format %" PRId64 "%s",
               pipeline->options->generation, marker.format,
               strcmp(marker.fingerprint, pipeline->fingerprint) == 0
                   ? ""
                   : ", but was made with other options or another model: reindex needed");
}

int rs_check_run(const struct rs_pipeline *pipeline)
{
    int code =
        say(RS_EXIT_OK, "configuration", "processor %s, generation %s, group %s",
            pipeline->processor->base.section, pipeline->options->generation, pipeline->group);
    code = worse(code, check_topics(pipeline));
    for (size_t i = 0; pipeline->processor->sinks[i]; i++)
        if (pipeline->processor->sinks[i]->read_marker)
            code = worse(code, check_store(pipeline, pipeline->processor->sinks[i]));
    return code;
}

int rs_check_migrate(const struct rs_pipeline *pipeline)
{
    int code = RS_EXIT_OK;
    bool any = false;
    for (size_t i = 0; pipeline->processor->sinks[i]; i++) {
        const struct rs_sink *sink = pipeline->processor->sinks[i];
        char reason[RS_REASON_BYTES] = "";
        if (!sink->migrate)
            continue;
        any = true;
        void *instance = open_store(pipeline, sink);
        int its = instance ? answer(sink, sink->migrate(instance, reason), reason) : RS_EXIT_USAGE;
        if (its == RS_EXIT_OK)
            (void)say(its, sink->name, "generation %s is up to date",
                      pipeline->options->generation);
        sink->close(instance);
        code = worse(code, its);
    }
    return any ? code : say(code, "store", "nothing to migrate: it has no schema");
}
