/* Creates the replication group and waits until it is available. What carries another run's tag, or
 * none, is never adopted silently. */
#include <string.h>

#include "executor/moment.h"
#include "executor/site/mark.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"
#include "schemas/observed/observed.h"

/* A request whose answer was lost shows its effect within this, or did not arrive. */
#define SETTLE_MS 10000

static bool describe(struct step_run *run, struct replication_group *group, bool *exists,
                     struct error *err) {
    const char *name = run->site->config->target.replication_group;
    *exists = elasticache_describe(run->site->service, name, clock_mono_ms() + 30000, group, err);
    if (!*exists && err->code != ERROR_NOT_FOUND)
        return false;
    error_clear(err);
    return true;
}

static bool made_by_us(struct step_run *run, const struct replication_group *group, bool *ours,
                       struct error *err) {
    AUTO(pairs_clear) struct pairs tags = { 0 };
    if (!elasticache_tags(run->site->service, group->arn, clock_mono_ms() + 30000, &tags, err))
        return false;
    const char *made_by = NULL;
    for (size_t i = 0; i < tags.count; i++)
        if (strcmp(tags.items[i].name, MARK_TAG_RUN) == 0)
            made_by = tags.items[i].value;
    *ours = made_by && strcmp(made_by, journal_run(run->site->journal)) == 0;
    return true;
}

/* The slots of each shard, as the plan has them; none where the service splits them. */
static void planned_slots(const struct plan_step *step, struct strings *out) {
    static const char field[] = "slots ";
    for (size_t i = 0; i < step->effects.count; i++)
        if (strncmp(step->effects.items[i].field, field, sizeof field - 1) == 0)
            strings_add(out, step->effects.items[i].after);
}

/* A lost answer is not a failure: observation decides. What is there already came of an earlier
 * one. */
static bool send(struct step_run *run, bool *lost, struct error *err) {
    struct site *site = run->site;
    AUTO(pairs_clear) struct pairs tags = { 0 };
    AUTO(strings_clear) struct strings slots = { 0 };
    planned_slots(run->step, &slots);
    AUTO(string_free) char *record = mark_own_record(site);
    pairs_set(&tags, MARK_TAG_RUN, journal_run(site->journal));
    pairs_set(&tags, MARK_TAG_MIGRATION, site->config->migration);
    if (record)
        pairs_set(&tags, MARK_TAG_RECORD, record);
    if (!step_may_act(run, err))
        return false;
    bool again = *lost, sent = elasticache_create(site->service, &site->config->target,
                                                  slots.count ? &slots : NULL, &tags,
                                                  clock_mono_ms() + 60000, err);
    *lost = !sent && err->code == ERROR_LOST_ANSWER;
    if (!sent && !*lost && !(again && error_is_remote(err, "ReplicationGroupAlreadyExists")))
        return false;
    error_clear(err);
    return true;
}

static bool wait_available(struct step_run *run, bool lost, struct error *err) {
    int64_t pause_ms = 100, sent_mono_ms = clock_mono_ms();
    for (;;) {
        AUTO(replication_group_clear) struct replication_group group = { 0 };
        bool exists = false, ours = false;
        if (!describe(run, &group, &exists, err))
            return false;
        if (exists && strcmp(group.status, "create-failed") == 0)
            return error_set(err, ERROR_FAILED, "group '%s' could not be created: create-failed",
                             group.id);
        if (exists && strcmp(group.status, "available") == 0) {
            if (!made_by_us(run, &group, &ours, err))
                return false;
            json_put_string(run->evidence, "arn", group.arn);
            return ours || error_set(err, ERROR_BLOCKED, "group '%s' was created by something else",
                                     group.id);
        }
        if (!exists && lost && clock_mono_ms() - sent_mono_ms >= SETTLE_MS) {
            if (!send(run, &lost, err))
                return false;
            sent_mono_ms = clock_mono_ms();
        }
        step_progress(run, "group %s is %s", run->site->config->target.replication_group,
                      exists ? group.status : "not visible yet");
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 5000 ? pause_ms * 2 : 5000;
    }
}

static bool probe(struct step_run *run, bool *done, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    bool exists = false, ours = false;
    if (!describe(run, &group, &exists, err))
        return false;
    *done = false;
    if (!exists || strcmp(group.status, "available") != 0)
        return true;
    if (!made_by_us(run, &group, &ours, err))
        return false;
    *done = ours;
    if (ours)
        return true;
    error_set(err, ERROR_BLOCKED, "group '%s' now exists, and this run did not create it",
              group.id);
    return error_hint(err, "plan again: it did not exist when the plan was made");
}

static bool create(struct step_run *run, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    bool exists = false, lost = false;
    if (!describe(run, &group, &exists, err) || (!exists && !send(run, &lost, err)))
        return false;
    moment("after CreateReplicationGroup");
    return wait_available(run, lost, err);
}

static void left_over(const struct step_left *left, struct strings *out) {
    if (left->progress == PROGRESS_DONE)
        strings_addf(out, "group %s was created and stays", left->step->object);
    else if (left->progress == PROGRESS_STARTED)
        strings_addf(out, "group %s may be created yet: %s was begun",
                     left->site->config->target.replication_group, left->step->id);
}

const struct step_runner step_create_group = {
    .changes_group = true,
    .left_over = left_over,
    .probe = probe,
    .run = create,
};
