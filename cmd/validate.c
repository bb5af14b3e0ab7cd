/* ecmig validate: every fault of migration files at once. */
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/views/validation.h"
#include "cmd/views/view.h"
#include "schemas/base/memory.h"
#include "schemas/config/config.h"

/* A file that cannot be read is a fault without a place. */
static void check_file(const char *path, struct findings *faults, struct strings *good) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings found = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (config_load(path, &config, &found, &err)) {
        strings_add(good, strcmp(path, "-") == 0 ? "stdin" : path);
        return;
    }
    if (!found.count)
        string_replace(&finding_add(&found, SEVERITY_ERROR, NULL, path, "%s", err.message)->remedy,
                       err.hint);
    for (size_t i = 0; i < found.count; i++)
        *LIST_ADD(faults) = found.items[i];
    found.count = 0;
}

static enum exit_class run_validate(const struct call *call, struct error *err) {
    (void)err;
    AUTO(validation_clear) struct validation validation = { 0 };
    for (size_t i = 0; i < call->arguments->count; i++)
        check_file(call->arguments->items[i], &validation.faults, &validation.good);
    view_show(call->output, &(struct view){ DOCUMENT_VALIDATION, .validation = &validation });
    return validation.faults.count ? EXIT_CLASS_CONFIG : EXIT_CLASS_OK;
}

const struct command command_validate = {
    .name = "validate",
    .workflow = WORKFLOW_SET_UP,
    .examples = "ecmig validate orders.yaml\n"
                "ecmig validate fleet/*.yaml --format json",
    .arguments = "FILE…",
    .argument_minimum = 1,
    .argument_maximum = ARGUMENTS_UNBOUNDED,
    .touches = "nothing",
    .summary = "Show every error of a migration file, with line, column and a hint",
    .description = "Reads the file and the files it names, and nothing else; - is stdin. Each "
                   "error is one line file:line:column: error, with the remedy below it.",
    .formats = FORMATS_ALL,
    .run = run_validate,
};
