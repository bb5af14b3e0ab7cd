/* TestMigration: the service tries to reach the source and moves nothing. The verdict comes as an
 * event; the group is available before and after. */
#include <string.h>

#include "executor/moment.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define SILENCE_MS                                                                                 \
    ((int64_t)5 * 60 * 1000) /* with the group available; a test takes a minute or two */

static bool verdict(struct step_run *run, int64_t mark_ms, bool *known, struct error *err) {
    enum migration_event kind = MIGRATION_EVENT_OTHER;
    int64_t at_ms = 0;
    AUTO(string_free) char *message = NULL;
    if (!step_event_since(run->site, mark_ms, &kind, &at_ms, &message, err))
        return false;
    *known = kind != MIGRATION_EVENT_OTHER;
    if (!*known)
        return true;
    json_put_string(run->evidence, "event", message);
    if (kind != MIGRATION_EVENT_FAILED)
        return true;
    error_set(err, ERROR_SERVICE, "the service could not test the migration: %s", message);
    return error_hint(err,
                      "the service's nodes must reach '%s': routes, security groups, bind, "
                      "protected-mode",
                      site_endpoint(run->site));
}

/* What the service says of a test is written down nowhere: one that ended without a known event is
 * not a failure, and StartMigration will tell. *silent_since_mono_ms is 0 while the
 * group is being tested. */
static bool is_silent(struct step_run *run, int64_t *silent_since_mono_ms, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    int64_t now_mono_ms = clock_mono_ms();
    if (!elasticache_describe(run->site->service, run->site->config->target.replication_group,
                              now_mono_ms + 30000, &group, err))
        return false;
    if (!group.status || strcmp(group.status, "available") != 0)
        *silent_since_mono_ms = 0;
    else if (!*silent_since_mono_ms)
        *silent_since_mono_ms = now_mono_ms;
    return true;
}

static bool send(struct step_run *run, const char *endpoint, struct error *err) {
    char host[256];
    uint16_t port;
    if (!redis_address_parse(endpoint, host, &port))
        return error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", endpoint);
    return step_may_act(run, err) &&
           elasticache_test(run->site->service, run->site->config->target.replication_group, host,
                            port, clock_mono_ms() + 60000, err);
}

static bool test(struct step_run *run, struct error *err) {
    int64_t mark_ms = 0, pause_ms = 50, silent_since_mono_ms = 0;
    if (!site_source(run->site, SITE_PRIMARIES, err))
        return false;
    const char *endpoint = site_endpoint(run->site);
    if (!step_event_mark(run->site, &mark_ms, err) || !send(run, endpoint, err))
        return false;
    moment("after TestMigration");
    for (bool known = false;;) {
        if (!verdict(run, mark_ms, &known, err))
            return false;
        if (known)
            return true;
        if (!is_silent(run, &silent_since_mono_ms, err))
            return false;
        if (silent_since_mono_ms &&
            clock_mono_ms() - silent_since_mono_ms >= moment_span_ms(SILENCE_MS)) {
            json_put_string(run->evidence, "verdict", "inconclusive");
            events_warn(run->site->events, run->step->id,
                        "the service reports no result of its test: StartMigration will show it");
            return true;
        }
        step_progress(run, "the service tests the connection to %s", endpoint);
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 5000 ? pause_ms * 2 : 5000;
    }
}

const struct step_runner step_test_migration = { .run = test };
