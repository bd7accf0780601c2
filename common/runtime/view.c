#include "runtime/view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void block(struct rs_view_verdict *verdict, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void block(struct rs_view_verdict *verdict, const char *code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    verdict->code = code;
    (void)vsnprintf(verdict->text, sizeof(verdict->text), format, list);
    va_end(list);
}

/* Who stood away from the end for longer than tombstones are kept may have missed erasures. */
static void judge_age(const struct rs_marker *marker, const struct rs_view_wish *wish,
                      struct rs_view_verdict *verdict)
{
    for (size_t i = 0; i < RS_MARKER_PARTITIONS; i++) {
        if (marker->at_end_ms[i] <= 0)
            continue;
        if (!verdict->at_end_ms || marker->at_end_ms[i] < verdict->at_end_ms)
            verdict->at_end_ms = marker->at_end_ms[i];
        if (!marker->has_data || wish->delete_retention_ms < 0)
            continue;
        int64_t away_ms = wish->now_ms - marker->at_end_ms[i];
        verdict->needs_verify |= away_ms > wish->delete_retention_ms;
        verdict->verify_soon |= away_ms > wish->delete_retention_ms / 10 * 8;
    }
}

void rs_view_judge(const struct rs_marker *marker, const struct rs_view_wish *wish,
                   struct rs_view_verdict *ret_verdict)
{
    struct rs_view_verdict verdict = {0};
    if (!marker->found) {
        if (wish->has_progress)
            block(&verdict, "store_lost",
                  "the store does not know this view, but its group has progress: the store was "
                  "emptied or is another one; rewind the group to the beginning, or reindex");
    } else if (marker->format > wish->format) {
        block(&verdict, "newer_format",
              "the view has format %" PRId64 ", this program writes %" PRId64
              ": run the newer program, or reindex under another generation",
              marker->format, wish->format);
    } else if (marker->format < wish->format) {
        block(&verdict, "older_format",
              "reindex needed: the view has format %" PRId64 ", this program writes %" PRId64,
              marker->format, wish->format);
    } else if (strcmp(marker->fingerprint, wish->fingerprint) != 0 && !wish->accept_changes) {
        block(&verdict, "reindex_needed",
              "reindex needed: the view was made with fingerprint %.12s, this program has %.12s; "
              "start another generation, or set view.accept_changes=true",
              marker->fingerprint, wish->fingerprint);
    } else if (marker->partitions && wish->partitions && marker->partitions != wish->partitions &&
               !wish->accept_changes) {
        block(&verdict, "partitions_changed",
              "the topic had %zu partitions and has %zu: reviews may be in two of them, and a "
              "tombstone may go before what it erases; reindex, or set view.accept_changes=true",
              marker->partitions, wish->partitions);
    }
    judge_age(marker, wish, &verdict);
    verdict.needs_verify |= marker->found && marker->has_data && !wish->has_offsets;
    *ret_verdict = verdict;
}
