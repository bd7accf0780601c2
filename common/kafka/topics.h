/* topics.h - what the suite's topics must look like: describe, judge, create.
 *
 * All calls block, at most for their time-out. `client` is any handle of librdkafka. */
#ifndef RS_KAFKA_TOPICS_H
#define RS_KAFKA_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct rd_kafka_s; /* rd_kafka_t */

enum rs_known { RS_KNOWN, RS_UNKNOWN, RS_UNREACHABLE };

enum rs_topic_role {
    RS_TOPIC_SOURCE,       /* compacted: the last state of each review stays for ever */
    RS_TOPIC_DEAD_LETTERS, /* deleted after 30 days, large records, records without a key */
    RS_TOPIC_OUTPUT,       /* compacted; records that are older than a minute are refused */
};

struct rs_topic {
    int32_t partitions, replication;
    bool described; /* the brokers let us read its configuration; else what follows is unset */
    char cleanup_policy[32];
    int64_t retention_ms, retention_bytes; /* -1: without bound */
    int64_t delete_retention_ms, min_compaction_lag_ms, max_message_bytes, min_insync_replicas;
    int64_t before_max_ms; /* of message timestamps; -1: the brokers do not have the setting */
};

enum { RS_TOPIC_PROBLEMS = 8 };
struct rs_topic_problem {
    bool refuses; /* nothing should start on it; else a warning */
    char text[256];
};

/* Whether the brokers have the topic, and its number of partitions (may be NULL). */
enum rs_known rs_topic_find(struct rd_kafka_s *client, const char *name, int timeout_ms,
                            int32_t *ret_partitions, struct rs_error *reason);
/* The same with all settings that matter. The topic is written on RS_KNOWN only. */
enum rs_known rs_topic_describe(struct rd_kafka_s *client, const char *name, int timeout_ms,
                                struct rs_topic *ret_topic, struct rs_error *reason);
/* What is wrong with it, worst first; returns how many. Pure. */
size_t rs_topic_judge(const struct rs_topic *topic, const char *name, enum rs_topic_role role,
                      struct rs_topic_problem problems[RS_TOPIC_PROBLEMS]);

enum rs_made { RS_MADE, RS_EXISTED, RS_NOT_MADE };
/* Create it as its role wants. `replication` -1: the brokers' default. RS_EXISTED: there already,
 * unchanged. `note`: why not, or what had to be done differently ("" otherwise). */
enum rs_made rs_topic_create(struct rd_kafka_s *client, const char *name, enum rs_topic_role role,
                             int partitions, int replication, int timeout_ms,
                             struct rs_error *note);

/* First and next offset of a partition, asked from its leader (never a cached value). False:
 * not known now. */
bool rs_topic_bounds(struct rd_kafka_s *client, const char *name, int32_t partition, int timeout_ms,
                     int64_t *ret_first, int64_t *ret_next, struct rs_error *reason);

#endif
