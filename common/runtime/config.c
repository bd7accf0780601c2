#include "runtime/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sink.h"
#include "kafka/config.h"
#include "kafka/dead_letter.h"
#include "runtime/options.h"
#include "runtime/texts.h"

enum { FILE_BYTES = 1 << 20, GENERATION_BYTES = 64, COMPONENTS = 32 };

/* --- the command line --- */

static const struct argp_option options[] = {
    {.name = "config",
     .key = 'c',
     .arg = "FILE",
     .group = 10,
     .doc = "read options from a JSON file whose objects nest by the dots of names"},
    {.name = "set",
     .key = 's',
     .arg = "NAME=VALUE",
     .group = 10,
     .doc = "set one option, e.g. kafka.brokers=host:9092; beats the environment (REVIEWS_…), "
            "which beats the file"},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct rs_config_given *given = state->input;
    if (key == 'c') {
        given->file = text;
    } else if (key == 's') {
        if (given->set_count == RS_CONFIG_SETS)
            argp_error(state, "more than %d times --set", RS_CONFIG_SETS);
        given->sets[given->set_count++] = text;
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp rs_config_argp = {.options = options, .parser = parse};

/* --- files --- */

static char *read_file(const char *path, struct rs_error *error)
{
    FILE *file = fopen(path, "re");
    char *data = file ? malloc(FILE_BYTES + 1) : NULL;
    size_t len = data ? fread(data, 1, FILE_BYTES + 1, file) : 0;
    bool good = data && !ferror(file) && len <= FILE_BYTES;
    if (!good)
        (void)rs_error_set(error, "%s: %s", path,
                           len > FILE_BYTES ? "larger than 1 MiB" : strerror(errno));
    if (file)
        (void)fclose(file);
    if (good)
        data[len] = '\0';
    if (good && strlen(data) == len)
        return data;
    if (good)
        (void)rs_error_set(error, "%s: holds a NUL byte, so it is no text", path);
    free(data);
    return NULL;
}

static bool fill(struct rs_settings *settings, const struct rs_config_given *given,
                 struct rs_error *error)
{
    if (given->file) {
        char *json = read_file(given->file, error);
        bool good = json && rs_settings_file(settings, json, strlen(json), given->file, error);
        free(json);
        if (!good)
            return false;
    }
    if (!rs_settings_environment(settings, (const char *const *)environ, error))
        return false;
    for (size_t i = 0; i < given->set_count; i++)
        if (!rs_settings_set(settings, given->sets[i], error))
            return false;
    return rs_settings_finish(settings, read_file, error);
}

struct rs_settings *rs_config_load(const struct rs_component *const *components,
                                   const struct rs_config_given *given, struct rs_error *error)
{
    struct rs_settings *settings = rs_settings_create(components);
    if (!settings)
        (void)rs_error_set(error, "out of memory");
    if (settings && fill(settings, given, error))
        return settings;
    rs_settings_destroy(settings);
    return NULL;
}

/* --- a processor's --- */

const struct rs_component **rs_config_components(const struct rs_processor *processor)
{
    const struct rs_component **list = calloc(COMPONENTS + 1, sizeof(*list));
    size_t count = 0;
    if (!list)
        return NULL;
    list[count++] = &rs_runtime_component;
    list[count++] = &rs_kafka_component;
    list[count++] = &rs_dead_letter_component;
    list[count++] = &processor->base;
    if (processor->analyses)
        list[count++] = &rs_language_component;
    for (size_t i = 0; processor->sinks[i]; i++)
        for (size_t j = 0; processor->sinks[i]->components[j] && count < COMPONENTS; j++)
            list[count++] = processor->sinks[i]->components[j];
    return list;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(text, *words) != 0)
        words++;
    return *words != NULL;
}

/* It stands in keys, index names, consumer groups and headers. */
static bool is_generation(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) &&
            (i == 0 || (text[i] != '-' && text[i] != '_')))
            return false;
    return len >= 1 && len <= GENERATION_BYTES;
}

bool rs_config_judge(const struct rs_settings *settings, struct rs_error *error)
{
    static const char *const places[] = {"stop", "beginning", NULL};
    static const char *const formats[] = {"text", "json", NULL};
    static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
    const struct rs_runtime_options *mine = rs_settings_get(settings, &rs_runtime_component);
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    if (!is_one_of(mine->out_of_range, places))
        return rs_error_set(error, "offsets.out_of_range: \"%s\"; give stop or beginning",
                            mine->out_of_range);
    if (!is_one_of(mine->log_format, formats))
        return rs_error_set(error, "log.format: \"%s\"; give text or json", mine->log_format);
    if (!is_one_of(mine->log_level, levels))
        return rs_error_set(error, "log.level: \"%s\"; give error, warn, info or debug",
                            mine->log_level);
    if (!is_generation(mine->generation))
        return rs_error_set(error,
                            "generation: \"%s\"; give 1 to %d lower-case letters, digits, - and _, "
                            "the first a letter or digit",
                            mine->generation, GENERATION_BYTES);
    if (kafka->group && !*kafka->group)
        return rs_error_set(error, "kafka.group: is empty; leave it out for the default");
    return true;
}

bool rs_config_fingerprint(const struct rs_processor *processor, const void *self,
                           const char *model, char ret[RS_FINGERPRINT_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char *text = NULL, *more = NULL;
    if (processor->fingerprint && !(more = processor->fingerprint(self)))
        return false;
    int size =
        asprintf(&text, "%s\n%" PRId64 "\n%s%s%s", processor->base.section, processor->format,
                 more ? more : "", model ? "\nmodel " : "", model ? model : "");
    bool done = size >= 0 && EVP_Digest(text, (size_t)size, digest, &len, EVP_sha256(), NULL) == 1;
    for (unsigned i = 0; done && i < len; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
    if (size >= 0)
        free(text);
    free(more);
    return done;
}
