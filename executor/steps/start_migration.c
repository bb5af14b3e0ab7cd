/* StartMigration: the target's primary becomes a replica of the source. `available` alone never
 * means success; INFO of the target decides, and the failure event tells why. */
#include <string.h>

#include "executor/moment.h"
#include "executor/site/evictions.h"
#include "executor/site/memory.h"
#include "executor/site/positions.h"
#include "executor/site/skipped.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/observed.h"

/* A request whose answer was lost shows its effect within this, or did not arrive. */
#define SETTLE_MS 10000
/* A group that was available all this time after the request is not being migrated. */
#define IDLE_MS 30000
#define LOOK_AT_GROUP_EVERY_MS 2000

/* A target that cannot be asked just now, or whose slots are being moved, shows nothing yet. */
static bool is_passing(const struct error *err) {
    return err->code == ERROR_UNREACHABLE || err->code == ERROR_DEADLINE ||
           err->code == ERROR_NOT_FOUND;
}

static bool is_source_shard(const struct site *site, size_t shard, const char *address) {
    for (size_t i = 0; i < site->nodes.count; i++)
        if (site->nodes.items[i].shard == shard && site_node_is(&site->nodes.items[i], address))
            return true;
    return false;
}

/* *done: every shard of the target follows the shard of the source that has its slots. */
static bool probe(struct step_run *run, bool *done, struct error *err) {
    struct site *site = run->site;
    AUTO(positions_clear) struct positions seen = { 0 };
    *done = false;
    if (!site_source(site, SITE_PRIMARIES, err))
        return false;
    if (!site_targets(site, err) || !positions_look(site, NULL, &seen, err)) {
        bool passing = is_passing(err);
        if (passing)
            error_clear(err);
        site_forget_target(site); /* the service may give it other slots */
        return passing;
    }
    size_t following_count = 0;
    for (size_t s = 0; s < seen.count; s++) {
        const char *from = seen.items[s].target.follows;
        if (from && !is_source_shard(site, s, from))
            return error_set(err, ERROR_BLOCKED,
                             "the target already replicates from '%s', not from '%s'", from,
                             site_primary(site, s)->address);
        following_count += from != NULL;
    }
    *done = following_count == seen.count;
    return true;
}

static bool intend(struct step_run *run, struct json *intent, struct error *err) {
    int64_t mark_ms = 0;
    if (!step_event_mark(run->site, &mark_ms, err))
        return false;
    json_put_int(intent, "event_mark_ms", mark_ms);
    if (!site_source(run->site, SITE_PRIMARIES, err))
        return false;
    json_put_string(intent, "endpoint", site_endpoint(run->site));
    skipped_record(run->site, intent);
    evictions_record(run->site, intent);
    return true;
}

/* Always true, so that it ends a condition. */
static bool start_over(const struct site *site, struct error *err) {
    error_hint(err, "abort this run, then plan again: ecmig abort %s",
               site->config_file ? site->config_file : "FILE");
    return true;
}

static bool failed(struct step_run *run, int64_t mark_ms, struct error *err) {
    enum migration_event kind = MIGRATION_EVENT_OTHER;
    int64_t at_ms = 0;
    AUTO(string_free) char *message = NULL;
    if (!step_event_since(run->site, mark_ms, &kind, &at_ms, &message, err))
        return true;
    if (kind == MIGRATION_EVENT_COMPLETE_SUCCEEDED)
        return error_set(err, ERROR_FAILED, "something else completed the migration: %s",
                         message) ||
               start_over(run->site, err);
    if (kind != MIGRATION_EVENT_FAILED)
        return false;
    error_set(err, ERROR_SERVICE, "the migration did not start: %s", message);
    error_hint(err, "look for replication messages in the source's log, then plan again");
    return true;
}

/* A lost answer, or "already under migration" after one, is not a failure: the server that
 * the target follows decides. */
static bool send(struct step_run *run, bool *lost, struct error *err) {
    const struct config *config = run->site->config;
    char host[256];
    uint16_t port;
    const char *endpoint = site_endpoint(run->site);
    if (!redis_address_parse(endpoint, host, &port))
        return error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", endpoint);
    if (!memory_allows(run->site, err) || !step_may_act(run, err))
        return false;
    bool sent = elasticache_start(run->site->service, config->target.replication_group, host, port,
                                  clock_mono_ms() + 60000, err);
    *lost = !sent && err->code == ERROR_LOST_ANSWER;
    if (!sent && !*lost && !error_is_remote(err, "ReplicationGroupAlreadyUnderMigrationFault"))
        return false;
    error_clear(err);
    return true;
}

/* What the service says of the group since the request was sent. */
struct group_watch {
    int64_t sent_mono_ms, next_look_mono_ms;
    int64_t available_since_mono_ms; /* 0: it is not available */
};

/* Waiting cannot help: another actor deleted the group, or ended its migration. */
static bool is_over(struct step_run *run, struct group_watch *watch, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    const char *name = run->site->config->target.replication_group;
    int64_t now_mono_ms = clock_mono_ms();
    if (now_mono_ms < watch->next_look_mono_ms)
        return false;
    watch->next_look_mono_ms = now_mono_ms + LOOK_AT_GROUP_EVERY_MS;
    if (!elasticache_describe(run->site->service, name, now_mono_ms + 30000, &group, &failure))
        return failure.code == ERROR_NOT_FOUND &&
               (error_set(err, ERROR_FAILED, "replication group '%s' no longer exists", name) ||
                start_over(run->site, err));
    if (strcmp(group.status, "deleting") == 0)
        return error_set(err, ERROR_FAILED, "replication group '%s' is being deleted", name) ||
               start_over(run->site, err);
    if (strcmp(group.status, "available") != 0)
        watch->available_since_mono_ms = 0;
    else if (!watch->available_since_mono_ms)
        watch->available_since_mono_ms = now_mono_ms;
    return watch->available_since_mono_ms &&
           now_mono_ms - watch->available_since_mono_ms >= IDLE_MS &&
           (error_set(err, ERROR_FAILED,
                      "the service accepted StartMigration, and replication group '%s' is "
                      "available without replicating",
                      name) ||
            start_over(run->site, err));
}

static bool wait_started(struct step_run *run, int64_t mark_ms, bool lost, struct error *err) {
    int64_t pause_ms = 20;
    struct group_watch watch = { .sent_mono_ms = clock_mono_ms() };
    for (bool done = false;;) {
        if (!probe(run, &done, err))
            return false;
        if (done)
            return true;
        if (failed(run, mark_ms, err) || is_over(run, &watch, err) ||
            !site_watch_unmoved(run->site, err))
            return false;
        /* Nothing was started: the group is as it was, long after the lost answer. */
        if (lost && watch.available_since_mono_ms &&
            clock_mono_ms() - watch.sent_mono_ms >= SETTLE_MS) {
            if (!send(run, &lost, err))
                return false;
            watch = (struct group_watch){ .sent_mono_ms = clock_mono_ms() };
        }
        step_progress(run, "the target is becoming a replica of the source");
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 2000 ? pause_ms * 2 : 2000;
    }
}

static bool start(struct step_run *run, struct error *err) {
    int64_t mark_ms = 0;
    bool lost = false;
    if (!step_event_mark(run->site, &mark_ms, err) || !send(run, &lost, err))
        return false;
    moment("after StartMigration");
    return wait_started(run, mark_ms, lost, err);
}

static void left_over(const struct step_left *left, struct strings *out) {
    const char *group = left->site->config->target.replication_group;
    if (left->progress == PROGRESS_DONE && !left->switched)
        strings_addf(out, "group %s continues to replicate from the source", group);
    else if (left->progress == PROGRESS_STARTED)
        strings_addf(out, "group %s may be replicating from the source: %s was begun", group,
                     left->step->id);
}

const struct step_runner step_start_migration = {
    .changes_group = true,
    .left_over = left_over,
    .intend = intend,
    .probe = probe,
    .run = start,
};
