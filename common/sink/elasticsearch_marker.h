/* elasticsearch_marker.h - what the view says about itself: a document of `reviews-markers`.
 *
 * It carries the uuid of the index that it speaks of: an index made anew in the place of a lost
 * one has no marker. It is replaced by compare-and-set, so that two members both count. */
#ifndef RS_SINK_ELASTICSEARCH_MARKER_H
#define RS_SINK_ELASTICSEARCH_MARKER_H

#include "core/sink.h"
#include "sink/elasticsearch_index.h"

/* As in struct rs_sink. RS_RETRY of the second also when another member was quicker. */
enum rs_status rs_es_read_marker(struct rs_es_view *view, struct rs_marker *marker, char *reason);
enum rs_status rs_es_write_marker(struct rs_es_view *view, const struct rs_marker *marker,
                                  char *reason);

#endif
