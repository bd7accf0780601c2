#include "runtime/page.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_BYTES = 16 << 10,
    ALONE_BYTES = PAGE_BYTES / 4, /* so much gets a page of its own: little is left unused */
};

struct rs_page {
    atomic_size_t users; /* records, and whoever fills it */
    size_t size, used;   /* bytes, of its filler */
    size_t counted;      /* of its lane: records that are counted and needed */
    size_t bytes;        /* and what they and those before them count */
    alignas(max_align_t) char data[];
};

/* --- pages --- */

static void leave_page(struct rs_page *page)
{
    if (page && atomic_fetch_sub(&page->users, 1) == 1)
        free(page);
}

/* NULL: out of memory. */
static struct rs_page *make_page(size_t size, size_t users)
{
    struct rs_page *page = malloc(sizeof(*page) + size);
    if (page) {
        *page = (struct rs_page){.size = size};
        atomic_init(&page->users, users);
    }
    return page;
}

static void *room_on(struct rs_page *page, size_t bytes)
{
    void *room = page->data + page->used;
    page->used += bytes;
    atomic_fetch_add(&page->users, 1);
    return room;
}

/* NULL: out of memory. */
static void *find_room(struct rs_pages *pages, size_t bytes, struct rs_page **ret_page)
{
    struct rs_page *page = pages->open;
    if (bytes >= ALONE_BYTES) {
        *ret_page = make_page(bytes, 0);
        return *ret_page ? room_on(*ret_page, bytes) : NULL;
    }
    if (!page || page->size - page->used < bytes) {
        if (!(page = make_page(PAGE_BYTES, 1)))
            return NULL;
        leave_page(pages->open);
        pages->open = page;
    }
    *ret_page = page;
    return room_on(page, bytes);
}

void rs_pages_finish(struct rs_pages *pages)
{
    leave_page(pages->open);
    pages->open = NULL;
}

/* --- copies --- */

static size_t headers_bytes(const struct rs_record *record)
{
    size_t bytes = record->header_count * sizeof(struct rs_header);
    for (size_t i = 0; i < record->header_count; i++)
        bytes += strlen(record->headers[i].name) + 1 + record->headers[i].value.len;
    return bytes;
}

/* Copies to `*at`, which moves on. What is NULL stays so. */
static struct rs_bytes copy(char **at, struct rs_bytes from)
{
    char *to = *at;
    if (!from.data)
        return from;
    memcpy(to, from.data, from.len);
    *at += from.len;
    return (struct rs_bytes){to, from.len};
}

static size_t aligned(size_t bytes)
{
    return (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

struct rs_received *rs_received_create(struct rs_pages *pages, const struct rs_record *record)
{
    struct rs_page *page;
    size_t bytes = aligned(sizeof(struct rs_received) + headers_bytes(record) + record->key.len +
                           record->value.len);
    struct rs_received *received = find_room(pages, bytes, &page);
    if (!received)
        return NULL;
    struct rs_header *headers = (struct rs_header *)(received + 1);
    char *at = (char *)(headers + record->header_count);
    *received = (struct rs_received){.record = *record, .bytes = bytes, .page = page};
    /* The value last: what is looked at first stands together. */
    received->record.headers = headers;
    for (size_t i = 0; i < record->header_count; i++) {
        struct rs_bytes name = {record->headers[i].name, strlen(record->headers[i].name) + 1};
        headers[i].name = copy(&at, name).data;
        headers[i].value = copy(&at, record->headers[i].value);
    }
    received->record.key = copy(&at, record->key);
    received->record.value = copy(&at, record->value);
    return received;
}

/* --- what counts --- */

struct rs_page *rs_received_count(struct rs_received *received)
{
    received->page->counted++;
    received->page->bytes += received->bytes;
    return received->page;
}

void rs_received_release(struct rs_received *received)
{
    if (received)
        leave_page(received->page);
}

size_t rs_page_release(struct rs_page *page)
{
    size_t bytes = --page->counted ? 0 : page->bytes;
    page->bytes -= bytes;
    leave_page(page);
    return bytes;
}
