/* What of a text is a credential: the part of a URL before its '@' (RFC 3986, 3.2.1). Passwords
 * that were not percent-encoded may hold '/', ',' or '@', so rather too much is masked: all up to
 * the last '@' of a URL, where a list's next URL begins behind a comma with its scheme. */
#include <string.h>

#include "core/bytes.h"
#include "core/settings_table.h"

/* The comma behind this URL in a list, if the next part has a scheme; else the end. */
static const char *url_end(const char *url)
{
    for (const char *at = url; (at = strchr(at, ',')); at++) {
        const char *scheme = at + 1 + strspn(at + 1, " ");
        size_t len = strspn(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
        if (len > 0 && strncmp(scheme + len, "://", 3) == 0)
            return at;
    }
    return url + strlen(url);
}

static const char *last_at(const char *begin, const char *end)
{
    return memrchr(begin, '@', (size_t)(end - begin));
}

/* Masks one URL; `host:port` alone has no credentials, `user:password@host` has. */
static bool mask_url(const char *url, const char *end, struct rs_buffer *out)
{
    const char *slashes = strstr(url, "://");
    const char *begin = slashes && slashes < end ? slashes + 3 : url;
    const char *at = last_at(begin, end);
    if (!at || (begin == url && !memchr(begin, ':', (size_t)(at - begin))))
        at = NULL;
    rs_buffer_add(out, url, (size_t)(begin - url));
    if (at) {
        rs_buffer_add_text(out, "***");
        begin = at;
    }
    rs_buffer_add(out, begin, (size_t)(end - begin));
    return at != NULL;
}

static bool mask(const char *text, struct rs_buffer *out)
{
    bool masked = false;
    for (;;) {
        const char *end = url_end(text);
        masked |= mask_url(text, end, out);
        if (!*end)
            return masked;
        rs_buffer_add(out, end, 1);
        text = end + 1;
    }
}

char *rs_settings_mask(const char *text)
{
    struct rs_buffer out = {0};
    (void)mask(text, &out);
    return rs_buffer_take(&out, NULL);
}

bool rs_settings_has_credentials(const char *text)
{
    struct rs_buffer out = {0};
    bool has = mask(text, &out);
    rs_buffer_finish(&out);
    return has;
}
