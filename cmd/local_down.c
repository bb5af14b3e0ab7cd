/* ecmig local down: end every process of an endpoint. */
#include "cmd/local.h"
#include "providers/local/up.h"

static const struct option_row down_options[] = { LOCAL_DIR_OPTION };

static enum exit_class run_local_down(const struct call *call, struct error *err) {
    const char *dir = NULL;
    int64_t ended = 0;
    if (!local_dir(call, &dir, err) || !local_down(dir, &ended, err))
        return error_exit_class(err->code);
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *page = json_new_object();
        json_put_int(page, "processes_ended", ended);
        output_json(call->output, page);
    } else {
        output_textf(call->output, "%d processes ended\n", (int)ended);
    }
    return EXIT_CLASS_OK;
}

const struct command command_local_down = {
    .name = "local down",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local down --dir local",
    .touches = "this machine",
    .summary = "End every process of the local endpoint; its state and data stay",
    .options = down_options,
    .option_count = COUNT(down_options),
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_local_down,
};
