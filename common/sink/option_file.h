/* option_file.h - a file that an option names. */
#ifndef RS_SINK_OPTION_FILE_H
#define RS_SINK_OPTION_FILE_H

#include "core/bytes.h"
#include "core/error.h"

/* Add the whole file to `ret_text`, at most `limit` bytes. `option` names the option in the reason:
 * it cannot be opened or read, is longer, or memory is out. */
bool rs_option_file_read(const char *option, const char *path, size_t limit,
                         struct rs_buffer *ret_text, struct rs_error *error);

#endif
