/* Gives each shard of a group that exists as many replicas as the file wants. */
#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"

#define CALL_MS 60000

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    const struct config_target *wanted = &run->site->config->target;
    (void)target;
    return elasticache_add_replicas(run->site->service, wanted->replication_group,
                                    wanted->replicas_per_shard, clock_mono_ms() + CALL_MS, err);
}

static bool add(struct step_run *run, struct error *err) {
    return target_change(run, &(struct target_order){ .send = send }, err);
}

const struct step_runner step_add_replicas = { .changes_group = true,
                                               .probe = target_probe,
                                               .run = add };
