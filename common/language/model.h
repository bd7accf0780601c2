/* model.h - the model: one file with tables, dictionary and settings, read once.
 *
 * The file, little-endian: magic "RSLANG\r\n"; u32 format, u32 hash id, u32 number of sections,
 * u32 size of the whole; per section 20 bytes of name (zeros behind it), u32 offset, u32 length,
 * u32 0; the sections; SHA-256 of all that comes before it. Whatever is wrong with it is named
 * when it is read; nothing of a damaged file is used.
 *
 * Sections: `manifest` (JSON for people: name, licences, figures), `settings` (lines "name
 * integer"), `dictionary`, `polarity.<language>`, and for English `aspects.en`, `opinion.en` and
 * `tagger.en`. Only `settings`, `dictionary` and `polarity.en` must be there. */
#ifndef RS_LANGUAGE_MODEL_H
#define RS_LANGUAGE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/error.h"

enum { RS_MODEL_FORMAT = 1, RS_MODEL_MAX_BYTES = 32 << 20 };

struct rs_model;

/* Read a model's file. `file` is borrowed and must outlive the model, which is read-only from now
 * on and shared by threads. NULL with the reason: damaged, another format, out of memory. */
struct rs_model *rs_model_read(struct rs_bytes file, struct rs_error *error);
void rs_model_destroy(struct rs_model *model);

/* "name@hash": the name of the settings' file and 12 digits of its SHA-256. Borrowed. */
const char *rs_model_name(const struct rs_model *model);
/* 64 hexadecimal digits: what a view's fingerprint holds. Borrowed. */
const char *rs_model_hash(const struct rs_model *model);
/* A section's bytes; {NULL, 0}: the model has none of that name. Borrowed. */
struct rs_bytes rs_model_section(const struct rs_model *model, const char *name);
/* An integer of `settings`, or `otherwise`. For set-up, not for each review. */
long rs_model_setting(const struct rs_model *model, const char *name, long otherwise);

/* The model that the project ships, inside the program. */
struct rs_bytes rs_model_built_in(void);

#endif
