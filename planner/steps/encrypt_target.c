/* TLS, in two steps: preferred, then required. It must be off while migrating. The endpoints may
 * change their names. */
#include <string.h>

#include "planner/steps/step.h"

static bool may_encrypt(const struct situation *situation) {
    return situation->config->target.tls_after_cutover && !situation->config->target.managed_by &&
           tls_is_offered(situation);
}

static bool must_require(const struct situation *situation) {
    return may_encrypt(situation) &&
           strcmp(situation->config->target.tls_after_cutover, "required") == 0;
}

static void describe(const struct step_words *of, struct text *reason) {
    bool required = strcmp(of->step->key, step_key_encrypt_target_only) == 0;
    text_addf(reason,
              required ? "require TLS on %s: clients without TLS are refused from here on"
                       : "prefer TLS on %s: optional for clients",
              of->step->object);
}

static void prefer(const struct situation *situation, struct plan_step *step) {
    effect_add(step, "target.transit_mode", situation->observed->target.transit_mode, "preferred");
}

static void require(const struct situation *situation, struct plan_step *step) {
    (void)situation;
    effect_add(step, "target.transit_mode", "preferred", "required");
}

static unsigned permissions(const struct config *config) {
    bool owned = config->target.managed_by != NULL;
    return !owned && config->target.tls_after_cutover ? IAM_MODIFY : 0;
}

#define ENCRYPT(condition, effects, impact_)                                                       \
    {                                                                                              \
        .modes = IN_MIGRATE, .scope = SCOPE_TARGET, .when = condition, .phase = PHASE_FINISH,      \
        .action = ACTION_CHANGE, .impact = impact_, .precondition = "the group is available",      \
        .done_when = "the group is available in this mode", .attempts = 3, .timeout_s = HOURS(2),  \
        .describe = describe, .add_effects = effects, .permissions = permissions,                  \
    }

const struct planned_step planned_encrypt_target = ENCRYPT(may_encrypt, prefer, IMPACT_NONE);
const struct planned_step planned_encrypt_target_only =
    ENCRYPT(must_require, require, IMPACT_DISCONNECT);
