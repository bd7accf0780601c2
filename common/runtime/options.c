#include "runtime/options.h"

static const struct rs_option options[] = {
    RS_OPTION(struct rs_runtime_options, generation, "g1", NULL, NULL,
              "generation of the view that is written; a new one is a full reindex"),
    RS_OPTION(
        struct rs_runtime_options, lanes, NULL, "1", "64",
        "worker threads, each with its own connections; more than partitions is useless; as many "
        "as suit the store unless set"),
    RS_OPTION_AS("memory.limit", struct rs_runtime_options, memory_limit, "256MiB", "64MiB",
                 "64GiB",
                 "ceiling of resident memory; prefetch, queues, and events in flight with what was "
                 "made of them are cut from it, so that batches may be smaller than batch.* says"),
    RS_OPTION_AS("http.listen", struct rs_runtime_options, http_listen, NULL, NULL, NULL,
                 "address of /metrics, /healthz, /readyz and /status: host:port; loopback and the "
                 "processor's own port unless set"),
    RS_OPTION_AS("batch.events", struct rs_runtime_options, batch_events, "0", "0", "100000",
                 "most events that a lane sends in one request; 0: what the store does best with"),
    RS_OPTION_AS("batch.bytes", struct rs_runtime_options, batch_bytes, "16MiB", "4KiB", "64MiB",
                 "most bytes of events in one request; a larger event goes alone; what is made of "
                 "them counts against memory.limit only"),
    RS_OPTION_AS("batch.age_ms", struct rs_runtime_options, batch_age_ms, "0", "0", "60000",
                 "how long events wait for others to be sent with; 0: what the store does best "
                 "with"),
    RS_OPTION_AS("retry.base_ms", struct rs_runtime_options, retry_base_ms, "100", "1", "60000",
                 "first wait after a failure; it doubles from there"),
    RS_OPTION_AS("retry.max_ms", struct rs_runtime_options, retry_max_ms, "5000", "1", "600000",
                 "longest wait between two tries"),
    RS_OPTION_AS("retry.poison_attempts", struct rs_runtime_options, retry_poison_attempts, "8",
                 "1", "1000",
                 "tries that fail while others succeed, after which an event is a dead letter"),
    RS_OPTION_AS("commit.interval_ms", struct rs_runtime_options, commit_interval_ms, "1000", "10",
                 "60000", "how often settled offsets are committed"),
    RS_OPTION_AS("check.interval_ms", struct rs_runtime_options, check_interval_ms, "30000", "100",
                 "600000",
                 "how often what is blocked is looked at again and the view's marker is refreshed"),
    RS_OPTION_AS("shutdown.drain_ms", struct rs_runtime_options, drain_ms, "10000", "500", "600000",
                 "time to finish what is in flight, commit and leave after SIGTERM"),
    RS_OPTION_AS("offsets.out_of_range", struct rs_runtime_options, out_of_range, "stop", NULL,
                 NULL,
                 "when events were deleted before they were read: \"stop\" the partition, or go on "
                 "from the \"beginning\" of what is left"),
    RS_OPTION_AS(
        "offsets.skip_undecodable", struct rs_runtime_options, skip_undecodable, "false", NULL,
        NULL,
        "go on behind a batch that is damaged or cannot be unpacked, and leave a dead letter "
        "that names its offsets; else its partition stops"),
    RS_OPTION_AS("view.accept_changes", struct rs_runtime_options, accept_changes, "false", NULL,
                 NULL,
                 "go on in a view that was made with other options, another model or another "
                 "number of partitions, and take the new ones into its marker"),
    RS_OPTION_AS("log.format", struct rs_runtime_options, log_format, "text", NULL, NULL,
                 "\"text\" (key=value) or \"json\""),
    RS_OPTION_AS("log.level", struct rs_runtime_options, log_level, "info", NULL, NULL,
                 "least level that is logged: error, warn, info or debug"),
    RS_OPTIONS_END,
};

const struct rs_component rs_runtime_component = {
    .section = "",
    .summary = "Every processor",
    .options = options,
    .size = sizeof(struct rs_runtime_options),
};
