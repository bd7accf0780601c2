#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/instant.h"

static const struct {
    const char *text;
    int64_t ms;
    const char *month;
} good[] = {
    {"1970-01-01T00:00:00Z", 0, "1970-01"},
    {"2026-01-31T09:30:00Z", INT64_C(1769851800000), "2026-01"},
    {"2026-01-31t09:30:00z", INT64_C(1769851800000), "2026-01"},
    {"2026-01-31T09:30:00+00:00", INT64_C(1769851800000), "2026-01"},
    {"2026-01-31T09:30:00-00:00", INT64_C(1769851800000), "2026-01"},
    {"2026-01-31T10:30:00+01:00", INT64_C(1769851800000), "2026-01"},
    {"2026-01-31T04:00:00-05:30", INT64_C(1769851800000), "2026-01"},
    {"2026-01-31T09:30:00.5Z", INT64_C(1769851800500), "2026-01"},
    {"2026-01-31T09:30:00.05Z", INT64_C(1769851800050), "2026-01"},
    {"2026-01-31T09:30:00.123987Z", INT64_C(1769851800123), "2026-01"},
    {"2026-01-31T09:30:00.9999999999999999999999Z", INT64_C(1769851800999), "2026-01"},
    {"2026-01-31T23:30:00-01:00", INT64_C(1769905800000), "2026-02"},
    {"2026-02-01T00:30:00+01:00", INT64_C(1769902200000), "2026-01"},
    {"2026-01-01T00:00:00+00:01", INT64_C(1767225540000), "2025-12"},
    {"2026-12-31T23:59:59-23:59", INT64_C(1798847939000), "2027-01"},
    {"2016-12-31T23:59:60Z", INT64_C(1483228800000), "2017-01"},
    {"2016-12-31T23:59:60.999Z", INT64_C(1483228800999), "2017-01"},
    {"2026-01-31T09:30:60Z", INT64_C(1769851860000), "2026-01"},
    {"1969-12-31T23:59:59.999Z", -1, "1969-12"},
    {"1969-12-31T23:59:59Z", -1000, "1969-12"},
    {"2000-02-29T00:00:00Z", INT64_C(951782400000), "2000-02"},
    {"2024-02-29T00:00:00Z", INT64_C(1709164800000), "2024-02"},
    {"2100-03-01T00:00:00Z", INT64_C(4107542400000), "2100-03"},
    {"0000-01-01T00:00:00Z", INT64_C(-62167219200000), "0000-01"},
    {"0000-02-29T00:00:00Z", INT64_C(-62162121600000), "0000-02"},
    {"0000-01-01T00:00:00+00:01", INT64_C(-62167219260000), "-001-12"},
    {"0001-01-01T00:00:00+23:59", INT64_C(-62135683140000), "0000-12"},
    {"9999-12-31T23:59:59Z", INT64_C(253402300799000), "9999-12"},
    {"9999-12-31T23:59:60Z", INT64_C(253402300800000), "10000-01"},
    {"9999-12-31T23:59:59-23:59", INT64_C(253402387139000), "10000-01"},
};

Test(instant, is_read_to_the_millisecond)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct rs_instant instant;
        cr_assert(rs_instant_parse(rs_text(good[i].text), &instant), "%s", good[i].text);
        cr_expect_eq(instant.ms, good[i].ms, "%s: %lld", good[i].text, (long long)instant.ms);
        cr_expect_str_eq(instant.month, good[i].month, "%s: %s", good[i].text, instant.month);
    }
}

static const char *const bad[] = {
    "",
    "2026",
    "2026-01-31",
    "2026-01-31T09:30:00",
    "2026-01-31T09:30Z",
    "yesterday",
    "31.01.2026",
    "2026-1-31T09:30:00Z",
    "2026-01-31 09:30:00Z",
    "2026-01-31T09:30:00 Z",
    "2026-00-10T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-32T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-06-31T00:00:00Z",
    "2026-09-31T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T10:60:00Z",
    "2026-01-31T10:00:61Z",
    "2026-01-31T10:00:99Z",
    "2026-01-31T09:30:00+0100",
    "2026-01-31T09:30:00+01",
    "2026-01-31T09:30:00+01:60",
    "2026-01-31T09:30:00+24:00",
    "2026-01-31T09:30:00+1:00",
    "2026-01-31T09:30:00*01:00",
    "2026-01-31T09:30:00Z and more",
    "2026-01-31T09:30:00ZZ",
    "2026-01-31T09:30:00Z\n",
    " 2026-01-31T09:30:00Z",
    "2026-01-31T09:30:00.Z",
    "2026-01-31T09:30:00.",
    "2026-01-31T09:30:00,5Z",
    "2026-01-31T09:30:00.5",
    "+2026-01-31T09:30:00Z",
    "-026-01-31T09:30:00Z",
    "2026/01/31T09:30:00Z",
    "2026-01-31T-9:30:00Z",
    "2026-01-31T09:30:0 Z",
    "20260131T093000Z",
    "12026-01-31T09:30:00Z",
    "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94-01-31T09:30:00Z",
};

Test(instant, of_another_form_is_refused)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct rs_instant instant = {.ms = -7, .month = "x"};
        cr_expect(!rs_instant_parse(rs_text(bad[i]), &instant), "%s", bad[i]);
        cr_expect(instant.ms == -7 && instant.month[0] == 'x', "%s", bad[i]);
    }
    struct rs_instant instant;
    cr_expect(!rs_instant_parse((struct rs_bytes){0}, &instant));
    cr_expect(!rs_instant_parse((struct rs_bytes){"2026-01-31T09:30:00\0Z", 21}, &instant));
}

/* Every day of 800 years, one after the other: months change where the calendar says. */
Test(instant, counts_the_days)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t expected = INT64_C(-11676096000000); /* 1600-01-01 */
    for (int year = 1600; year < 2400; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= days[month - 1] + (month == 2 && leap); day++) {
                char text[32], in_utc[16];
                struct rs_instant instant;
                snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, month, day);
                snprintf(in_utc, sizeof(in_utc), "%04d-%02d", year, month);
                cr_assert(rs_instant_parse(rs_text(text), &instant), "%s", text);
                cr_assert(instant.ms == expected && strcmp(instant.month, in_utc) == 0, "%s", text);
                expected += 86400000;
            }
        }
    }
}

Test(instant, is_written_as_the_c_library_does)
{
    const int64_t first = INT64_C(-62198755200000), last = INT64_C(253433836800000);
    for (int64_t ms = first; ms < last; ms += INT64_C(86399999) * 17) {
        char text[RS_INSTANT_BYTES], wanted[80];
        int64_t seconds = ms / 1000 - (ms % 1000 < 0);
        time_t when = (time_t)seconds;
        struct tm utc;
        cr_assert(gmtime_r(&when, &utc));
        int year = utc.tm_year + 1900;
        (void)snprintf(wanted, sizeof(wanted), "%s%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                       year < 0      ? "-"
                       : year > 9999 ? "+"
                                     : "",
                       abs(year), utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                       (int)(ms - seconds * 1000));
        rs_instant_write(ms, text);
        cr_assert_str_eq(text, wanted, "%lld", (long long)ms);
    }
}
