/* The text of a configuration file: it is refused with a reason, or what it gave can be printed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/sample_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_settings *settings = rs_settings_create(sample_components);
    struct rs_error error = {""};
    bool loaded = rs_settings_file(settings, (const char *)data, size, "f.json", &error) &&
                  rs_settings_finish(settings, sample_read_file, &error);
    if (loaded) {
        char *text = rs_settings_print(settings);
        bool shows = strstr(text, CANARY) && !memmem(data, size, CANARY, strlen(CANARY));
        if (shows) /* what a secret's file holds */
            abort();
        free(text);
    } else if (!*error.text) {
        abort();
    }
    rs_settings_destroy(settings);
    return 0;
}
