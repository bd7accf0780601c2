/* replay - send recorded requests again as fast as the server takes them.
 *
 *   bench-replay --to redis --address HOST:PORT --folder D [--lot BYTES]
 *       each recorded connection by a thread of its own, double-buffered: one lot of commands is
 *       with the server while the answers of the one before are read
 *   bench-replay --to elasticsearch --address URL --folder D --concurrency C [--merge N]
 *       the bodies of all recorded bulks, N of them in one request, C requests at once
 *
 * Files are mapped and read once before the clock starts: what is timed is the server. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bulk.h"
#include "pipe.h"
#include "support.h"

enum { DEFAULT_LOT_BYTES = 128 * 1024, MAX_FILES = 256 };

struct lot {
    size_t begin, len;
    uint64_t commands;
};

struct recording {
    const char *data;
    size_t len;
    const char *address;
    struct lot *lots;
    size_t count;
    uint64_t commands, errors;
    char first_error[128];
};

static void map_file(const char *path, struct recording *ret)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        die("%s: %s", path, strerror(errno));
    ret->len = (size_t)status.st_size;
    ret->data = ret->len ? mmap(NULL, ret->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0) : "";
    if (ret->data == MAP_FAILED)
        die("%s: %s", path, strerror(errno));
    (void)close(fd);
}

/* Read "<kind><number>\r\n" at *at; the end of the file in the middle of it is an error. */
static size_t read_number(const struct recording *from, size_t *at, char kind)
{
    size_t number = 0;
    if (*at >= from->len || from->data[*at] != kind)
        die("the recording has no '%c' at byte %zu", kind, *at);
    for ((*at)++; *at < from->len && from->data[*at] != '\r'; (*at)++)
        number = number * 10 + (size_t)(from->data[*at] - '0');
    *at += 2;
    return number;
}

/* Cut a recording into lots of whole commands. */
static void cut(struct recording *from, size_t lot_bytes)
{
    size_t at = 0, size = from->len / lot_bytes + 2;
    from->lots = must_alloc(NULL, size * sizeof(*from->lots));
    while (at < from->len) {
        struct lot *lot = &from->lots[from->count++];
        *lot = (struct lot){at, 0, 0};
        while (at < from->len && at - lot->begin < lot_bytes) {
            for (size_t left = read_number(from, &at, '*'); left > 0; left--) {
                size_t len = read_number(from, &at, '$');
                at += len + 2;
            }
            lot->commands++;
        }
        if (at > from->len)
            die("the recording ends in the middle of a command");
        lot->len = at - lot->begin;
        from->commands += lot->commands;
    }
}

static void *play(void *context)
{
    struct recording *recording = context;
    struct pipe pipe;
    uint64_t waiting = 0;
    pipe_open(&pipe, recording->address);
    for (size_t i = 0; i < recording->count; i++) {
        const struct lot *lot = &recording->lots[i];
        pipe_send(&pipe, recording->data + lot->begin, lot->len);
        pipe_receive(&pipe, waiting);
        waiting = lot->commands;
    }
    pipe_receive(&pipe, waiting);
    recording->errors = pipe.errors;
    memcpy(recording->first_error, pipe.first_error, sizeof(pipe.first_error));
    pipe_close(&pipe);
    return NULL;
}

static void replay_redis(struct recording *recordings, size_t count, const char *address,
                         size_t lot_bytes)
{
    pthread_t threads[MAX_FILES];
    uint64_t commands = 0, errors = 0;
    const char *first_error = "";
    char more[256];
    for (size_t i = 0; i < count; i++) {
        recordings[i].address = address;
        cut(&recordings[i], lot_bytes);
    }
    double begin = now_seconds();
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, play, &recordings[i]) != 0)
            die("cannot start a thread");
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        commands += recordings[i].commands;
        errors += recordings[i].errors;
        if (recordings[i].errors)
            first_error = recordings[i].first_error;
        free(recordings[i].lots);
    }
    double seconds = now_seconds() - begin;
    if (errors)
        die("%" PRIu64 " errors of Redis, one of them: %s", errors, first_error);
    snprintf(more, sizeof(more), "\"connections\":%zu", count);
    print_result(commands, seconds, more);
}

struct bodies {
    struct lot *list;
    const char **data; /* of the same index */
    size_t count, size;
    char path[512]; /* of the last one, as it was asked for */
};

static void add_body(struct bodies *bodies, const char *data, size_t len)
{
    if (bodies->count == bodies->size) {
        bodies->size = bodies->size * 2 + 64;
        bodies->list = must_alloc(bodies->list, bodies->size * sizeof(*bodies->list));
        bodies->data = must_alloc(bodies->data, bodies->size * sizeof(*bodies->data));
    }
    bodies->list[bodies->count].len = len;
    bodies->data[bodies->count++] = data;
}

/* Find the bulks, or blocks, among the requests of a connection: their target has the mark. */
static void find_bodies(const struct recording *from, const char *mark, struct bodies *bodies)
{
    static const char length[] = "\r\nContent-Length: ";
    const char *at = from->data, *end = from->data + from->len;
    while (at < end) {
        const char *body = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        if (!body)
            die("the recording ends in the middle of a request");
        body += 4;
        const char *found = memmem(at, (size_t)(body - at), length, sizeof(length) - 1);
        size_t len = found ? (size_t)strtoull(found + sizeof(length) - 1, NULL, 10) : 0;
        const char *line = memchr(at, '\r', (size_t)(body - at));
        const char *bulk = memmem(at, (size_t)(line - at), mark, strlen(mark));
        if (len > (size_t)(end - body))
            die("the recording ends in the middle of a body");
        if (bulk && strncmp(at, "POST ", 5) == 0) {
            const char *stop = *mark == '/' ? bulk + strlen(mark) : line - strlen(" HTTP/1.1");
            snprintf(bodies->path, sizeof(bodies->path), "%.*s", (int)(stop - (at + 5)), at + 5);
            add_body(bodies, body, len);
        }
        at = body + len;
    }
}

static void replay_bulks(const struct recording *recordings, size_t count, const char *mark,
                         const char *url, int64_t concurrency, size_t merge)
{
    struct bodies bodies = {.count = 0};
    uint64_t documents = 0;
    char more[256];
    for (size_t i = 0; i < count; i++)
        find_bodies(&recordings[i], mark, &bodies);
    if (bodies.count == 0)
        die("no bulk was recorded");
    double begin = now_seconds();
    struct bulk_pool *pool = bulk_pool_open(url, bodies.path, concurrency);
    for (size_t i = 0; i < bodies.count;) {
        size_t len = 0, last = i;
        for (; last < bodies.count && last - i < merge; last++)
            len += bodies.list[last].len;
        char *body = must_alloc(NULL, len);
        for (size_t at = 0; i < last; at += bodies.list[i++].len)
            memcpy(body + at, bodies.data[i], bodies.list[i].len);
        for (const char *next = body; (next = memchr(next, '\n', (size_t)(body + len - next)));
             next++)
            documents++;
        bulk_pool_send(pool, body, len);
    }
    snprintf(more, sizeof(more), "\"bulks\":%" PRIu64, bulk_pool_finish(pool));
    print_result(documents / 2, now_seconds() - begin, more);
    free(bodies.list);
    free(bodies.data);
}

int main(int argc, char **argv)
{
    static struct recording recordings[MAX_FILES];
    const char *to, *address, *folder;
    int64_t lot = DEFAULT_LOT_BYTES, concurrency = 1, merge = 1;
    char pattern[512];
    glob_t files;
    read_arguments(argc, argv,
                   (struct argument[]){{.name = "to", .text = &to, .required = true},
                                       {.name = "address", .text = &address, .required = true},
                                       {.name = "folder", .text = &folder, .required = true},
                                       {.name = "lot", .number = &lot},
                                       {.name = "concurrency", .number = &concurrency},
                                       {.name = "merge", .number = &merge},
                                       {.name = NULL}});
    snprintf(pattern, sizeof(pattern), "%s/[0-9]*", folder);
    if (glob(pattern, 0, NULL, &files) != 0 || files.gl_pathc > MAX_FILES)
        die("--folder %s: 1 to %d recorded connections are expected", folder, MAX_FILES);
    for (size_t i = 0; i < files.gl_pathc; i++)
        map_file(files.gl_pathv[i], &recordings[i]);
    if (lot < 1 || merge < 1)
        die("--lot and --merge are at least 1");
    if (strcmp(to, "redis") == 0)
        replay_redis(recordings, files.gl_pathc, address, (size_t)lot);
    else if (strcmp(to, "elasticsearch") == 0)
        replay_bulks(recordings, files.gl_pathc, "/_bulk", address, concurrency, (size_t)merge);
    else if (strcmp(to, "clickhouse") == 0)
        replay_bulks(recordings, files.gl_pathc, "INSERT", address, concurrency, (size_t)merge);
    else
        die("--to %s: use redis, elasticsearch or clickhouse", to);
    globfree(&files);
    return 0;
}
