/* ecmig local status: what an endpoint holds and whether it runs. */
#include "cmd/local.h"
#include "cmd/views/view.h"
#include "providers/local/up.h"

static const struct option_row status_options[] = { LOCAL_DIR_OPTION };

static enum exit_class run_local_status(const struct call *call, struct error *err) {
    AUTO(json_free) struct json *page = NULL;
    const char *dir = NULL;
    if (!local_dir(call, &dir, err) || !local_status(dir, &page, err))
        return error_exit_class(err->code);
    view_show(call->output, &(struct view){ DOCUMENT_LOCAL_STATUS, .local_status = page });
    return EXIT_CLASS_OK;
}

const struct command command_local_status = {
    .name = "local status",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local status --dir local",
    .touches = "reads",
    .summary = "Show the local endpoint, its source, writer and groups",
    .options = status_options,
    .option_count = COUNT(status_options),
    .formats = FORMATS_ALL,
    .run = run_local_status,
};
