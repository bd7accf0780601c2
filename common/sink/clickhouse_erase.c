#include "sink/clickhouse_erase.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { MERGE_MS = 2000, LEAST_LOOK_MS = 1000, MOST_LOOK_MS = 60000 };

static struct {
    pthread_mutex_t lock; /* of all but the atomics */
    atomic_uint_fast64_t waiting, finished;
    uint64_t round;    /* how many of the waiting ones this round is for */
    bool looked;       /* once since the start: a crash may have left some */
    bool merged;       /* no older row is in a part that is in use … */
    int64_t merged_at; /* … since then: seconds of the server's clock */
    int64_t next_look_ms, next_merge_ms;
} work = {.lock = PTHREAD_MUTEX_INITIALIZER};

void rs_ch_erase_note(uint64_t count)
{
    atomic_fetch_add(&work.waiting, count);
}

void rs_ch_erase_report(struct rs_erasures *ret)
{
    ret->finished = atomic_exchange(&work.finished, 0);
    ret->waiting = atomic_load(&work.waiting);
}

/* How many older rows of reviews that are not published are in parts in use, and the time. */
static bool count_older(struct rs_ch_view *view, int64_t *ret_count, int64_t *ret_now)
{
    struct rs_ch_answer answer;
    char reason[RS_REASON_BYTES];
    if (rs_ch_call(view, &answer, reason,
                   "SELECT count(), toUInt32(now()) FROM %s.rows WHERE status = 'published' AND "
                   "reviewId IN (SELECT reviewId FROM %s.rows FINAL WHERE status IN "
                   "('withdrawn', 'erased'))",
                   view->in_database, view->in_database) != RS_OK)
        return false;
    const char *at = answer.body.data;
    return rs_ch_integer(&at, ret_count) && rs_ch_integer(&at, ret_now);
}

/* Parts that left use by the time of the merge and are still on disk. */
static bool count_parts(struct rs_ch_view *view, int64_t *ret_count)
{
    struct rs_ch_answer answer;
    char reason[RS_REASON_BYTES];
    if (rs_ch_call(view, &answer, reason,
                   "SELECT count() FROM system.parts WHERE database = '%s' AND table = 'rows' AND "
                   "NOT active AND toUInt32(remove_time) <= %" PRId64,
                   view->database, work.merged_at) != RS_OK)
        return false;
    const char *at = answer.body.data;
    return rs_ch_integer(&at, ret_count);
}

/* A success says that all parts of its beginning were merged, because the setting
 * `optimize_throw_if_noop` is sent along; a time-out says nothing, and the merge goes on. */
static bool merge(struct rs_ch_view *view, int64_t *ret_now)
{
    struct rs_ch_answer answer;
    char reason[RS_REASON_BYTES], statement[RS_CH_NAME_BYTES + 80];
    (void)snprintf(statement, sizeof(statement), "OPTIMIZE TABLE %s.rows FINAL", view->in_database);
    rs_ch_run(view, statement, MERGE_MS, &answer, reason);
    if (answer.row || rs_ch_call(view, &answer, reason, "SELECT toUInt32(now())") != RS_OK)
        return false;
    const char *at = answer.body.data;
    return rs_ch_integer(&at, ret_now);
}

static void look_for_rows(struct rs_ch_view *view, int64_t interval_ms, int64_t now_ms)
{
    int64_t older = 0;
    work.round = atomic_load(&work.waiting);
    if (!count_older(view, &older, &work.merged_at))
        return;
    if (!work.looked && older > 0 && work.round == 0) {
        atomic_fetch_add(&work.waiting, (uint64_t)older); /* of an earlier start */
        work.round = (uint64_t)older;
    }
    work.looked = true;
    if (older == 0) {
        work.merged = work.round > 0;
    } else if (now_ms >= work.next_merge_ms) {
        work.next_merge_ms = now_ms + interval_ms;
        work.merged = merge(view, &work.merged_at);
    }
}

static void look_for_parts(struct rs_ch_view *view)
{
    int64_t parts = 0;
    if (!count_parts(view, &parts) || parts > 0)
        return;
    work.merged = false;
    atomic_fetch_add(&work.finished, work.round);
    atomic_fetch_sub(&work.waiting, work.round);
}

void rs_ch_erase_tick(struct rs_ch_view *view, int64_t interval_ms, int64_t now_ms)
{
    if (pthread_mutex_trylock(&work.lock) != 0)
        return;
    bool due = now_ms >= work.next_look_ms &&
               (!work.looked || work.merged || atomic_load(&work.waiting) > 0);
    if (due) {
        int64_t pause_ms = interval_ms / 10;
        work.next_look_ms = now_ms + (pause_ms < LEAST_LOOK_MS  ? LEAST_LOOK_MS
                                      : pause_ms > MOST_LOOK_MS ? MOST_LOOK_MS
                                                                : pause_ms);
        if (work.merged)
            look_for_parts(view);
        else
            look_for_rows(view, interval_ms, now_ms);
    }
    (void)pthread_mutex_unlock(&work.lock);
}
