/* processors.h - the suite's processors as the operator names them, and how far their groups are.
 */
#ifndef RS_REVIEWCTL_PROCESSORS_H
#define RS_REVIEWCTL_PROCESSORS_H

#include <stdint.h>

#include "command.h"
#include "kafka/groups.h"

struct processor {
    const char *name;
    int port;             /* of http.listen */
    bool points_in_redis; /* readers follow reviews:active:<name>; else the search alias */
};
extern const struct processor processors[]; /* ends with name NULL */

/* By name; NULL: complained, naming all. */
const struct processor *find_processor(const char *name);
/* [a-z0-9][a-z0-9_-]{0,62}, as generations are named; otherwise ends with a usage error. */
void check_generation(const struct argp_state *state, const char *text);
/* kafka.group, or reviews-<processor>-<generation>. */
void group_name(const struct rs_settings *settings, const char *processor, const char *generation,
                char *ret, size_t size);

struct group_lag {
    struct rs_group group;
    int64_t lag;  /* events behind the ends; what was never committed counts whole */
    bool started; /* it has committed something */
};
bool read_group_lag(rd_kafka_t *client, const char *group, const char *topic,
                    struct group_lag *ret_lag, struct rs_error *reason);

#endif
