#include "support/model_file.h"

#include <openssl/sha.h>
#include <stdint.h>
#include <string.h>

#include "language/hash.h"
#include "language/model.h"

static void add_number(struct rs_buffer *file, size_t number)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    rs_buffer_add(file, bytes, sizeof(bytes));
}

struct rs_buffer model_file(const struct model_part *parts, size_t count)
{
    static const char none[32];
    struct rs_buffer file = {0};
    size_t at = 24 + 32 * count, size = at + 32;
    for (size_t i = 0; i < count; i++)
        size += parts[i].bytes.len;
    rs_buffer_add(&file, "RSLANG\r\n", 8);
    add_number(&file, RS_MODEL_FORMAT);
    add_number(&file, RS_HASH_ID);
    add_number(&file, count);
    add_number(&file, size);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(parts[i].name);
        rs_buffer_add(&file, parts[i].name, len);
        rs_buffer_add(&file, none, 20 - len);
        add_number(&file, at);
        add_number(&file, parts[i].bytes.len);
        add_number(&file, 0);
        at += parts[i].bytes.len;
    }
    for (size_t i = 0; i < count; i++)
        rs_buffer_add(&file, parts[i].bytes.data, parts[i].bytes.len);
    rs_buffer_add(&file, none, sizeof(none));
    model_file_seal(&file);
    return file;
}

void model_file_seal(struct rs_buffer *file)
{
    size_t len = file->len - SHA256_DIGEST_LENGTH;
    (void)SHA256((unsigned char *)file->data, len, (unsigned char *)file->data + len);
}
