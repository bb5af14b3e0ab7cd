/* ecmig local check: was an acknowledged write lost? */
#include <inttypes.h>

#include "cmd/local.h"
#include "providers/local/local.h"

static const struct option_row check_options[] = {
    LOCAL_DIR_OPTION,
    { .name = "endpoint",
      .kind = OPTION_STRING,
      .value = "HOST:PORT",
      .summary = "server that must hold every acknowledged value" },
    { .name = "stop-writer", .kind = OPTION_FLAG, .summary = "end the writer first" },
};

static void show(struct output *output, const struct local_check *check) {
    if (output_format(output) != FORMAT_JSON) {
        output_textf(output, "acknowledged %" PRId64 ", lost %" PRId64 "\n",
                     check->acknowledged_count, check->lost_count);
        return;
    }
    AUTO(json_free) struct json *page = json_new_object();
    json_put_int(page, "acknowledged", check->acknowledged_count);
    json_put_int(page, "lost", check->lost_count);
    json_put_int(page, "longest_wait_ms", check->longest_wait_ms);
    json_put_int(page, "refused_ms", check->refused_ms);
    if (check->lost_count)
        json_put_int(page, "first_lost", check->first_lost);
    output_json(output, page);
}

static enum exit_class run_local_check(const struct call *call, struct error *err) {
    const char *dir = NULL, *address = options_string(call->options, "endpoint");
    struct local_check check = { 0 };
    if (!local_dir(call, &dir, err))
        return error_exit_class(err->code);
    if (!address) {
        error_set(err, ERROR_USAGE, "--endpoint is missing");
        (void)error_hint(err, "name the server to look at: --endpoint HOST:PORT");
        return error_exit_class(err->code);
    }
    if (!local_check(dir, address, options_flag(call->options, "stop-writer"), &check, err))
        return error_exit_class(err->code);
    show(call->output, &check);
    return check.lost_count ? EXIT_CLASS_ERROR : EXIT_CLASS_OK;
}

const struct command command_local_check = {
    .name = "local check",
    .touches = "reads",
    .summary = "Look for every write that the writer was told had succeeded",
    .description = "Exits 1 when one is missing on the server.",
    .options = check_options,
    .option_count = COUNT(check_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_local_check,
};
