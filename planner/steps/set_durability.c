/* Durability of the target: off before the migration, which refuses it, and on again when TLS,
 * which it needs, is back. Source: AWS, Durability.ChangingDurability (October 2026). */
#include "planner/steps/harden_step.h"

#include <string.h>

#include "schemas/observed/protection.h"

static bool must_drop(const struct situation *situation) {
    return harden_drops_durability(situation);
}

static bool must_set(const struct situation *situation) {
    const char *wanted = situation->config->target.after_cutover.durability;
    const char *now = harden_drops_durability(situation)
                          ? DURABILITY_OFF
                          : protection_durability(&situation->observed->target);
    return wanted && harden_tls_wanted(situation) && strcmp(now, wanted) != 0;
}

static bool must_set_again(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    const char *lost = harden_lost(situation, "durability");
    return lost && (!target->status || strcmp(target->status, "available") != 0 ||
                    strcmp(protection_durability(target), lost) != 0);
}

static void describe(const struct step_words *of, struct text *reason) {
    const char *after = of->step->effects.items[0].after;
    if (strcmp(after, DURABILITY_OFF) == 0)
        text_addf(reason, "disable durability of %s, which the migration refuses",
                  of->step->object);
    else
        text_addf(reason, "durability %s on %s: the service persists writes %s it answers", after,
                  of->step->object, strcmp(after, "sync") == 0 ? "before" : "after");
}

static void drop(const struct situation *situation, struct plan_step *step) {
    effect_add(step, "target.durability", protection_durability(&situation->observed->target),
               DURABILITY_OFF);
}

static void set(const struct situation *situation, struct plan_step *step) {
    effect_add(step, "target.durability", DURABILITY_OFF,
               situation->config->target.after_cutover.durability);
}

static void set_again(const struct situation *situation, struct plan_step *step) {
    effect_add(step, "target.durability", DURABILITY_OFF, harden_lost(situation, "durability"));
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, "5-30 min"));
    text_add(basis, "applied while the group serves; the service publishes no figure");
}

static unsigned permissions(const struct config *config) {
    bool owned = config->target.managed_by != NULL;
    return !owned && config->target.after_cutover.durability ? IAM_MODIFY : 0;
}

#define DURABILITY(modes_, phase_, condition, effects, impact_, ...)                               \
    HARDEN(modes_, phase_, condition, effects, impact_,                                            \
           .done_when = "the group is available with this durability", .timeout_s = HOURS(2),      \
           __VA_ARGS__)

const struct planned_step planned_set_durability =
    DURABILITY(IN_MIGRATE, PHASE_PREPARE, must_drop, drop, IMPACT_NONE, HARDEN_UNDONE);
const struct planned_step planned_set_durability_on =
    DURABILITY(IN_MIGRATE, PHASE_FINISH, must_set, set, IMPACT_LATENCY, );
const struct planned_step planned_set_durability_again =
    DURABILITY(IN_ABORT, PHASE_ABORT, must_set_again, set_again, IMPACT_NONE, );
