/* groups.h - a consumer group seen from outside: members, committed offsets, rewinding.
 *
 * Offsets travel in librdkafka's partition lists. All calls block, at most for their time-out. */
#ifndef RS_KAFKA_GROUPS_H
#define RS_KAFKA_GROUPS_H

#include <librdkafka/rdkafka.h>

#include "core/error.h"

struct rs_group {
    size_t members;
    char state[32];              /* Kafka's: Stable, Empty, Dead (no such group), … */
    char client[128], host[128]; /* of the first member */
};

/* Who is in the group; one that does not exist has no members. */
bool rs_group_describe(rd_kafka_t *client, const char *group, int timeout_ms,
                       struct rs_group *ret_group, struct rs_error *reason)
    __attribute__((warn_unused_result));
/* Give the name of every group that begins with `prefix`; borrowed for the call. */
bool rs_groups_list(rd_kafka_t *client, const char *prefix, int timeout_ms,
                    void (*found)(void *context, const char *group), void *context,
                    struct rs_error *reason) __attribute__((warn_unused_result));
/* Write the committed offsets into `list`; RD_KAFKA_OFFSET_INVALID where there is none. */
bool rs_group_committed(rd_kafka_t *client, const char *group,
                        rd_kafka_topic_partition_list_t *list, int timeout_ms,
                        struct rs_error *reason) __attribute__((warn_unused_result));
/* Commit the offsets of `list` for a group without members; Kafka refuses it for others. */
bool rs_group_rewind(rd_kafka_t *client, const char *group,
                     const rd_kafka_topic_partition_list_t *list, int timeout_ms,
                     struct rs_error *reason) __attribute__((warn_unused_result));

enum rs_place { RS_PLACE_BEGINNING, RS_PLACE_END, RS_PLACE_TIME };
/* Write into `list` the offsets of a place: the first kept record, the end, or the first record
 * at or after `at_ms` (the end where none is). */
bool rs_group_place(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, enum rs_place place,
                    int64_t at_ms, int timeout_ms, struct rs_error *reason)
    __attribute__((warn_unused_result));
/* All partitions of a topic, without offsets; the caller destroys it. NULL: not known. */
rd_kafka_topic_partition_list_t *rs_group_partitions(rd_kafka_t *client, const char *topic,
                                                     int timeout_ms, struct rs_error *reason);

#endif
