/* mirroring.h - members of a view "v" that publish summaries from a private Redis into the topic
 * "out" of a mock Kafka. One Redis and one Kafka in a test. */
#ifndef RS_TESTS_MIRRORING_H
#define RS_TESTS_MIRRORING_H

#include "sink/mirror.h"
#include "support/mock_kafka.h"
#include "support/private_redis.h"

struct mirroring {
    struct private_redis redis;
    struct mock_kafka kafka;
    struct rs_mirror_config config; /* of all members; zero: every mark is old at once */
    const char *refreshed; /* a mark that its owner refreshes while another sends; NULL: none */
};
extern struct mirroring mirroring;

/* A member of the view, of some generation. */
struct mirroring_member {
    struct rs_redis *redis;
    struct rs_redis_view view;
    struct rs_mirror *mirror;
};

/* For .init and .fini of a suite. */
void mirroring_start(void);
void mirroring_stop(void);

void mirroring_join(struct mirroring_member *member, const char *generation, const char *owner);
/* A clean end, or a crash: the store cannot tell. */
void mirroring_leave(struct mirroring_member *member);
/* Begin, and assert that it can. */
void mirroring_begin(struct mirroring_member *member);

/* Set a summary of the store to {n: to, rev: to}. */
void mirroring_change(const char *generation, const char *key, int to);
/* What is marked as being published, as private_redis_do gives it. */
const char *mirroring_marks(const char *generation);

/* An item of this key, which is borrowed. */
struct rs_mirror_item mirroring_item(const char *key);
/* Mark, settle, unmark; asserts that it did not fail. */
void mirroring_publish(struct mirroring_member *member, struct rs_mirror_item *of);

#endif
