#include "kafka/groups.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kafka/admin.h"
#include "kafka/topics.h"

static bool read_group(const rd_kafka_ConsumerGroupDescription_t *found, const char *name,
                       struct rs_group *ret_group, struct rs_error *reason)
{
    const rd_kafka_error_t *error = rd_kafka_ConsumerGroupDescription_error(found);
    rd_kafka_resp_err_t code = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) { /* brokers from Kafka 4.0 on */
        (void)snprintf(ret_group->state, sizeof(ret_group->state), "Dead");
        return true;
    }
    if (code)
        return rs_error_set(reason, "group %s: %s", name, rd_kafka_error_string(error));
    ret_group->members = rd_kafka_ConsumerGroupDescription_member_count(found);
    (void)snprintf(
        ret_group->state, sizeof(ret_group->state), "%s",
        rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(found)));
    if (ret_group->members == 0)
        return true;
    const rd_kafka_MemberDescription_t *member = rd_kafka_ConsumerGroupDescription_member(found, 0);
    (void)snprintf(ret_group->client, sizeof(ret_group->client), "%s",
                   rd_kafka_MemberDescription_client_id(member));
    (void)snprintf(ret_group->host, sizeof(ret_group->host), "%s",
                   rd_kafka_MemberDescription_host(member));
    return true;
}

bool rs_group_describe(rd_kafka_t *client, const char *group, int timeout_ms,
                       struct rs_group *ret_group, struct rs_error *reason)
{
    struct rs_admin admin;
    size_t count = 0;
    bool done = false;
    *ret_group = (struct rs_group){0};
    rs_admin_init(&admin, client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout_ms);
    rd_kafka_DescribeConsumerGroups(client, &group, 1, admin.options, admin.queue);
    if (rs_admin_wait(&admin, reason)) {
        const rd_kafka_ConsumerGroupDescription_t **groups =
            rd_kafka_DescribeConsumerGroups_result_groups(
                rd_kafka_event_DescribeConsumerGroups_result(admin.event), &count);
        done = count == 1 ? read_group(groups[0], group, ret_group, reason)
                          : rs_error_set(reason, "group %s: no answer for it", group);
    }
    rs_admin_finish(&admin);
    return done;
}

bool rs_groups_list(rd_kafka_t *client, const char *prefix, int timeout_ms,
                    void (*found)(void *context, const char *group), void *context,
                    struct rs_error *reason)
{
    struct rs_admin admin;
    size_t count = 0;
    rs_admin_init(&admin, client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeout_ms);
    rd_kafka_ListConsumerGroups(client, admin.options, admin.queue);
    bool done = rs_admin_wait(&admin, reason);
    const rd_kafka_ConsumerGroupListing_t **groups =
        done ? rd_kafka_ListConsumerGroups_result_valid(
                   rd_kafka_event_ListConsumerGroups_result(admin.event), &count)
             : NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name = rd_kafka_ConsumerGroupListing_group_id(groups[i]);
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            found(context, name);
    }
    rs_admin_finish(&admin);
    return done;
}

/* The one group of an answer about offsets, without an error of its own or of a partition. */
static const rd_kafka_topic_partition_list_t *read_offsets(const rd_kafka_group_result_t **groups,
                                                           size_t count, const char *name,
                                                           struct rs_error *reason)
{
    const rd_kafka_error_t *error = count == 1 ? rd_kafka_group_result_error(groups[0]) : NULL;
    if (count != 1 || error) {
        rs_error_set(reason, "group %s: %s", name,
                     error ? rd_kafka_error_string(error) : "no answer for it");
        return NULL;
    }
    const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(groups[0]);
    for (int i = 0; i < list->cnt; i++) {
        if (list->elems[i].err) {
            rs_error_set(reason, "group %s: topic %s partition %" PRId32 ": %s", name,
                         list->elems[i].topic, list->elems[i].partition,
                         rd_kafka_err2str(list->elems[i].err));
            return NULL;
        }
    }
    return list;
}

bool rs_group_committed(rd_kafka_t *client, const char *group,
                        rd_kafka_topic_partition_list_t *list, int timeout_ms,
                        struct rs_error *reason)
{
    struct rs_admin admin;
    size_t count = 0;
    const rd_kafka_topic_partition_list_t *found = NULL;
    rd_kafka_ListConsumerGroupOffsets_t *request =
        rd_kafka_ListConsumerGroupOffsets_new(group, list);
    rs_admin_init(&admin, client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_ListConsumerGroupOffsets(client, &request, 1, admin.options, admin.queue);
    if (rs_admin_wait(&admin, reason)) {
        const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
            rd_kafka_event_ListConsumerGroupOffsets_result(admin.event), &count);
        found = read_offsets(groups, count, group, reason);
    }
    for (int i = 0; found && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *from =
            rd_kafka_topic_partition_list_find((rd_kafka_topic_partition_list_t *)(uintptr_t)found,
                                               list->elems[i].topic, list->elems[i].partition);
        list->elems[i].offset = from ? from->offset : RD_KAFKA_OFFSET_INVALID;
    }
    rs_admin_finish(&admin);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    return found != NULL;
}

bool rs_group_rewind(rd_kafka_t *client, const char *group,
                     const rd_kafka_topic_partition_list_t *list, int timeout_ms,
                     struct rs_error *reason)
{
    struct rs_admin admin;
    size_t count = 0;
    bool done = false;
    rd_kafka_AlterConsumerGroupOffsets_t *request =
        rd_kafka_AlterConsumerGroupOffsets_new(group, list);
    rs_admin_init(&admin, client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_AlterConsumerGroupOffsets(client, &request, 1, admin.options, admin.queue);
    if (rs_admin_wait(&admin, reason)) {
        const rd_kafka_group_result_t **groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
            rd_kafka_event_AlterConsumerGroupOffsets_result(admin.event), &count);
        done = read_offsets(groups, count, group, reason) != NULL;
    }
    rs_admin_finish(&admin);
    rd_kafka_AlterConsumerGroupOffsets_destroy(request);
    return done;
}

/* --- places --- */

static bool place_at_bound(rd_kafka_t *client, rd_kafka_topic_partition_t *at, bool end,
                           int timeout_ms, struct rs_error *reason)
{
    int64_t first, next;
    if (!rs_topic_bounds(client, at->topic, at->partition, timeout_ms, &first, &next, reason))
        return false;
    at->offset = end ? next : first;
    return true;
}

static bool place_at_time(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, int64_t at_ms,
                          int timeout_ms, struct rs_error *reason)
{
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = at_ms;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list, timeout_ms);
    for (int i = 0; !code && i < list->cnt; i++)
        code = list->elems[i].err;
    if (code)
        return rs_error_set(reason, "offsets by time: %s", rd_kafka_err2str(code));
    for (int i = 0; i < list->cnt; i++)
        if (list->elems[i].offset < 0 && /* nothing is that young */
            !place_at_bound(client, &list->elems[i], true, timeout_ms, reason))
            return false;
    return true;
}

bool rs_group_place(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list, enum rs_place place,
                    int64_t at_ms, int timeout_ms, struct rs_error *reason)
{
    if (place == RS_PLACE_TIME)
        return place_at_time(client, list, at_ms, timeout_ms, reason);
    for (int i = 0; i < list->cnt; i++)
        if (!place_at_bound(client, &list->elems[i], place == RS_PLACE_END, timeout_ms, reason))
            return false;
    return true;
}

rd_kafka_topic_partition_list_t *rs_group_partitions(rd_kafka_t *client, const char *topic,
                                                     int timeout_ms, struct rs_error *reason)
{
    int32_t partitions = 0;
    if (rs_topic_find(client, topic, timeout_ms, &partitions, reason) != RS_KNOWN)
        return NULL;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    rd_kafka_topic_partition_list_add_range(list, topic, 0, partitions - 1);
    return list;
}
