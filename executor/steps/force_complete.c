/* Abort: CompleteMigration with Force ends the replication whatever its state. The target becomes a
 * primary of its own, with whatever it holds; the source stays authoritative. */
#include <string.h>

#include "executor/moment.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define AGAIN_AFTER_MS 60000 /* an accepted request that shows no effect, or one without answer */
#define AGAIN_AFTER_REFUSAL_MS 1000

/* A group that was deleted follows nobody. Between two states (a start or a completion is being
 * carried out) nothing is settled. */
static bool look(struct step_run *run, bool *done, struct error *err) {
    struct redis_connection *target;
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(replication_clear) struct replication seen = { 0 };
    const char *name = run->site->config->target.replication_group;
    if (!elasticache_describe(run->site->service, name, clock_mono_ms() + 30000, &group, err)) {
        *done = err->code == ERROR_NOT_FOUND;
        if (*done)
            error_clear(err);
        return *done;
    }
    if (!site_target(run->site, &target, err) ||
        !replication_ask(target, "replication", REDIS_NOW, &seen, err))
        return false;
    *done = seen.is_primary &&
            (strcmp(group.status, "available") == 0 || strcmp(group.status, "snapshotting") == 0);
    if (*done)
        json_put(run->evidence, "target", shape_write(&replication_shape, &seen));
    return true;
}

/* A node that is being promoted may close its connections. */
static bool probe(struct step_run *run, bool *done, struct error *err) {
    if (look(run, done, err))
        return true;
    if (err->code != ERROR_UNREACHABLE && err->code != ERROR_DEADLINE &&
        err->code != ERROR_THROTTLED)
        return false;
    site_forget_target(run->site);
    error_clear(err);
    return true;
}

/* *again_mono_ms: when to send once more, should nothing have changed by then. */
static bool send_force(struct step_run *run, int64_t *again_mono_ms, struct error *err) {
    int64_t signature_expires_at_ms = 0;
    if (!step_may_act(run, err))
        return false;
    *again_mono_ms = clock_mono_ms() + AGAIN_AFTER_MS;
    bool accepted =
        elasticache_complete(run->site->service, run->site->config->target.replication_group, true,
                             clock_mono_ms() + 60000, &signature_expires_at_ms, err);
    moment("after CompleteMigration with Force");
    if (accepted || err->code == ERROR_LOST_ANSWER) {
        error_clear(err);
        return true;
    }
    /* Not under migration: it has ended, or a start is not seen yet. A state in which it cannot be
     * done passes. */
    if (!error_is_remote(err, "ReplicationGroupNotUnderMigrationFault") &&
        !error_is_remote(err, "InvalidReplicationGroupState") && err->code != ERROR_THROTTLED)
        return false;
    *again_mono_ms = clock_mono_ms() + AGAIN_AFTER_REFUSAL_MS;
    error_clear(err);
    return true;
}

static bool force(struct step_run *run, struct error *err) {
    int64_t pause_ms = 20, again_mono_ms = 0;
    for (bool done = false;;) {
        if (!probe(run, &done, err))
            return false;
        if (done)
            return true;
        if (clock_mono_ms() >= again_mono_ms && !send_force(run, &again_mono_ms, err))
            return false;
        step_progress(run, "waiting for the service to end the replication");
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 2000 ? pause_ms * 2 : 2000;
    }
}

const struct step_runner step_force_complete = { .probe = probe, .run = force };
