#include "language/evidence.h"

#include <string.h>

struct stretch {
    enum rs_part part;
    size_t from, to;
    int64_t share;
};

struct search {
    const struct rs_reading *reading;
    const int64_t *shares;
    int level; /* 0: clauses, 1: sentences, then 2, 4, 8 … sentences */
    struct stretch best[RS_EVIDENCE_MAX];
    size_t count;
    int64_t all, found; /* absolute shares */
};

struct rs_span rs_span_of(enum rs_part part, const struct rs_tokens *tokens, size_t from, size_t to)
{
    return (struct rs_span){part, tokens->at[from].start, tokens->at[to - 1].end};
}

static size_t stretch_end(const struct search *search, const struct rs_reading_part *part,
                          size_t from)
{
    if (search->level == 0)
        return rs_clause_end(part, from);
    for (int i = 0; i < 1 << (search->level - 1) && from < part->tokens.count; i++)
        from = rs_sentence_end(part, from);
    return from;
}

static int64_t size_of(int64_t share)
{
    return share < 0 ? -share : share;
}

/* Keep it if it is among the greatest; equal ones stay in the order of the text. */
static void keep(struct search *search, struct stretch stretch)
{
    size_t i = search->count;
    search->all += size_of(stretch.share);
    while (i > 0 && size_of(search->best[i - 1].share) < size_of(stretch.share))
        i--;
    if (i == RS_EVIDENCE_MAX || stretch.share == 0)
        return;
    if (search->count < RS_EVIDENCE_MAX)
        search->count++;
    memmove(&search->best[i + 1], &search->best[i],
            (search->count - 1 - i) * sizeof(*search->best));
    search->best[i] = stretch;
}

static void look(struct search *search)
{
    const int64_t *shares = search->shares;
    search->count = 0;
    search->all = search->found = 0;
    for (int p = 0; p < RS_PARTS; p++) {
        const struct rs_reading_part *part = &search->reading->parts[p];
        for (size_t from = 0, to; from < part->tokens.count; from = to) {
            struct stretch stretch = {.part = (enum rs_part)p, .from = from};
            stretch.to = to = stretch_end(search, part, from);
            for (size_t i = from; i < to; i++)
                stretch.share += shares[i];
            keep(search, stretch);
        }
        shares += part->tokens.count;
    }
    for (size_t i = 0; i < search->count; i++)
        search->found += size_of(search->best[i].share);
}

/* No word speaks for either side: all of them together are what there is. */
static void whole(const struct rs_reading *reading, struct rs_analysis *out)
{
    enum rs_part part = reading->parts[RS_BODY].tokens.count ? RS_BODY : RS_TITLE;
    const struct rs_tokens *tokens = &reading->parts[part].tokens;
    if (tokens->count)
        out->evidence[out->evidence_count++] =
            (struct rs_evidence){rs_span_of(part, tokens, 0, tokens->count), 1000};
}

void rs_evidence_find(const struct rs_reading *reading, const int64_t *shares,
                      struct rs_analysis *out)
{
    enum { DEEPEST = 20, ENOUGH = 700 };
    struct search search = {.reading = reading, .shares = shares};
    out->evidence_count = 0;
    do {
        look(&search);
    } while (search.found * 25 < search.all * 13 && ++search.level < DEEPEST);
    int32_t sum = 0;
    if (search.all == 0)
        whole(reading, out);
    for (size_t i = 0; search.all && i < search.count && sum < ENOUGH; i++) {
        const struct stretch *stretch = &search.best[i];
        const struct rs_tokens *tokens = &reading->parts[stretch->part].tokens;
        int32_t weight = (int32_t)(size_of(stretch->share) * 1000 / search.all);
        sum += weight;
        out->evidence[out->evidence_count++] = (struct rs_evidence){
            rs_span_of(stretch->part, tokens, stretch->from, stretch->to), weight};
    }
}
