#include "evidence.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "core/number.h"
#include "json_out.h"
#include "sink/active.h"
#include "sink/redis_key.h"
#include "stores.h"

/* --- places and words --- */

/* Cut the part behind the last '|' off. */
static bool cut(struct rs_bytes *text, struct rs_bytes *ret_part)
{
    const char *bar = text->len ? memrchr(text->data, '|', text->len) : NULL;
    if (!bar)
        return false;
    *ret_part = (struct rs_bytes){bar + 1, (size_t)(text->data + text->len - bar) - 1};
    text->len = (size_t)(bar - text->data);
    return true;
}

bool evidence_parse(struct rs_bytes member, struct evidence_place *ret)
{
    struct rs_bytes start, end;
    struct evidence_place place = {0};
    if (!cut(&member, &end) || !cut(&member, &start) || !cut(&member, &place.field) ||
        !rs_number_integer(start, &place.start) || !rs_number_integer(end, &place.end))
        return false;
    place.review = member; /* may hold a '|' itself */
    *ret = place;
    return member.len > 0 && place.start >= 0 && place.start <= place.end;
}

json_t *evidence_words(struct rs_bytes body, const struct evidence_place *place)
{
    json_t *review = json_loadb(body.data, body.len, 0, NULL), *words = NULL;
    json_t *text = json_object_getn(review, place->field.data, place->field.len);
    if (json_is_string(text) && (size_t)place->end <= json_string_length(text))
        words = json_stringn(json_string_value(text) + place->start, /* NULL: no UTF-8 */
                             (size_t)(place->end - place->start));
    json_decref(review);
    return words;
}

/* --- the sets --- */

static const char *const sides[][2] = {{"positive", "pos"}, {"negative", "neg"}};
enum { SIDES = 2, ASPECTS = 32 };

struct prefixes {
    char sentiment[RS_GENERATION_BYTES + 32], cache[RS_GENERATION_BYTES + 32];
};

static void ask_places(struct rs_redis *redis, const char *prefix, const char *product,
                       const char *aspect, const char *side, int most)
{
    char last[16];
    struct rs_buffer key = {0};
    rs_redis_key(&key, prefix, "evidence", rs_text(product));
    rs_buffer_printf(&key, ":%s:%s", aspect, side);
    (void)snprintf(last, sizeof(last), "%d", most - 1);
    (void)rs_redis_command(redis, 4);
    rs_redis_arg_text(redis, "ZREVRANGE");
    rs_redis_arg(redis, (struct rs_bytes){key.data, key.len});
    rs_redis_arg_text(redis, "0");
    rs_redis_arg_text(redis, last);
    rs_buffer_finish(&key);
}

static json_t *places_json(const struct rs_reply *reply)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rs_reply_count(reply); i++) {
        struct rs_bytes member;
        struct evidence_place place;
        if (rs_reply_bytes(rs_reply_at(reply, i), &member) && evidence_parse(member, &place))
            json_array_append_new(
                list, json_pack("{s:o, s:o, s:I, s:I}", "reviewId", json_of_bytes(place.review),
                                "field", json_of_bytes(place.field), "start",
                                (json_int_t)place.start, "end", (json_int_t)place.end));
    }
    return list;
}

static int read_places(const struct rs_settings *settings, struct rs_redis *redis,
                       const char *prefix, const char *product, int most, json_t *aspects)
{
    char reason[RS_REASON_BYTES] = "";
    size_t at;
    json_t *aspect;
    (void)rs_redis_begin(redis);
    json_array_foreach(aspects, at, aspect)
    {
        const char *name = json_string_value(json_object_get(aspect, "aspect"));
        for (size_t side = 0; side < SIDES; side++)
            ask_places(redis, prefix, product, name, sides[side][1], most);
    }
    (void)rs_redis_run(redis);
    json_array_foreach(aspects, at, aspect)
    {
        json_t *evidence = json_object();
        for (size_t side = 0; side < SIDES; side++) {
            size_t command = SIDES * at + side;
            enum rs_status status = rs_redis_status(redis, command, reason);
            if (status != RS_OK) {
                json_decref(evidence);
                return redis_failed(settings, status, reason);
            }
            json_object_set_new(evidence, sides[side][0],
                                places_json(rs_redis_reply(redis, command)));
        }
        json_object_set_new(aspect, "evidence", evidence);
    }
    return CTL_OK;
}

/* --- the words --- */

/* Every place of the aspects; `visit` is called with each. */
static void each_place(json_t *aspects, void (*visit)(void *context, json_t *place), void *context)
{
    size_t at, i;
    json_t *aspect, *place;
    json_array_foreach(aspects, at, aspect) for (size_t side = 0; side < SIDES; side++)
    {
        json_t *list = json_object_get(json_object_get(aspect, "evidence"), sides[side][0]);
        json_array_foreach(list, i, place) visit(context, place);
    }
}

struct fetch {
    struct rs_redis *redis;
    const struct prefixes *prefixes;
    size_t command; /* of the next place's first reply */
};

static struct rs_bytes string_of(const json_t *place, const char *name)
{
    const json_t *text = json_object_get(place, name);
    return (struct rs_bytes){json_string_value(text), json_string_length(text)};
}

/* The judged version, and the cached one with its body. */
static void ask_review(void *context, json_t *place)
{
    struct fetch *fetch = context;
    struct rs_bytes review = string_of(place, "reviewId");
    (void)rs_redis_command(fetch->redis, 3);
    rs_redis_arg_text(fetch->redis, "HGET");
    rs_redis_arg_key(fetch->redis, fetch->prefixes->sentiment, "review", review);
    rs_redis_arg_text(fetch->redis, "v");
    (void)rs_redis_command(fetch->redis, 4);
    rs_redis_arg_text(fetch->redis, "HMGET");
    rs_redis_arg_key(fetch->redis, fetch->prefixes->cache, "review", review);
    rs_redis_arg_text(fetch->redis, "v");
    rs_redis_arg_text(fetch->redis, "b");
}

static void take_words(void *context, json_t *place)
{
    struct fetch *fetch = context;
    struct rs_bytes judged, cached, body;
    const struct rs_reply *hash = rs_redis_reply(fetch->redis, fetch->command + 1);
    const struct evidence_place at = {.field = string_of(place, "field"),
                                      .start = json_integer_value(json_object_get(place, "start")),
                                      .end = json_integer_value(json_object_get(place, "end"))};
    json_t *words = NULL;
    if (rs_reply_bytes(rs_redis_reply(fetch->redis, fetch->command), &judged) &&
        rs_reply_bytes(rs_reply_at(hash, 0), &cached) &&
        rs_reply_bytes(rs_reply_at(hash, 1), &body) && rs_bytes_equal(judged, cached))
        words = evidence_words(body, &at);
    json_object_set_new(place, "words", words ? words : json_null());
    fetch->command += 2;
}

int evidence_read(const struct rs_settings *settings, struct rs_redis *redis, const char *product,
                  const char *given, int most, json_t *sentiment)
{
    char generation[RS_GENERATION_BYTES];
    struct prefixes prefixes;
    json_t *aspects = json_object_get(sentiment, "aspects");
    (void)snprintf(prefixes.sentiment, sizeof(prefixes.sentiment), "reviews:sentiment:%s:",
                   json_string_value(json_object_get(sentiment, "generation")));
    int code = read_places(settings, redis, prefixes.sentiment, product, most, aspects);
    if (code == CTL_OK)
        code = known_generation(settings, redis, "cache", given, generation, sizeof(generation));
    if (code != CTL_OK || !*generation)
        return code;
    (void)snprintf(prefixes.cache, sizeof(prefixes.cache), "reviews:cache:%s:", generation);
    struct fetch fetch = {.redis = redis, .prefixes = &prefixes};
    (void)rs_redis_begin(redis);
    each_place(aspects, ask_review, &fetch);
    (void)rs_redis_run(redis);
    each_place(aspects, take_words, &fetch);
    return CTL_OK;
}
