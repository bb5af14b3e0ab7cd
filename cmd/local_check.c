/* ecmig local check: was an acknowledged write lost? */
#include <inttypes.h>

#include "cmd/local.h"
#include "providers/local/writer/check.h"

static const struct option_row check_options[] = {
    LOCAL_DIR_OPTION,
    { .name = "endpoint",
      .kind = OPTION_STRING,
      .value = "HOST:PORT",
      .summary = "a server, or any node of the cluster, that must have every acknowledged value" },
    { .name = "stop-writer", .kind = OPTION_FLAG, .summary = "stop the writer first" },
};

static struct json *part_json(const struct local_check_part *part) {
    struct json *page = json_new_object();
    json_put_string(page, "key", part->key);
    json_put_int(page, "acknowledged", part->acknowledged_count);
    json_put_int(page, "lost", part->lost_count);
    json_put_int(page, "longest_wait_ms", part->longest_wait_ms);
    json_put_int(page, "refused_ms", part->refused_ms);
    if (part->lost_count)
        json_put_int(page, "first_lost", part->first_lost);
    return page;
}

static void show_text(struct output *output, const struct local_check *check) {
    output_textf(output, "acknowledged %" PRId64 ", lost %" PRId64 "\n",
                 check->total.acknowledged_count, check->total.lost_count);
    for (size_t i = 0; i < check->parts.count; i++) {
        const struct local_check_part *part = &check->parts.items[i];
        if (part->lost_count)
            output_textf(output, "  %s: %" PRId64 " lost of %" PRId64 ", the first %" PRId64 "\n",
                         part->key, part->lost_count, part->acknowledged_count, part->first_lost);
    }
}

static void show(struct output *output, const struct local_check *check) {
    if (output_format(output) != FORMAT_JSON) {
        show_text(output, check);
        return;
    }
    AUTO(json_free) struct json *page = part_json(&check->total);
    struct json *shards = json_new_array();
    for (size_t i = 0; i < check->parts.count; i++)
        json_append(shards, part_json(&check->parts.items[i]));
    json_put(page, "shards", shards);
    output_json(output, page);
}

static enum exit_class run_local_check(const struct call *call, struct error *err) {
    const char *dir = NULL, *address = options_string(call->options, "endpoint");
    AUTO(local_check_clear) struct local_check check = { 0 };
    if (!local_dir(call, &dir, err))
        return error_exit_class(err->code);
    if (!address) {
        error_set(err, ERROR_USAGE, "--endpoint is missing");
        error_hint(err, "name the server to look at: --endpoint HOST:PORT");
        return error_exit_class(err->code);
    }
    if (!local_check(dir, address, options_flag(call->options, "stop-writer"), &check, err))
        return error_exit_class(err->code);
    show(call->output, &check);
    return check.total.lost_count ? EXIT_CLASS_ERROR : EXIT_CLASS_OK;
}

const struct command command_local_check = {
    .name = "local check",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local check --dir local --endpoint 127.31.2.1:6379 --stop-writer",
    .touches = "reads",
    .summary = "Check that the server has every acknowledged write of the writer",
    .description = "Exits with 1 if one is missing on the server.",
    .options = check_options,
    .option_count = COUNT(check_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_local_check,
};
