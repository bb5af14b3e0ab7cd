/* StartMigration: the target's primary becomes a replica of the source. `available` alone never
 * means success; INFO of the target decides, and the failure event tells why. */
#include <string.h>

#include "executor/moment.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

/* Whom the target's primary follows; NULL when nobody, or when it cannot be asked just now. */
static bool followed(struct step_run *run, char **out, struct error *err) {
    struct redis_connection *target;
    AUTO(replication_clear) struct replication seen = { 0 };
    if (!site_target(run->site, &target, err) ||
        !replication_ask(target, "replication", REDIS_NOW, &seen, err)) {
        bool passing = err->code == ERROR_UNREACHABLE || err->code == ERROR_DEADLINE ||
                       err->code == ERROR_NOT_FOUND;
        if (passing)
            error_clear(err);
        return passing;
    }
    *out = TAKE(seen.follows);
    return true;
}

static bool probe(struct step_run *run, bool *done, struct error *err) {
    AUTO(string_free) char *from = NULL;
    const char *source = run->site->config->source.nodes.items[0];
    if (!followed(run, &from, err))
        return false;
    *done = from && site_same_address(from, source);
    if (!from || *done)
        return true;
    return error_set(err, ERROR_BLOCKED, "the target already replicates from '%s', not from '%s'",
                     from, source);
}

static bool intend(struct step_run *run, struct json *intent, struct error *err) {
    int64_t mark_ms = 0;
    if (!step_event_mark(run->site, &mark_ms, err))
        return false;
    json_put_int(intent, "event_mark_ms", mark_ms);
    json_put_string(intent, "endpoint", run->site->config->source.nodes.items[0]);
    return true;
}

static bool failed(struct step_run *run, int64_t mark_ms, struct error *err) {
    enum migration_event kind = MIGRATION_EVENT_OTHER;
    int64_t at_ms = 0;
    AUTO(string_free) char *message = NULL;
    if (!step_event_since(run->site, mark_ms, &kind, &at_ms, &message, err))
        return true;
    if (kind != MIGRATION_EVENT_FAILED)
        return false;
    (void)error_set(err, ERROR_SERVICE, "the migration did not start: %s", message);
    (void)error_hint(err, "look for replication messages in the source's log, then plan again");
    return true;
}

static bool wait_started(struct step_run *run, int64_t mark_ms, struct error *err) {
    int64_t pause_ms = 20;
    for (bool done = false;;) {
        if (!probe(run, &done, err))
            return false;
        if (done)
            return true;
        if (failed(run, mark_ms, err))
            return false;
        step_progress(run, "the target's primary is becoming a replica of the source");
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 2000 ? pause_ms * 2 : 2000;
    }
}

static bool start(struct step_run *run, struct error *err) {
    const struct config *config = run->site->config;
    char host[256];
    uint16_t port;
    int64_t mark_ms = 0;
    if (!redis_address_parse(config->source.nodes.items[0], host, &port))
        return error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", config->source.nodes.items[0]);
    if (!step_event_mark(run->site, &mark_ms, err) || !step_may_act(run, err))
        return false;
    /* A lost answer, or "already under migration" after one, is settled by whom the target follows.
     */
    if (!elasticache_start(run->site->service, config->target.replication_group, host, port,
                           clock_mono_ms() + 60000, err)) {
        if (err->code != ERROR_LOST_ANSWER &&
            !error_is_remote(err, "ReplicationGroupAlreadyUnderMigrationFault"))
            return false;
        error_clear(err);
    }
    moment("after StartMigration");
    return wait_started(run, mark_ms, err);
}

const struct step_runner step_start_migration = { .intend = intend, .probe = probe, .run = start };
