/* Any bytes as a model's file, with a size and a checksum that are right: read, or refused. What is
 * read analyses a review. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "language/analysis.h"
#include "language/model.h"
#include "support/model_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char none[32];
    struct rs_error error;
    struct rs_analysis out;
    struct rs_buffer file = {0};
    const struct rs_review_text review = {.text = rs_text("The staff was not friendly. Good bed!")};
    rs_buffer_add(&file, data, size);
    rs_buffer_add(&file, none, sizeof(none));
    for (size_t i = 0; size >= 24 && i < 4; i++)
        file.data[20 + i] = (char)(file.len >> 8 * i);
    model_file_seal(&file);
    struct rs_model *model = rs_model_read((struct rs_bytes){file.data, file.len}, &error);
    struct rs_analyser *analyser = model ? rs_analyser_create(model) : NULL;
    if (analyser)
        assert(rs_analyse(analyser, &review, &out) && strlen(rs_model_name(model)) < 64);
    rs_analyser_destroy(analyser);
    rs_model_destroy(model);
    rs_buffer_finish(&file);
    return 0;
}
