#include "runtime/texts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/settings.h"
#include "language/analysis.h"
#include "language/model.h"

struct rs_language_options {
    char *model;
};

static const struct rs_option options[] = {
    RS_OPTION(struct rs_language_options, model, NULL, NULL, NULL,
              "file of a trained model, in place of the one inside the program"),
    RS_OPTIONS_END,
};

const struct rs_component rs_language_component = {
    .section = "language",
    .summary = "how texts are read",
    .options = options,
    .size = sizeof(struct rs_language_options),
};

static char *read_file(const char *path, size_t *ret_len, struct rs_error *error)
{
    FILE *file = fopen(path, "re");
    char *data = file ? malloc(RS_MODEL_MAX_BYTES + 1) : NULL;
    *ret_len = data ? fread(data, 1, RS_MODEL_MAX_BYTES + 1, file) : 0;
    bool good = data && !ferror(file) && *ret_len <= RS_MODEL_MAX_BYTES;
    if (!good)
        (void)rs_error_set(error, "language.model: %s: %s", path,
                           *ret_len > RS_MODEL_MAX_BYTES ? "larger than 32 MiB" : strerror(errno));
    if (file)
        (void)fclose(file);
    if (good)
        return data;
    free(data);
    return NULL;
}

bool rs_texts_load(struct rs_texts *texts, const struct rs_settings *settings,
                   struct rs_error *error)
{
    const struct rs_language_options *mine = rs_settings_get(settings, &rs_language_component);
    struct rs_bytes bytes = rs_model_built_in();
    *texts = (struct rs_texts){0};
    if (mine->model) {
        texts->file = read_file(mine->model, &bytes.len, error);
        bytes.data = texts->file;
        if (!texts->file)
            return false;
    }
    texts->model = rs_model_read(bytes, error);
    return texts->model != NULL;
}

void rs_texts_finish(struct rs_texts *texts)
{
    if (!texts)
        return;
    rs_model_destroy(texts->model);
    free(texts->file);
    *texts = (struct rs_texts){0};
}

bool rs_texts_analyse(const struct rs_texts *texts, struct rs_analyser *analyser,
                      struct rs_analysis *into, struct rs_event *event)
{
    if (event->state != RS_PUBLISHED || !texts->model)
        return true;
    const struct rs_review_text review = {
        .title = rs_json_string(rs_json_get(event->document, "title")),
        .text = rs_json_string(rs_json_get(event->document, "text")),
        .locale = rs_text(event->locale),
        .product_name = rs_json_string(rs_json_get(event->document, "productName")),
    };
    if (!rs_analyse(analyser, &review, into))
        return false;
    event->analysis = into;
    event->model = rs_model_name(texts->model);
    return true;
}
