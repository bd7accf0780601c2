#include "sink/option_file.h"

#include <stdio.h>

bool rs_option_file_read(const char *option, const char *path, size_t limit,
                         struct rs_buffer *ret_text, struct rs_error *error)
{
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "re");
    if (!file)
        return rs_error_set(error, "%s %s: %m", option, path);
    while ((got = fread(part, 1, sizeof(part), file)) > 0 && ret_text->len <= limit)
        rs_buffer_add(ret_text, part, got);
    bool bad = ferror(file) != 0;
    (void)fclose(file);
    if (bad)
        return rs_error_set(error, "%s %s cannot be read", option, path);
    if (ret_text->failed)
        return rs_error_set(error, "out of memory");
    return ret_text->len <= limit ||
           rs_error_set(error, "%s %s is longer than %zu bytes", option, path, limit);
}
