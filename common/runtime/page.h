/* page.h - records of the source topic, held on their own.
 *
 * What librdkafka hands out borrows from the batch that it came in, and one record that waits holds
 * all of that batch, unpacked into a buffer of up to 2.5 times its size (2.0.2, LZ4). So a record
 * is copied before it waits, next to those before it: a page is one block of memory for about
 * twenty, which cost an allocation each otherwise.
 *
 * The consumer's thread fills the pages of a lane, the lane releases what is on them. */
#ifndef RS_RUNTIME_PAGE_H
#define RS_RUNTIME_PAGE_H

#include <stddef.h>

#include "core/decode.h"

struct rs_page;

struct rs_received {
    struct rs_record record; /* borrows from the page, and the topic's name from the caller */
    size_t bytes;            /* that it takes */
    struct rs_page *page;
};

/* Where the next records of one lane go; zeroed: nowhere yet. */
struct rs_pages {
    struct rs_page *open;
};

/* Copies all but the topic's name. NULL: out of memory. */
struct rs_received *rs_received_create(struct rs_pages *pages, const struct rs_record *record);
/* Count its bytes from now on, once. Returns its page, for the end. */
struct rs_page *rs_received_count(struct rs_received *received);
/* No longer needed; accepts NULL. */
void rs_received_release(struct rs_received *received);
/* One that was counted on this page is no longer needed. Returns the bytes that count no more: of
 * all that were counted there when none of them is needed any more, otherwise 0. */
size_t rs_page_release(struct rs_page *page);
/* Nothing more comes; what is on the pages stays until it is released. */
void rs_pages_finish(struct rs_pages *pages);

#endif
