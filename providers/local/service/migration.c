#include "providers/local/service/migration.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/fault/faults.h"
#include "providers/local/machine/ask.h"
#include "providers/local/machine/node.h"
#include "providers/local/service/customer.h"
#include "providers/local/service/graft.h"
#include "providers/local/service/phase.h"
#include "providers/local/service/transit.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define TRIES_CEILING 3
#define SETTLE_CEILING_MS 30000
#define LOOK_EVERY_MS 100 /* at nodes of which there may be hundreds */
/* A quiet source sends a PING every 10 s; a link that is silent for longer is not in sync. */
#define SYNC_SILENCE_S 12

static void leave(struct endpoint *endpoint, struct group *group) {
    free(group->migration.host);
    group->migration = (struct migration){ 0 };
    for (size_t i = 0; i < group->shards.count; i++)
        shard_forget_source(&group->shards.items[i]);
    group_enter(endpoint, group, PHASE_AVAILABLE, 0);
}

static void tell(struct endpoint *endpoint, const struct group *group, const char *before,
                 const char *behind, const char *why) {
    state_event(&endpoint->state, "replication-group", group->id, "%s %s%s%s", before, group->id,
                behind, why ? why : "");
}

static void finish_test(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error why = { 0 };
    if (fault_on_phase(endpoint->dir, FAULT_TEST_SILENT, NULL)) {
        leave(endpoint, group);
        return;
    }
    bool fit = fault_on_phase(endpoint->dir, FAULT_TEST_FAILS, NULL)
                   ? error_set(&why, ERROR_REFUSED, "an injected fault")
                   : customer_is_fit(&endpoint->state, group, &why);
    if (fit)
        tell(endpoint, group, "Test migration succeeded for replication group", ".", NULL);
    else
        tell(endpoint, group, "Test migration failed for replication group",
             " because of: ", why.message);
    leave(endpoint, group);
}

static void fail(struct endpoint *endpoint, struct group *group, const char *why) {
    tell(endpoint, group, "Migration operation failed for replication group",
         why ? " because of " : ".", why);
    leave(endpoint, group);
}

/* Hands the shards their servers; false while the slots are not the customer's yet. */
static bool assign(struct endpoint *endpoint, struct group *group,
                   const struct graft_pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        struct shard *shard = &group->shards.items[i];
        char host[256] = "";
        uint16_t port = 0;
        if (pairs->layout_differs) {
            free(shard->slots);
            shard->slots = slots_text(&pairs->items[i]->slots);
            continue;
        }
        (void)(pairs->items[i]->address &&
               redis_address_parse(pairs->items[i]->address, host, &port));
        string_replace(&shard->source_host, host);
        string_replace(&shard->source_id, pairs->items[i]->id);
        shard->source_port = port;
    }
    endpoint->changed = true;
    if (pairs->layout_differs)
        group_enter(endpoint, group, PHASE_RESHARDING, endpoint->pace.reshard_ms);
    return !pairs->layout_differs;
}

static bool follow_cluster(struct endpoint *endpoint, struct group *group,
                           struct redis_connection *source, struct error *err) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(graft_pairs_clear) struct graft_pairs pairs = { 0 };
    if (!customer_view(source, &view, err))
        return false;
    if (!graft_pair(&view, &group->shards, &pairs, err)) {
        err->code = ERROR_BLOCKED;
        return false;
    }
    if (!assign(endpoint, group, &pairs))
        return true;
    bool done = graft_begin(endpoint, group, &view, err);
    group->migration.since_ms = clock_wall_ms();
    return done;
}

static bool follow_one(struct endpoint *endpoint, struct group *group, struct error *err) {
    struct migration *migration = &group->migration;
    string_replace(&group->shards.items[0].source_host, migration->host);
    group->shards.items[0].source_port = migration->port;
    if (!node_follow(&endpoint->state, shard_primary(&group->nodes, 0), migration->host,
                     migration->port, err))
        return false;
    migration->sent = true;
    endpoint->changed = true;
    return true;
}

/* Tries once to make the primaries follow; what is in the way may go away until the time is over,
 * but for ERROR_BLOCKED. */
static bool try_follow(struct endpoint *endpoint, struct group *group, struct error *err) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    AUTO(error_clear) struct error unreachable = { 0 };
    struct migration *migration = &group->migration;
    if (!customer_open(migration->host, migration->port, &source, &unreachable))
        return group->cluster || follow_one(endpoint, group, err);
    if (customer_is_protected(source))
        return true;
    if (!customer_mode_fits(source, group, err) && (group->cluster || err->code == ERROR_BLOCKED))
        return false;
    error_clear(err);
    return group->cluster ? follow_cluster(endpoint, group, source, err)
                          : follow_one(endpoint, group, err);
}

/* False: it can never be, and was ended. */
static bool follow(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error err = { 0 };
    if (group->migration.sent || try_follow(endpoint, group, &err))
        return true;
    if (err.code != ERROR_BLOCKED)
        return true;
    fail(endpoint, group, err.message);
    return false;
}

static void start(struct endpoint *endpoint, struct group *group) {
    state_event(&endpoint->state, "replication-group", group->id,
                "Starting migration operation for target cluster %s with source cluster endpoint "
                "%s and port %d",
                group->id, group->migration.host, (int)group->migration.port);
    group->migration.since_ms = clock_wall_ms();
    if (follow(endpoint, group) && group->phase == PHASE_STARTING)
        group_enter(endpoint, group, PHASE_SYNCING, 0);
}

static void finish_reshard(struct endpoint *endpoint, struct group *group) {
    group->migration.since_ms = clock_wall_ms();
    group_enter(endpoint, group, PHASE_SYNCING, 0);
}

/* Of each shard's primary; one that does not answer says nothing. */
struct infos {
    struct server_info *items;
    size_t count;
};

static void infos_clear(struct infos *infos) {
    for (size_t i = 0; i < infos->count; i++)
        server_info_clear(&infos->items[i]);
    free(infos->items);
}
AUTO_VALUE(struct infos, infos_clear)

static void primary_infos(struct endpoint *endpoint, const struct group *group, struct infos *out) {
    AUTO(node_set_clear) struct node_set primaries = { 0 };
    AUTO(answers_clear) struct answers answers = { 0 };
    const struct question question = { .words = { "INFO" } };
    for (size_t i = 0; i < group->shards.count; i++)
        node_set_add(&primaries, shard_primary(&group->nodes, (int64_t)i));
    nodes_ask(&endpoint->state, primaries.items, primaries.count, &question, &answers);
    *out = (struct infos){ xcalloc(answers.count, sizeof *out->items), answers.count };
    for (size_t i = 0; i < answers.count; i++)
        server_info_read(answers.items[i], &out->items[i]);
}

/* At once, in any state of the links. With cluster mode replicas have yet to follow. */
static bool promote(struct endpoint *endpoint, struct group *group, size_t shards) {
    AUTO(error_clear) struct error err = { 0 };
    bool done = true;
    if (group->cluster && group->migration.sent)
        done = graft_take_over(endpoint, group, shards, &err);
    else if (!group->cluster && shards)
        done = node_follow(&endpoint->state, shard_primary(&group->nodes, 0), NULL, 0, &err);
    if (!done)
        endpoint_log("promotion in %s: %s", group->id, err.message);
    return done;
}

static void conclude(struct endpoint *endpoint, struct group *group) {
    if (group->migration.broken) {
        bool broke_off = false;
        for (size_t i = 0; i < group->shards.count; i++)
            broke_off |= group->shards.items[i].tries_count >= TRIES_CEILING;
        fail(endpoint, group, broke_off ? "invalid RDB received" : NULL);
        return;
    }
    if (fault_on_phase(endpoint->dir, FAULT_RENAME_ENDPOINT, NULL))
        transit_rename(endpoint, group);
    tell(endpoint, group, "Complete Migration successful for", "", NULL);
    leave(endpoint, group);
}

static void promote_all(struct endpoint *endpoint, struct group *group) {
    if (!promote(endpoint, group, group->shards.count))
        return;
    group->migration.since_ms = clock_wall_ms();
    if (group->cluster && group->migration.sent)
        group_enter(endpoint, group, PHASE_PROMOTED, 0);
    else
        conclude(endpoint, group);
}

static void settle(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    if (!graft_settle(endpoint, group) && now_ms < group->migration.since_ms + SETTLE_CEILING_MS) {
        group->due_at_ms = now_ms + 2 * LOOK_EVERY_MS;
        return;
    }
    graft_end(endpoint, group);
    conclude(endpoint, group);
}

static void give_up(struct endpoint *endpoint, struct group *group) {
    group->migration.broken = true;
    promote_all(endpoint, group);
}

/* The source knows the primary as a replica: a snapshot is on its way, or about to be made. */
static bool is_attached(struct endpoint *endpoint, const struct group *group, size_t shard) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    const struct shard *of = &group->shards.items[shard];
    AUTO(string_free)
    char *address = node_endpoint(&endpoint->state, shard_primary(&group->nodes, (int64_t)shard));
    return customer_open(of->source_host, of->source_port, &source, &ignored) &&
           customer_info(source, &server, &ignored) && strings_has(&server.replicas, address);
}

static void look_at_transfer(struct endpoint *endpoint, struct group *group, size_t at,
                             const struct server_info *server, int64_t now_ms) {
    struct shard *shard = &group->shards.items[at];
    bool transferring = server->syncing || is_attached(endpoint, group, at);
    if (shard->transferring && !transferring)
        shard->tries_count++;
    shard->transferring = transferring;
    if (transferring)
        group->migration.since_ms = now_ms;
}

/* The links do not come up: given up after some transfers that broke off, or a while with none. */
static void follow_up(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    AUTO(infos_clear) struct infos infos = { 0 };
    if (!follow(endpoint, group) || group->phase != PHASE_SYNCING)
        return;
    bool broke_off = false;
    int64_t up_count = 0;
    if (group->migration.sent)
        primary_infos(endpoint, group, &infos);
    for (size_t i = 0; i < infos.count; i++) {
        if (infos.items[i].link_up) {
            up_count++;
            continue;
        }
        if (infos.items[i].role)
            look_at_transfer(endpoint, group, i, &infos.items[i], now_ms);
        broke_off |= group->shards.items[i].tries_count >= TRIES_CEILING;
    }
    if (up_count > group->migration.up_count)
        group->migration.since_ms = now_ms;
    group->migration.up_count = up_count;
    if (up_count == (int64_t)group->shards.count)
        group_enter(endpoint, group, PHASE_MIGRATING, 0);
    else if (broke_off || now_ms >= group->migration.since_ms + endpoint->pace.give_up_ms)
        give_up(endpoint, group);
    else if (group->cluster)
        group->due_at_ms = now_ms + LOOK_EVERY_MS;
}

static bool shard_is_in_sync(const struct server_info *server) {
    return server->is_primary /* promoted by an attempt before this one */
           || (server->link_up && server->link_silent_s >= 0 &&
               server->link_silent_s <= SYNC_SILENCE_S);
}

static bool is_in_sync(struct endpoint *endpoint, const struct group *group) {
    AUTO(infos_clear) struct infos infos = { 0 };
    primary_infos(endpoint, group, &infos);
    for (size_t i = 0; i < infos.count; i++)
        if (!shard_is_in_sync(&infos.items[i]))
            return false;
    return true;
}

/* All shards but the last; that one later, or never. */
static void promote_some(struct endpoint *endpoint, struct group *group, int64_t rest_after_ms) {
    if (!promote(endpoint, group, group->shards.count - 1))
        return;
    if (rest_after_ms)
        group_enter(endpoint, group, PHASE_ACCEPTED, rest_after_ms);
    else
        fail(endpoint, group, NULL);
}

/* It does not wait for the last byte, as the service does not say that it would. */
static void finish_complete(struct endpoint *endpoint, struct group *group) {
    bool forced = group->migration.force;
    int64_t rest_after_ms = 0;
    if (fault_on_phase(endpoint->dir, FAULT_REVERT, NULL)) {
        fail(endpoint, group, NULL); /* with the primaries still replicas */
        return;
    }
    bool in_sync =
        !fault_on_phase(endpoint->dir, FAULT_NOT_IN_SYNC, NULL) && is_in_sync(endpoint, group);
    if (!forced && !in_sync) {
        tell(endpoint, group, "Complete Migration failed for", " because data is not in sync",
             NULL);
        group_enter(endpoint, group, PHASE_MIGRATING, 0);
        return;
    }
    if (!forced && fault_on_phase(endpoint->dir, FAULT_PROMOTE_SOME, &rest_after_ms))
        promote_some(endpoint, group, rest_after_ms);
    else
        promote_all(endpoint, group);
}

void migration_advance(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    if (now_ms < group->due_at_ms)
        return;
    switch ((enum group_phase)group->phase) {
    case PHASE_TESTING:
        finish_test(endpoint, group);
        return;
    case PHASE_STARTING:
        start(endpoint, group);
        return;
    case PHASE_RESHARDING:
        finish_reshard(endpoint, group);
        return;
    case PHASE_SYNCING:
        follow_up(endpoint, group, now_ms);
        return;
    case PHASE_ACCEPTED:
        group_enter(endpoint, group, PHASE_COMPLETING, endpoint->pace.complete_ms);
        return;
    case PHASE_COMPLETING:
        finish_complete(endpoint, group);
        return;
    case PHASE_PROMOTED:
        settle(endpoint, group, now_ms);
        return;
    case PHASE_AVAILABLE:
    case PHASE_CREATING:
    case PHASE_MODIFYING:
    case PHASE_DELETING:
    case PHASE_MIGRATING:
        return;
    }
}
