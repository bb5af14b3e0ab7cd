/* ecmig apply: run an approved plan, or resume a run. */
#include "cmd/migration/execution.h"
#include "cmd/migration/result.h"

static const char *const gate_choices[] = { "exit", "wait", NULL };
enum { ON_GATE_EXIT, ON_GATE_WAIT };

static const struct option_row apply_options[] = {
    EXECUTION_OPTIONS,
    { "approve-gate", OPTION_STRING, .value = "NAME", .summary = "approve a gate of the plan" },
    { "on-gate", OPTION_CHOICE, .choices = gate_choices, .standard = "exit",
      .summary = "what to do at a closed gate" },
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
    .summary = "Run an approved plan; run the same command again to resume",
    .description =
        "Takes the lock, observes everything again and makes the plan again; starts only if its "
        "digest is the approved one: given with --approve, recorded in the state repository, or "
        "that of PLAN. A commit is made before and after every change. The process may be killed "
        "at any moment; run the same command again to resume.\n\nAt a closed gate it exits with 7 "
        "and says what it waits for; the target continues to replicate. INT, TERM and HUP stop it "
        "at the next safe point with exit 8. A shell does not forward these signals: as the last "
        "command of a CI step, write 'exec ecmig apply …', so that the signal of a canceled job "
        "reaches it.\n\nIf the state repository is unreachable after a change, apply retries for "
        "five minutes or until a signal. Then it exits with 12 and writes a spool beside the file "
        "and to stderr ('ecmig help recover'); while a spool exists that has not been merged, "
        "apply does not start (exit 3). On the machine that has the journal, the same command "
        "merges it by itself.",
    .options = apply_options,
    .option_count = COUNT(apply_options),
    .run = run_apply,
    .refused = result_refused,
};
