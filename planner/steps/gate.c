/* The run waits here for what the gate needs (schemas/plan/gate_conditions.def). */
#include "planner/steps/step.h"

#include <string.h>

#include "planner/harden.h"
#include "schemas/base/memory.h"
#include "schemas/observed/protection.h"

static void describe(const struct step_words *of, struct text *reason) {
    if (strcmp(of->step->key, step_key_gate) == 0)
        text_add(reason, "the cutover waits here");
    else
        text_add(reason, "wait here until every client uses TLS; the applications already use the "
                         "target, and nothing of the source waits for this");
}

/* The next steps refuse clients that have not been moved. */
static bool must_harden(const struct situation *situation) {
    const char *tls = harden_tls_wanted(situation);
    AUTO(string_free) char *auth = harden_auth_wanted(situation);
    AUTO(string_free) char *now = harden_auth_at_cutover(situation);
    bool requires_tls = tls && strcmp(tls, TLS_REQUIRED) == 0 &&
                        strcmp(harden_tls_at_cutover(situation), TLS_REQUIRED) != 0;
    return requires_tls || (auth && !string_same(auth, now));
}

const struct planned_step planned_gate = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = before_promotion,
    .phase = PHASE_REPLICATE,
    .action = ACTION_GATE,
    .done_when = "every condition of the gate holds",
    .attempts = 1,
    .timeout_s = HOURS(24),
    .describe = describe,
};

const struct planned_step planned_gate_harden = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_harden,
    .phase = PHASE_FINISH,
    .action = ACTION_GATE,
    .done_when = "every condition of the gate holds",
    .attempts = 1,
    .timeout_s = HOURS(24),
    .describe = describe,
};
