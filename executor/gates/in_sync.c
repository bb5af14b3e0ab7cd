/* The link is up and the lag stays under the limit for the time asked, now, not when it was copied.
 */
#include "executor/gates/gate.h"

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    (void)gate;
    return step_sync.run(run, err);
}

const struct gate_condition gate_condition_in_sync = { .name = "in_sync", .pass = pass };
