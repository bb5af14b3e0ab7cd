/* Until the copy is complete and the target keeps up. */
#include <inttypes.h>

#include "planner/predict.h"
#include "planner/steps/step.h"
#include "schemas/base/units.h"

static int64_t timeout(const struct situation *situation) {
    return situation->config->replication.timeout_ms / 1000;
}

static void describe(const struct step_words *of, struct text *reason) {
    const struct config_in_sync *in_sync = &of->situation->config->replication.in_sync;
    text_add(reason, of->situation->clustered ? "wait until the lag of every shard < "
                                              : "wait until lag < ");
    units_add_bytes(reason, in_sync->max_lag_bytes);
    text_add(reason, " for ");
    units_add_duration(reason, in_sync->for_ms);
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    if (situation->replicating) {
        text_add(range, "up to 1 min");
        text_add(basis, "the target follows already");
        return;
    }
    int64_t from = situation->shard_bytes / PREDICT_FAST_BYTES_PER_S / 60;
    int64_t to = situation->shard_bytes / PREDICT_SLOW_BYTES_PER_S / 60 + 1;
    if (from)
        text_addf(range, "%" PRId64 "-%" PRId64 " min", from, to);
    else
        text_addf(range, "up to %" PRId64 " min", to);
    units_add_bytes(basis, situation->shard_bytes);
    text_addf(basis, "%s at 50-75 MiB/s", situation->primaries > 1 ? " of the largest shard" : "");
}

const struct planned_step planned_sync = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = before_promotion,
    .phase = PHASE_REPLICATE,
    .action = ACTION_CHECK,
    .impact = IMPACT_LATENCY,
    .done_when = "the link is up and the lag has stayed below the limit for the required time",
    .attempts = 1,
    .timeout = timeout,
    .describe = describe,
    .estimate = estimate,
};
