/* ecmig local up: start the endpoint, and a source with data. */
#include <string.h>

#include "cmd/local.h"
#include "providers/local/up.h"

static const char *const paces[] = { "fast", "real", NULL };

static const struct option_row up_options[] = {
    LOCAL_DIR_OPTION,
    { .name = "source",
      .kind = OPTION_STRING,
      .value = "KIND",
      .summary = "also start a source to migrate from: standalone, sentinel or cluster:SHARDS" },
    { .name = "source-engine",
      .kind = OPTION_STRING,
      .value = "NAME-VERSION",
      .summary = "the source's server version, for example redis-6.0 (default: the newest redis)" },
    { .name = "replicas",
      .kind = OPTION_INT,
      .value = "N",
      .maximum = 5,
      .summary = "replicas of each primary of the source (default: 1; standalone: 0)" },
    { .name = "down-after",
      .kind = OPTION_DURATION,
      .value = "DURATION",
      .minimum = 100,
      .maximum = 3600000,
      .summary = "down-after-milliseconds of the source's Sentinels, cluster-node-timeout of its "
                 "cluster (default: the engine's own)" },
    { .name = "keys",
      .kind = OPTION_INT,
      .value = "N",
      .standard = "1000",
      .maximum = 100000000,
      .summary = "fill the source with this many keys of every type" },
    { .name = "writes",
      .kind = OPTION_INT,
      .value = "N",
      .standard = "0",
      .maximum = 10000,
      .summary = "run a writer on each shard of the source with this many writes per second" },
    { .name = "pace",
      .kind = OPTION_CHOICE,
      .choices = paces,
      .standard = "fast",
      .summary = "how long creating, testing, starting and completing take" },
    { .name = "port",
      .kind = OPTION_INT,
      .value = "PORT",
      .minimum = 1,
      .maximum = 65535,
      .summary = "port of the API (default: a free one)" },
    { .name = "network",
      .kind = OPTION_STRING,
      .value = "127.N",
      .summary = "addresses of the nodes (default: the first free ones)" },
    { .name = "engine",
      .kind = OPTION_STRING,
      .value = "VERSION=PATH",
      .repeatable = true,
      .summary = "offer this server binary in addition to those on PATH" },
    { .name = "reset",
      .kind = OPTION_FLAG,
      .summary = "stop and delete the existing endpoint first" },
};

static void show_text(struct output *output, const struct json *page) {
    const struct json *env = json_find(page, "env");
    const struct json *nodes = json_find(json_find(page, "source"), "nodes");
    static const char *const names[] = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION",
                                         "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL" };
    output_textf(output, "# endpoint %s\n", json_find_string(page, "endpoint_url"));
    for (size_t i = 0; i < json_count(nodes); i++)
        output_textf(output, "# source %s\n", json_string_of(json_at(nodes, i)));
    for (size_t i = 0; i < COUNT(names); i++)
        output_textf(output, "export %s=%s\n", names[i], json_find_string(env, names[i]));
}

/* Rather than start an endpoint that lacks what was asked for. */
static bool check_usage(const struct options *options, struct error *err) {
    static const char *const of_source[] = { "source-engine", "replicas", "down-after", "keys",
                                             "writes" };
    for (size_t i = 0; i < COUNT(of_source); i++)
        if (options_given(options, of_source[i]) && !options_given(options, "source")) {
            error_set(err, ERROR_USAGE, "--%s needs a source, and --source is missing",
                      of_source[i]);
            return error_hint(err, "add --source standalone, sentinel or cluster:SHARDS");
        }
    return true;
}

static enum exit_class run_local_up(const struct call *call, struct error *err) {
    AUTO(json_free) struct json *page = NULL;
    const char *source = options_string(call->options, "source");
    struct local_options options = {
        .source = source && strcmp(source, "none") != 0 ? source : NULL,
        .source_engine = options_string(call->options, "source-engine"),
        .down_after_ms = options_int(call->options, "down-after", 0),
        .keys = options_int(call->options, "keys", 0),
        .writes = options_int(call->options, "writes", 0),
        .pace = options_choice(call->options, "pace") ? LOCAL_PACE_REAL : LOCAL_PACE_FAST,
        .port = options_int(call->options, "port", 0),
        .network = options_string(call->options, "network"),
        .engines = *options_strings(call->options, "engine"),
        .reset = options_flag(call->options, "reset"),
    };
    options.replicas =
        options_int(call->options, "replicas",
                    options.source && strcmp(options.source, "standalone") != 0 ? 1 : 0);
    if (!check_usage(call->options, err) || !local_dir(call, &options.dir, err) ||
        !local_up(&options, &page, err))
        return error_exit_class(err->code);
    if (output_format(call->output) == FORMAT_JSON)
        output_json(call->output, page);
    else
        show_text(call->output, page);
    return EXIT_CLASS_OK;
}

const struct command command_local_up = {
    .name = "local up",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local up --dir local --source standalone --keys 10000 --writes 100 >up.sh   "
                " # then: . ./up.sh\n"
                "ecmig local up --dir local --source cluster:3 --pace real",
    .touches = "this machine",
    .summary = "Start the local endpoint, and a source with data",
    .description = "Returns when the endpoint answers and the source is filled, and leaves them "
                   "running. Run again on the same folder, it prints the same. With --format json "
                   "it prints one object: endpoint_url, env, source, writer.",
    .options = up_options,
    .option_count = COUNT(up_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_local_up,
};
