#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "sink/active.h"
#include "support/mirroring.h"

TestSuite(mirror, .init = mirroring_start, .fini = mirroring_stop, .timeout = 110);

/* All records of the topic, as "value/generation/epoch/version; ". */
static const char *topic(void)
{
    static char text[8192];
    char header[3][64];
    size_t len = 0;
    struct mock_records records;
    mock_kafka_read(mirroring.kafka.brokers, "out", 0, &records);
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

Test(mirror, sends_what_the_store_holds_and_leaves_no_mark)
{
    struct mirroring_member a;
    struct rs_mirror_item one = mirroring_item("a }b");
    mirroring_join(&a, "g1", "m-1");
    mirroring_begin(&a);
    private_redis_do(&mirroring.redis, "HSET reviews:v:g1:summary:{none} rev 1");
    struct rs_mirror_item two = mirroring_item("none");
    struct rs_bytes key = rs_text("never there");
    struct rs_mirror_item three = {.key = key};
    redisReply *reply = redisCommand(mirroring.redis.context, "HSET %s z 1 rev 7 n 12",
                                     "reviews:v:g1:summary:{a %7Db}");
    freeReplyObject(reply);
    mirroring_publish(&a, &one);
    mirroring_publish(&a, &two);
    mirroring_publish(&a, &three);
    cr_expect_str_eq(topic(), "a }b 7 n=12 z=1/g1/1/7; none 1/g1/1/1; ");
    cr_expect_str_eq(mirroring_marks("g1"), "");
    mirroring_leave(&a);
}

Test(mirror, sends_again_what_changed_before_it_was_confirmed)
{
    struct mirroring_member a, b;
    struct rs_mirror_item late = mirroring_item("p"), other = mirroring_item("p");
    mirroring_join(&a, "g1", "m-a");
    mirroring_join(&b, "g1", "m-b");
    mirroring_begin(&a);
    mirroring_change("g1", "p", 1);
    rs_mirror_mark(a.mirror, &late, 1);
    rs_mirror_send(a.mirror, &late, 1);
    mirroring_change("g1", "p", 2);
    mirroring_publish(&b, &other);
    rs_mirror_confirm(a.mirror, &late, 1);
    cr_expect(!late.settled);
    rs_mirror_settle(a.mirror, &late, 1);
    rs_mirror_unmark(a.mirror, &late, 1);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; p 2 n=2/g1/1/2; p 2 n=2/g1/1/2; ");
    cr_expect_str_eq(mirroring_marks("g1"), "");
    mirroring_leave(&a);
    mirroring_leave(&b);
}

Test(mirror, any_member_settles_what_a_dead_one_left)
{
    struct mirroring_member a, b;
    struct rs_mirror_item late = mirroring_item("p");
    mirroring_join(&a, "g1", "m-a");
    mirroring_join(&b, "g1", "m-b");
    mirroring_begin(&a);
    mirroring_change("g1", "p", 1);
    rs_mirror_mark(a.mirror, &late, 1);
    rs_mirror_send(a.mirror, &late, 1);
    mirroring_change("g1", "p", 2);
    mirroring_leave(&a);
    cr_expect_str_eq(mirroring_marks("g1"), "p\nm-a");
    rs_mirror_tick(b.mirror, 0);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; p 2 n=2/g1/1/2; ");
    cr_expect_str_eq(mirroring_marks("g1"), "");
    mirroring_leave(&b);
}

Test(mirror, leaves_a_young_mark_alone)
{
    struct mirroring_member b;
    mirroring.config.abandoned_ms = 120000;
    mirroring_join(&b, "g1", "m-b");
    mirroring_begin(&b);
    mirroring_change("g1", "p", 1);
    redisReply *reply = redisCommand(mirroring.redis.context, "TIME");
    private_redis_do(&mirroring.redis, "ZADD reviews:v:g1:publishing %s000 young",
                     reply->element[0]->str);
    freeReplyObject(reply);
    reply = redisCommand(mirroring.redis.context, "ZADD reviews:v:g1:publishing 1 %s", "p\nm-x");
    freeReplyObject(reply);
    rs_mirror_tick(b.mirror, 0);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; ");
    cr_expect_str_eq(mirroring_marks("g1"), "young");
    mirroring_leave(&b);
}

Test(mirror, leaves_a_mark_that_was_refreshed_meanwhile)
{
    struct mirroring_member b;
    mirroring_join(&b, "g1", "m-b");
    mirroring_begin(&b);
    mirroring_change("g1", "p", 1);
    freeReplyObject(
        redisCommand(mirroring.redis.context, "ZADD reviews:v:g1:publishing 1 %s", "p\nm-alive"));
    mirroring.refreshed = "p\nm-alive";
    rs_mirror_tick(b.mirror, 0);
    mirroring.refreshed = NULL;
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; ");
    cr_expect_str_eq(mirroring_marks("g1"), "p\nm-alive");
    mirroring_leave(&b);
}

Test(mirror, an_inactive_generation_sends_nothing_and_all_when_it_becomes_active)
{
    struct mirroring_member old, new;
    struct rs_mirror_item one = mirroring_item("p");
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    mirroring_join(&old, "g1", "m-1");
    mirroring_begin(&old);
    mirroring_join(&new, "g2", "m-2");
    mirroring_begin(&new);
    for (int i = 0; i < 5; i++)
        mirroring_change("g2", (char[]){(char)('p' + i), '\0'}, i + 1);
    mirroring_publish(&new, &one);
    cr_expect(one.settled);
    rs_mirror_tick(new.mirror, 0);
    cr_expect_str_eq(topic(), "");
    cr_expect_str_eq(mirroring_marks("g2"), "");
    cr_assert_eq(rs_active_switch(old.redis, "v", "g2", &epoch, reason), RS_OK, "%s", reason);
    cr_expect_eq(epoch, 2);
    rs_mirror_tick(new.mirror, 1000);
    struct mock_records records;
    mock_kafka_read(mirroring.kafka.brokers, "out", 0, &records);
    cr_expect_eq(records.count, 5);
    mock_kafka_forget(&records);
    cr_expect_not_null(strstr(topic(), "t 5 n=5/g2/2/5; "));
    cr_expect_str_eq(private_redis_do(&mirroring.redis, "GET reviews:v:g2:epoch-sent"), "2");
    rs_mirror_tick(new.mirror, 2000);
    struct rs_mirror_item two = mirroring_item("p");
    rs_mirror_tick(old.mirror, 2000);
    mirroring_publish(&old, &two);
    mock_kafka_read(mirroring.kafka.brokers, "out", 0, &records);
    cr_expect_eq(records.count, 5, "sent twice, or by the inactive one");
    mock_kafka_forget(&records);
    mirroring_leave(&old);
    mirroring_leave(&new);
}

Test(mirror, a_record_of_the_old_generation_behind_the_switch_is_overtaken)
{
    struct mirroring_member old, new;
    struct rs_mirror_item late = mirroring_item("p"), gone = mirroring_item("q");
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    mirroring_join(&old, "g1", "m-1");
    mirroring_join(&new, "g2", "m-2");
    mirroring_begin(&old);
    mirroring_change("g1", "p", 4);
    mirroring_change("g1", "q", 4);
    mirroring_change("g2", "p", 3);
    rs_mirror_mark(old.mirror, &late, 1);
    rs_mirror_mark(old.mirror, &gone, 1);
    cr_assert_eq(rs_active_switch(old.redis, "v", "g2", &epoch, reason), RS_OK, "%s", reason);
    rs_mirror_tick(new.mirror, 0);
    /* As if it had been read before the switch: the records fly now. */
    private_redis_do(&mirroring.redis, "SET reviews:active:v g1");
    rs_mirror_send(old.mirror, &late, 1);
    rs_mirror_send(old.mirror, &gone, 1);
    private_redis_do(&mirroring.redis, "SET reviews:active:v g2");
    rs_mirror_confirm(old.mirror, &late, 1);
    rs_mirror_confirm(old.mirror, &gone, 1);
    cr_expect(late.settled && late.keep_mark);
    rs_mirror_unmark(old.mirror, &late, 1);
    mirroring_leave(&old);
    rs_mirror_tick(new.mirror, 20000);
    const char *records = topic();
    cr_expect_not_null(strstr(records, "p 3 n=3/g2/2/3; q 0/g2/2/0; "), "%s", records);
    cr_expect_str_eq(mirroring_marks("g1"), "");
    cr_expect_str_eq(mirroring_marks("g2"), "");
    mirroring_leave(&new);
}

Test(mirror, sends_again_what_an_older_epoch_sent)
{
    struct mirroring_member a;
    struct rs_mirror_item one = mirroring_item("p");
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    mirroring_join(&a, "g1", "m-1");
    mirroring_begin(&a);
    mirroring_change("g1", "p", 1);
    rs_mirror_mark(a.mirror, &one, 1);
    rs_mirror_send(a.mirror, &one, 1);
    rs_active_switch(a.redis, "v", "g2", &epoch, reason);
    rs_active_switch(a.redis, "v", "g1", &epoch, reason);
    rs_mirror_confirm(a.mirror, &one, 1);
    cr_expect_not(one.settled);
    rs_mirror_settle(a.mirror, &one, 1);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; p 1 n=1/g1/3/1; ");
    mirroring_leave(&a);
}

Test(mirror, a_switch_is_one_step_and_raises_the_epoch)
{
    struct mirroring_member a;
    struct rs_active active;
    char reason[RS_REASON_BYTES];
    int64_t epoch = 0;
    mirroring_join(&a, "g1", "m-1");
    mirroring_begin(&a);
    mirroring_begin(&a);
    rs_active_switch(a.redis, "v", "g1", &epoch, reason);
    cr_expect_eq(epoch, 1, "to itself: nothing changes");
    rs_active_switch(a.redis, "v", "g2", &epoch, reason);
    rs_active_switch(a.redis, "v", "g1", &epoch, reason);
    cr_expect_eq(epoch, 3, "back is forward");
    cr_assert_eq(rs_active_read(a.redis, "v", &active, reason), RS_OK, "%s", reason);
    cr_expect(active.found && active.epoch == 3);
    cr_expect_str_eq(active.generation, "g1");
    mirroring_leave(&a);
}

Test(mirror, reads_again_what_reached_the_brokers_too_late)
{
    struct mirroring_member a;
    struct rs_mirror_item one = mirroring_item("p");
    mirroring_join(&a, "g1", "m-1");
    mirroring_begin(&a);
    mirroring_change("g1", "p", 1);
    mock_kafka_fail(&mirroring.kafka, MOCK_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 2);
    mirroring_publish(&a, &one);
    cr_expect_str_eq(topic(), "p 1 n=1/g1/1/1; ");
    mirroring_leave(&a);
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
        struct mirroring_member a;
        struct rs_mirror_item one = mirroring_item("p");
        private_redis_do(&mirroring.redis, "FLUSHALL");
        mirroring_join(&a, "g1", "m-1");
        mirroring_begin(&a);
        mirroring_change("g1", "p", 1);
        private_redis_do(&mirroring.redis, "%s", troubles[i].command);
        rs_mirror_mark(a.mirror, &one, 1);
        rs_mirror_settle(a.mirror, &one, 1);
        cr_assert(one.failed, "%s", troubles[i].name);
        cr_expect_str_eq(one.failed->answer, troubles[i].row, "%s", troubles[i].name);
        cr_expect_eq(one.failed->status, RS_FATAL, "%s", troubles[i].name);
        cr_expect_str_eq(topic(), "", "%s", troubles[i].name);
        mirroring_leave(&a);
    }
}

Test(mirror, brokers_that_are_down_are_an_outage)
{
    struct mirroring_member a;
    struct rs_mirror_item one = mirroring_item("p");
    mirroring_join(&a, "g1", "m-1");
    mirroring_begin(&a);
    mirroring_change("g1", "p", 1);
    mock_kafka_down(&mirroring.kafka, true);
    rs_mirror_mark(a.mirror, &one, 1);
    rs_mirror_settle(a.mirror, &one, 1);
    cr_assert(one.failed);
    cr_expect_eq(one.failed->status, RS_RETRY);
    cr_expect_eq(one.failed->fault, RS_OUTAGE);
    cr_expect(strlen(one.reason) > 0);
    rs_mirror_unmark(a.mirror, &one, 1);
    cr_expect_str_eq(mirroring_marks("g1"), "p\nm-1", "what is not settled keeps its mark");
    mock_kafka_down(&mirroring.kafka, false);
    struct rs_mirror_item again = mirroring_item("p");
    mirroring_publish(&a, &again);
    cr_expect_str_eq(mirroring_marks("g1"), "");
    mirroring_leave(&a);
}
