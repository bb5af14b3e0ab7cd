/* TLS of the target, one mode at a time: off for the migration, on again when it is over. */
#include "executor/steps/clients.h"
#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"

#define CALL_MS 60000

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    (void)target;
    return elasticache_encrypt(run->site->service, run->step->object,
                               run->step->effects.items[0].after, clock_mono_ms() + CALL_MS, err);
}

static bool encrypt(struct step_run *run, struct error *err) {
    return target_change(run, &(struct target_order){ .send = send }, err) &&
           clients_follow(run, err);
}

const struct step_runner step_encrypt_target = {
    .changes_group = true, .intend = target_intend, .probe = clients_probe, .run = encrypt
};
