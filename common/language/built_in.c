/* built_in - the shipped model inside the programs, so that they work from any folder. CMake gives
 * the file's path; models/README.md says how it is made. */
#include "language/model.h"

#ifndef RS_MODEL_FILE
#define RS_MODEL_FILE "models/english.model"
#endif

__asm__(".pushsection .rodata\n"
        "rs_model_built_in_begin:\n"
        ".incbin \"" RS_MODEL_FILE "\"\n"
        "rs_model_built_in_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern const char rs_model_built_in_begin[], rs_model_built_in_end[];

struct rs_bytes rs_model_built_in(void)
{
    return (struct rs_bytes){rs_model_built_in_begin,
                             (size_t)(rs_model_built_in_end - rs_model_built_in_begin)};
}
