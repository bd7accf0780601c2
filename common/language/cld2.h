/* cld2.h - Compact Language Detector 2 for C: the library has a C++ interface only. */
#ifndef RS_LANGUAGE_CLD2_H
#define RS_LANGUAGE_CLD2_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The code of the language that most of a text (valid UTF-8) is in: "en", "zh", "zh-Hant"; "un"
 * when it cannot tell. Static. `ret_percent`: how much of the text is in it. Pure. */
const char *rs_cld2_detect(const char *text, size_t len, int *ret_percent);

#ifdef __cplusplus
}
#endif

#endif
