#include "processors.h"

#include <stdio.h>
#include <string.h>

#include "kafka/config.h"
#include "kafka/topics.h"

const struct processor processors[] = {
    {"cache", 9401, true},     {"search", 9402, false}, {"aggregation", 9403, true},
    {"sentiment", 9404, true}, {"tags", 9405, true},    {"analytics", 9406, false},
    {NULL, 0, false}};

const struct processor *find_processor(const char *name)
{
    char names[256] = "";
    for (const struct processor *processor = processors; processor->name; processor++) {
        if (strcmp(processor->name, name) == 0)
            return processor;
        size_t len = strlen(names);
        (void)snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "", processor->name);
    }
    complain(CTL_USAGE, "no processor %s; there are %s", name, names);
    return NULL;
}

void check_generation(const struct argp_state *state, const char *text)
{
    size_t len = strlen(text);
    if (len < 1 || len > 63 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") != len ||
        *text == '-' || *text == '_')
        argp_error(state, "generation %s: small letters, digits, - and _, such as g2", text);
}

void group_name(const struct rs_settings *settings, const char *processor, const char *generation,
                char *ret, size_t size)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    if (kafka->group)
        (void)snprintf(ret, size, "%s", kafka->group);
    else
        (void)snprintf(ret, size, "reviews-%s-%s", processor, generation);
}

bool read_group_lag(rd_kafka_t *client, const char *group, const char *topic,
                    struct group_lag *ret_lag, struct rs_error *reason)
{
    *ret_lag = (struct group_lag){0};
    rd_kafka_topic_partition_list_t *list = rs_group_partitions(client, topic, REACH_MS, reason);
    bool done = list && rs_group_describe(client, group, ASK_MS, &ret_lag->group, reason) &&
                rs_group_committed(client, group, list, ASK_MS, reason);
    for (int i = 0; done && i < list->cnt; i++) {
        int64_t first, next, at = list->elems[i].offset;
        done =
            rs_topic_bounds(client, topic, list->elems[i].partition, ASK_MS, &first, &next, reason);
        ret_lag->started = ret_lag->started || at >= 0;
        at = at < first ? first : at;
        if (done && next > at)
            ret_lag->lag += next - at;
    }
    if (list)
        rd_kafka_topic_partition_list_destroy(list);
    return done;
}
