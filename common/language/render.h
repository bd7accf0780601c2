/* render.h - an analysis as JSON, as topics, stores and `reviewctl analyse` hold it. */
#ifndef RS_LANGUAGE_RENDER_H
#define RS_LANGUAGE_RENDER_H

#include "core/event.h"
#include "language/analysis.h"

/* Each adds members without braces around them and without a comma at either end; text of a
 * review is only in tags. `model`: rs_model_name. */

/* "language":…,"sentiment":{…},"aspects":[…] */
void rs_render_sentiment(const struct rs_analysis *analysis, const char *model,
                         struct rs_buffer *out);
/* "tags":[…] */
void rs_render_tags(const struct rs_analysis *analysis, struct rs_buffer *out);

/* The whole record of a published review with an analysis, as a JSON object: `reviewId`, `version`
 * and `productId` of the event, then the members above. */
void rs_render_record(const struct rs_event *event, struct rs_buffer *out);

/* "sentiment":{…},"aspects":{"room":{…},…},"tags":["sea view",…]: to filter, sort and count by,
 * without evidence and without nulls. */
void rs_render_searched(const struct rs_analysis *analysis, const char *model,
                        struct rs_buffer *out);

/* Thousandths as a decimal: "-0.034". */
void rs_render_thousandths(int32_t value, struct rs_buffer *out);

#endif
