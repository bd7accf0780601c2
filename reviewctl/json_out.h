/* json_out.h - results as JSON text, exact: foreign JSON is copied as it came, never through a
 * double. */
#ifndef RS_REVIEWCTL_JSON_OUT_H
#define RS_REVIEWCTL_JSON_OUT_H

#include <jansson.h>
#include <stdio.h>

#include "core/bytes.h"

/* Print a document on one line, or indented when stdout is a terminal. Takes it. */
void json_print(json_t *document);
/* Indent the text of a JSON value without changing any of its tokens; the caller finishes `out`. */
void json_indent(struct rs_bytes json, struct rs_buffer *out);
/* A string of any bytes: as text if it is UTF-8, else {"base64": "…"}; null if data is NULL. */
json_t *json_of_bytes(struct rs_bytes bytes);
/* Base64 (RFC 4648, section 4) of bytes and back; the caller frees it. NULL: no Base64. */
char *base64_encode(struct rs_bytes bytes);
char *base64_decode(struct rs_bytes text, size_t *ret_len);

#endif
