#include "kafka/admin.h"

enum { MARGIN_MS = 1000 }; /* librdkafka reports its own time-out */

void rs_admin_init(struct rs_admin *admin, rd_kafka_t *client, rd_kafka_admin_op_t op,
                   int timeout_ms)
{
    char text[128];
    *admin = (struct rs_admin){
        .queue = rd_kafka_queue_new(client),
        .options = rd_kafka_AdminOptions_new(client, op),
        .timeout_ms = timeout_ms,
    };
    (void)rd_kafka_AdminOptions_set_request_timeout(admin->options, timeout_ms, text, sizeof(text));
}

bool rs_admin_wait(struct rs_admin *admin, struct rs_error *reason)
{
    admin->event = rd_kafka_queue_poll(admin->queue, admin->timeout_ms + MARGIN_MS);
    if (!admin->event)
        return rs_error_set(reason, "the brokers did not answer within %d ms", admin->timeout_ms);
    if (rd_kafka_event_error(admin->event))
        return rs_error_set(reason, "%s", rd_kafka_event_error_string(admin->event));
    return true;
}

void rs_admin_finish(struct rs_admin *admin)
{
    if (admin->event)
        rd_kafka_event_destroy(admin->event);
    rd_kafka_AdminOptions_destroy(admin->options);
    rd_kafka_queue_destroy(admin->queue);
}
