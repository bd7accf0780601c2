/* runtime/config.c; test_config.c is kafka's. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sink.h"
#include "runtime/config.h"
#include "support/alloc.h"

static const struct rs_option options[] = {RS_OPTIONS_END};
static const struct rs_component *const none[] = {NULL};
static const struct rs_sink store = {.name = "store", .components = none};
static const char *text_of_options = "a=1";

static char *fingerprint(const void *self)
{
    (void)self;
    return strdup(text_of_options);
}

static struct rs_processor processor = {
    .base = {.section = "sample", .summary = "for tests", .options = options},
    .format = 1,
    .sinks = (const struct rs_sink *const[]){&store, NULL},
    .fingerprint = fingerprint,
};

/* The reason why these are refused; "" if they are taken. */
static void judge(const struct rs_config_given *given, struct rs_error *error)
{
    const struct rs_component **components = rs_config_components(&processor);
    error->text[0] = '\0';
    struct rs_settings *settings = rs_config_load(components, given, error);
    if (settings)
        (void)rs_config_judge(settings, error);
    rs_settings_destroy(settings);
    free(components);
}

static const struct {
    const char *set, *want;
} rows[] = {
    {"generation=g1", ""},
    {"generation=2026-11_b", ""},
    {"generation=", "generation: \"\""},
    {"generation=G1", "lower-case"},
    {"generation=-g", "the first a letter or digit"},
    {"generation=a:b", "generation: \"a:b\""},
    {"offsets.out_of_range=beginning", ""},
    {"offsets.out_of_range=end", "give stop or beginning"},
    {"log.format=json", ""},
    {"log.format=xml", "give text or json"},
    {"log.level=trace", "give error, warn, info or debug"},
    {"kafka.group=", "kafka.group: is empty"},
    {"lane=3", "lanes"},
};

Test(runtime_config, refuses_values_that_no_row_can_bound)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rs_error error;
        judge(&(struct rs_config_given){.sets = {rows[i].set}, .set_count = 1}, &error);
        cr_expect_not_null(strstr(error.text, rows[i].want), "%s: %s", rows[i].set, error.text);
        cr_expect_eq(error.text[0] == '\0', rows[i].want[0] == '\0', "%s: %s", rows[i].set,
                     error.text);
    }
}

Test(runtime_config, names_a_file_that_it_cannot_use)
{
    char path[] = "/tmp/reviews-config-XXXXXX";
    int file = mkstemp(path);
    struct rs_error error;
    judge(&(struct rs_config_given){.file = "/nonexistent/cache.json"}, &error);
    cr_expect_not_null(strstr(error.text, "/nonexistent/cache.json"), "%s", error.text);
    cr_assert_eq(write(file, "{\0}", 3), 3);
    judge(&(struct rs_config_given){.file = path}, &error);
    cr_expect_not_null(strstr(error.text, "NUL"), "%s", error.text);
    cr_assert_eq(ftruncate(file, (1 << 20) + 1), 0);
    judge(&(struct rs_config_given){.file = path}, &error);
    cr_expect_not_null(strstr(error.text, "larger than 1 MiB"), "%s", error.text);
    (void)close(file);
    (void)unlink(path);
}

Test(runtime_config, the_fingerprint_tells_name_format_and_options_apart)
{
    char first[RS_FINGERPRINT_BYTES], now[RS_FINGERPRINT_BYTES];
    cr_assert(rs_config_fingerprint(&processor, NULL, NULL, first));
    cr_expect_eq(strlen(first), 64);
    cr_assert(rs_config_fingerprint(&processor, NULL, NULL, now));
    cr_expect_str_eq(first, now);
    text_of_options = "a=2";
    cr_assert(rs_config_fingerprint(&processor, NULL, NULL, now));
    cr_expect_str_neq(first, now);
    text_of_options = "a=1";
    cr_assert(rs_config_fingerprint(&processor, NULL, "feed", now));
    cr_expect_str_neq(first, now, "another model");
    processor.format = 2;
    cr_assert(rs_config_fingerprint(&processor, NULL, NULL, now));
    cr_expect_str_neq(first, now);
}

Test(runtime_config, says_when_memory_is_out)
{
    for (long n = 0; rs_alloc_more(n); n++) {
        struct rs_error error;
        const struct rs_component **components = rs_config_components(&processor);
        struct rs_settings *settings =
            components ? rs_config_load(components, &(struct rs_config_given){0}, &error) : NULL;
        cr_expect(settings || !components || strstr(error.text, "memory"), "%s", error.text);
        rs_settings_destroy(settings);
        free(components);
    }
}
