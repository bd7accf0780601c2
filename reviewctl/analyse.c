/* analyse [--ndjson] */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "commands.h"
#include "core/json.h"
#include "language/analysis.h"
#include "language/model.h"
#include "language/render.h"
#include "line_input.h"
#include "show_analysis.h"

struct args {
    bool ndjson;
    const char *model, *title, *locale, *product;
};

struct run {
    const struct rs_model *model;
    struct rs_analyser *analyser;
    struct rs_json_reader *reader;
    struct rs_buffer out;
    long line;
    int code;
};

/* --- a line --- */

static const char *const members[] = {"title", "text", "locale", "productName"};

static bool read_review(struct run *run, struct rs_bytes line, const struct rs_json **ret_id,
                        struct rs_review_text *ret, struct rs_error *reason)
{
    static const struct rs_json_limits limits = {.bytes = MAX_INPUT_LINE,
                                                 .depth = RS_JSON_MAX_DEPTH,
                                                 .members = 1 << 20,
                                                 .string_bytes = MAX_INPUT_LINE};
    const struct rs_json *object;
    struct rs_error why = {"out of memory"};
    struct rs_bytes *fields[] = {&ret->title, &ret->text, &ret->locale, &ret->product_name};
    if (rs_json_read(run->reader, line, &limits, &object, &why) != RS_JSON_READ)
        return rs_error_set(reason, "the line %.400s", why.text);
    if (rs_json_type(object) != RS_JSON_OBJECT)
        return rs_error_set(reason, "the line is no JSON object");
    *ret_id = rs_json_get(object, "id");
    if (rs_json_type(*ret_id) != RS_JSON_STRING && rs_json_type(*ret_id) != RS_JSON_NUMBER)
        return rs_error_set(reason, "id is missing, or no string");
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        const struct rs_json *value = rs_json_get(object, members[i]);
        enum rs_json_type type = rs_json_type(value);
        if (type != RS_JSON_ABSENT && type != RS_JSON_NULL && type != RS_JSON_STRING)
            return rs_error_set(reason, "%s is no string", members[i]);
        *fields[i] = rs_json_string(value);
    }
    return true;
}

static void analyse_line(struct run *run, struct rs_bytes line)
{
    const struct rs_json *id = NULL;
    struct rs_review_text review = {0};
    struct rs_analysis analysis;
    struct rs_error reason = {"out of memory"};
    rs_buffer_clear(&run->out);
    if (read_review(run, line, &id, &review, &reason) &&
        rs_analyse(run->analyser, &review, &analysis)) {
        rs_buffer_add_text(&run->out, "{\"id\":");
        rs_json_write(id, &run->out);
        rs_buffer_add_text(&run->out, ",");
        rs_render_sentiment(&analysis, rs_model_name(run->model), &run->out);
        rs_buffer_add_text(&run->out, ",");
        rs_render_tags(&analysis, &run->out);
        rs_buffer_add_text(&run->out, "}\n");
    } else {
        run->code = CTL_FAILED;
        rs_buffer_printf(&run->out, "{\"line\":%ld,\"error\":", run->line);
        rs_json_write_string(rs_text(reason.text), &run->out);
        rs_buffer_add_text(&run->out, "}\n");
    }
    if (run->out.failed)
        run->code = complain(CTL_FAILED, "line %ld: out of memory", run->line);
    else
        (void)fwrite(run->out.data, 1, run->out.len, stdout);
}

static bool is_blank(struct rs_bytes line)
{
    while (line.len && memchr(" \t\r", line.data[line.len - 1], 3))
        line.len--;
    return line.len == 0;
}

static void pause_output(void)
{
    (void)fflush(stdout);
}

static int analyse_lines(struct run *run)
{
    struct rs_bytes line;
    struct line_input input = {.fd = STDIN_FILENO, .pause = pause_output};
    while (!ferror(stdout) && line_input_next(&input, &line)) {
        run->line++;
        if (!is_blank(line))
            analyse_line(run, line);
    }
    if (input.failed)
        run->code =
            complain(CTL_FAILED, "stdin: cannot be read, or line %ld has more than %d bytes",
                     run->line + 1, MAX_INPUT_LINE);
    line_input_finish(&input);
    return run->code;
}

/* --- one text --- */

static int analyse_text(struct run *run, const struct args *args)
{
    char chunk[8192];
    struct rs_buffer text = {0};
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), stdin)) > 0;)
        rs_buffer_add(&text, chunk, got);
    struct rs_analysis analysis;
    const struct rs_review_text review = {.title = rs_text(args->title),
                                          .text = {text.data, text.len},
                                          .locale = rs_text(args->locale),
                                          .product_name = rs_text(args->product)};
    int code = CTL_OK;
    if (ferror(stdin))
        code = complain(CTL_FAILED, "stdin: %s", strerror(errno));
    else if (text.failed || !rs_analyse(run->analyser, &review, &analysis))
        code = complain(CTL_FAILED, "out of memory");
    else
        show_analysis(&analysis, &review, rs_model_name(run->model));
    rs_buffer_finish(&text);
    return code;
}

/* --- the model --- */

/* The bytes of a file; the caller frees them. NULL: complained. */
static char *read_file(const char *path, size_t *ret_len)
{
    char chunk[65536];
    struct rs_buffer data = {0};
    FILE *file = fopen(path, "rb");
    for (size_t got; file && (got = fread(chunk, 1, sizeof(chunk), file)) > 0;) {
        rs_buffer_add(&data, chunk, got);
        if (data.len > RS_MODEL_MAX_BYTES)
            break;
    }
    bool failed = !file || ferror(file);
    if (failed)
        complain(0, "--model=%s: %s", path, strerror(errno));
    if (file)
        (void)fclose(file);
    if (!failed)
        return rs_buffer_take(&data, ret_len);
    rs_buffer_finish(&data);
    return NULL;
}

static int run_with(const struct args *args, struct rs_bytes file)
{
    struct rs_error error = {"out of memory"};
    struct run run = {.code = CTL_OK};
    struct rs_model *model = rs_model_read(file, &error);
    if (!model)
        return complain(CTL_USAGE, "%s: %s", args->model ? args->model : "the built-in model",
                        error.text);
    /* The language detector takes and gives back 200 kB a text; keep them. */
    (void)mallopt(M_TRIM_THRESHOLD, 16 << 20);
    run.model = model;
    run.analyser = rs_analyser_create(model);
    run.reader = rs_json_reader_create();
    int code = CTL_FAILED;
    if (!run.analyser || !run.reader)
        complain(code, "out of memory");
    else
        code = args->ndjson ? analyse_lines(&run) : analyse_text(&run, args);
    rs_buffer_finish(&run.out);
    rs_json_reader_destroy(run.reader);
    rs_analyser_destroy(run.analyser);
    rs_model_destroy(model);
    return code;
}

/* --- options --- */

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    if (key == 'n')
        args->ndjson = true;
    else if (key == 'm')
        args->model = text;
    else if (key == 't')
        args->title = text;
    else if (key == 'l')
        args->locale = text;
    else if (key == 'p')
        args->product = text;
    else if (key == ARGP_KEY_ARG)
        argp_error(state, "%s: texts are read from standard input", text);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp_option options[] = {
    {.name = "ndjson", .key = 'n', .doc = "reviews as JSON lines, results as JSON lines"},
    {.name = "model", .key = 'm', .arg = "FILE", .doc = "another model than the built-in one"},
    {.name = "title", .key = 't', .arg = "TEXT", .doc = "the title of the text"},
    {.name = "locale", .key = 'l', .arg = "CODE", .doc = "its language, where it is too short"},
    {.name = "product", .key = 'p', .arg = "NAME", .doc = "the hotel's name: no tag"},
    {0},
};

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc =
        "Analyse a text from standard input: polarity, aspects and tags, each with its evidence.\v"
        "Examples:\n"
        "  echo 'Lovely sea view, but a slow check-in.' | reviewctl analyse\n"
        "  reviewctl analyse --ndjson <reviews.ndjson >results.ndjson\n\n"
        "With --ndjson a line is {\"id\",\"title\",\"text\",\"locale\",\"productName\"}; all but "
        "id may be absent. Results are in the same order and flushed when the input pauses; a "
        "malformed line gives {\"line\",\"error\"} in its place.\n"
        "Exit codes: 0 done, 1 a line was malformed, 2 wrong usage or a model that cannot be used.",
};

static int run(int argc, char **argv)
{
    struct args args = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    if (!args.model)
        return run_with(&args, rs_model_built_in());
    size_t len = 0;
    char *data = read_file(args.model, &len);
    int code = data ? run_with(&args, (struct rs_bytes){data, len}) : CTL_USAGE;
    free(data);
    return code;
}

const struct command analyse = {
    .group = "analyse",
    .summary = "polarity, aspects and tags of a text",
    .argp = &argp,
    .run = run,
};
