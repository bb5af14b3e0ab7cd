/* TLS of the target once the migration is over: preferred beside plaintext, then required. */
#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"

#define CALL_MS 60000

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    (void)target;
    return elasticache_encrypt(run->site->service, run->step->object,
                               run->step->effects.items[0].after, clock_mono_ms() + CALL_MS, err);
}

static bool encrypt(struct step_run *run, struct error *err) {
    bool encrypted = target_change(run, send, err);
    site_forget_target(run->site); /* its endpoints may have other names now */
    return encrypted;
}

const struct step_runner step_encrypt_target = { .changes_group = true,
                                                 .probe = target_probe,
                                                 .run = encrypt };
