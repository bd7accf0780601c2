/* model_file.h - a model's file, made of sections, damaged on demand. */
#ifndef RS_TESTS_MODEL_FILE_H
#define RS_TESTS_MODEL_FILE_H

#include "core/bytes.h"

struct model_part {
    const char *name;
    struct rs_bytes bytes;
};

/* The file of these sections; the caller finishes it. */
struct rs_buffer model_file(const struct model_part *parts, size_t count);
/* Write the checksum again, after a change of what comes before it. */
void model_file_seal(struct rs_buffer *file);

#endif
