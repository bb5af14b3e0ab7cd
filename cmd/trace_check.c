/* ecmig trace check: what a recorded environment does that ecmig does not expect. */
#include "cmd/frame/command.h"
#include "cmd/views/trace.h"
#include "cmd/views/view.h"
#include "providers/trace/check.h"
#include "schemas/base/files.h"
#include "schemas/trace/trace.h"

static enum exit_class run_trace_check(const struct call *call, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(trace_report_clear) struct trace_report report = { 0 };
    const char *path = call->arguments->items[0];
    if (!file_read(path, TRACE_CEILING_BYTES, &bytes, err))
        return error_exit_class(err->code);
    trace_check(text_string(&bytes), bytes.length, &report);
    const struct trace_page page = { path, &report };
    view_show(call->output, &(struct view){ DOCUMENT_TRACE, .trace = &page });
    return report.differences.count ? EXIT_CLASS_BLOCKED : EXIT_CLASS_OK;
}

const struct command command_trace_check = {
    .name = "trace check",
    .workflow = WORKFLOW_LOOK,
    .examples = "ecmig trace check orders.jsonl\n"
                "ecmig trace check orders.jsonl --format json",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "nothing",
    .summary = "Show how a recorded environment differs from what ecmig believes",
    .description =
        "Reads each recorded answer with the client's own parsers, and compares members, "
        "statuses, their order, events, error codes, replies and times with what ecmig and the "
        "local endpoint assume. Each difference has its line, and what it would mean. Exits with "
        "3 if there is one. A difference is not a failure of the run that was recorded: report it "
        "with the trace, after you have read the trace.",
    .formats = FORMATS_ALL,
    .run = run_trace_check,
};
