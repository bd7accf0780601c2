#include "support/mirroring.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#include "kafka/config.h"
#include "sink/ledger.h"

struct mirroring mirroring;

static const char *const no_scripts[] = {NULL};

static bool render(struct rs_bytes key, int64_t version, const struct rs_pair *fields, size_t count,
                   struct rs_buffer *out)
{
    if (mirroring.refreshed)
        freeReplyObject(redisCommand(mirroring.redis.context, "ZADD reviews:v:g1:publishing 9 %s",
                                     mirroring.refreshed));
    rs_buffer_add(out, key.data, key.len);
    rs_buffer_printf(out, " %" PRId64, version);
    for (size_t i = 0; i < count; i++)
        rs_buffer_printf(out, " %.*s=%.*s", (int)fields[i].name.len, fields[i].name.data,
                         (int)fields[i].value.len, fields[i].value.data);
    return true;
}
static const struct rs_publication publication = {
    .topic = "out", .version = "rev", .render = render};

void mirroring_start(void)
{
    private_redis_start(&mirroring.redis, NULL);
    mock_kafka_start(&mirroring.kafka, 1);
    mock_kafka_topic(&mirroring.kafka, "out", 1);
}

void mirroring_stop(void)
{
    mock_kafka_stop(&mirroring.kafka);
    private_redis_stop(&mirroring.redis);
}

void mirroring_join(struct mirroring_member *member, const char *generation, const char *owner)
{
    struct rs_error error = {""};
    const struct rs_producer_options to = {
        .brokers = mirroring.kafka.brokers, .profile = RS_ORDERED, .timeout_ms = 3000};
    const struct rs_view view = {.processor = "v", .generation = generation};
    member->redis = rs_redis_create(&mirroring.redis.config, no_scripts, &error);
    cr_assert(member->redis && rs_redis_view_init(&member->view, &view, &error), "%s", error.text);
    const struct rs_mirror_setup setup = {
        .config = &mirroring.config,
        .publication = &publication,
        .owner = owner,
        .redis = member->redis,
        .view = &member->view,
        .kind = "summary",
        .answers = rs_ledger_answers,
        .producer = rs_producer_create(&to, &error),
    };
    cr_assert(setup.producer && (member->mirror = rs_mirror_create(&setup, &error)), "%s",
              error.text);
}

void mirroring_leave(struct mirroring_member *member)
{
    rs_mirror_destroy(member->mirror);
    rs_redis_destroy(member->redis);
    rs_redis_view_finish(&member->view);
    *member = (struct mirroring_member){0};
}

void mirroring_begin(struct mirroring_member *member)
{
    char reason[RS_REASON_BYTES] = "";
    cr_assert_eq(rs_mirror_begin(member->mirror, reason), RS_OK, "%s", reason);
}

void mirroring_change(const char *generation, const char *key, int to)
{
    private_redis_do(&mirroring.redis, "HSET reviews:v:%s:summary:{%s} n %d rev %d", generation,
                     key, to, to);
}

const char *mirroring_marks(const char *generation)
{
    return private_redis_do(&mirroring.redis, "ZRANGE reviews:v:%s:publishing 0 -1", generation);
}

struct rs_mirror_item mirroring_item(const char *key)
{
    return (struct rs_mirror_item){.key = rs_text(key)};
}

void mirroring_publish(struct mirroring_member *member, struct rs_mirror_item *of)
{
    rs_mirror_mark(member->mirror, of, 1);
    rs_mirror_settle(member->mirror, of, 1);
    cr_assert(!of->failed, "%s: %s", of->failed->answer, of->reason);
    rs_mirror_unmark(member->mirror, of, 1);
}
