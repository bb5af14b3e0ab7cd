/* TLS of the target, always one mode at a time, which the service asks for: off by way of
 * preferred before the migration, which refuses any, and on by way of preferred after it. The
 * endpoints have other names with TLS than without. */
#include "planner/steps/harden_step.h"

#include "schemas/observed/protection.h"

#define TLS_RANGE "5-30 min"

static bool must_relax(const struct situation *situation) {
    return harden_drops_tls(situation) &&
           string_same(protection_tls(&situation->observed->target), TLS_REQUIRED);
}

static bool must_drop(const struct situation *situation) {
    return harden_drops_tls(situation);
}

static bool must_prefer(const struct situation *situation) {
    return harden_tls_wanted(situation) && string_same(harden_tls_at_cutover(situation), TLS_OFF);
}

static bool must_require(const struct situation *situation) {
    return string_same(harden_tls_wanted(situation), TLS_REQUIRED) &&
           !string_same(harden_tls_at_cutover(situation), TLS_REQUIRED);
}

static bool may_differ(const struct situation *situation, const char *wanted) {
    const struct observed_target *target = &situation->observed->target;
    return !string_same(target->status, "available") ||
           protection_rank(protection_tls(target)) < protection_rank(wanted);
}

static bool must_prefer_again(const struct situation *situation) {
    return harden_lost(situation, "transit_mode") && may_differ(situation, TLS_PREFERRED);
}

static bool must_require_again(const struct situation *situation) {
    return string_same(harden_lost(situation, "transit_mode"), TLS_REQUIRED) &&
           may_differ(situation, TLS_REQUIRED);
}

static void describe(const struct step_words *of, struct text *reason) {
    const char *group = of->step->object, *after = of->step->effects.items[0].after;
    bool before_migration = of->step->phase == PHASE_PREPARE;
    if (string_same(after, TLS_OFF))
        text_addf(reason,
                  "turn off TLS of %s, which the migration refuses: its endpoints get other names, "
                  "and all clients of it are disconnected",
                  group);
    else if (string_same(after, TLS_REQUIRED))
        text_addf(reason, "require TLS on %s: clients without TLS are refused from here on", group);
    else
        text_addf(reason, "prefer TLS on %s: optional for clients%s", group,
                  before_migration ? ", on the way to off" : "");
}

static void relax(const struct situation *situation, struct plan_step *step) {
    (void)situation;
    effect_add(step, "target.transit_mode", TLS_REQUIRED, TLS_PREFERRED);
}

static void drop(const struct situation *situation, struct plan_step *step) {
    (void)situation;
    effect_add(step, "target.transit_mode", TLS_PREFERRED, TLS_OFF);
}

/* Without TLS the service tells no mode. */
static void prefer(const struct situation *situation, struct plan_step *step) {
    (void)situation;
    effect_add(step, "target.transit_mode", NULL, TLS_PREFERRED);
}

static void require(const struct situation *situation, struct plan_step *step) {
    (void)situation;
    effect_add(step, "target.transit_mode", TLS_PREFERRED, TLS_REQUIRED);
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, TLS_RANGE));
    text_add(basis, "changes every node in turn; the service publishes no figure");
}

static unsigned permissions(const struct config *config) {
    bool owned = config->target.managed_by != NULL;
    return !owned && config_tls_later(&config->target) ? IAM_MODIFY : 0;
}

#define ENCRYPT(modes_, phase_, condition, effects, impact_, ...)                                  \
    HARDEN(modes_, phase_, condition, effects, impact_,                                            \
           .done_when = "the group is available in this mode", .timeout_s = HOURS(2), __VA_ARGS__)

const struct planned_step planned_encrypt_target =
    ENCRYPT(IN_MIGRATE, PHASE_PREPARE, must_relax, relax, IMPACT_NONE, HARDEN_UNDONE);
const struct planned_step planned_encrypt_target_off =
    ENCRYPT(IN_MIGRATE, PHASE_PREPARE, must_drop, drop, IMPACT_DISCONNECT, HARDEN_UNDONE);
const struct planned_step planned_encrypt_target_too =
    ENCRYPT(IN_MIGRATE, PHASE_FINISH, must_prefer, prefer, IMPACT_NONE, );
const struct planned_step planned_encrypt_target_only =
    ENCRYPT(IN_MIGRATE, PHASE_FINISH, must_require, require, IMPACT_DISCONNECT, );
const struct planned_step planned_encrypt_target_again =
    ENCRYPT(IN_ABORT, PHASE_ABORT, must_prefer_again, prefer, IMPACT_NONE, );
const struct planned_step planned_encrypt_target_again_only =
    ENCRYPT(IN_ABORT, PHASE_ABORT, must_require_again, require, IMPACT_NONE, );
