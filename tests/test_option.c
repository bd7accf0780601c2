/* Which options are secrets, and how integers with units are read. */
#include <criterion/criterion.h>

#include "core/option.h"

static const struct {
    const char *name;
    bool is_secret;
} names[] = {
    {"password", true},
    {"redis.password", true},
    {"elasticsearch.api_key", true},
    {"s3.access-key", true},
    {"kafka.sasl.password", true},
    {"kafka.SASL.PASSWORD", true},
    {"kafka.ssl.key.password", true},
    {"kafka.ssl.keystore.password", true},
    {"kafka.ssl.key.pem", true},
    {"kafka.sasl.oauthbearer.config", true},
    {"kafka.sasl.oauthbearer.client.secret", true},
    {"x.token_of_mine", true},
    {"x.passphrase", true},
    {"", false},
    {"redis.password_file", false},
    {"kafka.ssl.key.location", false},
    {"kafka.ssl.certificate.pem", false},
    {"key.separator", false},
    {"password.min", false},
    {"search.keywords", false},
    {"tokens", false},
    {"kafka.sasl.username", false},
};

Test(option, is_a_secret_by_the_words_of_its_last_part)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        cr_expect_eq(rs_option_is_secret(names[i].name), names[i].is_secret, "%s", names[i].name);
}

static const struct {
    const char *text;
    bool is_integer;
    int64_t value;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"17", true, 17},
    {"017", true, 17},
    {"-17", true, -17},
    {"1KiB", true, 1024},
    {"-2MiB", true, -2097152},
    {"64GiB", true, INT64_C(68719476736)},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"8589934591GiB", true, INT64_C(8589934591) << 30},
    {"8589934592GiB", false, 0},
    {"-8589934592GiB", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"99999999999999999999999", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"+1", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
    {"1 KiB", false, 0},
    {"KiB", false, 0},
    {"1kib", false, 0},
    {"1k", false, 0},
    {"1MB", false, 0},
    {"1.5", false, 0},
    {"1e3", false, 0},
    {"0x10", false, 0},
    {"--1", false, 0},
};

Test(option, integers_are_decimal_with_a_unit_if_any)
{
    for (size_t i = 0; i < sizeof(integers) / sizeof(*integers); i++) {
        int64_t value = 42;
        cr_expect_eq(rs_option_integer(integers[i].text, &value), integers[i].is_integer, "\"%s\"",
                     integers[i].text);
        cr_expect_eq(value, integers[i].is_integer ? integers[i].value : 42, "\"%s\"",
                     integers[i].text);
    }
}
