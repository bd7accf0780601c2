/* The one main() of all processors: arguments, settings, what to do. Built once per processor,
 * which RS_PROCESSOR names. */
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/answers.h"
#include "core/sink.h"
#include "kafka/config.h"
#include "kafka/dead_letter.h"
#include "language/model.h"
#include "runtime/check.h"
#include "runtime/config.h"
#include "runtime/health.h"
#include "runtime/log.h"
#include "runtime/pipeline.h"

extern const struct rs_processor RS_PROCESSOR;
static const struct rs_processor *const processor = &RS_PROCESSOR;

enum action {
    RUN,
    CHECK,
    HEALTH,
    MIGRATE,
    PRINT_CONFIG,
    PRINT_OPTIONS,
    PRINT_OPTIONS_MARKDOWN,
    PRINT_ANSWERS,
    PRINT_VERSION
};

struct arguments {
    struct rs_config_given given; /* first: the child parser's */
    enum action action;
    bool until_end;
    int64_t timeout_ms;
};

/* --- arguments --- */

enum {
    KEY_CHECK = 256,
    KEY_HEALTH,
    KEY_MIGRATE,
    KEY_PRINT_CONFIG,
    KEY_UNTIL_END,
    KEY_TIMEOUT,
    KEY_VERSION,
    KEY_OPTIONS,
    KEY_ANSWERS,
    KEY_HELP,
    KEY_USAGE
};

static const struct argp_option argument_rows[] = {
    {.name = "check",
     .key = KEY_CHECK,
     .doc = "look at configuration, topics and stores, change nothing, and exit"},
    {.name = "health",
     .key = KEY_HEALTH,
     .doc = "ask the program that runs here with the same http.listen whether it is alive, and "
            "exit: 0 alive, 1 not"},
    {.name = "migrate",
     .key = KEY_MIGRATE,
     .doc = "make what the view lives in, or bring it up to date, where its store has a schema; "
            "and exit"},
    {.name = "print-config",
     .key = KEY_PRINT_CONFIG,
     .doc = "print every option as it would be used, secrets masked, and exit"},
    {.name = "until-end",
     .key = KEY_UNTIL_END,
     .doc = "exit once the group has passed the ends that all partitions have now, whichever "
            "member did it"},
    {.name = "timeout",
     .key = KEY_TIMEOUT,
     .arg = "SECONDS",
     .doc = "with --until-end: give up after so long (exit 4); without it an outage is waited for"},
    {.name = "help", .key = KEY_HELP, .group = 20, .doc = "print this and every option"},
    {.name = "usage", .key = KEY_USAGE, .group = 20, .doc = "print a short usage"},
    {.name = "version", .key = KEY_VERSION, .group = 20, .doc = "print versions"},
    {.name = "options-markdown", .key = KEY_OPTIONS, .flags = OPTION_HIDDEN},
    {.name = "answers-markdown", .key = KEY_ANSWERS, .flags = OPTION_HIDDEN},
    {0},
};

static int64_t parse_seconds(const struct argp_state *state, const char *text)
{
    int64_t seconds = 0;
    if (!rs_option_integer(text, &seconds) || seconds < 1 || seconds > INT64_C(31536000))
        argp_error(state, "--timeout=%s: a number of seconds from 1 is needed", text);
    return seconds * 1000;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    static const struct {
        int key;
        enum action action;
    } actions[] = {
        {KEY_CHECK, CHECK},           {KEY_HEALTH, HEALTH},
        {KEY_MIGRATE, MIGRATE},       {KEY_PRINT_CONFIG, PRINT_CONFIG},
        {KEY_VERSION, PRINT_VERSION}, {KEY_OPTIONS, PRINT_OPTIONS_MARKDOWN},
        {KEY_ANSWERS, PRINT_ANSWERS}, {KEY_HELP, PRINT_OPTIONS},
    };
    struct arguments *arguments = state->input;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = &arguments->given;
    else if (key == KEY_UNTIL_END)
        arguments->until_end = true;
    else if (key == KEY_TIMEOUT)
        arguments->timeout_ms = parse_seconds(state, text);
    else if (key == KEY_USAGE)
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
    else if (key == ARGP_KEY_ARG)
        argp_error(state, "\"%s\" is no option", text);
    else if (key == ARGP_KEY_END && arguments->timeout_ms && !arguments->until_end)
        argp_error(state, "--timeout goes with --until-end");
    else {
        for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
            if (actions[i].key == key) {
                arguments->action = actions[i].action;
                return 0;
            }
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child children[] = {{.argp = &rs_config_argp}, {0}};
static const struct argp argp = {.options = argument_rows, .parser = parse, .children = children};

/* --- what is printed --- */

static int print_text(char *text)
{
    int code =
        text && fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? RS_EXIT_OK : RS_EXIT_FAILED;
    if (code != RS_EXIT_OK)
        (void)fputs("out of memory, or standard output cannot be written\n", stderr);
    free(text);
    return code;
}

static int print_help(const struct rs_component *const *components)
{
    (void)printf("reviews-%s: %s\n", processor->base.section, processor->base.summary);
    argp_help(&argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_LONG, program_invocation_short_name);
    (void)printf(
        "\nExit codes: 0 done or stopped by SIGTERM; 1 failed; 2 wrong usage or configuration;"
        "\n3 blocked until somebody acts; 4 not within --timeout, or no answer.\n"
        "\nOptions, in the file, as REVIEWS_<NAME> in the environment, or by --set:\n"
        "(http.listen is 127.0.0.1:%d unless set)\n\n",
        processor->default_port);
    return print_text(rs_settings_help(components, false));
}

static int print_version(void)
{
    (void)printf("reviews-%s %s, format %" PRId64 ", librdkafka %s\n", processor->base.section,
                 RS_VERSION, processor->format, rd_kafka_version_str());
    return RS_EXIT_OK;
}

static int print_answers(void)
{
    const struct rs_sink *sinks[RS_METRIC_SINKS];
    size_t count = 0;
    for (; processor->sinks[count] && count < RS_METRIC_SINKS - 2; count++)
        sinks[count] = processor->sinks[count];
    sinks[count++] = &rs_dead_letter;
    sinks[count] = NULL;
    return print_text(rs_answers_markdown(sinks));
}

/* --- running --- */

static int complain(const char *text)
{
    (void)fprintf(stderr, "reviews-%s: %s\n", processor->base.section, text);
    return RS_EXIT_USAGE;
}

static void on_signal(int number)
{
    (void)number;
    rs_pipeline_signal();
}

static void handle_signals(void)
{
    const struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    (void)signal(SIGPIPE, SIG_IGN); /* clients write to sockets that servers have closed */
    (void)signal(SIGHUP, SIG_IGN);
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGINT, &stop, NULL);
}

/* `group` has room for the default one; everything else is borrowed from the settings. */
static bool fill(struct rs_pipeline *pipeline, const struct rs_settings *settings, char *group,
                 size_t group_size, struct rs_error *error)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    const void *self = rs_settings_get(settings, &processor->base);
    unsigned char random[6] = {0};
    if (!rs_pipeline_init(pipeline, processor, settings))
        return rs_error_set(error, "out of memory");
    pipeline->processor_options = self;
    pipeline->topic = kafka->topic;
    (void)snprintf(group, group_size, "reviews-%s-%s", processor->base.section,
                   pipeline->options->generation);
    pipeline->group = kafka->group ? kafka->group : group;
    (void)!getrandom(random, sizeof(random), 0);
    for (size_t i = 0; i < sizeof(random); i++)
        (void)snprintf(pipeline->start_id + 2 * i, 3, "%02x", random[i]);
    const char *model = NULL;
    if (processor->analyses && (!processor->wants_analysis || processor->wants_analysis(self))) {
        if (!rs_texts_load(&pipeline->texts, settings, error))
            return false;
        model = rs_model_hash(pipeline->texts.model);
    }
    return rs_config_fingerprint(processor, self, model, pipeline->fingerprint) ||
           rs_error_set(error, "out of memory");
}

static int run(const struct arguments *arguments, const struct rs_settings *settings)
{
    static struct rs_pipeline pipeline;
    struct rs_error error = {""};
    char group[160];
    if (!rs_config_judge(settings, &error) ||
        !fill(&pipeline, settings, group, sizeof(group), &error))
        return complain(error.text);
    pipeline.until_end = arguments->until_end;
    pipeline.timeout_ms = arguments->timeout_ms;
    (void)rs_log_setup(strcmp(pipeline.options->log_format, "json") == 0,
                       pipeline.options->log_level);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)mallopt(M_TRIM_THRESHOLD, (int)pipeline.memory.unused); /* known only now */
    handle_signals();
    int code = arguments->action == CHECK     ? rs_check_run(&pipeline)
               : arguments->action == MIGRATE ? rs_check_migrate(&pipeline)
                                              : rs_pipeline_run(&pipeline);
    rs_pipeline_finish(&pipeline);
    curl_global_cleanup();
    return code;
}

static int ask_health(const struct rs_settings *settings)
{
    const struct rs_runtime_options *options = rs_settings_get(settings, &rs_runtime_component);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int code = rs_health_run(options->http_listen, processor->default_port);
    curl_global_cleanup();
    return code;
}

static int act(const struct arguments *arguments, const struct rs_component *const *components)
{
    struct rs_error error = {""};
    switch (arguments->action) {
    case PRINT_OPTIONS:
        return print_help(components);
    case PRINT_OPTIONS_MARKDOWN:
        return print_text(rs_settings_help(components, true));
    case PRINT_ANSWERS:
        return print_answers();
    case PRINT_VERSION:
        return print_version();
    default:
        break;
    }
    struct rs_settings *settings = rs_config_load(components, &arguments->given, &error);
    if (!settings) {
        int refused = complain(error.text);
        return arguments->action == HEALTH ? RS_EXIT_FAILED : refused;
    }
    int code = arguments->action == PRINT_CONFIG ? print_text(rs_settings_print(settings))
               : arguments->action == HEALTH     ? ask_health(settings)
                                                 : run(arguments, settings);
    rs_settings_destroy(settings);
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.action = RUN};
    (void)mallopt(M_ARENA_MAX, 2); /* an arena for each thread would cost more than it saves */
    (void)mallopt(M_MMAP_THRESHOLD, 8 << 20); /* what a batch needs is needed again at once */
    argp_err_exit_status = RS_EXIT_USAGE;
    (void)argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &arguments);
    const struct rs_component **components = rs_config_components(processor);
    int code = components ? act(&arguments, components) : complain("out of memory");
    free(components);
    return code;
}
