/* ecmig apply: carry out a plan that was approved, or go on with one that was begun. */
#include "cmd/migration/execution.h"
#include "cmd/migration/result.h"

static const char *const gate_choices[] = { "exit", "wait", NULL };
enum { ON_GATE_EXIT, ON_GATE_WAIT };

static const struct option_row apply_options[] = {
    EXECUTION_OPTIONS,
    { "approve-gate", OPTION_STRING, .value = "NAME", .summary = "approve a gate of the plan" },
    { "on-gate", OPTION_CHOICE, .choices = gate_choices, .standard = "exit",
      .summary = "what to do at a gate that is closed" },
    { "until", OPTION_STRING, .value = "STEP", .summary = "stop before this step or gate" },
};

static enum exit_class run_apply(const struct call *call, struct error *err) {
    const struct gate_options gates = {
        .approved = options_string(call->options, "approve-gate"),
        .until = options_string(call->options, "until"),
        .wait = options_choice(call->options, "on-gate") == ON_GATE_WAIT,
    };
    return execution_run(call, PLAN_MIGRATE, &gates, err);
}

const struct command command_apply = {
    .name = "apply",
    .workflow = WORKFLOW_RUN,
    .examples = "ecmig apply orders.yaml --approve sha256:DIGEST    # stops at the gate, exit 7\n"
                "ecmig apply orders.yaml --approve-gate cutover\n"
                "ecmig apply plan.json --until cutover --events events.jsonl --result result.json",
    .arguments = "FILE|PLAN",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "everything",
    .summary = "Carry out an approved plan; the same command goes on where it stopped",
    .description = "Takes the lock, looks at everything again and makes the plan again; starts "
                   "only when its digest "
                   "is the approved one: given with --approve, recorded in the state repository, "
                   "or that of PLAN. "
                   "Every effect has a commit before and after it. The process may be killed at "
                   "any moment; the same "
                   "command goes on.\n\n"
                   "At a closed gate it ends with exit 7 and says what it waits for; the target "
                   "goes on replicating. "
                   "INT, TERM and HUP stop it at the next safe point with exit 8. A shell does not "
                   "pass them on: as the last command of a step of CI write 'exec ecmig apply …', "
                   "so that a job that is cancelled reaches it.\n\n"
                   "A state repository that is away after an effect is waited for, five minutes "
                   "long or until a signal. Then it ends with exit 12 and leaves a spool beside "
                   "the file and on stderr ('ecmig help recover'); while one is there that no "
                   "machine has merged, it does not start (exit 3). On the machine that has the "
                   "journal the same command merges it by itself.",
    .options = apply_options,
    .option_count = COUNT(apply_options),
    .run = run_apply,
    .refused = result_refused,
};
