#include "core/number.h"

enum { MOST_DIGITS = 19 }; /* of an int64_t; every number of so many digits is a uint64_t */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Behind the 'e'. Held within ±10^15: no text is so long that more would matter. */
static int64_t read_exponent(struct rs_bytes number, size_t at)
{
    int64_t exponent = 0;
    bool negative = at < number.len && number.data[at] == '-';
    for (; at < number.len; at++) {
        if (is_digit(number.data[at]) && exponent < INT64_C(100000000000000))
            exponent = 10 * exponent + (number.data[at] - '0');
    }
    return negative ? -exponent : exponent;
}

/* `finer`: there is a fraction behind the value. */
static enum rs_fit judge(uint64_t value, bool finer, int64_t min, int64_t max, int64_t *ret_value)
{
    if (value < (uint64_t)min)
        return RS_TOO_SMALL;
    if (value > (uint64_t)max || (value == (uint64_t)max && finer))
        return RS_TOO_LARGE;
    if (finer)
        return RS_TOO_FINE;
    *ret_value = (int64_t)value;
    return RS_FITS;
}

/* value * 10^places of "12" or "4.5": no sign, no exponent, and short enough to fit whatever the
 * digits are. Nearly all numbers are of this kind. false: of another. */
static bool read_plain(struct rs_bytes number, int places, uint64_t *ret_value)
{
    bool fraction = false;
    uint64_t value = 0;
    if (number.len > MOST_DIGITS - 1 - (size_t)places)
        return false;
    for (size_t at = 0; at < number.len; at++) {
        if (is_digit(number.data[at]) && places >= fraction) {
            value = 10 * value + (uint64_t)(number.data[at] - '0');
            places -= fraction;
        } else if (number.data[at] == '.') {
            fraction = true;
        } else {
            return false;
        }
    }
    for (; places > 0; places--)
        value *= 10;
    *ret_value = value;
    return true;
}

enum rs_fit rs_number_fixed(struct rs_bytes number, int places, int64_t min, int64_t max,
                            int64_t *ret_value)
{
    uint64_t plain;
    if (read_plain(number, places, &plain))
        return judge(plain, false, min, max, ret_value);
    /* value = 0.d1d2…dk * 10^point, d1 and dk not 0; `first` has d1 to d19 */
    uint64_t first = 0;
    int64_t point = 0, digits = 0, zeros = 0; /* zeros: seen since the last other digit */
    bool negative = number.len > 0 && number.data[0] == '-', fraction = false;
    for (size_t at = negative; at < number.len; at++) {
        char byte = number.data[at];
        if (byte == 'e' || byte == 'E') {
            point += read_exponent(number, at + 1);
            break;
        }
        if (byte == '.') {
            fraction = true;
            continue;
        }
        if (byte == '0' && digits == 0) {
            point -= fraction;
            continue;
        }
        point += !fraction;
        zeros++;
        if (byte == '0')
            continue;
        for (; zeros > 0; zeros--) {
            if (digits++ < MOST_DIGITS)
                first = 10 * first + (zeros == 1 ? (uint64_t)(byte - '0') : 0);
        }
    }
    if (negative && digits > 0)
        return RS_TOO_SMALL;
    int64_t whole = digits ? point + places : 0; /* digits of the wanted integer */
    if (whole > MOST_DIGITS)
        return RS_TOO_LARGE;
    bool finer = digits > whole;
    int64_t have = digits < MOST_DIGITS ? digits : MOST_DIGITS;
    for (; have > whole && have > 0; have--)
        first /= 10;
    for (; have < whole; have++)
        first *= 10;
    return judge(first, finer, min, max, ret_value);
}

bool rs_number_is_integer(struct rs_bytes number)
{
    size_t at = number.len > 0 && number.data[0] == '-';
    if (at == number.len)
        return false;
    while (at < number.len && is_digit(number.data[at]))
        at++;
    return at == number.len;
}

bool rs_number_integer(struct rs_bytes number, int64_t *ret_value)
{
    if (!rs_number_is_integer(number))
        return false;
    bool negative = number.data[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative, value = 0;
    for (size_t at = negative; at < number.len; at++) {
        uint64_t digit = (uint64_t)(number.data[at] - '0');
        if (value > (limit - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *ret_value = (int64_t)(negative ? 0 - value : value);
    return true;
}
