/* Names of the whole suite, and their spelling in the environment. */
#include <criterion/criterion.h>

#include "core/suite.h"

static const struct {
    const char *variable, *entry;
} rows[] = {
    {"LANES", "lanes"},
    {"MEMORY_LIMIT", "memory.limit"},
    {"KAFKA_SASL_PASSWORD", "kafka."},
    {"KAFKA_", "kafka."},
    {"DEAD_LETTERS_TOPIC", "dead_letters.topic"},
    {"POSTGRES_PASSWORD_FILE", "postgres."},
    {"KAFKA", NULL},
    {"LANE", NULL},
    {"LANESX", NULL},
    {"lanes", NULL},
    {"Kafka_BROKERS", NULL},
    {"", NULL},
};

Test(suite, knows_names_and_whole_sections)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *entry = rs_suite_find(rows[i].variable);
        if (rows[i].entry)
            cr_expect_str_eq(entry ? entry : "-", rows[i].entry, "%s", rows[i].variable);
        else
            cr_expect_null(entry, "%s: %s", rows[i].variable, entry);
    }
}

Test(suite, spells_options_in_capitals_and_underscores)
{
    char buffer[32];
    rs_suite_variable("dead_letters.topic", buffer, sizeof(buffer));
    cr_expect_str_eq(buffer, "REVIEWS_DEAD_LETTERS_TOPIC");
    rs_suite_variable("an.option.that.is.cut.to.what.fits", buffer, sizeof(buffer));
    cr_expect_str_eq(buffer, "REVIEWS_AN_OPTION_THAT_IS_CUT_T");
    cr_expect(rs_suite_is_variable("HTTP_LISTEN", "http.listen"));
    cr_expect_not(rs_suite_is_variable("HTTP_LISTE", "http.listen"));
    cr_expect_not(rs_suite_is_variable("HTTP_LISTENS", "http.listen"));
    cr_expect_not(rs_suite_is_variable("http_listen", "http.listen"));
}
