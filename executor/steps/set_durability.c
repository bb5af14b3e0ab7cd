/* Durability of the target: off for the migration, on again when TLS is. */
#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"

#define CALL_MS 60000

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    (void)target;
    return elasticache_make_durable(run->site->service, run->step->object,
                                    run->step->effects.items[0].after, clock_mono_ms() + CALL_MS,
                                    err);
}

static bool set(struct step_run *run, struct error *err) {
    return target_change(run, &(struct target_order){ .send = send }, err);
}

const struct step_runner step_set_durability = {
    .changes_group = true, .intend = target_intend, .probe = target_probe, .run = set
};
