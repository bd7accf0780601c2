#include "sink/redis_url.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_PORT = 6379, MAX_PORT = 65535, MAX_DATABASE = 65535 };

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A percent-decoded copy; NULL when it is malformed, holds a NUL or memory is out. */
static char *decode(const char *data, size_t len)
{
    char *text = malloc(len + 1), *to = text;
    for (size_t i = 0; text && i < len; i++) {
        int value = (unsigned char)data[i];
        if (data[i] == '%') {
            int high = len - i > 2 ? hex(data[i + 1]) : -1;
            int low = len - i > 2 ? hex(data[i + 2]) : -1;
            value = high < 0 || low < 0 ? 0 : high * 16 + low;
            i += 2;
        }
        if (value == 0) {
            free(text);
            return NULL;
        }
        *to++ = (char)value;
    }
    if (text)
        *to = '\0';
    return text;
}

/* A decimal number of at most `max`, to the end of the text; -1 if it is none. */
static int number(const char *data, size_t len, int max)
{
    int value = 0;
    if (len == 0 || len > 5)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (data[i] < '0' || data[i] > '9')
            return -1;
        value = value * 10 + (data[i] - '0');
    }
    return value <= max ? value : -1;
}

/* "user:password" or "user" or ":password". */
static bool take_credentials(struct rs_redis_url *url, const char *data, size_t len)
{
    const char *colon = memchr(data, ':', len);
    size_t user_len = colon ? (size_t)(colon - data) : len;
    if (user_len && !(url->user = decode(data, user_len)))
        return false;
    return !colon || (url->password = decode(colon + 1, len - user_len - 1));
}

/* "host", "host:port", "[address]:port"; an empty one is loopback. */
static bool take_address(struct rs_redis_url *url, const char *data, size_t len)
{
    const char *end = data + len, *host = data, *after;
    if (len && *data == '[') {
        host++;
        after = memchr(host, ']', (size_t)(end - host));
        if (!after)
            return false;
        url->host = strndup(host, (size_t)(after++ - host));
    } else {
        after = memchr(data, ':', len);
        after = after ? after : end;
        url->host = after == data ? strdup("127.0.0.1") : strndup(host, (size_t)(after - host));
    }
    url->port = DEFAULT_PORT;
    if (after < end && *after == ':')
        url->port = number(after + 1, (size_t)(end - after - 1), MAX_PORT);
    else if (after < end)
        return false;
    return url->host && *url->host && url->port > 0;
}

static bool parse(struct rs_redis_url *url, const char *text)
{
    if (strncmp(text, "unix://", 7) == 0)
        return text[7] == '/' && (url->path = strdup(text + 7));
    if (strncmp(text, "redis://", 8) != 0)
        return false;
    const char *rest = text + 8, *slash = strchr(rest, '/');
    size_t len = slash ? (size_t)(slash - rest) : strlen(rest);
    const char *at = memrchr(rest, '@', len);
    if (at && !take_credentials(url, rest, (size_t)(at - rest)))
        return false;
    const char *address = at ? at + 1 : rest;
    if (!take_address(url, address, (size_t)(rest + len - address)))
        return false;
    if (slash && slash[1])
        url->database = number(slash + 1, strlen(slash + 1), MAX_DATABASE);
    return url->database >= 0;
}

bool rs_redis_url_init(struct rs_redis_url *url, const char *text, struct rs_error *error)
{
    *url = (struct rs_redis_url){0};
    if (text && parse(url, text))
        return true;
    rs_redis_url_finish(url);
    if (text && strncmp(text, "rediss://", 9) == 0)
        return rs_error_set(error,
                            "redis.url asks for TLS (rediss://), which this build lacks: use "
                            "redis:// through a tunnel");
    return rs_error_set(error,
                        "redis.url is none of redis://[user:password@]host[:port][/db] (port "
                        "1 to 65535, '%%', '@' and '/' in credentials percent-encoded) and "
                        "unix:///path");
}

void rs_redis_url_finish(struct rs_redis_url *url)
{
    if (!url)
        return;
    free(url->host);
    free(url->path);
    free(url->user);
    free(url->password);
    *url = (struct rs_redis_url){0};
}
