/* What is printed of settings and options, and what must not be; and what happens without memory.
 */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings_table.h"
#include "support/alloc.h"
#include "support/sample_settings.h"

static const char file_to_print[] =
    "{\"lanes\":2,\"kafka\":{\"sasl.password\":\"" CANARY "\",\"client.id\":\"c\",\"num\":7,"
    "\"ssl.key.password_file\":\"/pw\"},\"redis\":{\"url\":\"redis://u:" CANARY "@h:1\","
    "\"password\":\"" CANARY "\"}}";
static const char printed[] = "{\n"
                              "  \"lanes\": 2,\n"
                              "  \"memory\": {\n"
                              "    \"limit\": 268435456\n"
                              "  },\n"
                              "  \"generation\": \"g1\",\n"
                              "  \"kafka\": {\n"
                              "    \"brokers\": \"127.0.0.1:9092\",\n"
                              "    \"group\": null,\n"
                              "    \"sasl.password\": \"***\",\n"
                              "    \"client.id\": \"c\",\n"
                              "    \"num\": \"7\",\n"
                              "    \"ssl.key.password_file\": \"/pw\"\n"
                              "  },\n"
                              "  \"redis\": {\n"
                              "    \"url\": \"redis://***@h:1\",\n"
                              "    \"password\": \"***\",\n"
                              "    \"timeout_ms\": 5000,\n"
                              "    \"offset\": null,\n"
                              "    \"tls\": false\n"
                              "  }\n"
                              "}";

Test(settings_print, are_printed_as_a_file_without_secrets)
{
    struct rs_settings *settings = rs_settings_create(sample_components);
    struct rs_error error = {""};
    cr_assert(sample_load(settings, &(struct sample_given){.file = file_to_print}, &error), "%s",
              error.text);
    char *text = rs_settings_print(settings);
    cr_assert_str_eq(text, printed, "%s", text);
    free(text);
    rs_settings_destroy(settings);
}

Test(settings_print, what_is_printed_can_be_read_again)
{
    struct rs_settings *settings = rs_settings_create(sample_components);
    struct rs_settings *again = rs_settings_create(sample_components);
    const struct sample_given given = {
        .file = "{\"kafka\":{\"a.b\":true},\"redis\":{\"password_file\":\"/pw\"}}",
        .environment = {"REVIEWS_GENERATION=\"\\\n\xc3\xa9", "REVIEWS_REDIS_TIMEOUT_MS=1MiB"},
    };
    struct rs_error error = {""};
    cr_assert(sample_load(settings, &given, &error), "%s", error.text);
    char *text = rs_settings_print(settings);
    cr_assert(sample_load(again, &(struct sample_given){.file = text}, &error), "%s", error.text);
    char *text_again = rs_settings_print(again);
    cr_expect_str_eq(text, text_again);
    cr_expect_null(strstr(text, CANARY));
    free(text);
    free(text_again);
    rs_settings_destroy(settings);
    rs_settings_destroy(again);
}

static const struct {
    const char *text, *want;
} masks[] = {
    {"", ""},
    {"redis://h:1", "redis://h:1"},
    {"h:1,h:2", "h:1,h:2"},
    {"redis://u:p@h:1/0", "redis://***@h:1/0"},
    {"redis://:p@h", "redis://***@h"},
    {"redis://u@h", "redis://***@h"},
    {"u:p@h:1", "***@h:1"},
    {"a@b", "a@b"},
    {"HTTPS://u:p@h", "HTTPS://***@h"},
    {"http://u:p@h1,http://h2,https://u:q@h3", "http://***@h1,http://h2,https://***@h3"},
    {"http://h1, http://u:p@h2", "http://h1, http://***@h2"},
    {"http://u:p@h1,u:q@h2", "http://***@h2"},
    {"redis://u:p/1@2@h/x", "redis://***@h/x"},
    {"redis://u:p,1@h", "redis://***@h"},
    {"redis://u:p,q://r@h", "redis://u:p,q://***@h"}, /* a comma and a scheme begin another URL */
    {"redis://u:p://r@h", "redis://***@h"},
    {"u:p://r@h", "***@h"},
};

Test(settings_print, credentials_in_urls_are_masked)
{
    for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
        char *text = rs_settings_mask(masks[i].text);
        cr_expect_str_eq(text, masks[i].want, "%s: %s", masks[i].text, text);
        cr_expect_eq(rs_settings_has_credentials(masks[i].text),
                     strcmp(masks[i].text, masks[i].want) != 0, "%s", masks[i].text);
        free(text);
    }
}

Test(settings_print, help_is_aligned_and_wrapped)
{
    static const struct rs_option rows[] = {
        RS_OPTION(struct sample_general, lanes, "4", "1", NULL,
                  "a long explanation that goes on and on until it is over the width of a hundred"
                  " and so must be wrapped"),
        RS_OPTION_AS("a_name_that_is_longer_than_the_column_for_names", struct sample_general,
                     limit, "", NULL, "7", "help"),
        RS_OPTIONS_END,
    };
    static const struct rs_component wide = {.section = "wide",
                                             .summary = "wide ones",
                                             .options = rows,
                                             .size = sizeof(struct sample_general)};
    const struct rs_component *const list[] = {&sample_redis, &sample_kafka, &sample_redis,
                                               &sample_idle,  &wide,         NULL};
    char *text = rs_settings_help(list, false);
    cr_expect_str_eq(
        text,
        "redis: the store\n"
        "  redis.url                             one server (default redis://127.0.0.1:6379)\n"
        "  redis.password                        rather than in the URL (secret: environment, or\n"
        "                                        redis.password_file)\n"
        "  redis.timeout_ms                      of a command (default 5000; at least 10)\n"
        "  redis.offset                          of nothing (-5 to 5)\n"
        "  redis.tls                             encrypt (default false)\n"
        "\n"
        "kafka: connection to Kafka\n"
        "  kafka.brokers                         host:port, comma-separated (default "
        "127.0.0.1:9092)\n"
        "  kafka.group                           consumer group\n"
        "  kafka.*                               any other name is passed to the library as it is\n"
        "\n"
        "wide: wide ones\n"
        "  wide.lanes                            a long explanation that goes on and on until it "
        "is "
        "over the\n"
        "                                        width of a hundred and so must be wrapped "
        "(default "
        "4; at\n"
        "                                        least 1)\n"
        "  wide.a_name_that_is_longer_than_the_column_for_names\n"
        "                                        help (at most 7)\n",
        "%s", text);
    free(text);
}

Test(settings_print, the_manual_is_a_table_per_section)
{
    const struct rs_component *const list[] = {&sample_general, &sample_kafka, &sample_redis,
                                               &sample_idle,    &sample_redis, NULL};
    char *text = rs_settings_help(list, true);
    cr_expect_str_eq(
        text,
        "## the program\n\n"
        "| option | default | bounds | meaning |\n|---|---|---|---|\n"
        "| `lanes` | `4` | 1 to 64 | worker threads |\n"
        "| `memory.limit` | `256MiB` | 64MiB to 64GiB | memory |\n"
        "| `generation` | `g1` |  | copy of the view |\n"
        "\n## kafka\n\nConnection to Kafka.\n\n"
        "| option | default | bounds | meaning |\n|---|---|---|---|\n"
        "| `kafka.brokers` | `127.0.0.1:9092` |  | host:port, comma-separated |\n"
        "| `kafka.group` |  |  | consumer group |\n"
        "\nAny other `kafka.` name is passed to the library as it is, except these, which the "
        "program sets: `enable.auto.commit`, `group.id`.\n"
        "\n## redis\n\nThe store.\n\n"
        "| option | default | bounds | meaning |\n|---|---|---|---|\n"
        "| `redis.url` | `redis://127.0.0.1:6379` |  | one server |\n"
        "| `redis.password` |  |  | rather than in the URL; a secret: `REVIEWS_REDIS_PASSWORD`, or "
        "`redis.password_file` with the path of a file |\n"
        "| `redis.timeout_ms` | `5000` | at least 10 | of a command |\n"
        "| `redis.offset` |  | -5 to 5 | of nothing |\n"
        "| `redis.tls` | `false` |  | encrypt |\n",
        "%s", text);
    free(text);
}

/* One round: everything once, with an allocation that fails somewhere. */
static bool run_all(const struct sample_given *given, struct rs_error *error)
{
    struct rs_settings *settings = rs_settings_create(sample_components);
    bool loaded = settings && sample_load(settings, given, error);
    char *text = loaded ? rs_settings_print(settings) : NULL;
    char *help = text ? rs_settings_help(sample_components, false) : NULL;
    char *manual = help ? rs_settings_help(sample_components, true) : NULL;
    bool done = manual != NULL;
    if (!loaded && settings)
        cr_expect(
            strstr(error->text, "out of memory") || strstr(error->text, "cannot be read") ||
                strstr(error->text, "no valid JSON"), /* what jansson makes of it in a token */
            "%s", error->text);
    free(text);
    free(help);
    free(manual);
    rs_settings_destroy(settings);
    return done;
}

Test(settings_print, every_allocation_may_fail)
{
    const struct sample_given given = {
        .file = file_to_print,
        .environment = {"REVIEWS_KAFKA_CLIENT_ID=y", "REVIEWS_LANES=7"},
        .sets = {"kafka.a.b.c=1", "lanes=8"},
    };
    struct rs_error error;
    long rounds = 0;
    json_set_alloc_funcs(malloc, free); /* as they are in this program: jansson's fail too */
    for (; rs_alloc_more(rounds); rounds++) {
        error.text[0] = '\0';
        bool done = run_all(&given, &error);
        bool failed = rs_alloc_reset();
        cr_expect_eq(done, !failed, "round %ld: %s", rounds, error.text);
        if (!failed)
            break;
    }
    cr_expect_gt(rounds, 60);
}
