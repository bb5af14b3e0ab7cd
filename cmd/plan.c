/* ecmig plan: every step the migration would take, and every reason not to take it. */
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "cmd/views/view.h"
#include "planner/planner.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

static const struct option_row plan_options[] = {
    { "out", OPTION_STRING, .value = "PLAN",
      .summary = "save the plan document, for review and for apply" },
    { "mode", OPTION_CHOICE, .choices = plan_mode_names, .standard = "migrate",
      .summary = "what to plan" },
    { "detailed-exitcode", OPTION_FLAG, .summary = "exit with 2 if there is something to do" },
    { "max-bytes", OPTION_BYTES, .value = "SIZE", .minimum = 2000, .maximum = 1000000,
      .summary = "maximum length of a markdown page (60000); explanations are left out first" },
};

static bool save(const struct plan *plan, const char *path, struct error *err) {
    AUTO(string_free) char *document = plan_write(plan, JSON_PRETTY);
    AUTO(string_free) char *with_newline = xasprintf("%s\n", document);
    return file_write(path, with_newline, strlen(with_newline), 0600, err);
}

static enum exit_class run_plan(const struct call *call, struct error *err) {
    AUTO(session_close) struct session session = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    const char *out = options_string(call->options, "out");
    enum plan_mode mode = (enum plan_mode)options_choice(call->options, "mode");
    output_passing(call->output, SESSION_LOOKS);
    if (!session_open(call, false, &session, err) ||
        !session_plan(&session, mode, &plan, NULL, err))
        return error_exit_class(err->code);
    view_show(
        call->output,
        &(struct view){ DOCUMENT_PLAN, .plan = { &plan, session.words,
                                                 options_int(call->options, "max-bytes", 0) } });
    if (out && !save(&plan, out, err))
        return error_exit_class(err->code);
    if (!plan.context.applyable)
        return EXIT_CLASS_BLOCKED;
    bool detailed = options_flag(call->options, "detailed-exitcode");
    return detailed && plan_has_changes(&plan) ? EXIT_CLASS_CHANGES_PENDING : EXIT_CLASS_OK;
}

const struct command command_plan = {
    .name = "plan",
    .workflow = WORKFLOW_PLAN,
    .examples = "ecmig plan orders.yaml\n"
                "ecmig plan orders.yaml --out plan.json --format markdown >comment.md\n"
                "ecmig plan orders.yaml --mode abort --detailed-exitcode",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads",
    .summary = "Observe, check, and show every step the migration would take",
    .description = "Looks at the source, the target and the record of earlier runs, checks every "
                   "prerequisite and prints the ordered steps with a digest. Changes nothing, "
                   "takes no lock, and may be run at any time, also during a migration. The same "
                   "situation gives the same digest, independent of the traffic.\n\nExits with 3 "
                   "if a finding of severity error blocks the plan.",
    .options = plan_options,
    .option_count = COUNT(plan_options),
    .formats = FORMATS_ALL,
    .run = run_plan,
};
