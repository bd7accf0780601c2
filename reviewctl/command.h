/* command.h - what a command of reviewctl is, and what all of them share.
 *
 * A command is one file that ends in one `const struct command`; main.c lists them. Results go to
 * stdout, everything else to stderr. */
#ifndef RS_REVIEWCTL_COMMAND_H
#define RS_REVIEWCTL_COMMAND_H

#include <argp.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "core/error.h"
#include "core/settings.h"
#include "runtime/config.h"

enum exit_code {
    CTL_OK = 0,
    CTL_FAILED = 1,      /* something failed, is missing, or a check found a problem */
    CTL_USAGE = 2,       /* wrong arguments or configuration */
    CTL_REFUSED = 3,     /* not done because it would harm; the message says what to do first */
    CTL_UNREACHABLE = 4, /* a server did not answer */
};

/* Options that every command has; a command's own struct begins with it. */
struct common {
    struct rs_config_given given;
    bool json;
};

struct command {
    const char *group;   /* first word: "topics", "publish" */
    const char *name;    /* second word, or NULL */
    const char *summary; /* one line */
    const struct argp *argp;
    int (*run)(int argc, char **argv); /* argv[0] is "reviewctl topics create"; an exit_code */
};

/* The child parser for struct common; a command's argp has `children` = common_children, and its
 * parser begins with `if (key == ARGP_KEY_INIT) common_init(state);`. */
extern const struct argp_child common_children[];
/* The command's struct (state->input) begins with struct common. */
void common_init(struct argp_state *state);

/* Print "reviewctl: …" to stderr and return `code`. */
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The settings from --config, the environment and --set; NULL: complained, exit CTL_USAGE. */
struct rs_settings *common_settings(const struct common *common);
/* The components of reviewctl's settings, for its help. */
extern const struct rs_component *const ctl_components[];

/* The name of the topic that product summaries go to. */
const char *summaries_topic(const struct rs_settings *settings);

/* A client for questions; NULL: complained, exit CTL_USAGE. */
rd_kafka_t *kafka_client(const struct rs_settings *settings);
/* Complain that the brokers did not answer; returns CTL_UNREACHABLE. */
int no_kafka(const struct rs_settings *settings, const char *reason);
enum {
    REACH_MS = 5000, /* how long the first question to a server may take */
    ASK_MS = 10000,  /* and each later one */
};

/* An integer option's text within bounds; otherwise ends the program with a usage error. */
long parse_number(const struct argp_state *state, const char *name, const char *text, long min,
                  long max);

#endif
