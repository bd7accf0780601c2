#include "runtime/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 1024, REASON_BYTES = 320 };

static bool as_json;
static enum rs_level least = RS_LOG_INFO;
static atomic_uint_fast64_t dropped;
static const char *const levels[] = {"error", "warn", "info", "debug"};

bool rs_log_setup(bool json, const char *level)
{
    as_json = json;
    for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
        if (strcmp(levels[i], level) == 0) {
            least = (enum rs_level)i;
            return true;
        }
    return false;
}

uint64_t rs_log_dropped(void)
{
    return atomic_load(&dropped);
}

/* One write, so lines of threads do not mix; a full pipe loses the line, not the events. The
 * descriptor may be shared with others, so it is asked rather than made non-blocking. */
static void put(const char *line, size_t len)
{
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT) ||
        write(STDERR_FILENO, line, len) != (ssize_t)len)
        atomic_fetch_add(&dropped, 1);
}

/* Foreign text: quoted, without control characters, cut. */
static void quote(char *out, size_t size, const char *text)
{
    size_t used = 0;
    out[used++] = '"';
    for (; *text && used + 4 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            out[used++] = '\\';
        out[used++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    out[used++] = '"';
    out[used] = '\0';
}

static void put_text(const char *when, enum rs_level level, const char *at, const char *pairs,
                     const char *reason)
{
    char line[LINE_BYTES], quoted[REASON_BYTES + 8] = "";
    if (reason)
        quote(quoted, sizeof(quoted), reason);
    int len = snprintf(line, sizeof(line), "time=%s level=%s at=%s%s%s%s%s\n", when, levels[level],
                       at, *pairs ? " " : "", pairs, reason ? " reason=" : "", quoted);
    if (len >= (int)sizeof(line)) {
        len = sizeof(line) - 1;
        line[len - 1] = '\n';
    }
    put(line, (size_t)len);
}

/* The pairs are `key=value` parted by spaces: values of ours never hold one. */
static void put_json(const char *when, enum rs_level level, const char *at, char *pairs,
                     const char *reason)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "time", when, "level", levels[level], "at", at);
    char *rest = NULL;
    for (char *pair = strtok_r(pairs, " ", &rest); pair; pair = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(pair, '=');
        if (!value)
            continue;
        *value++ = '\0';
        (void)json_object_set_new(object, pair, json_string(value));
    }
    if (reason)
        (void)json_object_set_new(object, "reason", json_string(reason));
    char *text = json_dumps(object, JSON_COMPACT);
    if (text) {
        size_t len = strlen(text);
        text[len] = '\n'; /* in place of the terminator: written by length */
        put(text, len + 1);
    }
    free(text);
    json_decref(object);
}

void rs_log(enum rs_level level, const char *at, const char *reason, const char *format, ...)
{
    if (level > least)
        return;
    struct timespec now;
    struct tm utc;
    char when[40], pairs[512];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(when + len, sizeof(when) - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
    va_list list;
    va_start(list, format);
    (void)vsnprintf(pairs, sizeof(pairs), format, list);
    va_end(list);
    if (as_json)
        put_json(when, level, at, pairs, reason);
    else
        put_text(when, level, at, pairs, reason);
}
