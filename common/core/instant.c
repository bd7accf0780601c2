#include "core/instant.h"

#include <string.h>

enum { DAY = 86400 };

struct cursor {
    const char *at, *end;
    bool failed;
};

static char take(struct cursor *cursor)
{
    if (cursor->at == cursor->end) {
        cursor->failed = true;
        return '\0';
    }
    return *cursor->at++;
}

static int take_digits(struct cursor *cursor, int count)
{
    int number = 0;
    while (count-- > 0) {
        char byte = take(cursor);
        if (byte < '0' || byte > '9')
            cursor->failed = true;
        number = 10 * number + (byte - '0');
    }
    return number;
}

static void skip(struct cursor *cursor, char byte, char other)
{
    char taken = take(cursor);
    if (taken != byte && taken != other)
        cursor->failed = true;
}

/* ".123": milliseconds; what follows the third digit is cut. */
static int take_fraction(struct cursor *cursor)
{
    if (cursor->at == cursor->end || *cursor->at != '.')
        return 0;
    cursor->at++;
    int ms = 0, digits = 0;
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        if (digits++ < 3)
            ms = 10 * ms + (*cursor->at - '0');
    }
    cursor->failed |= digits == 0;
    for (; digits < 3; digits++)
        ms *= 10;
    return ms;
}

/* Seconds east of Greenwich. */
static int take_offset(struct cursor *cursor)
{
    char sign = take(cursor);
    if (sign == 'Z' || sign == 'z')
        return 0;
    int hour = take_digits(cursor, 2);
    skip(cursor, ':', ':');
    int minute = take_digits(cursor, 2);
    cursor->failed |= (sign != '+' && sign != '-') || hour > 23 || minute > 59;
    return (hour * 60 + minute) * (sign == '+' ? 60 : -60);
}

static int days_in(int year, int month)
{
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970 in the proleptic Gregorian calendar, counted in eras of 400 years that begin on
 * 1 March of year 0 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t shifted = year - (month <= 2);
    int64_t era = divide_down(shifted, 400), of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void write_digits(char *text, int64_t number, int places)
{
    for (; places > 0; number /= 10)
        text[--places] = (char)('0' + number % 10);
}

struct date {
    int64_t year, month, day;
};

static struct date civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = divide_down(days, 146097), of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;
    return (struct date){.year = year + era * 400 + (month <= 2),
                         .month = month,
                         .day = of_year - (153 * shifted + 2) / 5 + 1};
}

/* As "%04d-%02d" would: the year has four places, its sign included. By hand, because snprintf
 * took a fifth of the time of a whole record. */
static void write_month(int64_t days, char text[16])
{
    struct date date = civil_from_days(days);
    int places = date.year < 0 ? 3 : date.year > 9999 ? 5 : 4;
    if (date.year < 0)
        *text++ = '-';
    write_digits(text, date.year < 0 ? -date.year : date.year, places);
    text[places] = '-';
    write_digits(text + places + 1, date.month, 2);
    text[places + 3] = '\0';
}

void rs_instant_write(int64_t ms, char text[RS_INSTANT_BYTES])
{
    int64_t seconds = divide_down(ms, 1000), days = divide_down(seconds, DAY);
    int64_t of_day = seconds - days * DAY;
    struct date date = civil_from_days(days);
    int places = date.year > 9999 ? 5 : 4;
    if (date.year < 0 || date.year > 9999)
        *text++ = date.year < 0 ? '-' : '+';
    write_digits(text, date.year < 0 ? -date.year : date.year, places);
    text += places;
    memcpy(text, "-00-00T00:00:00.000Z", sizeof("-00-00T00:00:00.000Z"));
    write_digits(text + 1, date.month, 2);
    write_digits(text + 4, date.day, 2);
    write_digits(text + 7, of_day / 3600, 2);
    write_digits(text + 10, of_day / 60 % 60, 2);
    write_digits(text + 13, of_day % 60, 2);
    write_digits(text + 16, ms - seconds * 1000, 3);
}

bool rs_instant_parse(struct rs_bytes text, struct rs_instant *ret_instant)
{
    struct cursor cursor = {text.data, text.data + text.len, false};
    int year = take_digits(&cursor, 4);
    skip(&cursor, '-', '-');
    int month = take_digits(&cursor, 2);
    skip(&cursor, '-', '-');
    int day = take_digits(&cursor, 2);
    skip(&cursor, 'T', 't');
    int hour = take_digits(&cursor, 2);
    skip(&cursor, ':', ':');
    int minute = take_digits(&cursor, 2);
    skip(&cursor, ':', ':');
    int second = take_digits(&cursor, 2);
    int ms = take_fraction(&cursor);
    int offset = take_offset(&cursor);
    if (cursor.failed || cursor.at != cursor.end || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month) || hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t seconds =
        days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset;
    ret_instant->ms = seconds * 1000 + ms;
    if (offset != 0 || second > 59) {
        write_month(divide_down(seconds, DAY), ret_instant->month);
    } else {
        memcpy(ret_instant->month, text.data, sizeof("YYYY-MM") - 1);
        ret_instant->month[sizeof("YYYY-MM") - 1] = '\0';
    }
    return true;
}
