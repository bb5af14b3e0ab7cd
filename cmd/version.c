/* ecmig version: what runs here. */
#include "cmd/frame/command.h"

static enum exit_class run_version(const struct call *call, struct error *err) {
    (void)err;
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = json_new_object();
        json_put_string(document, "version", ECMIG_VERSION);
        output_json(call->output, document);
    } else {
        output_text(call->output, "ecmig " ECMIG_VERSION "\n");
    }
    return EXIT_CLASS_OK;
}

const struct command command_version = {
    .name = "version",
    .workflow = WORKFLOW_PROGRAM,
    .examples = "ecmig version --format json",
    .touches = "nothing",
    .summary = "Show the version of ecmig",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_version,
};
