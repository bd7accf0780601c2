/* cld2 - the one file of C++: a call of the library, with plain types. It is compiled without
 * exceptions and run-time types and needs nothing of the C++ library, so programs are linked as
 * C. Debian 12 and 13 package the same snapshot of the library. */
#include <cstdio> // the library's header needs it

#include <cld2/public/compact_lang_det.h>

#include "cld2.h"

namespace CLD2
{
const char *LanguageCode(Language language);
}

const char *rs_cld2_detect(const char *text, size_t len, int *ret_percent)
{
    /* 25: encoding unknown; encodings.h names it in another namespace */
    CLD2::CLDHints hints = {nullptr, nullptr, 25, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language three[3];
    int percent[3], bytes;
    double scores[3];
    bool reliable;
    CLD2::Language language =
        CLD2::ExtDetectLanguageSummary(text, static_cast<int>(len), true, &hints, 0, three,
                                       percent, scores, nullptr, &bytes, &reliable);
    *ret_percent = percent[0];
    return CLD2::LanguageCode(language);
}
