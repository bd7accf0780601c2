/* publish FILE|- */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "commands.h"
#include "json_out.h"
#include "kafka/config.h"
#include "kafka/producer.h"
#include "line.h"

enum { MAX_PAIRS = 64, NAMED = 10, SLICE_MS = 200, WAIT_MS = 1000 };

struct args {
    struct common common;
    const char *file, *topic;
    enum rs_profile profile;
    double rate;
    bool skip_bad, progress;
    long timeout_s;
};

struct run {
    const struct args *args;
    const char *topic;
    struct rs_producer *producer;
    int32_t partitions;
    int64_t lines, queued, published, failed, skipped;
    int64_t started_ms, shown_ms, moved_ms; /* moved: the last report came in */
    int64_t named;                          /* failures that were named on stderr */
    int code;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted++;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void worse(struct run *run, int code)
{
    run->code = code > run->code ? code : run->code;
}

static void delivered(void *context, const struct rs_delivered *delivered)
{
    struct run *run = context;
    run->moved_ms = now_ms();
    if (!delivered->error) {
        run->published++;
        return;
    }
    run->failed++;
    if (run->named++ < NAMED)
        complain(0, "line %" PRIdPTR ": not delivered: %s", (intptr_t)delivered->tag,
                 delivered->error);
}

static void show_progress(struct run *run, bool last)
{
    int64_t now = now_ms();
    if (!run->args->progress || (!last && now - run->shown_ms < 1000))
        return;
    double seconds = (double)(now - run->started_ms) / 1000;
    run->shown_ms = now;
    (void)fprintf(stderr, "\r%" PRId64 " lines, %" PRId64 " published, %.0f a second%s", run->lines,
                  run->published, seconds > 0 ? (double)run->published / seconds : 0,
                  last ? "\n" : "");
}

/* Waits until the next record is due; reports come in meanwhile. */
static void pace(struct run *run)
{
    if (run->args->rate <= 0)
        return;
    int64_t due = run->started_ms + (int64_t)((double)run->queued * 1000 / run->args->rate);
    for (int64_t left; (left = due - now_ms()) > 0 && !interrupted;)
        rs_producer_poll(run->producer, (int)(left < SLICE_MS ? left : SLICE_MS));
}

static int32_t partition_of(const struct run *run, struct rs_bytes key)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key.data, key.len, run->partitions, NULL, NULL);
}

/* Wait for what is queued, for as long as reports come in. Returns how many are left. */
static int64_t drain(struct run *run)
{
    int64_t left;
    while ((left = (int64_t)rs_producer_flush(run->producer, SLICE_MS)) > 0) {
        show_progress(run, false);
        if (now_ms() - run->moved_ms > run->args->timeout_s * 1000 || interrupted > 1)
            break;
    }
    return left;
}

/* Returns false when the run must end. */
static bool send_record(struct run *run, const struct line_record *record)
{
    struct rs_error reason;
    int32_t partition = record->place.data ? partition_of(run, record->place) : 0;
    const struct rs_message message = {
        .topic = run->topic,
        .key = record->key,
        .value = record->value,
        .headers = record->headers,
        .header_count = record->header_count,
        .partition = record->place.data ? &partition : NULL,
        .tag = (void *)(intptr_t)run->lines,
    };
    pace(run);
    /* A compacted topic refuses a record without a key, and its whole batch: it goes alone. */
    if (!record->key.data)
        (void)drain(run);
    enum rs_status sent = RS_RETRY;
    while (!interrupted &&
           (sent = rs_producer_produce(run->producer, &message, NULL)) == RS_RETRY) {
        if (now_ms() - run->moved_ms > run->args->timeout_s * 1000) {
            worse(run,
                  complain(CTL_UNREACHABLE, "line %" PRId64 ": no broker took anything for %ld s",
                           run->lines, run->args->timeout_s));
            return false;
        }
    }
    if (interrupted)
        return false;
    rs_producer_poll(run->producer, 0);
    if (sent == RS_OK) {
        if (run->queued++ == run->published + run->failed)
            run->moved_ms = now_ms();
        if (!record->key.data)
            (void)drain(run);
        return true;
    }
    run->failed++;
    rs_producer_reason(run->producer, &reason);
    worse(run, complain(CTL_FAILED, "line %" PRId64 ": not sent: %s", run->lines, reason.text));
    return sent == RS_REJECT && run->args->skip_bad;
}

static bool take_line(struct run *run, struct line_parser *parser, struct rs_bytes text)
{
    struct line_record record;
    struct rs_error reason = {{0}};
    run->lines++;
    switch (line_parse(parser, text, &record, &reason)) {
    case LINE_EMPTY:
        return true;
    case LINE_RECORD:
        show_progress(run, false);
        return send_record(run, &record);
    default:
        complain(0, "line %" PRId64 ": %s", run->lines, reason.text);
        worse(run, CTL_FAILED);
        run->skipped += run->args->skip_bad;
        return run->args->skip_bad;
    }
}

static void read_lines(struct run *run, FILE *file)
{
    struct line_parser *parser = line_parser_create();
    char *text = NULL;
    size_t size = 0;
    ssize_t len = -1;
    if (!parser) {
        worse(run, complain(CTL_FAILED, "out of memory"));
        return;
    }
    while (!interrupted && (len = getline(&text, &size, file)) >= 0 &&
           take_line(run, parser, (struct rs_bytes){text, (size_t)len}))
        ;
    if (!interrupted && len < 0 && ferror(file))
        worse(run, complain(CTL_FAILED, "%s: %s", run->args->file, strerror(errno)));
    free(text);
    line_parser_destroy(parser);
}

static void finish(struct run *run)
{
    struct rs_error reason;
    int64_t left = drain(run);
    if (left > 0) {
        rs_producer_reason(run->producer, &reason);
        worse(run,
              complain(CTL_UNREACHABLE, "%" PRId64 " records are not delivered after %ld s: %s",
                       left, run->args->timeout_s, reason.text));
    }
    rs_producer_destroy(run->producer); /* reports the rest as failed */
    show_progress(run, true);
    if (run->failed)
        worse(run, CTL_FAILED);
    if (run->named > NAMED)
        complain(0, "… and %" PRId64 " more that were not delivered", run->named - NAMED);
    if (interrupted)
        worse(run, complain(CTL_FAILED, "stopped by a signal"));
}

static void print_result(const struct run *run)
{
    double seconds = (double)(now_ms() - run->started_ms) / 1000;
    if (run->args->common.json)
        json_print(json_pack("{s:s, s:I, s:I, s:I, s:I, s:f}", "topic", run->topic, "lines",
                             (json_int_t)run->lines, "published", (json_int_t)run->published,
                             "failed", (json_int_t)run->failed, "skipped", (json_int_t)run->skipped,
                             "seconds", seconds));
    else
        (void)printf("%" PRId64 " published, %" PRId64 " failed, %" PRId64 " skipped, of %" PRId64
                     " lines in %.1f s\n",
                     run->published, run->failed, run->skipped, run->lines, seconds);
}

/* Name and value, alternating, of what is passed through to librdkafka. */
static void list_passed(const struct rs_settings *settings, const char *pairs[2 * MAX_PAIRS + 1])
{
    size_t i = 0;
    while (i < MAX_PAIRS &&
           rs_settings_passed(settings, "kafka", i, &pairs[2 * i], &pairs[2 * i + 1]))
        i++;
    pairs[2 * i] = NULL;
}

static int open_producer(struct run *run, const struct rs_settings *settings)
{
    const struct rs_kafka_options *kafka = rs_settings_get(settings, &rs_kafka_component);
    const char *pairs[2 * MAX_PAIRS + 1];
    struct rs_error error = {{0}};
    list_passed(settings, pairs);
    run->topic = run->args->topic ? run->args->topic : kafka->topic;
    const struct rs_producer_options options = {
        .brokers = kafka->brokers,
        .settings = pairs,
        .profile = run->args->profile,
        .wait_ms = WAIT_MS,
        .delivered = delivered,
        .context = run,
    };
    run->producer = rs_producer_create(&options, &error);
    if (!run->producer)
        return complain(CTL_USAGE, "%s", error.text);
    switch (rs_producer_topic(run->producer, run->topic, REACH_MS, &run->partitions, &error)) {
    case RS_KNOWN:
        return CTL_OK;
    case RS_UNKNOWN:
        return complain(CTL_FAILED, "topic %s does not exist; make it: reviewctl topics create",
                        run->topic);
    default:
        return no_kafka(settings, error.text);
    }
}

static int publish_file(const struct args *args, const struct rs_settings *settings)
{
    bool standard = strcmp(args->file, "-") == 0;
    FILE *file = standard ? stdin : fopen(args->file, "re");
    if (!file)
        return complain(CTL_USAGE, "%s: %s", args->file, strerror(errno));
    struct run run = {.args = args};
    int code = open_producer(&run, settings);
    if (code == CTL_OK) {
        struct sigaction action = {.sa_handler = interrupt}; /* no SA_RESTART: reading ends */
        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
        run.started_ms = run.moved_ms = run.shown_ms = now_ms();
        read_lines(&run, file);
        finish(&run);
        print_result(&run);
        code = run.code;
    } else {
        rs_producer_destroy(run.producer);
    }
    if (!standard)
        (void)fclose(file);
    return code;
}

/* --- command --- */

static const struct argp_option options[] = {
    {.name = "profile",
     .key = 'P',
     .arg = "ordered|throughput",
     .doc = "ordered (default) sends at once; throughput collects batches for 50 ms. Both keep "
            "the order of each key"},
    {.name = "rate", .key = 'r', .arg = "N", .doc = "at most so many records a second"},
    {.name = "topic", .key = 't', .arg = "NAME", .doc = "instead of kafka.topic"},
    {.name = "skip-bad", .key = 'k', .doc = "go on behind a line that is no record"},
    {.name = "progress", .key = 'p', .doc = "show progress even where stderr is no terminal"},
    {.name = "timeout",
     .key = 'T',
     .arg = "SECONDS",
     .doc = "give up when the brokers took nothing for so long (60)"},
    {0},
};

static double parse_rate(const struct argp_state *state, const char *text)
{
    char *end;
    double rate = strtod(text, &end);
    if (end == text || *end || !(rate > 0 && rate <= 1e9))
        argp_error(state, "--rate=%s: a number above 0 is needed", text);
    return rate;
}

static enum rs_profile parse_profile(const struct argp_state *state, const char *text)
{
    if (strcmp(text, "ordered") != 0 && strcmp(text, "throughput") != 0)
        argp_error(state, "--profile=%s: ordered or throughput", text);
    return strcmp(text, "ordered") == 0 ? RS_ORDERED : RS_THROUGHPUT;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct args *args = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        common_init(state);
        return 0;
    case 'P':
        args->profile = parse_profile(state, text);
        return 0;
    case 'r':
        args->rate = parse_rate(state, text);
        return 0;
    case 't':
        args->topic = text;
        return 0;
    case 'k':
        args->skip_bad = true;
        return 0;
    case 'p':
        args->progress = true;
        return 0;
    case 'T':
        args->timeout_s = parse_number(state, "timeout", text, 1, 86400);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one file at a time");
        args->file = text;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which FILE? - is standard input");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp publish_argp = {
    .options = options,
    .parser = parse,
    .children = common_children,
    .args_doc = "FILE|-",
    .doc = "Publish records, one JSON object a line: an event of the contract, which is checked "
           "first (its key is reviewId, its headers type and version), or an envelope around any "
           "record, which is sent as it is.\v"
           "Examples:\n"
           "  reviewctl publish reviews.ndjson\n"
           "  zcat export.ndjson.gz | reviewctl publish - --profile throughput --skip-bad\n"
           "  echo '{\"key\":\"r-1\",\"value\":null,\"headers\":{\"version\":\"9\"}}' |\n"
           "      reviewctl publish -          (erases review r-1)\n\n"
           "An envelope has key, value and headers: strings or null, value also an object, a "
           "header also {\"base64\": …}; keyBase64 and valueBase64 stand for other bytes.\n\n"
           "Exit codes: 0 all were published, 1 a line was bad or not delivered, 4 the brokers "
           "did not answer."};

static int run_publish(int argc, char **argv)
{
    struct args args = {.progress = isatty(STDERR_FILENO), .timeout_s = 60};
    (void)argp_parse(&publish_argp, argc, argv, 0, NULL, &args);
    struct rs_settings *settings = common_settings(&args.common);
    if (!settings)
        return CTL_USAGE;
    int code = publish_file(&args, settings);
    rs_settings_destroy(settings);
    return code;
}

const struct command publish = {.group = "publish",
                                .summary = "publish events from a file or standard input",
                                .argp = &publish_argp,
                                .run = run_publish};
