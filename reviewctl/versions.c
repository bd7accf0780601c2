#include "versions.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A tree, not a table of hashes: ids are foreign, and chosen ones could collide. */
struct review {
    size_t key_len;
    int64_t greatest, last, last_offset;
    int32_t partition;
    bool scattered, malformed; /* malformed: the last record is */
    char key[];
};

struct versions {
    void *root;
    struct rs_decoder *decoder;
    struct versions_result result;
};

static const char *const taken[] = {"review", NULL};
static struct versions_result *collecting; /* twalk has no context in older libraries */

struct versions *versions_create(void)
{
    struct versions *versions = calloc(1, sizeof(*versions));
    if (versions)
        versions->decoder = rs_decoder_create();
    if (versions && versions->decoder)
        return versions;
    free(versions);
    return NULL;
}

void versions_destroy(struct versions *versions)
{
    if (!versions)
        return;
    tdestroy(versions->root, free);
    rs_decoder_destroy(versions->decoder);
    free(versions);
}

static int compare(const void *a, const void *b)
{
    const struct review *one = a, *other = b;
    if (one->key_len != other->key_len)
        return one->key_len < other->key_len ? -1 : 1;
    return memcmp(one->key, other->key, one->key_len);
}

static struct review *find(struct versions *versions, const struct rs_record *record)
{
    struct review *fresh = calloc(1, sizeof(*fresh) + record->key.len);
    if (!fresh)
        return NULL;
    fresh->key_len = record->key.len;
    memcpy(fresh->key, record->key.data, record->key.len);
    fresh->partition = record->partition;
    struct review **node = tsearch(fresh, &versions->root, compare);
    if (!node || *node != fresh)
        free(fresh);
    return node ? *node : NULL;
}

static void add_event(struct versions *versions, struct review *review,
                      const struct rs_record *record, int64_t version)
{
    if (review->partition == record->partition && version < review->last)
        versions->result.out_of_order++;
    review->scattered = review->scattered || review->partition != record->partition;
    review->malformed = false;
    review->partition = record->partition;
    review->last = version;
    review->last_offset = record->offset;
    if (version > review->greatest)
        review->greatest = version;
}

bool versions_add(struct versions *versions, const struct rs_record *record)
{
    struct rs_event event;
    struct rs_error reason;
    enum rs_verdict verdict = rs_decode(versions->decoder, record, taken, &event, &reason);
    versions->result.records++;
    versions->result.skipped += verdict == RS_SKIPPED;
    versions->result.malformed += verdict == RS_MALFORMED;
    if (verdict == RS_NO_MEMORY)
        return false;
    if (verdict == RS_SKIPPED || !record->key.data)
        return true;
    struct review *review = find(versions, record);
    if (!review)
        return false;
    if (verdict == RS_EVENT) {
        add_event(versions, review, record, event.version);
    } else {
        review->malformed = true;
        review->last_offset = record->offset;
    }
    return true;
}

static void note(struct versions_result *result, const struct review *review, const char *what)
{
    if (result->count == VERSION_FINDINGS)
        return;
    (void)snprintf(result->findings[result->count++], FINDING_BYTES,
                   "%.*s: %s (greatest %" PRId64 ", last %" PRId64 " at partition %" PRId32
                   " offset %" PRId64 ")",
                   (int)review->key_len, review->key, what, review->greatest, review->last,
                   review->partition, review->last_offset);
}

static void collect(const void *node, VISIT visit, int depth)
{
    struct versions_result *result = collecting;
    const struct review *review = *(const struct review *const *)node;
    (void)depth;
    if ((visit != postorder && visit != leaf) || review->greatest == 0)
        return; /* seen already, or nothing but malformed records */
    result->reviews++;
    if (review->scattered) {
        result->scattered++;
        note(result, review, "in several partitions");
    }
    if (review->malformed) {
        result->last_malformed++;
        note(result, review, "the last record is malformed, and compaction keeps it alone");
    } else if (review->last < review->greatest) {
        result->last_not_greatest++;
        note(result, review, "the last record is not the greatest version");
    }
}

void versions_finish(struct versions *versions, struct versions_result *ret_result)
{
    collecting = &versions->result;
    twalk(versions->root, collect);
    *ret_result = versions->result;
}
