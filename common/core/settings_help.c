/* The rows of options as a manual: for a terminal, and as Markdown. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/settings_table.h"
#include "core/suite.h"

enum { WIDTH = 100, MAX_COLUMN = 40 };

/* The name with its section. */
static void add_name(struct rs_buffer *page, const struct rs_component *component, const char *name)
{
    rs_buffer_printf(page, "%s%s%s", component->section, *component->section ? "." : "", name);
}

static size_t name_len(const struct rs_component *component, const char *name)
{
    return strlen(component->section) + (*component->section != '\0') + strlen(name);
}

static bool is_secret(const struct rs_option *option)
{
    return option->type == RS_TEXT && rs_option_is_secret(option->name);
}

static bool is_repeated(const struct rs_component *const *components, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (components[i] == components[index])
            return true;
    return false;
}

static bool is_shown(const struct rs_component *const *components, size_t index)
{
    return (components[index]->options->name || components[index]->passes_through) &&
           !is_repeated(components, index);
}

static void add_bounds(struct rs_buffer *text, const struct rs_option *option)
{
    if (option->min && option->max)
        rs_buffer_printf(text, "%s to %s", option->min, option->max);
    else if (option->min || option->max)
        rs_buffer_printf(text, "at %s %s", option->min ? "least" : "most",
                         option->min ? option->min : option->max);
}

/* What stands beside the name: " (default 4; 1 to 64)" behind the help. */
static void add_meaning(struct rs_buffer *text, const struct rs_component *component,
                        const struct rs_option *option)
{
    rs_buffer_add_text(text, option->help);
    bool has_default = option->fallback && *option->fallback,
         has_bounds = option->min || option->max;
    if (is_secret(option)) {
        rs_buffer_add_text(text, " (secret: environment, or ");
        add_name(text, component, option->name);
        rs_buffer_add_text(text, "_file)");
    } else if (has_default || has_bounds) {
        rs_buffer_printf(text, " (%s%s%s", has_default ? "default " : "",
                         has_default ? option->fallback : "",
                         has_default && has_bounds ? "; " : "");
        add_bounds(text, option);
        rs_buffer_add_text(text, ")");
    }
}

/* Words in lines of at most WIDTH, from the column on; the first one stands there already. */
static void add_wrapped(struct rs_buffer *page, const char *text, size_t column)
{
    size_t at = column;
    bool first = true;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (!first && at + 1 + len > WIDTH) {
            rs_buffer_printf(page, "\n%*s", (int)column, "");
            at = column;
        } else if (!first) {
            rs_buffer_add_text(page, " ");
            at++;
        }
        rs_buffer_add(page, text, len);
        at += len;
        first = false;
        text += len;
        text += strspn(text, " ");
    }
    rs_buffer_add_text(page, "\n");
}

static void add_line(struct rs_buffer *page, const struct rs_component *component, const char *name,
                     struct rs_buffer *meaning, size_t column)
{
    size_t len = 2 + name_len(component, name);
    rs_buffer_add_text(page, "  ");
    add_name(page, component, name);
    if (len + 2 > column)
        rs_buffer_printf(page, "\n%*s", (int)column, "");
    else
        rs_buffer_printf(page, "%*s", (int)(column - len), "");
    page->failed |= meaning->failed;
    add_wrapped(page, meaning->data ? meaning->data : "", column);
    rs_buffer_clear(meaning);
}

static size_t find_column(const struct rs_component *const *components)
{
    size_t longest = 0;
    for (; *components; components++)
        for (const struct rs_option *option = (*components)->options; option->name; option++)
            if (name_len(*components, option->name) > longest)
                longest = name_len(*components, option->name);
    return longest + 4 < MAX_COLUMN ? longest + 4 : MAX_COLUMN;
}

static void add_component(struct rs_buffer *page, const struct rs_component *component,
                          size_t column)
{
    struct rs_buffer meaning = {0};
    rs_buffer_printf(page, "%s%s%s%s\n", page->len ? "\n" : "", component->section,
                     *component->section ? ": " : "", component->summary);
    for (const struct rs_option *option = component->options; option->name; option++) {
        add_meaning(&meaning, component, option);
        add_line(page, component, option->name, &meaning, column);
    }
    if (component->passes_through) {
        rs_buffer_add_text(&meaning, "any other name is passed to the library as it is");
        add_line(page, component, "*", &meaning, column);
    }
    rs_buffer_finish(&meaning);
}

/* Text of a cell: a bar would end it, and '<' begin a tag. */
static void add_cell(struct rs_buffer *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '<')
            rs_buffer_add_text(page, "\\");
        rs_buffer_add(page, text, 1);
    }
}

static void add_markdown_row(struct rs_buffer *page, const struct rs_component *component,
                             const struct rs_option *option)
{
    char variable[RS_MAX_NAME];
    struct rs_buffer name = {0};
    add_name(&name, component, option->name);
    rs_buffer_printf(page, "| `%s` | ", name.data ? name.data : "");
    rs_suite_variable(name.data ? name.data : "", variable, sizeof(variable));
    if (option->fallback && *option->fallback)
        rs_buffer_printf(page, "`%s`", option->fallback);
    rs_buffer_add_text(page, " | ");
    add_bounds(page, option);
    rs_buffer_add_text(page, " | ");
    add_cell(page, option->help);
    if (is_secret(option))
        rs_buffer_printf(page, "; a secret: `%s`, or `%s_file` with the path of a file", variable,
                         name.data ? name.data : "");
    rs_buffer_add_text(page, " |\n");
    page->failed |= name.failed;
    rs_buffer_finish(&name);
}

static void add_markdown(struct rs_buffer *page, const struct rs_component *component)
{
    bool has_section = *component->section != '\0';
    rs_buffer_printf(page, "%s## %s\n\n", page->len ? "\n" : "",
                     has_section ? component->section : component->summary);
    if (has_section)
        rs_buffer_printf(page, "%c%s.\n\n", toupper((unsigned char)component->summary[0]),
                         component->summary + 1);
    if (component->options->name)
        rs_buffer_add_text(page, "| option | default | bounds | meaning |\n|---|---|---|---|\n");
    for (const struct rs_option *option = component->options; option->name; option++)
        add_markdown_row(page, component, option);
    if (!component->passes_through)
        return;
    rs_buffer_printf(page, "\nAny other `%s.` name is passed to the library as it is",
                     component->section);
    for (size_t i = 0; component->owned && component->owned[i]; i++)
        rs_buffer_printf(page, "%s `%s`", i == 0 ? ", except these, which the program sets:" : ",",
                         component->owned[i]);
    rs_buffer_add_text(page, ".\n");
}

char *rs_settings_help(const struct rs_component *const *components, bool markdown)
{
    struct rs_buffer page = {0};
    size_t column = find_column(components);
    for (size_t i = 0; components[i]; i++) {
        if (!is_shown(components, i))
            continue;
        if (markdown)
            add_markdown(&page, components[i]);
        else
            add_component(&page, components[i], column);
    }
    return rs_buffer_take(&page, NULL);
}
