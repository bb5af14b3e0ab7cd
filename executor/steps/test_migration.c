/* TestMigration: the service tries to reach the source and moves nothing. The verdict comes as an
 * event; the group is available before and after. */
#include <string.h>

#include "executor/moment.h"
#include "executor/steps/step.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

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
    (void)error_set(err, ERROR_SERVICE, "the service could not test the migration: %s", message);
    return error_hint(err,
                      "the service's nodes must reach '%s': routes, security groups, bind, "
                      "protected-mode",
                      site_endpoint(run->site));
}

static bool test(struct step_run *run, struct error *err) {
    const struct config *config = run->site->config;
    char host[256];
    uint16_t port;
    int64_t mark_ms = 0, pause_ms = 50;
    if (!site_source(run->site, SITE_PRIMARIES, err))
        return false;
    const char *endpoint = site_endpoint(run->site);
    if (!redis_address_parse(endpoint, host, &port))
        return error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", endpoint);
    if (!step_event_mark(run->site, &mark_ms, err) || !step_may_act(run, err) ||
        !elasticache_test(run->site->service, config->target.replication_group, host, port,
                          clock_mono_ms() + 60000, err))
        return false;
    moment("after TestMigration");
    for (bool known = false;;) {
        if (!verdict(run, mark_ms, &known, err))
            return false;
        if (known)
            return true;
        step_progress(run, "the service tests the connection to %s", endpoint);
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 5000 ? pause_ms * 2 : 5000;
    }
}

const struct step_runner step_test_migration = { .run = test };
