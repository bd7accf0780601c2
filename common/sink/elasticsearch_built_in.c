/* elasticsearch_built_in - config/search-index.json inside the program, so that it works from any
 * folder. CMake gives the file's path. */
#include "sink/elasticsearch_index.h"

#ifndef RS_SEARCH_INDEX
#define RS_SEARCH_INDEX "config/search-index.json"
#endif

__asm__(".pushsection .rodata\n"
        "rs_es_built_in_begin:\n"
        ".incbin \"" RS_SEARCH_INDEX "\"\n"
        "rs_es_built_in_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern const char rs_es_built_in_begin[], rs_es_built_in_end[];

struct rs_bytes rs_es_built_in_index(void)
{
    return (struct rs_bytes){rs_es_built_in_begin,
                             (size_t)(rs_es_built_in_end - rs_es_built_in_begin)};
}
