/* ecmig abort: abort a migration, or resume an abort. */
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
    .summary = "Abort the migration; the source stays authoritative and no write is lost",
    .description =
        "Short for 'ecmig plan --mode abort FILE' followed by applying that plan: ends the "
        "replication (CompleteMigration with Force), lifts the fence and restores the source's "
        "settings. It needs its own confirmation: --approve, --auto-approve, or an answer on the "
        "terminal. The replication group stays, with the data that was copied; a later migration "
        "has to copy again.\n\nAn abort that has begun can only be resumed, by this command or by "
        "'ecmig apply FILE'; the aborted run cannot be resumed. Refused with exit 3 after the "
        "switch has begun.",
    .options = abort_options,
    .option_count = COUNT(abort_options),
    .run = run_abort,
    .refused = result_refused,
};
