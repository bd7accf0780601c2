/* Every rule of the settings as a row: what is given where, and the error or what comes of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/sample_settings.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct row {
    const char *name;
    struct sample_given given;
    const char *error; /* NULL: none */
    const char *want;  /* "lanes limit generation|brokers group|url password timeout offset tls|"
                        * then the passed names and values */
};

static const char *text_of(const char *text)
{
    return text ? text : "-";
}

static void show(const struct rs_settings *settings, char *buffer, size_t size)
{
    const struct sample_general *g = rs_settings_get(settings, &sample_general);
    const struct sample_kafka *k = rs_settings_get(settings, &sample_kafka);
    const struct sample_redis *r = rs_settings_get(settings, &sample_redis);
    const char *name, *value;
    int len = snprintf(buffer, size, "%ld %ld %s|%s %s|%s %s %ld %ld %s|", (long)g->lanes,
                       (long)g->limit, text_of(g->generation), text_of(k->brokers),
                       text_of(k->group), text_of(r->url), text_of(r->password),
                       (long)r->timeout_ms, (long)r->offset, r->tls ? "true" : "false");
    for (size_t i = 0; rs_settings_passed(settings, "kafka", i, &name, &value); i++)
        len += snprintf(buffer + len, size - (size_t)len, "%s=%s ", name, value);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rs_settings *settings = rs_settings_create(sample_components);
        struct rs_error error = {""};
        char shown[1024];
        bool loaded = sample_load(settings, &rows[i].given, &error);
        if (rows[i].error) {
            cr_expect_not(loaded, "%s", rows[i].name);
            cr_expect_str_eq(error.text, rows[i].error, "%s: %s", rows[i].name, error.text);
        } else {
            cr_expect(loaded, "%s: %s", rows[i].name, error.text);
            cr_expect_str_empty(error.text, "%s", rows[i].name);
        }
        cr_expect_null(strstr(error.text, CANARY), "%s: %s", rows[i].name, error.text);
        if (loaded && rows[i].want) {
            show(settings, shown, sizeof(shown));
            cr_expect_str_eq(shown, rows[i].want, "%s: %s", rows[i].name, shown);
        }
        rs_settings_destroy(settings);
    }
}

#define DEFAULTS "4 268435456 g1|127.0.0.1:9092 -|redis://127.0.0.1:6379 - 5000 0 false|"

static const struct row sources[] = {
    {"all defaults", .want = DEFAULTS},
    {"an empty file", .given.file = "{}", .want = DEFAULTS},
    {"null is the default", .given.file = "{\"lanes\":null,\"redis\":{\"password\":null}}",
     .want = DEFAULTS},
    {"nested by dots",
     .given.file =
         "{\"lanes\":2,\"memory\":{\"limit\":67108864},\"kafka\":{\"brokers\":\"b:1\",\"sasl\":"
         "{\"mechanism\":\"PLAIN\"}},\"redis\":{\"tls\":true,\"offset\":-5}}",
     .want = "2 67108864 g1|b:1 -|redis://127.0.0.1:6379 - 5000 -5 true|sasl.mechanism=PLAIN "},
    {"flat",
     .given.file =
         "{\"memory.limit\":\"64MiB\",\"kafka.brokers\":\"b:1\",\"kafka.sasl.mechanism\":\"PLAIN\","
         "\"redis.tls\":\"true\"}",
     .want = "4 67108864 g1|b:1 -|redis://127.0.0.1:6379 - 5000 0 true|sasl.mechanism=PLAIN "},
    {"units",
     .given.file =
         "{\"memory\":{\"limit\":\"64GiB\"},\"redis\":{\"timeout_ms\":\"1KiB\",\"offset\":\"5\"}}",
     .want = "4 68719476736 g1|127.0.0.1:9092 -|redis://127.0.0.1:6379 - 1024 5 false|"},
    {"file < environment", .given.file = "{\"lanes\":2,\"generation\":\"g2\"}",
     .given.environment = {"REVIEWS_LANES=3", "PATH=x"},
     .want = "3 268435456 g2|127.0.0.1:9092 -|redis://127.0.0.1:6379 - 5000 0 false|"},
    {"environment < set", .given.file = "{\"lanes\":2}", .given.environment = {"REVIEWS_LANES=3"},
     .given.sets = {"lanes=5", "generation=g=3"},
     .want = "5 268435456 g=3|127.0.0.1:9092 -|redis://127.0.0.1:6379 - 5000 0 false|"},
    {"environment alone",
     .given.environment = {"REVIEWS_MEMORY_LIMIT=1GiB", "REVIEWS_REDIS_TIMEOUT_MS=10",
                           "REVIEWS_REDIS_TLS=true"},
     .want = "4 1073741824 g1|127.0.0.1:9092 -|redis://127.0.0.1:6379 - 10 0 true|"},
    {"an empty variable is absent, known or not",
     .given.environment = {"REVIEWS_LANES=", "REVIEWS_LANS=", "REVIEWS_LANES"}, .want = DEFAULTS},
    {"an empty text is a text", .given.file = "{\"generation\":\"\"}",
     .want = "4 268435456 |127.0.0.1:9092 -|redis://127.0.0.1:6379 - 5000 0 false|"},
    {"names of other programs of the suite are ignored",
     .given.environment = {"REVIEWS_OPENSEARCH_URL=x", "REVIEWS_POSTGRES_PASSWORD=" CANARY,
                           "REVIEWS_HTTP_LISTEN=y"},
     .want = DEFAULTS},
    {"passed through from everywhere, the later wins",
     .given.file = "{\"kafka\":{\"a.b\":1,\"check.crcs\":false,\"client.id\":\"x\"}}",
     .given.environment = {"REVIEWS_KAFKA_CLIENT_ID=y", "REVIEWS_KAFKA_C=z"},
     .given.sets = {"kafka.a.b=2"}, .want = DEFAULTS "a.b=2 check.crcs=false client.id=y c=z "},
    {"secrets from the file, the environment, and files",
     .given.file = "{\"redis\":{\"password\":\"" CANARY "\"}}",
     .given.environment = {"REVIEWS_KAFKA_SASL_PASSWORD=s3"},
     .given.sets = {"kafka.ssl.key.password_file=/crlf"},
     .want = "4 268435456 g1|127.0.0.1:9092 -|redis://127.0.0.1:6379 " CANARY " 5000 0 false|"
             "sasl.password=s3 ssl.key.password=" CANARY " "},
    {"secrets' files by the environment",
     .given.environment = {"REVIEWS_REDIS_PASSWORD_FILE=/pw",
                           "REVIEWS_KAFKA_SASL_PASSWORD_FILE=/pw"},
     .want = "4 268435456 g1|127.0.0.1:9092 -|redis://127.0.0.1:6379 " CANARY " 5000 0 false|"
             "sasl.password=" CANARY " "},
    {"a secret of any bytes", .given.environment = {"REVIEWS_REDIS_PASSWORD=\xff=\xfe"},
     .want = "4 268435456 g1|127.0.0.1:9092 -|redis://127.0.0.1:6379 \xff=\xfe 5000 0 false|"},
};

Test(settings, later_sources_win_and_names_nest_by_dots)
{
    check_rows(sources, COUNT(sources));
}

static const struct row values[] = {
    {"too small", .given.file = "{\"lanes\":0}",
     .error = "f.json: lanes: 0 is too small; give an integer from 1 to 64"},
    {"too large", .given.environment = {"REVIEWS_LANES=65"},
     .error = "REVIEWS_LANES: 65 is too large; give an integer from 1 to 64"},
    {"the bounds themselves", .given.file = "{\"lanes\":64,\"memory.limit\":67108864}",
     .want = NULL},
    {"under a bound with a unit", .given.sets = {"memory.limit=63MiB"},
     .error = "--set memory.limit: 63MiB is too small; give an integer from 64MiB to 64GiB"},
    {"one bound", .given.sets = {"redis.timeout_ms=9"},
     .error = "--set redis.timeout_ms: 9 is too small; give an integer of at least 10"},
    {"no integer", .given.sets = {"lanes=four"},
     .error = "--set lanes: \"four\" is no integer; give one from 1 to 64, with KiB, MiB or GiB "
              "behind it "
              "if you like"},
    {"an empty integer", .given.sets = {"lanes="},
     .error = "--set lanes: \"\" is no integer; give one from 1 to 64, with KiB, MiB or GiB behind "
              "it if "
              "you like"},
    {"a wrong unit", .given.sets = {"redis.timeout_ms=1MB"},
     .error =
         "--set redis.timeout_ms: \"1MB\" is no integer; give one of at least 10, with KiB, MiB or "
         "GiB behind it if you like"},
    {"beyond 64 bits", .given.sets = {"redis.timeout_ms=9223372036854775808"},
     .error =
         "--set redis.timeout_ms: \"9223372036854775808\" is no integer; give one of at least 10, "
         "with KiB, MiB or GiB behind it if you like"},
    {"beyond 64 bits by its unit", .given.sets = {"redis.timeout_ms=9223372036854775807GiB"},
     .error = "--set redis.timeout_ms: \"9223372036854775807GiB\" is no integer; give one of at "
              "least 10, "
              "with KiB, MiB or GiB behind it if you like"},
    {"a fraction", .given.file = "{\"lanes\":1.5}",
     .error = "f.json: lanes: is a number with a fraction or an exponent; give an integer, or a "
              "text such as \"64MiB\""},
    {"true for an integer", .given.file = "{\"lanes\":true}",
     .error = "f.json: lanes: is true; give an integer, or a text such as \"64MiB\""},
    {"an array", .given.file = "{\"kafka\":{\"brokers\":[\"b\"]}}",
     .error = "f.json: kafka.brokers: is an array; give a text in quotes"},
    {"an integer for a text", .given.file = "{\"generation\":2}",
     .error = "f.json: generation: is an integer; give a text in quotes"},
    {"an integer for a boolean", .given.file = "{\"redis\":{\"tls\":1}}",
     .error = "f.json: redis.tls: is an integer; give true or false"},
    {"yes for a boolean", .given.environment = {"REVIEWS_REDIS_TLS=yes"},
     .error = "REVIEWS_REDIS_TLS: \"yes\" is neither true nor false"},
    {"a fraction for the library", .given.file = "{\"kafka\":{\"x\":0.5}}",
     .error = "f.json: kafka.x: is a number with a fraction or an exponent; give a text, an "
              "integer, true or false"},
    {"no UTF-8", .given.environment = {"REVIEWS_GENERATION=\xff"},
     .error = "REVIEWS_GENERATION: the value is not UTF-8"},
    {"control characters are not shown", .given.sets = {"lanes=\n\x1b"},
     .error = "--set lanes: \"?\?\" is no integer; give one from 1 to 64, with KiB, MiB or GiB "
              "behind it "
              "if you like"},
};

Test(settings, values_fit_their_type_and_bounds)
{
    check_rows(values, COUNT(values));
}

static const struct row names[] = {
    {"unknown in the file", .given.file = "{\"lane\":1}",
     .error = "f.json: lane: unknown option; the nearest is lanes, --help lists all"},
    {"unknown, even if null", .given.file = "{\"redis\":{\"urls\":null}}",
     .error = "f.json: redis.urls: unknown option; the nearest is redis.url, --help lists all"},
    {"an underscore for a dot", .given.file = "{\"memory_limit\":1}",
     .error = "f.json: memory_limit: unknown option; the nearest is memory.limit, --help lists "
              "all"},
    {"unknown in the environment", .given.environment = {"REVIEWS_LANS=1"},
     .error = "REVIEWS_LANS: unknown option; the nearest is REVIEWS_LANES, --help lists all"},
    {"unknown in a section of ours", .given.environment = {"REVIEWS_REDIS_PASWORD=" CANARY},
     .error = "REVIEWS_REDIS_PASWORD: unknown option; the nearest is REVIEWS_REDIS_PASSWORD, "
              "--help lists all"},
    {"unknown by --set", .given.sets = {"redis.tsl=" CANARY},
     .error = "--set redis.tsl: unknown option; the nearest is redis.tls, --help lists all"},
    {"a name that the program owns, in a misspelt section",
     .given.file = "{\"kafak.enable.auto.commit\":1}",
     .error = "f.json: kafak.enable.auto.commit: unknown option; the nearest is "
              "kafka.enable.auto.commit, --help lists all"},
    {"owned", .given.file = "{\"kafka\":{\"enable\":{\"auto\":{\"commit\":true}}}}",
     .error = "f.json: kafka.enable.auto.commit: kafka.enable.auto.commit is set by the program "
              "and cannot be changed; leave it out"},
    {"owned, by the environment", .given.environment = {"REVIEWS_KAFKA_GROUP_ID=x"},
     .error = "REVIEWS_KAFKA_GROUP_ID: kafka.group.id is set by the program and cannot be "
              "changed; leave it out"},
    {"nearly an option of ours is not passed through",
     .given.file = "{\"kafka\":{\"broker\":\"b\"}}",
     .error = "f.json: kafka.broker: unknown option; the nearest is kafka.brokers, --help lists "
              "all"},
    {"and not by the environment", .given.environment = {"REVIEWS_KAFKA_BROKER=b"},
     .error = "REVIEWS_KAFKA_BROKER: unknown option; the nearest is REVIEWS_KAFKA_BROKERS, "
              "--help lists all"},
    {"no name at all", .given.file = "{\"kafka\":{\"\":1}}",
     .error = "f.json: kafka.: unknown option; --help lists all"},
    {"a name that no library has", .given.file = "{\"kafka\":{\"a b\":1}}",
     .error = "f.json: kafka.a b: unknown option; --help lists all"},
    {"a section as an option", .given.file = "{\"kafka\":\"b:1\"}",
     .error = "f.json: kafka: is a group of options, such as kafka.brokers; --help lists all"},
    {"an option as a section", .given.file = "{\"lanes\":{\"min\":1}}",
     .error = "f.json: lanes.min: unknown option; the nearest is lanes, --help lists all"},
    {"twice in one object", .given.file = "{\n \"redis\":{\"tls\":true,\"tls\":false}}",
     .error = "f.json: line 2: tls is given twice; leave one of them out"},
    {"twice, flat and nested", .given.file = "{\"redis\":{\"tls\":true},\"redis.tls\":true}",
     .error = "f.json: redis.tls: is given twice; leave one of them out"},
    {"twice by --set", .given.sets = {"lanes=1", "lanes=1"},
     .error = "--set lanes: is given twice; leave one of them out"},
    {"twice in the environment", .given.environment = {"REVIEWS_KAFKA_X=1", "REVIEWS_KAFKA_X=1"},
     .error = "REVIEWS_KAFKA_X: is given twice; leave one of them out"},
    {"no assignment", .given.sets = {CANARY}, .error = "--set: no '='; give SECTION.NAME=VALUE"},
    {"a foreign name is shown harmlessly", .given.file = "{\"\\u001b[31m\xc3\xa9\":1}",
     .error = "f.json: ?[31m?\?: unknown option; --help lists all"},
    {"a section too many", .given.sets = {"cache.redis.url=" CANARY},
     .error = "--set cache.redis.url: unknown option; the nearest is redis.url, --help lists all"},
    {"a section in the environment", .given.environment = {"REVIEWS_MEMORY=1GiB"},
     .error = "REVIEWS_MEMORY: unknown option; the nearest is REVIEWS_MEMORY_LIMIT, --help lists "
              "all"},
    {"nothing is near", .given.sets = {"cache.redi=" CANARY},
     .error = "--set cache.redi: unknown option; --help lists all"},
    {"nothing is near, in the environment", .given.environment = {"REVIEWS_REDIS_SENTINEL=" CANARY},
     .error = "REVIEWS_REDIS_SENTINEL: unknown option; --help lists all"},
};

Test(settings, names_are_known_or_what_is_near_is_said)
{
    check_rows(names, COUNT(names));
}

static const struct row secrets[] = {
    {"by --set", .given.sets = {"redis.password=" CANARY},
     .error = "--set redis.password: is a secret and would show in the list of processes; set "
              "REVIEWS_REDIS_PASSWORD or redis.password_file instead"},
    {"passed through by --set", .given.sets = {"kafka.sasl.password=" CANARY},
     .error = "--set kafka.sasl.password: is a secret and would show in the list of processes; set "
              "REVIEWS_KAFKA_SASL_PASSWORD or kafka.sasl.password_file instead"},
    {"in a URL by --set", .given.sets = {"redis.url=redis://u:" CANARY "@h"},
     .error = "--set redis.url: holds credentials, which would show in the list of processes; set "
              "REVIEWS_REDIS_URL instead"},
    {"of a wrong type", .given.file = "{\"redis\":{\"password\":51}}",
     .error = "f.json: redis.password: is an integer; give a text in quotes"},
    {"empty", .given.file = "{\"redis\":{\"password\":\"\"}}",
     .error = "f.json: redis.password: is empty; leave it out where there is none"},
    {"as it was printed", .given.file = "{\"redis\":{\"password\":\"***\"}}",
     .error = "f.json: redis.password: is \"***\", as --print-config masks it; give the secret "
              "itself, or redis.password_file"},
    {"both", .given.file = "{\"redis\":{\"password\":\"" CANARY "\",\"password_file\":\"/pw\"}}",
     .error = "redis.password and redis.password_file are both given; leave one of them out"},
    {"both from two sources", .given.file = "{\"kafka\":{\"sasl.password_file\":\"/pw\"}}",
     .given.environment = {"REVIEWS_KAFKA_SASL_PASSWORD=" CANARY},
     .error = "kafka.sasl.password and kafka.sasl.password_file are both given; leave one of them "
              "out"},
    {"file missing", .given.file = "{\"redis\":{\"password_file\":\"/no\"}}",
     .error = "redis.password_file: /no: no such file"},
    {"file empty", .given.file = "{\"redis\":{\"password_file\":\"/empty\"}}",
     .error = "redis.password_file: the file is empty; put the secret into it"},
    {"no path", .given.file = "{\"redis\":{\"password_file\":\"\"}}",
     .error = "f.json: redis.password_file: is empty; give the path of a file"},
    {"a number as path", .given.file = "{\"redis\":{\"password_file\":3}}",
     .error = "f.json: redis.password_file: is an integer; give the path of a file in quotes"},
    {"path twice",
     .given.file = "{\"redis\":{\"password_file\":\"/a\"},\"redis.password_file\":\"/b\"}",
     .error = "f.json: redis.password_file: is given twice; leave one of them out"},
    {"a file for what is no secret", .given.file = "{\"redis\":{\"url_file\":\"/a\"}}",
     .error = "f.json: redis.url_file: unknown option; the nearest is redis.url, --help lists "
              "all"},
    {"nor for the library", .given.environment = {"REVIEWS_KAFKA_CLIENT_ID_FILE=/a"},
     .want = DEFAULTS "client.id.file=/a "},
    {"misspelt JSON beside a secret",
     .given.file = "{\"redis\":{\"password\":\"" CANARY "\" \"" CANARY "\"}}",
     .error = "f.json: line 1, column 48: the file is no valid JSON"},
};

Test(settings, secrets_come_from_environment_or_files_and_never_show)
{
    check_rows(secrets, COUNT(secrets));
}

static const struct row files[] = {
    {"nothing", .given.file = "",
     .error = "f.json: line 1, column 0: the file ends too early: a brace or a "
              "quote is not closed"},
    {"an array", .given.file = "[1]",
     .error = "f.json: is an array; give an object: {\"section\": {\"option\": value}}"},
    {"a number", .given.file = "1", .error = "f.json: line 1, column 1: the file is no valid JSON"},
    {"cut", .given.file = "{\"lanes\":1",
     .error = "f.json: line 1, column 10: the file ends too early: a brace or a quote is not "
              "closed"},
    {"more behind", .given.file = "{}\n{}",
     .error = "f.json: line 2, column 1: the file has more behind its closing brace"},
    {"no UTF-8", .given.file = "{\"generation\":\"\xff\"}",
     .error = "f.json: line 1, column 15: the file is not UTF-8"},
    {"U+0000 in a text", .given.file = "{\"generation\":\"\\u0000\"}",
     .error = "f.json: line 1, column 22: the file holds \\u0000, which no option may"},
    {"U+0000 in a name", .given.file = "{\"gener\\u0000ation\":\"\"}",
     .error = "f.json: line 1, column 19: the file holds \\u0000, which no option may"},
    {"a huge number", .given.file = "{\"lanes\":99999999999999999999}",
     .error = "f.json: line 1, column 29: the file holds a number beyond 64 bits"},
    {"too deep",
     .given.file = "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":1}}}}}}}}}",
     .error = "f.json: a.b.c.d.e.f.g.h.: objects are nested over 8 deep; no option is"},
};

Test(settings, files_are_json_objects)
{
    check_rows(files, COUNT(files));
}

Test(settings, files_of_another_kind_are_refused_by_size)
{
    static char big[300000];
    struct rs_settings *settings = rs_settings_create(sample_components);
    struct rs_error error;
    memset(big, ' ', sizeof(big));
    cr_expect_not(rs_settings_file(settings, big, sizeof(big), "f.json", &error));
    cr_expect_str_eq(error.text,
                     "f.json: has 300000 bytes, the limit is 262144; is it a configuration?");
    cr_expect_not(rs_settings_file(settings, big, sizeof(big), "f.json", NULL));
    rs_settings_destroy(settings);
    rs_settings_destroy(NULL);
}

Test(settings, long_names_are_cut_in_errors)
{
    static char text[2000];
    struct rs_settings *settings = rs_settings_create(sample_components);
    struct rs_error error;
    for (size_t len = 1; len < sizeof(text) - 20; len += 7) {
        memset(text, 'a', len);
        strcpy(text + len, "=1");
        cr_expect_not(rs_settings_set(settings, text, &error));
        cr_expect_lt(strlen(error.text), 200);
        memcpy(text, "REVIEWS_KAFKA_", len < 14 ? len : 14);
        const char *const environment[] = {text, NULL};
        if (!rs_settings_environment(settings, environment, &error))
            cr_expect_lt(strlen(error.text), 250);
    }
    rs_settings_destroy(settings);
}
