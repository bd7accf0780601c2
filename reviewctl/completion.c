/* completion bash */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "commands.h"

static void print_options(const struct argp *argp)
{
    for (const struct argp_option *option = argp->options; option && (option->name || option->key);
         option++)
        if (option->name)
            (void)printf(" --%s", option->name);
    for (const struct argp_child *child = argp->children; child && child->argp; child++)
        print_options(child->argp);
}

/* "topics create) words='…' ;;" */
static void print_case(const struct command *command)
{
    (void)printf("        \"%s%s%s\") words='", command->group, command->name ? " " : "",
                 command->name ? command->name : "");
    print_options(command->argp);
    (void)printf(" --help' ;;\n");
}

static void print_words(const char *group)
{
    const char *last = "";
    for (size_t i = 0; commands[i]; i++) {
        const char *word = group ? commands[i]->name : commands[i]->group;
        if ((group && strcmp(commands[i]->group, group) != 0) || !word || strcmp(word, last) == 0)
            continue;
        (void)printf(" %s", word);
        last = word;
    }
}

static int print_bash(void)
{
    (void)fputs("# bash completion of reviewctl; made by `reviewctl completion bash`\n"
                "_reviewctl()\n{\n"
                "    local now=${COMP_WORDS[COMP_CWORD]} group=${COMP_WORDS[1]} words= files=\n"
                "    local both=\"$group ${COMP_WORDS[2]}\"\n"
                "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                "        words='",
                stdout);
    print_words(NULL);
    (void)fputs(" --help --version'\n    else\n        case $group in\n", stdout);
    for (size_t i = 0; commands[i]; i++) {
        if (!commands[i]->name ||
            (i > 0 && strcmp(commands[i]->group, commands[i - 1]->group) == 0))
            continue;
        (void)printf("        %s) if [ \"$COMP_CWORD\" -eq 2 ]; then words='", commands[i]->group);
        print_words(commands[i]->group);
        (void)fputs("'; fi ;;\n", stdout);
    }
    (void)fputs("        rewind|activate) if [ \"$COMP_CWORD\" -eq 2 ]; then words='cache search "
                "aggregation sentiment tags analytics'; fi ;;\n"
                "        publish) files=1 ;;\n"
                "        esac\n    fi\n"
                "    if [ -z \"$words\" ]; then\n"
                "        case $group in\n",
                stdout);
    for (size_t i = 0; commands[i]; i++)
        if (i == 0 || strcmp(commands[i]->group, commands[i - 1]->group) != 0)
            (void)printf("        %s) %s ;;\n", commands[i]->group,
                         commands[i]->name ? ":" : "both=$group");
    (void)fputs("        esac\n        case $both in\n", stdout);
    for (size_t i = 0; commands[i]; i++)
        print_case(commands[i]);
    (void)fputs("        esac\n    fi\n"
                "    COMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n"
                "    if [ -n \"$files\" ] || [ \"${COMP_WORDS[COMP_CWORD-1]}\" = --config ]; then\n"
                "        COMPREPLY+=($(compgen -f -- \"$now\"))\n"
                "    fi\n}\n"
                "complete -F _reviewctl reviewctl\n",
                stdout);
    return CTL_OK;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    (void)text;
    if (key == ARGP_KEY_INIT) {
        common_init(state);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp completion_argp = {
    .parser = parse,
    .children = common_children,
    .doc = "Print a script that completes reviewctl's words in bash.\v"
           "Examples:\n"
           "  source <(reviewctl completion bash)\n"
           "  reviewctl completion bash > /etc/bash_completion.d/reviewctl"};

static int run_completion(int argc, char **argv)
{
    struct common common = {0};
    (void)argp_parse(&completion_argp, argc, argv, 0, NULL, &common);
    return print_bash();
}

const struct command completion = {.group = "completion",
                                   .name = "bash",
                                   .summary = "a script that completes words in bash",
                                   .argp = &completion_argp,
                                   .run = run_completion};
