#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "kafka/config.h"
#include "sink/active.h"
#include "sink/ledger.h"
#include "sink/mirror.h"
#include "sink/summary.h"
#include "support/mock_kafka.h"
#include "support/private_redis.h"

enum { MEMBERS = 3 };
static const char *const no_scripts[] = {NULL};

static struct private_redis server;
static struct mock_kafka kafka;

/* A member of the view "v", of some generation. */
struct member {
    struct rs_redis *redis;
    struct rs_redis_view view;
    struct rs_mirror *mirror;
};

static struct rs_mirror_config config = {.abandoned_ms = 0}; /* everything is old at once */

static const char *refreshed; /* a mark that its owner refreshes while another sends its key */

static bool render(struct rs_bytes key, int64_t version, const struct rs_pair *fields, size_t count,
                   struct rs_buffer *out)
{
    if (refreshed)
        freeReplyObject(
            redisCommand(server.context, "ZADD reviews:v:g1:publishing 9 %s", refreshed));
    rs_buffer_add(out, key.data, key.len);
    rs_buffer_printf(out, " %" PRId64, version);
    for (size_t i = 0; i < count; i++)
        rs_buffer_printf(out, " %.*s=%.*s", (int)fields[i].name.len, fields[i].name.data,
                         (int)fields[i].value.len, fields[i].value.data);
    return true;
}
static const struct rs_publication publication = {
    .topic = "out", .version = "rev", .render = render};

static void start(void)
{
    private_redis_start(&server, NULL);
    mock_kafka_start(&kafka, 1);
    mock_kafka_topic(&kafka, "out", 1);
}

static void stop(void)
{
    mock_kafka_stop(&kafka);
    private_redis_stop(&server);
}

TestSuite(mirror, .init = start, .fini = stop, .timeout = 110);

static void join(struct member *member, const char *generation, const char *owner)
{
    struct rs_error error = {""};
    const struct rs_producer_options to = {
        .brokers = kafka.brokers, .profile = RS_ORDERED, .timeout_ms = 3000};
    const struct rs_view view = {.processor = "v", .generation = generation};
    member->redis = rs_redis_create(&server.config, no_scripts, &error);
    cr_assert(member->redis && rs_redis_view_init(&member->view, &view, &error), "%s", error.text);
    const struct rs_mirror_setup setup = {
        .config = &config,
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

/* A clean end, or a crash: the store cannot tell. */
static void leave(struct member *member)
{
    rs_mirror_destroy(member->mirror);
    rs_redis_destroy(member->redis);
    rs_redis_view_finish(&member->view);
    *member = (struct member){0};
}

static void begin(struct member *member)
{
    char reason[RS_REASON_BYTES] = "";
    cr_assert_eq(rs_mirror_begin(member->mirror, reason), RS_OK, "%s", reason);
}

static void change(const char *generation, const char *key, int to)
{
    private_redis_do(&server, "HSET reviews:v:%s:summary:{%s} n %d rev %d", generation, key, to,
                     to);
}

static const char *marks(const char *generation)
{
    return private_redis_do(&server, "ZRANGE reviews:v:%s:publishing 0 -1", generation);
}

/* All records of the topic, as "value/generation/epoch/version; ". */
static const char *topic(void)
{
    static char text[8192];
    char header[3][64];
    size_t len = 0;
    struct mock_records records;
    mock_kafka_read(kafka.brokers, "out", 0, &records);
    text[0] = '\0';
    for (size_t i = 0; i < records.count; i++) {
        const rd_kafka_message_t *message = records.messages[i];
        for (size_t h = 0; h < 3; h++)
            mock_kafka_header(message, h, header[h], sizeof(header[h]));
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%.*s/%s/%s/%s; ", (int)message->len,
                             (const char *)message->payload, strchr(header[0], '=') + 1,
                             strchr(header[1], '=') + 1, strchr(header[2], '=') + 1);
    }
    mock_kafka_forget(&records);
    return text;
}

static struct rs_mirror_item item(const char *key)
{
    return (struct rs_mirror_item){.key = rs_text(key)};
}

static void publish(struct member *member, struct rs_mirror_item *of)
{
    rs_mirror_mark(member->mirror, of, 1);
    rs_mirror_settle(member->mirror, of, 1);
    cr_assert(!of->failed, "%s: %s", of->failed->answer, of->reason);
    rs_mirror_unmark(member->mirror, of, 1);
}

Test(mirror, sends_what_the_store_holds_and_leaves_no_mark)
{
    struct member a;
    struct rs_mirror_item one = item("a }b");
    join(&a, "g1", "m-1");
    begin(&a);
    private_redis_do(&server, "HSET reviews:v:g1:summary:{none} rev 1");
    struct rs_mirror_item two = item("none");
    struct rs_bytes key = rs_text("never there");
    struct rs_mirror_item three = {.key = key};
    redisReply *reply =
        redisCommand(server.context, "HSET %s z 1 rev 7 n 12", "reviews:v:g1:summary:{a %7Db}");
    freeReplyObject(reply);
    publish(&a, &one);
    publish(&a, &two);
    publish(&a, &three);
    cr_expect_str_eq(topic(), "a }b 7 n=12 z=1/g1/1/7; none 1/g1/1/1; ");
    cr_expect_str_eq(marks("g1"), "");
    leave(&a);
}

Test(mirror, sends_again_what_changed_before_it_was_confirmed)
{
    struct member a, b;
    struct rs_mirror_item late = item("p"), other = item("p");
    join(&a, "g1", "m-a");
    join(&b, "g1", "m-b");
    begin(&a);
    change("g1", "p", 1);
    rs_mirror_mark(a.mirror, &late, 1);
    rs_mirror_send(a.mirror, &late, 1);
    change("g1", "p", 2);
    publish(&b, &other);
    rs_mirror_confirm(a.mirror, &late, 1);
    cr_expect(!late.settled);
    rs_mirror_settle(a.mirror, &late, 1);
    rs_mirror_unmark(a.mirror, &late, 1);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; p 2 n=2/g1/1/2; p 2 n=2/g1/1/2; ");
    cr_expect_str_eq(marks("g1"), "");
    leave(&a);
    leave(&b);
}

Test(mirror, any_member_settles_what_a_dead_one_left)
{
    struct member a, b;
    struct rs_mirror_item late = item("p");
    join(&a, "g1", "m-a");
    join(&b, "g1", "m-b");
    begin(&a);
    change("g1", "p", 1);
    rs_mirror_mark(a.mirror, &late, 1);
    rs_mirror_send(a.mirror, &late, 1);
    change("g1", "p", 2);
    leave(&a);
    cr_expect_str_eq(marks("g1"), "p\nm-a");
    rs_mirror_tick(b.mirror, 0);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; p 2 n=2/g1/1/2; ");
    cr_expect_str_eq(marks("g1"), "");
    leave(&b);
}

Test(mirror, leaves_a_young_mark_alone)
{
    struct member b;
    config.abandoned_ms = 120000;
    join(&b, "g1", "m-b");
    begin(&b);
    change("g1", "p", 1);
    redisReply *reply = redisCommand(server.context, "TIME");
    private_redis_do(&server, "ZADD reviews:v:g1:publishing %s000 young", reply->element[0]->str);
    freeReplyObject(reply);
    reply = redisCommand(server.context, "ZADD reviews:v:g1:publishing 1 %s", "p\nm-x");
    freeReplyObject(reply);
    rs_mirror_tick(b.mirror, 0);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; ");
    cr_expect_str_eq(marks("g1"), "young");
    leave(&b);
}

Test(mirror, leaves_a_mark_that_was_refreshed_meanwhile)
{
    struct member b;
    join(&b, "g1", "m-b");
    begin(&b);
    change("g1", "p", 1);
    freeReplyObject(
        redisCommand(server.context, "ZADD reviews:v:g1:publishing 1 %s", "p\nm-alive"));
    refreshed = "p\nm-alive";
    rs_mirror_tick(b.mirror, 0);
    refreshed = NULL;
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; ");
    cr_expect_str_eq(marks("g1"), "p\nm-alive");
    leave(&b);
}

Test(mirror, an_inactive_generation_sends_nothing_and_all_when_it_becomes_active)
{
    struct member old, new;
    struct rs_mirror_item one = item("p");
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    join(&old, "g1", "m-1");
    begin(&old);
    join(&new, "g2", "m-2");
    begin(&new);
    for (int i = 0; i < 5; i++)
        change("g2", (char[]){(char)('p' + i), '\0'}, i + 1);
    publish(&new, &one);
    cr_expect(one.settled);
    rs_mirror_tick(new.mirror, 0);
    cr_expect_str_eq(topic(), "");
    cr_expect_str_eq(marks("g2"), "");
    cr_assert_eq(rs_active_switch(old.redis, "v", "g2", &epoch, reason), RS_OK, "%s", reason);
    cr_expect_eq(epoch, 2);
    rs_mirror_tick(new.mirror, 1000);
    struct mock_records records;
    mock_kafka_read(kafka.brokers, "out", 0, &records);
    cr_expect_eq(records.count, 5);
    mock_kafka_forget(&records);
    cr_expect_not_null(strstr(topic(), "t 5 n=5/g2/2/5; "));
    cr_expect_str_eq(private_redis_do(&server, "GET reviews:v:g2:epoch-sent"), "2");
    rs_mirror_tick(new.mirror, 2000);
    struct rs_mirror_item two = item("p");
    rs_mirror_tick(old.mirror, 2000);
    publish(&old, &two);
    mock_kafka_read(kafka.brokers, "out", 0, &records);
    cr_expect_eq(records.count, 5, "sent twice, or by the inactive one");
    mock_kafka_forget(&records);
    leave(&old);
    leave(&new);
}

Test(mirror, a_record_of_the_old_generation_behind_the_switch_is_overtaken)
{
    struct member old, new;
    struct rs_mirror_item late = item("p"), gone = item("q");
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    join(&old, "g1", "m-1");
    join(&new, "g2", "m-2");
    begin(&old);
    change("g1", "p", 4);
    change("g1", "q", 4);
    change("g2", "p", 3);
    rs_mirror_mark(old.mirror, &late, 1);
    rs_mirror_mark(old.mirror, &gone, 1);
    cr_assert_eq(rs_active_switch(old.redis, "v", "g2", &epoch, reason), RS_OK, "%s", reason);
    rs_mirror_tick(new.mirror, 0);
    /* As if it had been read before the switch: the records fly now. */
    private_redis_do(&server, "SET reviews:active:v g1");
    rs_mirror_send(old.mirror, &late, 1);
    rs_mirror_send(old.mirror, &gone, 1);
    private_redis_do(&server, "SET reviews:active:v g2");
    rs_mirror_confirm(old.mirror, &late, 1);
    rs_mirror_confirm(old.mirror, &gone, 1);
    cr_expect(late.settled && late.keep_mark);
    rs_mirror_unmark(old.mirror, &late, 1);
    leave(&old);
    rs_mirror_tick(new.mirror, 20000);
    const char *records = topic();
    cr_expect_not_null(strstr(records, "p 3 n=3/g2/2/3; q 0/g2/2/0; "), "%s", records);
    cr_expect_str_eq(marks("g1"), "");
    cr_expect_str_eq(marks("g2"), "");
    leave(&new);
}

Test(mirror, sends_again_what_an_older_epoch_sent)
{
    struct member a;
    struct rs_mirror_item one = item("p");
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    join(&a, "g1", "m-1");
    begin(&a);
    change("g1", "p", 1);
    rs_mirror_mark(a.mirror, &one, 1);
    rs_mirror_send(a.mirror, &one, 1);
    rs_active_switch(a.redis, "v", "g2", &epoch, reason);
    rs_active_switch(a.redis, "v", "g1", &epoch, reason);
    rs_mirror_confirm(a.mirror, &one, 1);
    cr_expect_not(one.settled);
    rs_mirror_settle(a.mirror, &one, 1);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; p 1 n=1/g1/3/1; ");
    leave(&a);
}

Test(mirror, a_switch_is_one_step_and_raises_the_epoch)
{
    struct member a;
    struct rs_active active;
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    join(&a, "g1", "m-1");
    begin(&a);
    begin(&a);
    rs_active_switch(a.redis, "v", "g1", &epoch, reason);
    cr_expect_eq(epoch, 1, "to itself: nothing changes");
    rs_active_switch(a.redis, "v", "g2", &epoch, reason);
    rs_active_switch(a.redis, "v", "g1", &epoch, reason);
    cr_expect_eq(epoch, 3, "back is forward");
    cr_assert_eq(rs_active_read(a.redis, "v", &active, reason), RS_OK, "%s", reason);
    cr_expect(active.found && active.epoch == 3);
    cr_expect_str_eq(active.generation, "g1");
    leave(&a);
}

Test(mirror, reads_again_what_reached_the_brokers_too_late)
{
    struct member a;
    struct rs_mirror_item one = item("p");
    join(&a, "g1", "m-1");
    begin(&a);
    change("g1", "p", 1);
    mock_kafka_fail(&kafka, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 2);
    publish(&a, &one);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; ");
    leave(&a);
}

static const struct {
    const char *name;
    const char *command; /* that spoils the store */
    const char *row;
} troubles[] = {
    {"a hash without rev", "HDEL reviews:v:g1:summary:{p} rev", "hash damaged"},
    {"a rev that is no number", "HSET reviews:v:g1:summary:{p} rev x", "hash damaged"},
    {"a summary of another type", "SET reviews:v:g1:summary:{p} x", "mirror key"},
    {"marks of another type", "SET reviews:v:g1:publishing x", "mirror key"},
    {"no pointer", "DEL reviews:active:v", "no active generation"},
    {"no epoch", "DEL {reviews:active:v}:epoch", "no active generation"},
    {"an epoch that is no number", "SET {reviews:active:v}:epoch x", "no active generation"},
};

Test(mirror, names_what_is_wrong_with_the_store)
{
    for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
        struct member a;
        struct rs_mirror_item one = item("p");
        private_redis_do(&server, "FLUSHALL");
        join(&a, "g1", "m-1");
        begin(&a);
        change("g1", "p", 1);
        private_redis_do(&server, "%s", troubles[i].command);
        rs_mirror_mark(a.mirror, &one, 1);
        rs_mirror_settle(a.mirror, &one, 1);
        cr_assert(one.failed, "%s", troubles[i].name);
        cr_expect_str_eq(one.failed->answer, troubles[i].row, "%s", troubles[i].name);
        cr_expect_eq(one.failed->status, RS_FATAL, "%s", troubles[i].name);
        cr_expect_str_eq(topic(), "", "%s", troubles[i].name);
        leave(&a);
    }
}

Test(mirror, brokers_that_are_down_are_an_outage)
{
    struct member a;
    struct rs_mirror_item one = item("p");
    join(&a, "g1", "m-1");
    begin(&a);
    change("g1", "p", 1);
    mock_kafka_down(&kafka, true);
    rs_mirror_mark(a.mirror, &one, 1);
    rs_mirror_settle(a.mirror, &one, 1);
    cr_assert(one.failed);
    cr_expect_eq(one.failed->status, RS_RETRY);
    cr_expect_eq(one.failed->fault, RS_OUTAGE);
    cr_expect(strlen(one.reason) > 0);
    rs_mirror_unmark(a.mirror, &one, 1);
    cr_expect_str_eq(marks("g1"), "p\nm-1", "what is not settled keeps its mark");
    mock_kafka_down(&kafka, false);
    struct rs_mirror_item again = item("p");
    publish(&a, &again);
    cr_expect_str_eq(marks("g1"), "");
    leave(&a);
}

/* --- members that stop between any two steps, and switches in between --- */

struct chaos {
    struct member members[MEMBERS];
    struct rs_mirror_item items[MEMBERS][2];
    int stage[MEMBERS];
    bool owed[MEMBERS]; /* a batch that was cut off and left no mark: its events come again */
    int versions[2][2]; /* of generation and key, as the store has them */
    unsigned random;
};
static const char *const keys[] = {"p", "q"};
static const char *const generations[] = {"g1", "g2"};

static unsigned below(struct chaos *chaos, unsigned limit)
{
    chaos->random = chaos->random * 1664525u + 1013904223u;
    return (chaos->random >> 8) % limit;
}

static const char *generation_of(size_t member)
{
    return generations[member == 2];
}

static void crash(struct chaos *chaos, size_t m)
{
    char owner[32];
    static unsigned starts;
    leave(&chaos->members[m]);
    chaos->owed[m] |= chaos->stage[m] > 1 && !chaos->items[m][0].marked;
    (void)snprintf(owner, sizeof(owner), "m-%zu-%u", m, starts++);
    join(&chaos->members[m], generation_of(m), owner);
    chaos->stage[m] = 0;
}

/* One step of one member's batch. */
static void step(struct chaos *chaos, size_t m)
{
    struct rs_mirror *mirror = chaos->members[m].mirror;
    struct rs_mirror_item *items = chaos->items[m];
    size_t g = m == 2;
    switch (chaos->stage[m]++) {
    case 0:
        for (size_t k = 0; k < 2; k++)
            items[k] = item(keys[k]);
        rs_mirror_mark(mirror, items, 2);
        break;
    case 1:
        for (size_t k = 0; k < 2; k++)
            if (below(chaos, 2))
                change(generations[g], keys[k], ++chaos->versions[g][k]);
        break;
    case 2:
        rs_mirror_send(mirror, items, 2);
        break;
    case 3:
        rs_mirror_confirm(mirror, items, 2);
        break;
    case 4:
        rs_mirror_settle(mirror, items, 2);
        break;
    default:
        rs_mirror_unmark(mirror, items, 2);
        chaos->stage[m] = 0;
    }
}

static void drain(struct chaos *chaos)
{
    for (size_t m = 0; m < MEMBERS; m++) {
        while (chaos->stage[m])
            step(chaos, m);
        for (size_t k = 0; k < 2 && chaos->owed[m]; k++) {
            struct rs_mirror_item again = item(keys[k]);
            publish(&chaos->members[m], &again);
        }
    }
    for (int round = 0; round < 3; round++)
        for (size_t m = 0; m < MEMBERS; m++)
            rs_mirror_tick(chaos->members[m].mirror, 1000000 + round * 20000);
}

/* Whether the last record of each key is what the active generation holds. */
static void check_last(struct chaos *chaos, unsigned seed)
{
    const char *active = private_redis_do(&server, "GET reviews:active:v");
    size_t g = strcmp(active, "g2") == 0;
    char want[64], last[2][256] = {"", ""};
    struct mock_records records;
    mock_kafka_read(kafka.brokers, "out", 0, &records);
    for (size_t i = 0; i < records.count; i++) {
        const rd_kafka_message_t *message = records.messages[i];
        char header[64];
        mock_kafka_header(message, 0, header, sizeof(header));
        (void)snprintf(last[*(const char *)message->key == 'q'], sizeof(last[0]), "%.*s %s",
                       (int)message->len, (const char *)message->payload, header);
    }
    mock_kafka_forget(&records);
    for (size_t k = 0; k < 2; k++) {
        int version = chaos->versions[g][k];
        (void)snprintf(want, sizeof(want), "%s %d n=%d generation=%s", keys[k], version, version,
                       active);
        if (version)
            cr_assert_str_eq(last[k], want, "seed %u", seed);
    }
    cr_assert_str_eq(marks("g1"), "", "seed %u", seed);
    cr_assert_str_eq(marks("g2"), "", "seed %u", seed);
}

Test(mirror, the_last_record_is_what_the_store_holds_whoever_races_or_dies)
{
    for (unsigned seed = 1; seed <= 25; seed++) {
        struct chaos chaos = {.random = seed * 2654435761u};
        char reason[RS_REASON_BYTES];
        int64_t epoch;
        private_redis_do(&server, "FLUSHALL");
        for (size_t m = 0; m < MEMBERS; m++)
            join(&chaos.members[m], generation_of(m), m == 0 ? "m-0" : m == 1 ? "m-1" : "m-2");
        begin(&chaos.members[0]);
        begin(&chaos.members[2]);
        for (int tick = 0; tick < 60; tick++) {
            size_t m = below(&chaos, MEMBERS);
            unsigned dice = below(&chaos, 20);
            if (dice == 0)
                rs_active_switch(chaos.members[m].redis, "v", generations[below(&chaos, 2)], &epoch,
                                 reason);
            else if (dice == 1)
                crash(&chaos, m);
            else if (dice == 2)
                rs_mirror_tick(chaos.members[m].mirror, tick * 20000);
            else
                step(&chaos, m);
        }
        drain(&chaos);
        check_last(&chaos, seed);
        for (size_t m = 0; m < MEMBERS; m++)
            leave(&chaos.members[m]);
    }
}
