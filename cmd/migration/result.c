#include "cmd/migration/result.h"

#include "cmd/migration/report.h"
#include "schemas/base/memory.h"

static bool is_resumable(enum exit_class class) {
    return class == EXIT_CLASS_GATE || class == EXIT_CLASS_INTERRUPTED ||
           class == EXIT_CLASS_STEP_FAILED || class == EXIT_CLASS_UNCERTAIN ||
           class == EXIT_CLASS_ROLLED_BACK || class == EXIT_CLASS_BLOCKED ||
           class == EXIT_CLASS_STALE || class == EXIT_CLASS_ABORTED ||
           class == EXIT_CLASS_NOT_RECORDED;
}

void result_set(struct run_result *result, enum exit_class class, bool changed) {
    result->exit_code = exit_class_status(class);
    string_replace(&result->class, exit_class_name(class));
    result->resumable = is_resumable(class);
    result->retryable = class == EXIT_CLASS_LOCKED || class == EXIT_CLASS_INTERRUPTED;
    result->changed = changed;
}

void result_refused(const struct options *options, struct output *output, enum exit_class class) {
    AUTO(run_result_clear) struct run_result result = { 0 };
    result_set(&result, class, false);
    report_result(output, options_string(options, "result"), &result);
}
