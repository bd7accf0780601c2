#include "bulk.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { MAX_THREADS = 64, REQUEST_SECONDS = 120 };

struct body {
    char *data;
    size_t len;
};

struct bulk_pool {
    char url[1024];
    pthread_t threads[MAX_THREADS];
    size_t count;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct body waiting[MAX_THREADS];
    size_t waits;
    bool closed;
    uint64_t bulks;
};

struct answer {
    char *data; /* with a terminator behind it */
    size_t len, size;
};

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    size_t len = size * count;
    if (answer->len + len + 1 > answer->size) {
        answer->size = (answer->len + len + 1) * 2;
        answer->data = must_alloc(answer->data, answer->size);
    }
    memcpy(answer->data + answer->len, data, len);
    answer->len += len;
    answer->data[answer->len] = 0;
    return len;
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    while ((text = strstr(text, part))) {
        count++;
        text += strlen(part);
    }
    return count;
}

/* An item may fail for one reason: another thread was there before with a greater version.
 * ClickHouse says nothing to an insert. */
static bool all_done(const struct bulk_pool *pool, const struct answer *answer)
{
    if (!strstr(pool->url, "/_bulk"))
        return answer->len == 0;
    if (answer->len == 0 || strncmp(answer->data, "{\"error\":", 9) == 0)
        return false;
    return occurrences(answer->data, "\"type\":") ==
           occurrences(answer->data, "\"type\":\"version_conflict_engine_exception\"");
}

static CURL *open_connection(struct bulk_pool *pool, struct answer *answer,
                             struct curl_slist **ret_headers)
{
    CURL *curl = curl_easy_init();
    *ret_headers = curl_slist_append(NULL, "Content-Type: application/x-ndjson");
    *ret_headers = curl_slist_append(*ret_headers, "Expect:");
    if (!curl || !*ret_headers)
        die("out of memory");
    curl_easy_setopt(curl, CURLOPT_URL, pool->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *ret_headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)REQUEST_SECONDS);
    return curl;
}

static void post(const struct bulk_pool *pool, CURL *curl, const struct body *body,
                 struct answer *answer)
{
    long status = 0;
    answer->len = 0;
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200 || !all_done(pool, answer))
        die("bulk: %s, status %ld: %.500s", curl_easy_strerror(code), status,
            answer->len ? answer->data : "");
}

static bool take(struct bulk_pool *pool, struct body *ret_body)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->waits == 0 && !pool->closed)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    bool found = pool->waits > 0;
    if (found) {
        *ret_body = pool->waiting[0];
        memmove(pool->waiting, pool->waiting + 1, --pool->waits * sizeof(*pool->waiting));
        pool->bulks++;
    }
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    return found;
}

static void *work(void *context)
{
    struct bulk_pool *pool = context;
    struct answer answer = {.data = NULL};
    struct curl_slist *headers;
    struct body body;
    CURL *curl = open_connection(pool, &answer, &headers);
    while (take(pool, &body)) {
        post(pool, curl, &body, &answer);
        free(body.data);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    free(answer.data);
    return NULL;
}

struct bulk_pool *bulk_pool_open(const char *url, const char *path, int64_t threads)
{
    struct bulk_pool *pool = must_alloc(NULL, sizeof(*pool));
    memset(pool, 0, sizeof(*pool));
    if (threads < 1 || threads > MAX_THREADS)
        die("--concurrency %lld: 1 to %d", (long long)threads, MAX_THREADS);
    pool->count = (size_t)threads;
    snprintf(pool->url, sizeof(pool->url), "%s%s", url, path);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    for (size_t i = 0; i < pool->count; i++)
        if (pthread_create(&pool->threads[i], NULL, work, pool) != 0)
            die("cannot start thread %zu", i);
    return pool;
}

void bulk_pool_send(struct bulk_pool *pool, char *body, size_t len)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->waits == pool->count)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pool->waiting[pool->waits++] = (struct body){body, len};
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

uint64_t bulk_pool_finish(struct bulk_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->closed = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    uint64_t bulks = pool->bulks;
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->changed);
    free(pool);
    return bulks;
}
