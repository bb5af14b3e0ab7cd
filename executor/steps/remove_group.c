/* Abort: deletes the group that the run created, while it holds nothing. What carries another run's
 * tag, or holds a key by now, stays and is named. */
#include <string.h>

#include "executor/moment.h"
#include "executor/site/mark.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

#define CALL_MS 30000

static bool stay(struct step_run *run, const char *why) {
    json_put_bool(run->evidence, "removed", false);
    json_put_string(run->evidence, "why", why);
    events_warn(run->site->events, run->step->id, "group %s stays: %s", run->step->object, why);
    return true;
}

static bool is_of_record(struct step_run *run, const struct replication_group *group, bool *is,
                         struct error *err) {
    AUTO(pairs_clear) struct pairs tags = { 0 };
    const char *created_by =
        json_find_string(run->site->plan->core.observed.facts, "history.created_by");
    if (!elasticache_tags(run->site->service, group->arn, clock_mono_ms() + CALL_MS, &tags, err))
        return false;
    /* A later run of this record that resumed it has put its own mark there. */
    const char *tag = pairs_find(&tags, MARK_TAG_RUN);
    *is = tag && created_by && mark_is_known(run->site, tag);
    return true;
}

static bool is_empty(struct step_run *run, bool *is, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    if (!site_targets(run->site, err))
        return false;
    site_list(run->site, SITE_TARGETS, &targets);
    if (!many_call(&targets, REDIS_NOW, &replies, err, "INFO", "keyspace", NULL))
        return false;
    *is = replies.count > 0;
    for (size_t i = 0; i < replies.count; i++)
        *is = *is && !strstr(redis_text(replies.items[i]), ":keys=");
    return true;
}

/* Right before the call, because it cannot be taken back. *why: what forbids it, else NULL. */
static bool may_delete(struct step_run *run, const struct replication_group *group,
                       const char **why, struct error *err) {
    bool ours = false, empty = strcmp(group->status, "create-failed") == 0;
    if (!is_of_record(run, group, &ours, err) || (ours && !empty && !is_empty(run, &empty, err)))
        return false;
    *why = !ours ? "it does not carry the tag of the aborted run" : !empty ? "it holds keys" : NULL;
    return true;
}

static bool finish(struct step_run *run, struct error *err) {
    const struct config_target *target = &run->site->config->target;
    json_put_bool(run->evidence, "removed", true);
    return elasticache_delete_parameters(run->site->service, target->replication_group,
                                         clock_mono_ms() + CALL_MS, err);
}

/* A refusal for its state passes; a lost answer shows at the next look. */
static bool send(struct step_run *run, struct error *err) {
    if (!step_may_act(run, err))
        return false;
    bool sent =
        elasticache_delete(run->site->service, run->step->object, clock_mono_ms() + 60000, err);
    moment("after DeleteReplicationGroup");
    if (!sent && err->code != ERROR_LOST_ANSWER &&
        !error_is_remote(err, "ReplicationGroupNotFoundFault") &&
        !error_is_remote(err, "InvalidReplicationGroupState"))
        return false;
    error_clear(err);
    return true;
}

/* *over: it is gone, or it stays. */
static bool advance(struct step_run *run, bool *over, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    const char *why = NULL;
    if (!elasticache_describe(run->site->service, run->step->object, clock_mono_ms() + CALL_MS,
                              &group, err)) {
        *over = err->code == ERROR_NOT_FOUND;
        if (*over)
            error_clear(err);
        return *over && finish(run, err);
    }
    step_progress(run, "group %s is %s", group.id, group.status);
    if (strcmp(group.status, "available") != 0 && strcmp(group.status, "create-failed") != 0)
        return true;
    if (!may_delete(run, &group, &why, err))
        return false;
    *over = why != NULL;
    if (why)
        return stay(run, why);
    if (send(run, err))
        return true;
    *over = err->code == ERROR_ACCESS_DENIED;
    if (!*over)
        return false;
    error_clear(err);
    return stay(run, "these credentials may not delete it");
}

static bool remove_group(struct step_run *run, struct error *err) {
    int64_t pause_ms = 100;
    for (bool over = false;;) {
        if (!advance(run, &over, err))
            return false;
        if (over)
            return true;
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 5000 ? pause_ms * 2 : 5000;
    }
}

const struct step_runner step_remove_group = { .changes_group = true, .run = remove_group };
