#include <criterion/criterion.h>
#include <stdio.h>

#include "sink/elasticsearch_marker.h"
#include "support/conversation.h"

TestSuite(elasticsearch_marker, .timeout = 60);

#define AS(uuid)                                                                                   \
    "{\"_seq_no\":5,\"_primary_term\":2,\"_source\":{\"indexUuid\":\"" uuid                        \
    "\",\"format\":3,\"fingerprint\":\"abc\",\"partitions\":4,\"atEndMs\":[10,0,30]}}"
#define LOAD "GET /reviews-markers/_doc/search-g1 "
#define NONE "{\"found\":false}"
#define REFRESH "POST /reviews-g1/_refresh?"
#define COUNT "GET /reviews-g1/_count?"

static const struct {
    const char *name;
    struct exchange exchanges[MOST_EXCHANGES];
    enum rs_status status;
    bool found, has_data;
} reads[] = {
    {"a marker, and documents",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":7,\"_shards\":{\"failed\":0}}"}},
     RS_OK,
     true,
     true},
    {"a marker, and an empty index",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":0}"}},
     RS_OK,
     true,
     false},
    {"the marker of an index that was there before",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u0")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":1}"}},
     RS_OK,
     false,
     true},
    {"no marker",
     {{LOOK, 200, GOOD}, {LOAD, 404, NONE}, {REFRESH, 200, "{}"}, {COUNT, 200, "{\"count\":0}"}},
     RS_OK,
     false,
     false},
    {"no index of markers",
     {{LOOK, 200, GOOD},
      {LOAD, 404, NO_INDEX},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":0}"}},
     RS_OK,
     false,
     false},
    {"no right to refresh",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 403, "{}"},
      {COUNT, 200, "{\"count\":7}"}},
     RS_OK,
     true,
     true},
    {"no index", {{LOOK, 404, NO_INDEX}}, RS_OK, false, false},
    {"a shard that is down",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 503, REFUSED("search_phase_execution_exception", "")}},
     RS_RETRY,
     true,
     false},
    {"one of several shards down, the others empty",
     {{LOOK, 200, GOOD},
      {LOAD, 200, AS("u1")},
      {REFRESH, 200, "{}"},
      {COUNT, 200, "{\"count\":0,\"_shards\":{\"failed\":1}}"}},
     RS_RETRY,
     true,
     false},
    {"a document that is no marker",
     {{LOOK, 200, GOOD}, {LOAD, 200, "{\"_source\":{}}"}},
     RS_RETRY,
     false,
     false},
};

Test(elasticsearch_marker, reads_the_marker_of_this_index_alone, .init = conversation_begin,
     .fini = conversation_end)
{
    for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++) {
        struct rs_es_view view;
        struct rs_marker marker;
        char reason[RS_REASON_BYTES] = "";
        conversation_open(&view);
        conversation_play(reads[i].exchanges);
        cr_expect_eq(rs_es_read_marker(&view, &marker, reason), reads[i].status, "%s: %s",
                     reads[i].name, reason);
        conversation_expect_said(reads[i].name);
        cr_expect_eq(marker.found, reads[i].found, "%s", reads[i].name);
        cr_expect_eq(marker.has_data, reads[i].has_data, "%s", reads[i].name);
        if (marker.found) {
            cr_expect_eq(marker.format, 3);
            cr_expect_str_eq(marker.fingerprint, "abc");
            cr_expect_eq(marker.partitions, 4);
            cr_expect(marker.at_end_ms[0] == 10 && marker.at_end_ms[1] == 0 &&
                      marker.at_end_ms[2] == 30 && marker.at_end_ms[3] == 0);
        }
        rs_es_view_finish(&view);
    }
}

#define CREATE "PUT /reviews-markers/_create/search-g1 "
#define REPLACE "PUT /reviews-markers/_doc/search-g1?if_seq_no=5&if_primary_term=2 "
#define WRITTEN(times)                                                                             \
    "{\"processor\":\"search\",\"generation\":\"g1\",\"indexUuid\":\"u1\",\"format\":4,"           \
    "\"fingerprint\":\"def\",\"partitions\":8,\"atEndMs\":[" times "]}"
#define CONFLICT REFUSED("version_conflict_engine_exception", "x")

static const struct {
    const char *name, *known; /* the index as it was first seen; "": not yet */
    struct exchange exchanges[MOST_EXCHANGES];
    enum rs_status status;
    const char *written, *reason;
} writes[] = {
    {"the first",
     "",
     {{LOOK, 200, GOOD}, {LOAD, 404, NONE}, {CREATE, 201, "{}"}},
     RS_OK,
     WRITTEN("5,20"),
     NULL},
    {"times are raised only",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 200, AS("u1")}, {REPLACE, 200, "{}"}},
     RS_OK,
     WRITTEN("10,20,30"),
     NULL},
    {"what a lost index had is forgotten",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 200, AS("u0")}, {REPLACE, 200, "{}"}},
     RS_OK,
     WRITTEN("5,20"),
     NULL},
    {"two first writers",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 404, NONE}, {CREATE, 409, CONFLICT}},
     RS_RETRY,
     NULL,
     "another member wrote the marker of \"reviews-g1\" meanwhile"},
    {"two writers",
     "u1",
     {{LOOK, 200, GOOD}, {LOAD, 200, AS("u1")}, {REPLACE, 409, CONFLICT}},
     RS_RETRY,
     NULL,
     "another member wrote the marker of \"reviews-g1\" meanwhile"},
    {"an index made anew",
     "u0",
     {{LOOK, 200, GOOD}},
     RS_RETRY,
     NULL,
     "index \"reviews-g1\" was made anew while this program ran, so what it held is lost; rewind "
     "the group and start again"},
    {"no index", "u1", {{LOOK, 404, NO_INDEX}}, RS_RETRY, NULL, "index \"reviews-g1\" is missing"},
};

Test(elasticsearch_marker, writes_the_marker_of_this_index_alone, .init = conversation_begin,
     .fini = conversation_end)
{
    static const struct rs_marker marker = {
        .format = 4, .fingerprint = "def", .partitions = 8, .at_end_ms = {5, 20}};
    for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
        struct rs_es_view view;
        char reason[RS_REASON_BYTES] = "";
        conversation_open(&view);
        snprintf(view.uuid, sizeof(view.uuid), "%s", writes[i].known);
        conversation_play(writes[i].exchanges);
        cr_expect_eq(rs_es_write_marker(&view, &marker, reason), writes[i].status, "%s: %s",
                     writes[i].name, reason);
        conversation_expect_said(writes[i].name);
        if (writes[i].written)
            cr_expect_str_eq(conversation_last_body(), writes[i].written, "%s: %s", writes[i].name,
                             conversation_last_body());
        if (writes[i].reason)
            cr_expect_str_eq(reason, writes[i].reason, "%s: %s", writes[i].name, reason);
        rs_es_view_finish(&view);
    }
}
