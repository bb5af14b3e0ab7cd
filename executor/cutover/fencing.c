/* The fence on every node of the source: set by its row, and lifted on the way back. */
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/left_fenced.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool fence_part(struct site *site, enum site_part part, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 };
    site_list(site, part, &nodes);
    return fence_set(&nodes, site->cutover->fence, err);
}

/* Replicas first: a replica that is promoted while the primary is being fenced refuses too. */
bool cutover_fence_all(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    if (!cutover_fences(site))
        return true;
    if (!fence_part(site, SITE_REPLICAS, err) || !fence_part(site, SITE_PRIMARIES, err))
        return false;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        int64_t ended = 0;
        if (node->version < FENCE_SCRIPTS_VERSION &&
            !fence_end_clients(node->connection, &ended, err))
            return false;
    }
    moment("after the fence");
    cutover->fenced = true;
    cutover_watch_from_now(site);
    if (!cutover->refused_at_ms)
        cutover->refused_at_ms = clock_wall_ms();
    return true;
}

static const char *before_of(const struct cutover *cutover, const char *address, const char *what) {
    AUTO(string_free) char *name = xasprintf("%s %s", address, what);
    return pairs_find(&cutover->before, name);
}

/* The primary is another server than when the plan was made; also when it cannot be told. */
static bool failed_over(struct site *site, const struct many *nodes) {
    AUTO(replications_clear) struct replications seen = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const char *planned =
        site->plan ? json_find_string(site->plan->core.observed.facts, "source.shards[0].primary")
                   : NULL;
    if (!planned || !replication_ask_many(nodes, "replication", site_deadline(site), &seen, &err))
        return true;
    for (size_t i = 0; i < nodes->count; i++)
        if (seen.items[i].is_primary != (strcmp(redis_name(nodes->items[i]), planned) == 0))
            return true;
    return false;
}

/* After a failover Sentinel has rewritten the file of a fenced server: the lift is kept there too.
 * Without one the file has no fence, and rewriting it could keep what was set for a time only. */
static void keep_lift(struct site *site, const struct many *nodes) {
    AUTO(error_clear) struct error refused = { 0 };
    if (site->config->source.topology == TOPOLOGY_SENTINEL && failed_over(site, nodes) &&
        !many_call(nodes, REDIS_NOW, NULL, &refused, "CONFIG", "REWRITE", NULL))
        events_warn(site->events, NULL, "the fence is lifted, and a restart may bring it back: %s",
                    refused.message);
}

bool cutover_lift_fences(struct site *site, struct error *err) {
    struct cutover *cutover = site->cutover;
    AUTO(many_clear) struct many nodes = { 0 };
    struct fence_before *before = xcalloc(site->nodes.count + 1, sizeof *before);
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        struct fence_before values = { before_of(cutover, node->address, "write"),
                                       before_of(cutover, node->address, "lag") };
        if (!values.write || !values.lag)
            continue;
        before[nodes.count] = values;
        many_add(&nodes, node->connection);
    }
    bool lifted = fence_lift(&nodes, cutover->fence, before, err) &&
                  fence_is_lifted(&nodes, cutover->fence, err);
    free(before);
    if (!lifted)
        return false;
    keep_lift(site, &nodes);
    left_fenced_say(site, &cutover->before, &nodes, NULL, NULL);
    cutover->fenced = false;
    cutover->refused_at_ms = 0;
    return true;
}
