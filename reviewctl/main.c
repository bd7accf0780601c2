/* reviewctl - the operator's command line of Reviewstream. */
#include "command.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

const struct command *const commands[] = {
    &topics_create, &topics_check, &publish,           &show_status,       &get_review,
    &get_product,   &search,       &dead_letters_list, &dead_letters_show, &rewind_group,
    &activate,      &analyse,      &analytics_top,     &analytics_trend,   &analytics_product,
    &completion,    NULL};

/* In lines of at most 90 letters. */
static void print_options(FILE *file)
{
    int column = 0;
    for (size_t i = 0; ctl_components[i]; i++)
        for (const struct rs_option *option = ctl_components[i]->options; option->name; option++) {
            int len = (int)(strlen(ctl_components[i]->section) + 1 + strlen(option->name));
            bool fits = column > 0 && column + 1 + len <= 90;
            column = fits ? column + 1 + len : len;
            (void)fprintf(file, "%s%s.%s", fits ? " " : "\n", ctl_components[i]->section,
                          option->name);
        }
    (void)fputs("\n", file);
}

static void print_help(FILE *file)
{
    (void)fputs("Usage: reviewctl COMMAND [OPTION...]\n"
                "The operator's tool of Reviewstream.\n\n",
                file);
    for (size_t i = 0; commands[i]; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s%s%s", commands[i]->group,
                       commands[i]->name ? " " : "", commands[i]->name ? commands[i]->name : "");
        (void)fprintf(file, "  %-20s %s\n", name, commands[i]->summary);
    }
    (void)fputs(
        "\n`reviewctl COMMAND --help` has the options and examples of each. Servers are taken "
        "from\n"
        "the environment as by the processors: REVIEWS_KAFKA_BROKERS, REVIEWS_REDIS_URL,\n"
        "REVIEWS_ELASTICSEARCH_URL, REVIEWS_CLICKHOUSE_URL; or from --config FILE, or --set "
        "kafka.brokers=HOST:PORT.\n\n"
        "Exit codes: 0 done; 1 something failed, is missing, or a check found a problem; 2 wrong\n"
        "usage or configuration; 3 refused, because it would harm; 4 a server did not answer.\n\n"
        "Options of --set, --config and the environment, as the processors explain them in their\n"
        "--help; other names in kafka.* are passed to librdkafka:",
        file);
    print_options(file);
}

static const struct command *find(int argc, char **argv)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->group, argv[1]) == 0 &&
            (!commands[i]->name || (argc > 2 && strcmp(commands[i]->name, argv[2]) == 0)))
            return commands[i];
    return NULL;
}

/* The words that may follow a group, when the second one is wrong or missing. */
static int unknown(int argc, char **argv)
{
    bool group = false;
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->group, argv[1]) != 0)
            continue;
        if (!group)
            (void)fprintf(stderr, "reviewctl: %s needs one of these:\n", argv[1]);
        group = true;
        (void)fprintf(stderr, "  reviewctl %s %-8s %s\n", argv[1], commands[i]->name,
                      commands[i]->summary);
    }
    if (group)
        return argc > 2 && strcmp(argv[2], "--help") == 0 ? CTL_OK : CTL_USAGE;
    return complain(CTL_USAGE, "no command %s; see reviewctl --help", argv[1]);
}

static int run(const struct command *command, int argc, char **argv)
{
    static char name[64];
    int words = command->name ? 2 : 1;
    (void)snprintf(name, sizeof(name), "reviewctl %s%s%s", command->group, command->name ? " " : "",
                   command->name ? command->name : "");
    argv[words] = name;
    return command->run(argc - words, argv + words);
}

int main(int argc, char **argv)
{
    argp_err_exit_status = CTL_USAGE;
    (void)signal(SIGPIPE, SIG_IGN); /* servers that close; a closed stdout shows as an error */
    if (argc < 2) {
        print_help(stderr);
        return CTL_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return CTL_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("reviewctl %s, librdkafka %s\n", RS_VERSION, rd_kafka_version_str());
        return CTL_OK;
    }
    const struct command *command = find(argc, argv);
    if (!command)
        return unknown(argc, argv);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    int code = run(command, argc, argv);
    curl_global_cleanup();
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(CTL_FAILED, "stdout: cannot write");
    return code;
}
