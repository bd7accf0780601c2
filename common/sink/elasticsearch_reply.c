#include "sink/elasticsearch_reply.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/answers.h"
#include "sink/elasticsearch.h"

/* Types and statuses as Elasticsearch 7.10.2 and OpenSearch 2.18.0 send them, recorded in
 * tests/data/elasticsearch; those of other versions from their sources. */
const struct rs_answer rs_elasticsearch_answers[] = {
    /* items of a bulk: status and error type */
    {"200", RS_OK, RS_OUTAGE, "replaced an older version"},
    {"201", RS_OK, RS_OUTAGE, "stored"},
    {"409 version_conflict_engine_exception", RS_OK, RS_OUTAGE,
     "stale: an equal or greater version is stored"},
    {"400 mapper_parsing_exception", RS_REJECT, RS_ITEM, "the mapping refuses a value"},
    {"400 document_parsing_exception", RS_REJECT, RS_ITEM, "the mapping refuses a value (8.x)"},
    {"400 strict_dynamic_mapping_exception", RS_RETRY, RS_ITEM,
     "the mapping lacks a field: it is not the one of this program"},
    {"400 illegal_argument_exception", RS_RETRY, RS_ITEM, "a limit of the index"},
    {"400 *", RS_RETRY, RS_ITEM, "another refusal; poison if its neighbours succeed"},
    {"401 *", RS_FATAL, RS_OUTAGE, "user, password or API key is wrong"},
    {"403 *", RS_FATAL, RS_OUTAGE, "user or API key lacks a right"},
    {"404 *", RS_RETRY, RS_OUTAGE, "the shard or its node is not there"},
    {"429 *", RS_RETRY, RS_OUTAGE, "overloaded"},
    {"502 *", RS_RETRY, RS_OUTAGE, "a proxy does not reach the server"},
    {"503 *", RS_RETRY, RS_OUTAGE, "a shard or the cluster is not available"},
    {"504 *", RS_RETRY, RS_OUTAGE, "no answer in time behind a proxy or node"},
    /* by type, of an item or a whole answer */
    {"* index_not_found_exception", RS_RETRY, RS_OUTAGE,
     "the index is missing: a start makes it anew, the marker tells that it was lost"},
    {"* index_closed_exception", RS_RETRY, RS_OUTAGE, "the index is closed"},
    {"* cluster_block_exception", RS_RETRY, RS_OUTAGE,
     "index or cluster is blocked, e.g. disk full"},
    {"* index_create_block_exception", RS_RETRY, RS_OUTAGE, "the cluster makes no index now"},
    {"* circuit_breaking_exception", RS_RETRY, RS_OUTAGE, "out of memory"},
    {"* es_rejected_execution_exception", RS_RETRY, RS_OUTAGE, "the write queue is full"},
    {"* rejected_execution_exception", RS_RETRY, RS_OUTAGE, "the write queue is full (OpenSearch)"},
    {"* unavailable_shards_exception", RS_RETRY, RS_OUTAGE, "no active primary shard"},
    {"* no_shard_available_action_exception", RS_RETRY, RS_OUTAGE, "no active shard"},
    {"* search_phase_execution_exception", RS_RETRY, RS_OUTAGE, "no active shard"},
    {"* shard_not_found_exception", RS_RETRY, RS_OUTAGE, "the shard moves"},
    {"* shard_not_in_primary_mode_exception", RS_RETRY, RS_OUTAGE, "the shard moves"},
    {"* illegal_index_shard_state_exception", RS_RETRY, RS_OUTAGE, "the shard recovers"},
    {"* index_shard_closed_exception", RS_RETRY, RS_OUTAGE, "the shard is closed"},
    {"* already_closed_exception", RS_RETRY, RS_OUTAGE, "the shard failed and is closed"},
    {"* engine_closed_exception", RS_RETRY, RS_OUTAGE, "the shard failed and is closed"},
    {"* i_o_exception", RS_RETRY, RS_OUTAGE, "the disk of a node fails"},
    {"* process_cluster_event_timeout_exception", RS_RETRY, RS_OUTAGE, "the master is overloaded"},
    {"* failed_to_commit_cluster_state_exception", RS_RETRY, RS_OUTAGE, "the master changes"},
    {"* master_not_discovered_exception", RS_RETRY, RS_OUTAGE, "no master"},
    {"* cluster_manager_not_discovered_exception", RS_RETRY, RS_OUTAGE, "no master (OpenSearch)"},
    {"* not_master_exception", RS_RETRY, RS_OUTAGE, "the master changes"},
    {"* node_not_connected_exception", RS_RETRY, RS_OUTAGE, "a node is gone"},
    {"* node_disconnected_exception", RS_RETRY, RS_OUTAGE, "a node is gone"},
    {"* node_closed_exception", RS_RETRY, RS_OUTAGE, "a node stops"},
    {"* no_node_available_exception", RS_RETRY, RS_OUTAGE, "no node"},
    {"* connect_transport_exception", RS_RETRY, RS_OUTAGE, "a node does not reach another"},
    {"* receive_timeout_transport_exception", RS_RETRY, RS_OUTAGE, "a node does not answer"},
    {"* task_cancelled_exception", RS_RETRY, RS_OUTAGE, "the server gave the request up"},
    /* whole answers */
    {"request 3xx", RS_FATAL, RS_OUTAGE, "a redirect, which is not followed: set the final URL"},
    {"request 400", RS_RETRY, RS_ITEM, "halved down to one document that alone is refused"},
    {"request 400 untyped", RS_FATAL, RS_OUTAGE, "no Elasticsearch behind this URL"},
    {"request 401", RS_FATAL, RS_OUTAGE, "user, password or API key is wrong"},
    {"request 403", RS_FATAL, RS_OUTAGE, "user or API key lacks a right"},
    {"request 408", RS_RETRY, RS_OUTAGE, "the request did not arrive in time"},
    {"request 413", RS_REJECT, RS_ITEM, "halved down to one document that alone is too large"},
    {"request 429", RS_RETRY, RS_OUTAGE, "overloaded"},
    {"request 4xx", RS_FATAL, RS_OUTAGE, "the URL or a proxy does not serve this"},
    {"request 500", RS_RETRY, RS_ITEM, "halved down to one document that alone fails"},
    {"request 5xx", RS_RETRY, RS_OUTAGE, "the server or a proxy is not available"},
    {"call refused", RS_FATAL, RS_OUTAGE,
     "index or alias: correct elasticsearch.index_file or names"},
    {"upload cut", RS_RETRY, RS_ITEM,
     "halved down to one document during whose upload the connection ends"},
    {"others fail", RS_RETRY, RS_OUTAGE,
     "not sent: alone, documents before it failed, none worked"},
    {"no connection", RS_RETRY, RS_OUTAGE, "server not reached; the next of the list is tried"},
    {"time-out", RS_RETRY, RS_OUTAGE,
     "no answer in time; sent again, then stale if it was applied"},
    {"reset", RS_RETRY, RS_OUTAGE, "connection lost; sent again, then stale if it was applied"},
    {"answer too large", RS_RETRY, RS_OUTAGE, "cut off; sent again"},
    {"bad answer", RS_RETRY, RS_OUTAGE, "items are not those that were sent; sent again"},
    {"certificate", RS_FATAL, RS_OUTAGE, "not trusted: set elasticsearch.ca_file"},
    {"out of memory", RS_RETRY, RS_OUTAGE, "of this program"},
    {"*", RS_RETRY, RS_ITEM, "any other error of an item; poison if its neighbours succeed"},
    {NULL, RS_RETRY, RS_OUTAGE, NULL},
};

/* --- rows --- */

/* The row of exactly this name; NULL: none. */
static const struct rs_answer *find(const char *name)
{
    const struct rs_answer *row = rs_answer_find(rs_elasticsearch_answers, name);
    return strcmp(row->answer, name) == 0 ? row : NULL;
}

const struct rs_answer *rs_es_row(const char *name)
{
    const struct rs_answer *row = find(name);
    assert(row);
    return row;
}

static const struct rs_answer *find_by_type(const char *type)
{
    char name[RS_ES_TYPE_BYTES + 2];
    (void)snprintf(name, sizeof(name), "* %s", type);
    return *type ? find(name) : NULL;
}

const struct rs_answer *rs_es_item_row(const struct rs_es_error *error)
{
    char name[RS_ES_TYPE_BYTES + 16];
    const struct rs_answer *row;
    (void)snprintf(name, sizeof(name), "%d%s%s", error->status, *error->type ? " " : "",
                   error->type);
    if ((row = find(name)) || (row = find_by_type(error->type)))
        return row;
    (void)snprintf(name, sizeof(name), "%d *", error->status);
    row = find(name);
    return row ? row : rs_es_row("*");
}

const struct rs_answer *rs_es_request_row(const struct rs_es_error *error)
{
    char name[RS_ES_TYPE_BYTES + 32];
    const struct rs_answer *row;
    (void)snprintf(name, sizeof(name), "request %d %s", error->status,
                   *error->type ? error->type : "untyped");
    if ((row = find(name)) || (row = find_by_type(error->type)))
        return row;
    (void)snprintf(name, sizeof(name), "request %d", error->status);
    if ((row = find(name)))
        return row;
    (void)snprintf(name, sizeof(name), "request %dxx", error->status / 100);
    row = find(name);
    return row ? row : rs_es_row("bad answer");
}

const struct rs_answer *rs_es_outcome_row(enum rs_http_outcome outcome)
{
    static const char *const names[] = {
        [RS_HTTP_ANSWERED] = "bad answer",        [RS_HTTP_NO_CONNECTION] = "no connection",
        [RS_HTTP_TIMED_OUT] = "time-out",         [RS_HTTP_RESET] = "reset",
        [RS_HTTP_TOO_LARGE] = "answer too large", [RS_HTTP_UNTRUSTED] = "certificate",
        [RS_HTTP_NO_MEMORY] = "out of memory"};
    return rs_es_row(names[outcome]);
}

/* --- errors --- */

/* Error texts quote values of reviews ("Preview of field's value"), so only a name is taken from
 * them: what stands between these words and the end mark, if it looks like a name. */
static bool take_name(const char *reason, const char *behind, char end, char *ret, size_t size)
{
    const char *from = strstr(reason, behind);
    if (!from)
        return false;
    from += strlen(behind);
    size_t len = 0;
    while (len <= 64 &&
           (isalnum((unsigned char)from[len]) || (from[len] && strchr("._-", from[len]))))
        len++;
    if (len == 0 || len > 64 || from[len] != end)
        return false;
    (void)snprintf(ret, size, "field %.*s", (int)len, from);
    return true;
}

/* Foreign text, cut, and nothing in it that breaks a line. */
static void take_words(const char *text, char *ret, size_t size)
{
    size_t len = 0;
    for (; text[len] && len < size - 1; len++)
        ret[len] = isprint((unsigned char)text[len]) ? text[len] : '?';
    ret[len] = '\0';
}

/* A block is described by the server's own words; its id and name hold nothing of a document. */
static void take_block(const char *reason, char *ret, size_t size)
{
    const char *from = strstr(reason, "blocked by: [");
    if (!from)
        return;
    take_words(from + strlen("blocked by: ["), ret, size);
    ret[strcspn(ret, "]")] = '\0';
}

static void take_type(const struct rs_json *object, int status, struct rs_es_error *ret_error)
{
    struct rs_bytes type = rs_json_string(rs_json_get(object, "type"));
    ret_error->status = status;
    ret_error->detail[0] = ret_error->words[0] = '\0';
    size_t len = type.len < RS_ES_TYPE_BYTES - 1 ? type.len : RS_ES_TYPE_BYTES - 1;
    for (size_t i = 0; i < len; i++) {
        char c = type.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        ret_error->type[i] = plain ? c : '?';
    }
    ret_error->type[len] = '\0';
}

static void take_detail(const struct rs_json *object, struct rs_es_error *error)
{
    const char *reason = rs_json_string(rs_json_get(object, "reason")).data;
    if (!reason)
        return;
    if (strcmp(error->type, "cluster_block_exception") == 0)
        take_block(reason, error->detail, sizeof(error->detail));
    else if (!take_name(reason, "field [", ']', error->detail, sizeof(error->detail)) &&
             !take_name(reason, "introduction of [", ']', error->detail, sizeof(error->detail)))
        (void)take_name(reason, "field=\"", '"', error->detail, sizeof(error->detail));
    take_words(reason, error->words, sizeof(error->words));
}

void rs_es_read_error(struct rs_json_reader *reader, int status, struct rs_bytes body,
                      struct rs_es_error *ret_error)
{
    const struct rs_json_limits limits = {
        .bytes = 1 << 20, .depth = 32, .members = 10000, .string_bytes = 1 << 20};
    const struct rs_json *value = NULL, *error;
    *ret_error = (struct rs_es_error){.status = status};
    if (rs_json_read(reader, body, &limits, &value, NULL) != RS_JSON_READ)
        return;
    error = rs_json_get(value, "error");
    take_type(error, status, ret_error);
    take_detail(error, ret_error);
}

void rs_es_describe(const struct rs_es_error *error, const struct rs_answer *row,
                    char reason[RS_REASON_BYTES])
{
    (void)snprintf(reason, RS_REASON_BYTES, "%d%s%.71s%s%.80s: %s", error->status,
                   *error->type ? " " : "", error->type, *error->detail ? ", " : "", error->detail,
                   row->meaning);
}

/* --- bulks --- */

static const struct rs_json *item_at(const struct rs_json *element)
{
    struct rs_json_walk walk = {.of = element};
    return rs_json_type(element) == RS_JSON_OBJECT && rs_json_next(&walk) ? walk.value : NULL;
}

static const struct rs_bytes item_names[] = {{"_id", 3}, {"status", 6}, {"error", 5}};
enum { ITEM_ID, ITEM_STATUS, ITEM_ERROR, ITEM_NAMES };

/* Whether an item is the answer to this operation, in form. A success that carries an error
 * contradicts itself. */
static bool fits(const struct rs_json *const *item, struct rs_bytes id, int *ret_status)
{
    int64_t status;
    if (!rs_bytes_equal(rs_json_string(item[ITEM_ID]), id) ||
        !rs_json_integer(item[ITEM_STATUS], &status) || status < 100 || status > 599)
        return false;
    *ret_status = (int)status;
    return status < 200 || status > 299 || rs_json_type(item[ITEM_ERROR]) <= RS_JSON_NULL;
}

/* The row of the item before: most have the same answer. */
struct last {
    const struct rs_answer *row;
    int status;
    char type[RS_ES_TYPE_BYTES];
};

static const struct rs_answer *row_like_last(struct last *last, const struct rs_es_error *what)
{
    if (!last->row || last->status != what->status || strcmp(last->type, what->type) != 0) {
        last->row = rs_es_item_row(what);
        last->status = what->status;
        memcpy(last->type, what->type, sizeof(last->type));
    }
    return last->row;
}

static void answer_one(struct rs_operation *op, const struct rs_json *error, int status,
                       struct last *last)
{
    struct rs_es_error what;
    char reason[RS_REASON_BYTES];
    take_type(error, status, &what);
    const struct rs_answer *row = row_like_last(last, &what);
    if (row->status != RS_OK) {
        take_detail(error, &what);
        rs_es_describe(&what, row, reason);
    }
    rs_operation_answer(op, row, row->status == RS_OK ? NULL : reason);
    op->applied = row->status == RS_OK && status < 300;
}

/* false: the item is not the operation's. */
static bool read_item(struct rs_operation *op, const struct rs_json *element, const char *canary_id,
                      struct last *last)
{
    const struct rs_json *item[ITEM_NAMES];
    int status;
    rs_json_pick(item_at(element), item_names, ITEM_NAMES, item);
    if (!fits(item, rs_text(op->key ? op->key : canary_id), &status))
        return false;
    answer_one(op, item[ITEM_ERROR], status, last);
    return true;
}

static bool complain(char *why, const char *text)
{
    (void)snprintf(why, RS_REASON_BYTES, "%s", text);
    return false;
}

bool rs_es_read_bulk(struct rs_json_reader *reader, struct rs_bytes body,
                     struct rs_operation *const *ops, size_t count, const char *canary_id,
                     char *why)
{
    const struct rs_json_limits limits = {
        .bytes = body.len, .depth = 32, .members = 64 + 48 * count, .string_bytes = body.len};
    const struct rs_json *value = NULL;
    struct rs_error refused;
    enum rs_json_verdict verdict = rs_json_read(reader, body, &limits, &value, &refused);
    if (verdict != RS_JSON_READ)
        return complain(why, verdict == RS_JSON_NO_MEMORY ? "out of memory"
                                                          : "the answer to a bulk is no JSON");
    const struct rs_json *items = rs_json_get(value, "items");
    if (rs_json_type(items) != RS_JSON_ARRAY)
        return complain(why, "the answer to a bulk has no items");
    const char *wrong = NULL;
    struct last last = {0};
    size_t seen = 0;
    for (struct rs_json_walk walk = {.of = items}; !wrong && rs_json_next(&walk);) {
        if (seen == count)
            wrong = "the answer to a bulk has more items than were sent";
        else if (!read_item(ops[seen], walk.value, canary_id, &last))
            wrong = "an item of the answer is not the one that was sent";
        else
            seen++;
    }
    if (!wrong && seen < count)
        wrong = "the answer to a bulk has fewer items than were sent";
    while (wrong && seen > 0)
        rs_operation_begin(ops[--seen]);
    return !wrong || complain(why, wrong);
}
