/* names - the words of results, as readers of topics and stores see them. */
#include "language/analysis.h"

static const char *const polarities[] = {
    [RS_POLARITY_NONE] = NULL,
    [RS_POLARITY_UNKNOWN] = "unknown",
    [RS_POLARITY_UNSUPPORTED] = "unsupported",
    [RS_POLARITY_NEUTRAL] = "neutral",
    [RS_POLARITY_POSITIVE] = "positive",
    [RS_POLARITY_NEGATIVE] = "negative",
    [RS_POLARITY_MIXED] = "mixed",
};

static const char *const aspects[RS_ASPECTS] = {
    [RS_ASPECT_NONE] = NULL,
    [RS_ASPECT_OVERALL] = "overall",
    [RS_ASPECT_LOCATION] = "location",
    [RS_ASPECT_STAFF] = "staff",
    [RS_ASPECT_CHECKIN] = "checkin",
    [RS_ASPECT_ROOM] = "room",
    [RS_ASPECT_BATHROOM] = "bathroom",
    [RS_ASPECT_BED] = "bed",
    [RS_ASPECT_COMFORT] = "comfort",
    [RS_ASPECT_NOISE] = "noise",
    [RS_ASPECT_CLEANLINESS] = "cleanliness",
    [RS_ASPECT_VALUE] = "value",
    [RS_ASPECT_BREAKFAST] = "breakfast",
    [RS_ASPECT_FOOD] = "food",
    [RS_ASPECT_AMENITIES] = "amenities",
    [RS_ASPECT_WELLNESS] = "wellness",
    [RS_ASPECT_WIFI] = "wifi",
    [RS_ASPECT_PARKING] = "parking",
    [RS_ASPECT_PROPERTY] = "property",
};

const char *rs_polarity_name(enum rs_polarity polarity)
{
    return polarities[polarity];
}

const char *rs_aspect_name(enum rs_aspect aspect)
{
    return aspects[aspect];
}

enum rs_aspect rs_aspect_named(struct rs_bytes name)
{
    for (enum rs_aspect i = RS_ASPECT_NONE + 1; i < RS_ASPECTS; i++)
        if (rs_bytes_equal(name, rs_text(aspects[i])))
            return i;
    return RS_ASPECT_NONE;
}

const char *rs_part_name(enum rs_part part)
{
    return part == RS_TITLE ? "title" : "text";
}
