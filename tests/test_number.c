#include <criterion/criterion.h>
#include <string.h>

#include "core/number.h"

static const struct {
    const char *number;
    int places;
    int64_t min, max;
    enum rs_fit fit;
    int64_t value;
} fixed[] = {
    {"0", 0, 0, 10, RS_FITS, 0},
    {"-0", 0, 0, 10, RS_FITS, 0},
    {"0.000", 2, 0, 10, RS_FITS, 0},
    {"0e999", 2, 0, 10, RS_FITS, 0},
    {"0", 0, 1, 10, RS_TOO_SMALL, 0},
    {"-1", 0, 0, 10, RS_TOO_SMALL, 0},
    {"-1e-999", 0, 0, 10, RS_TOO_SMALL, 0},
    {"10", 0, 0, 10, RS_FITS, 10},
    {"10.000", 0, 0, 10, RS_FITS, 10},
    {"10.001", 0, 0, 10, RS_TOO_LARGE, 0},
    {"11", 0, 0, 10, RS_TOO_LARGE, 0},
    {"9.5", 0, 0, 10, RS_TOO_FINE, 0},
    {"0.5", 0, 0, 10, RS_TOO_FINE, 0},
    {"0.5", 0, 1, 10, RS_TOO_SMALL, 0},
    {"1e-400", 0, 0, 10, RS_TOO_FINE, 0},
    {"4.35", 2, 100, 500, RS_FITS, 435},
    {"4.350", 2, 100, 500, RS_FITS, 435},
    {"4.355", 2, 100, 500, RS_TOO_FINE, 0},
    {"4350000e-6", 2, 100, 500, RS_FITS, 435},
    {"0.000435E4", 2, 100, 500, RS_FITS, 435},
    {"0.000435E+0004", 2, 100, 500, RS_FITS, 435},
    {"1e2", 0, 0, 100, RS_FITS, 100},
    {"1e99999999999999999999", 0, 0, 100, RS_TOO_LARGE, 0},
    {"1e-99999999999999999999", 0, 0, 100, RS_TOO_FINE, 0},
    {"1e-99999999999999999999", 2, 1, 100, RS_TOO_SMALL, 0},
    {"9223372036854775807", 0, 1, INT64_MAX, RS_FITS, INT64_MAX},
    {"9223372036854775806", 0, 1, INT64_MAX, RS_FITS, INT64_MAX - 1},
    {"9223372036854775807.0", 0, 1, INT64_MAX, RS_FITS, INT64_MAX},
    {"9223372036854775807.5", 0, 1, INT64_MAX, RS_TOO_LARGE, 0},
    {"9223372036854775808", 0, 1, INT64_MAX, RS_TOO_LARGE, 0},
    {"9999999999999999999", 0, 1, INT64_MAX, RS_TOO_LARGE, 0},
    {"10000000000000000000", 0, 1, INT64_MAX, RS_TOO_LARGE, 0},
    {"18446744073709551617", 0, 1, INT64_MAX, RS_TOO_LARGE, 0},
    {"9007199254740993", 0, 1, INT64_MAX, RS_FITS, INT64_C(9007199254740993)},
    {"1.000000000000000000", 18, 0, INT64_MAX, RS_FITS, INT64_C(1000000000000000000)},
    {"0.1234567890123456789", 18, 0, INT64_MAX, RS_TOO_FINE, 0},
    {"0.123456789012345678", 18, 0, INT64_MAX, RS_FITS, INT64_C(123456789012345678)},
    {"12345678901234567890123e-20", 2, 0, INT64_MAX, RS_TOO_FINE, 0},
    {"12300000000000000000000000e-23", 2, 0, INT64_MAX, RS_FITS, 12300},
};

Test(number, times_a_power_of_ten_is_exact)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
        int64_t value = -7;
        enum rs_fit fit = rs_number_fixed(rs_text(fixed[i].number), fixed[i].places, fixed[i].min,
                                          fixed[i].max, &value);
        cr_expect_eq(fit, fixed[i].fit, "%s: %d", fixed[i].number, fit);
        cr_expect_eq(value, fit == RS_FITS ? fixed[i].value : -7, "%s: %lld", fixed[i].number,
                     (long long)value);
    }
}

Test(number, of_the_range_of_int64_is_an_integer)
{
    static const struct {
        const char *number;
        bool fits;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"409", true, 409},
        {"-17", true, -17},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"x", false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int64_t value = 77;
        cr_expect_eq(rs_number_integer(rs_text(rows[i].number), &value), rows[i].fits, "%s",
                     rows[i].number);
        cr_expect_eq(value, rows[i].fits ? rows[i].value : 77, "%s", rows[i].number);
    }
    cr_expect(!rs_number_is_integer((struct rs_bytes){0}));
}
