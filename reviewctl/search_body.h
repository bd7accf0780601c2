/* search_body.h - what an operator writes, as the body of a search request. Pure. */
#ifndef RS_REVIEWCTL_SEARCH_BODY_H
#define RS_REVIEWCTL_SEARCH_BODY_H

#include <jansson.h>
#include <stdbool.h>

#include "core/error.h"

/* A filter: "locale=en", "ratings.overall>=4", "submittedAt<2026-01-01", "aspects.wifi=negative",
 * "sentiment>=0.5". NULL: no filter; the caller owns it. */
json_t *search_filter(const char *text, struct rs_error *error);
/* An order: "submittedAt:desc", "ratings.overall" (ascending). NULL: none. */
json_t *search_sort(const char *text, struct rs_error *error);
/* Add what is to be counted by value to an object: "tags", "locale"; "aspects" is each of them.
 * False with the reason. */
bool search_facet(json_t *facets, const char *text, struct rs_error *error);
/* The whole body; takes `filters`, `sorts` (arrays) and `facets` (an object). `query` NULL or "":
 * all reviews. */
json_t *search_body(const char *query, json_t *filters, json_t *sorts, json_t *facets, long size,
                    long page);

#endif
