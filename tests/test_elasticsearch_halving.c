#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/scripted_bulk.h"

TestSuite(elasticsearch_halving, .timeout = 60);

static const struct {
    const char *name;
    int status;
    const char *body;
    char told;
    const char *reason;
} culprits[] = {
    {"too large", 413, "", 'j', "413: halved down to one document that alone is too large"},
    {"refused", 400, "{\"error\":{\"type\":\"action_request_validation_exception\"}}", 'i',
     "400 action_request_validation_exception: halved down to one document that alone is refused"},
    {"failing", 500, "{\"error\":{\"type\":\"null_pointer_exception\"}}", 'i',
     "500 null_pointer_exception: halved down to one document that alone fails"},
};

Test(elasticsearch_halving, halves_down_to_the_one_document_that_is_refused, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    char id[32], want[MOST_OPS + 1];
    for (int i = 0; i < 20; i++) {
        snprintf(id, sizeof(id), "id%02d", i);
        bulk_add(id, 10);
    }
    for (size_t i = 0; i < sizeof(culprits) / sizeof(*culprits); i++) {
        for (size_t at = 0; at < bulk.op_count; at++) {
            snprintf(id, sizeof(id), "\"id%02zu\"", at);
            bulk.script.status = culprits[i].status;
            bulk.script.body = culprits[i].body;
            bulk.script.bad = id;
            bulk.script.seen[0] = bulk.script.paths[0] = '\0';
            size_t before = bulk_requests();
            bulk_send(sink);
            memset(want, '+', bulk.op_count);
            want[bulk.op_count] = '\0';
            want[at] = culprits[i].told;
            cr_expect_str_eq(bulk_told(), want, "%s at %zu: %s", culprits[i].name, at, bulk_told());
            cr_expect_str_eq(bulk.ops[at].reason, culprits[i].reason);
            cr_expect_leq(bulk_requests() - before, 11, "twice the logarithm");
        }
    }
    rs_elasticsearch.close(sink);
}

Test(elasticsearch_halving, gives_up_when_every_document_alone_fails, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    for (int i = 0; i < 16; i++)
        bulk_add("a", 10);
    bulk.script.status = 500;
    bulk.script.body = "{}";
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "iioooooooooooooo", "%s", bulk_told());
    cr_expect_eq(bulk_requests(), 6, "16 8 4 2 1 1");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch_halving, sends_smaller_bulks_after_a_413, .init = bulk_begin, .fini = bulk_end)
{
    void *sink = bulk_open();
    for (int i = 0; i < 10; i++)
        bulk_add("a", 60000);
    bulk.script.too_large = 200000;
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "++++++++++");
    size_t before = bulk_requests();
    for (int i = 0; i < 3; i++)
        bulk_send(sink);
    cr_expect_eq(bulk_requests(), before + 3 * 5, "no refusal again: %zu",
                 bulk_requests() - before);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch_halving, takes_a_cut_upload_for_a_413_that_could_not_be_said, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    for (int i = 0; i < 8; i++)
        bulk_add("a", 60000);
    bulk_add("b", 300000);
    bulk_add("c", 10);
    scripted_http_reset_over(bulk.server, 200000);
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "++++++++i+", "%s", bulk_told());
    cr_expect_eq(strncmp(bulk.ops[8].reason, "http://127.0.0.1:", 17), 0, "%s", bulk.ops[8].reason);
    rs_elasticsearch.close(sink);
}

Test(elasticsearch_halving, takes_a_cut_of_a_small_bulk_for_an_outage, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    bulk_add("a", 1000);
    bulk_add("b", 1000);
    scripted_http_reset_over(bulk.server, 100);
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "oo");
    rs_elasticsearch.close(sink);
}

Test(elasticsearch_halving, sends_smaller_bulks_after_a_time_out, .init = bulk_begin,
     .fini = bulk_end)
{
    void *sink = bulk_open();
    for (int i = 0; i < 10; i++)
        bulk_add("a", 60000);
    bulk.script.manner = SCRIPTED_SILENT;
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "oooooooooo");
    cr_expect_eq(bulk_requests(), 1);
    bulk.script.manner = SCRIPTED_WHOLE;
    bulk_send(sink);
    cr_expect_str_eq(bulk_told(), "++++++++++");
    cr_expect_gt(bulk_requests(), 2);
    rs_elasticsearch.close(sink);
}
