#include "core/option.h"

#include <string.h>
#include <strings.h>

static const char *const secret_words[] = {"password", "passphrase", "secret", "token", "key"};
/* Names of librdkafka that hold a private key or a token, though their last word does not tell. */
static const char *const secret_ends[] = {"key.pem", "oauthbearer.config"};

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcasecmp(name + len - end_len, end) == 0;
}

static bool is_secret_word(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof(secret_words) / sizeof(*secret_words); i++)
        if (strlen(secret_words[i]) == len && strncasecmp(secret_words[i], word, len) == 0)
            return true;
    return false;
}

bool rs_option_is_secret(const char *name)
{
    if (ends_with(name, "_file"))
        return false;
    for (size_t i = 0; i < sizeof(secret_ends) / sizeof(*secret_ends); i++)
        if (ends_with(name, secret_ends[i]))
            return true;
    const char *dot = strrchr(name, '.');
    const char *word = dot ? dot + 1 : name;
    while (*word) {
        size_t len = strcspn(word, "_-");
        if (is_secret_word(word, len))
            return true;
        word += len;
        word += strspn(word, "_-");
    }
    return false;
}

/* The factor of a unit; 0: none of ours. */
static int64_t unit_factor(const char *unit)
{
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].factor;
    return 0;
}

bool rs_option_integer(const char *text, int64_t *ret_value)
{
    int64_t sign = *text == '-' ? -1 : 1, value = 0;
    const char *digits = text + (sign < 0), *at = digits;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, sign * (*at - '0'), &value))
            return false;
    int64_t factor = unit_factor(at);
    if (at == digits || factor == 0 || __builtin_mul_overflow(value, factor, &value))
        return false;
    *ret_value = value;
    return true;
}
