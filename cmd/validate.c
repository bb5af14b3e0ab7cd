/* ecmig validate: every fault of migration files at once. */
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/frame/faults.h"
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
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(strings_clear) struct strings good = { 0 };
    for (size_t i = 0; i < call->arguments->count; i++)
        check_file(call->arguments->items[i], &faults, &good);
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = json_new_object();
        json_put(document, "findings", faults_json(&faults));
        json_put_strings(document, "ok", &good);
        output_json(call->output, document);
    } else {
        AUTO(text_clear) struct text text = { 0 };
        faults_add(&text, &faults);
        for (size_t i = 0; i < good.count; i++)
            text_addf(&text, "%s: ok\n", good.items[i]);
        output_text(call->output, text_string(&text));
    }
    return faults.count ? EXIT_CLASS_CONFIG : EXIT_CLASS_OK;
}

const struct command command_validate = {
    .name = "validate",
    .arguments = "FILE…",
    .argument_minimum = 1,
    .argument_maximum = ARGUMENTS_UNBOUNDED,
    .touches = "nothing",
    .summary = "Show every fault of a migration file, with line, column and a hint",
    .description = "Reads the files and nothing else; - is stdin. Each fault is a line "
                   "file:line:column: fault, with what to do below it.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_validate,
};
