/* Abort: CompleteMigration with Force ends the replication in any state. The target becomes a
 * primary of its own, with the data that it holds; the source stays authoritative. */
#include <string.h>

#include "executor/moment.h"
#include "executor/site/mark.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define AGAIN_AFTER_MS 60000 /* an accepted request that shows no effect, or one without answer */
#define AGAIN_AFTER_REFUSAL_MS 1000
#define ORPHANED_AFTER_MS 10000 /* long after a start that was accepted is seen */

struct ending {
    int64_t again_mono_ms;         /* when to send once more, should nothing have changed by then */
    int64_t refused_since_mono_ms; /* not under migration, as the service says; 0: it does not */
};

/* *followed: by one that has none, whom a node of it follows. */
static bool every_group_has_a_primary(const struct site *site, const struct replications *seen,
                                      const char **followed) {
    bool all = true;
    for (size_t g = 0; g < site->groups.count; g++) {
        const char *follows = NULL;
        bool has = false;
        for (size_t i = 0; i < seen->count; i++) {
            if (site->targets.items[i].group != g)
                continue;
            has |= seen->items[i].is_primary;
            follows = seen->items[i].follows;
        }
        if (!has)
            *followed = follows;
        all = all && has;
    }
    return all;
}

/* A group that was deleted follows nobody. Between two states (a start or a completion is being
 * carried out) nothing is settled. */
static bool look(struct step_run *run, bool *done, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    const char *name = run->site->config->target.replication_group;
    if (!elasticache_describe(run->site->service, name, clock_mono_ms() + 30000, &group, err)) {
        *done = err->code == ERROR_NOT_FOUND;
        if (*done)
            error_clear(err);
        return *done;
    }
    if (!site_targets(run->site, err))
        return false;
    site_list(run->site, SITE_TARGETS, &targets);
    if (!replication_ask_many(&targets, "replication", REDIS_NOW, &seen, err))
        return false;
    bool settled =
        strcmp(group.status, "available") == 0 || strcmp(group.status, "snapshotting") == 0;
    const char *followed = NULL;
    *done = settled && every_group_has_a_primary(run->site, &seen, &followed);
    if (settled && followed)
        json_put_string(run->evidence, "follows", followed);
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

static bool send_force(struct step_run *run, struct ending *ending, struct error *err) {
    int64_t signature_expires_at_ms = 0;
    if (!mark_judge(run->site, err) || !step_may_act(run, err))
        return false;
    ending->again_mono_ms = clock_mono_ms() + AGAIN_AFTER_MS;
    bool accepted =
        elasticache_complete(run->site->service, run->site->config->target.replication_group, true,
                             clock_mono_ms() + 60000, &signature_expires_at_ms, err);
    moment("after CompleteMigration with Force");
    bool over = error_is_remote(err, "ReplicationGroupNotUnderMigrationFault");
    if (!over)
        ending->refused_since_mono_ms = 0;
    else if (!ending->refused_since_mono_ms)
        ending->refused_since_mono_ms = clock_mono_ms();
    if (accepted || err->code == ERROR_LOST_ANSWER) {
        error_clear(err);
        return true;
    }
    /* Not under migration: it has ended, or a start is not seen yet. A state in which it cannot be
     * done passes. */
    if (!over && !error_is_remote(err, "InvalidReplicationGroupState") &&
        err->code != ERROR_THROTTLED)
        return false;
    ending->again_mono_ms = clock_mono_ms() + AGAIN_AFTER_REFUSAL_MS;
    error_clear(err);
    return true;
}

/* The service has ended the migration and left the nodes as they were: no call takes them off the
 * source, which is authoritative all the same. */
static bool is_orphaned(struct step_run *run, const struct ending *ending) {
    const char *follows = json_find_string(run->evidence, "follows");
    if (!follows || !ending->refused_since_mono_ms ||
        clock_mono_ms() - ending->refused_since_mono_ms < ORPHANED_AFTER_MS)
        return false;
    events_warn(run->site->events, run->step->id,
                "the service reports that group %s is not under migration, but it still follows "
                "%s: delete it, or ask AWS Support",
                run->step->object, follows);
    json_put_bool(run->evidence, "orphaned", true);
    return true;
}

static bool force(struct step_run *run, struct error *err) {
    int64_t pause_ms = 20;
    struct ending ending = { 0 };
    for (bool done = false;;) {
        if (!probe(run, &done, err))
            return false;
        if (done || is_orphaned(run, &ending))
            return true;
        if (clock_mono_ms() >= ending.again_mono_ms && !send_force(run, &ending, err))
            return false;
        step_progress(run, "waiting for the service to end the replication");
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 2000 ? pause_ms * 2 : 2000;
    }
}

const struct step_runner step_force_complete = { .changes_group = true,
                                                 .probe = probe,
                                                 .run = force };
