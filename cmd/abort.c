/* ecmig abort: give a migration up, or go on with an abort that was begun. */
#include "cmd/migration/execution.h"
#include "cmd/migration/result.h"

static const struct option_row abort_options[] = { EXECUTION_OPTIONS };

static enum exit_class run_abort(const struct call *call, struct error *err) {
    const struct gate_options none = { 0 };
    return execution_run(call, PLAN_ABORT, &none, err);
}

const struct command command_abort = {
    .name = "abort",
    .workflow = WORKFLOW_RECOVER,
    .examples = "ecmig plan orders.yaml --mode abort\n"
                "ecmig abort orders.yaml --approve sha256:DIGEST",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "everything",
    .summary = "Give the migration up: the source stays authoritative, and loses nothing",
    .description =
        "Short for 'ecmig plan --mode abort FILE' and carrying that plan out: ends the "
        "replication (CompleteMigration with Force), takes the fence off the source and "
        "gives its settings back. It needs a confirmation of its own: --approve, "
        "--auto-approve, or an answer on the terminal. The replication group stays, with "
        "what was copied; replication has to start over.\n\n"
        "Once begun, an abort is only ever gone on with, by this command or by 'ecmig "
        "apply FILE'; the run that it gave up is not. Refused with exit 3 after the "
        "switch was begun.",
    .options = abort_options,
    .option_count = COUNT(abort_options),
    .run = run_abort,
    .refused = result_refused,
};
