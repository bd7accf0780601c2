/* texts.h - the model of a processor that reads texts: loaded once, shared by its lanes. */
#ifndef RS_RUNTIME_TEXTS_H
#define RS_RUNTIME_TEXTS_H

#include "core/error.h"
#include "core/event.h"
#include "core/option.h"

struct rs_settings;
struct rs_model;
struct rs_analyser;

/* Section "language"; only for processors that analyse. */
extern const struct rs_component rs_language_component;

struct rs_texts {
    char *file; /* NULL: the model is the built-in one */
    struct rs_model *model;
};

/* Read the model that the settings name. False with the reason: no such file, or damaged. */
bool rs_texts_load(struct rs_texts *texts, const struct rs_settings *settings,
                   struct rs_error *error);
void rs_texts_finish(struct rs_texts *texts); /* accepts NULL and a zeroed one */

/* Analyse a published review's text into `into`, and let the event point to it; it is good until
 * the analyser's next use. Without a model nothing is done. False: out of memory. */
bool rs_texts_analyse(const struct rs_texts *texts, struct rs_analyser *analyser,
                      struct rs_analysis *into, struct rs_event *event);

#endif
