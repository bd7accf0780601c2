/* What of a text is a credential: the part of a URL before its '@' (RFC 3986, 3.2.1). Passwords
 * that were not percent-encoded may hold '/', ',' or '@', so rather too much is masked: all up to
 * the last '@' of a URL, where a list's next URL begins behind a comma with its scheme. */
#include <string.h>

#include "core/bytes.h"
#include "core/settings_table.h"

/* How long the scheme in front of "://" is; 0: there is none. */
static size_t scheme_len(const char *url)
{
    size_t len = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return strncmp(url + len, "://", 3) == 0 ? len : 0;
}

/* The comma behind this URL in a list, if the next part has a scheme; else the end. */
static const char *url_end(const char *url)
{
    for (const char *at = url; (at = strchr(at, ',')); at++)
        if (scheme_len(at + 1 + strspn(at + 1, " ")) > 0)
            return at;
    return url + strlen(url);
}

/* Where the credentials of a URL begin, and in `ret_at` the '@' behind them; NULL: it has none.
 * `host:port` alone has none, `user:password@host` has. */
static const char *find_credentials(const char *url, const char *end, const char **ret_at)
{
    url += strspn(url, " ");
    size_t len = scheme_len(url);
    const char *begin = len > 0 ? url + len + 3 : url;
    const char *at = memrchr(begin, '@', (size_t)(end - begin));
    if (!at || (begin == url && !memchr(begin, ':', (size_t)(at - begin))))
        return NULL;
    *ret_at = at;
    return begin;
}

char *rs_settings_mask(const char *text)
{
    struct rs_buffer out = {0};
    for (;;) {
        const char *end = url_end(text), *at;
        const char *begin = find_credentials(text, end, &at);
        if (begin) {
            rs_buffer_add(&out, text, (size_t)(begin - text));
            rs_buffer_add_text(&out, "***");
            text = at;
        }
        rs_buffer_add(&out, text, (size_t)(end - text));
        if (!*end)
            return rs_buffer_take(&out, NULL);
        rs_buffer_add(&out, end, 1);
        text = end + 1;
    }
}

bool rs_settings_has_credentials(const char *text)
{
    for (;;) {
        const char *end = url_end(text), *at;
        if (find_credentials(text, end, &at))
            return true;
        if (!*end)
            return false;
        text = end + 1;
    }
}
