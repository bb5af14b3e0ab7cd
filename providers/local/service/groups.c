#include "providers/local/service/groups.h"

#include <string.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/node.h"
#include "providers/local/machine/relay.h"
#include "providers/local/service/access.h"
#include "providers/local/service/group_node.h"
#include "providers/local/service/migration.h"
#include "providers/local/service/phase.h"
#include "providers/local/service/transit.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define WATCH_EVERY_MS 250
#define SYNC_GRACE_MS 120000
#define LOOK_EVERY_MS 50
#define MOVE_GRACE_MS 20000

static bool is_well(const struct redis_reply *answer, bool replica) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(answer, &server);
    return answer && (!replica || server.link_up);
}

static bool is_whole(const struct state *state, const struct group *group) {
    AUTO(node_set_clear) struct node_set set = { 0 };
    AUTO(answers_clear) struct answers infos = { 0 };
    AUTO(answers_clear) struct answers clusters = { 0 };
    const struct question info = { .words = { "INFO", "replication" } };
    const struct question cluster = { .words = { "CLUSTER", "INFO" } };
    node_set_add_all(&set, &group->nodes);
    nodes_ask(state, set.items, set.count, &info, &infos);
    for (size_t i = 0; i < infos.count; i++)
        if (!is_well(infos.items[i], group->nodes.items[i].replica))
            return false;
    if (group->cluster)
        nodes_ask(state, set.items, set.count, &cluster, &clusters);
    for (size_t i = 0; i < clusters.count; i++)
        if (!clusters.items[i] || !strstr(redis_text(clusters.items[i]), "cluster_state:ok"))
            return false;
    return true;
}

static void finish_creation(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    if (!is_whole(&endpoint->state, group) && now_ms < group->created_at_ms + SYNC_GRACE_MS) {
        group->due_at_ms = now_ms + LOOK_EVERY_MS;
        return;
    }
    for (size_t i = 0; i < group->nodes.count; i++)
        state_event(&endpoint->state, "cache-cluster", group->nodes.items[i].id,
                    "Cache cluster created");
    state_event(&endpoint->state, "replication-group", group->id, "Replication group %s created",
                group->id);
    group_enter(endpoint, group, PHASE_AVAILABLE, 0);
}

static void finish_deletion(struct endpoint *endpoint, struct group *group) {
    for (size_t i = 0; i < group->nodes.count; i++)
        node_kill(endpoint->dir, &group->nodes.items[i]);
    relay_end(endpoint->dir, group);
    state_event(&endpoint->state, "replication-group", group->id, "Replication group %s deleted",
                group->id);
    state_remove_group(&endpoint->state, group);
    endpoint->changed = true;
}

/* With cluster mode the others find out by themselves. */
static bool promote(struct endpoint *endpoint, const struct group *group, const struct node *heir) {
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!group->cluster)
        return node_follow(&endpoint->state, heir, NULL, 0, &ignored);
    return node_open(&endpoint->state, heir, &connection, &ignored) &&
           redis_call(connection, REDIS_NOW, &reply, &ignored, "CLUSTER", "FAILOVER", "TAKEOVER",
                      NULL);
}

static void follow_heir(struct endpoint *endpoint, const struct group *group,
                        const struct node *heir) {
    char address[16];
    AUTO(error_clear) struct error ignored = { 0 };
    node_address(&endpoint->state, heir, address);
    for (size_t i = 0; !group->cluster && i < group->nodes.count; i++)
        if (group->nodes.items[i].replica && !group->nodes.items[i].lost_at_ms)
            (void)!node_follow(&endpoint->state, &group->nodes.items[i], address,
                               endpoint->state.node_port, &ignored);
}

static void fail_over(struct endpoint *endpoint, struct group *group, struct node *lost) {
    for (size_t i = 0; i < group->nodes.count; i++) {
        struct node *heir = &group->nodes.items[i];
        if (heir->shard != lost->shard || !heir->replica || heir->lost_at_ms ||
            !promote(endpoint, group, heir))
            continue;
        lost->replica = true;
        heir->replica = false;
        follow_heir(endpoint, group, heir);
        state_event(&endpoint->state, "replication-group", group->id,
                    "Failover from primary node %s to replica node %s completed", lost->id,
                    heir->id);
        return;
    }
}

/* A node that died is reported, and after a while replaced by an empty one. */
static void watch_node(struct endpoint *endpoint, struct group *group, struct node *node,
                       int64_t now_ms) {
    if (!node->lost_at_ms && !node_is_alive(endpoint->dir, node)) {
        node->lost_at_ms = now_ms;
        endpoint->changed = true;
        state_event(&endpoint->state, "cache-cluster", node->id, "Recovering cache nodes 0001");
        if (!node->replica && group->automatic_failover && !group->migration.host)
            fail_over(endpoint, group, node);
    }
    if (!node->lost_at_ms || now_ms < node->lost_at_ms + endpoint->pace.replace_ms)
        return;
    AUTO(error_clear) struct error ignored = { 0 };
    if (!node_is_alive(endpoint->dir, node)) {
        node_forget_data(endpoint->dir, node);
        (void)!group_node_start(endpoint, group, node, &ignored);
        return;
    }
    if (!node_answers(&endpoint->state, node))
        return;
    node->lost_at_ms = 0;
    endpoint->changed = true;
    state_event(&endpoint->state, "cache-cluster", node->id,
                "Finished recovery for cache nodes 0001");
}

static void finish_modification(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    if (group->wanted_transit)
        group->moved_at_ms = now_ms;
    transit_settle(endpoint, group);
    if (group->moved_at_ms && !is_whole(&endpoint->state, group) &&
        now_ms < group->moved_at_ms + MOVE_GRACE_MS) {
        group->due_at_ms = now_ms + LOOK_EVERY_MS;
        return;
    }
    group->moved_at_ms = 0;
    access_settle(endpoint, group);
    if (group->wanted_durability)
        string_replace(&group->durability, group->wanted_durability);
    string_replace(&group->wanted_durability, NULL);
    group_enter(endpoint, group, PHASE_AVAILABLE, 0);
}

static void advance(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    switch ((enum group_phase)group->phase) {
    case PHASE_CREATING:
        if (now_ms >= group->due_at_ms)
            finish_creation(endpoint, group, now_ms);
        return;
    case PHASE_MODIFYING:
        if (now_ms >= group->due_at_ms)
            finish_modification(endpoint, group, now_ms);
        return;
    case PHASE_DELETING:
        if (now_ms >= group->due_at_ms)
            finish_deletion(endpoint, group);
        return;
    case PHASE_AVAILABLE:
        return;
    case PHASE_TESTING:
    case PHASE_STARTING:
    case PHASE_RESHARDING:
    case PHASE_SYNCING:
    case PHASE_MIGRATING:
    case PHASE_ACCEPTED:
    case PHASE_COMPLETING:
    case PHASE_PROMOTED:
        migration_advance(endpoint, group, now_ms);
        return;
    }
}

bool groups_are_busy(const struct endpoint *endpoint) {
    for (size_t i = 0; i < endpoint->state.groups.count; i++) {
        int phase = endpoint->state.groups.items[i].phase;
        if (phase != PHASE_AVAILABLE && phase != PHASE_MIGRATING)
            return true;
    }
    return false;
}

void groups_advance(struct endpoint *endpoint) {
    int64_t now_ms = clock_wall_ms();
    bool watch = clock_mono_ms() >= endpoint->next_watch_mono_ms;
    if (watch)
        endpoint->next_watch_mono_ms = clock_mono_ms() + WATCH_EVERY_MS;
    for (size_t i = endpoint->state.groups.count; i-- > 0;) {
        struct group *group = &endpoint->state.groups.items[i];
        for (size_t k = 0; watch && group->phase != PHASE_DELETING && k < group->nodes.count; k++)
            watch_node(endpoint, group, &group->nodes.items[k], now_ms);
        if (watch && group->phase != PHASE_DELETING && group_transit(group) == TRANSIT_PREFERRED)
            transit_keep(endpoint, group);
        advance(endpoint, group, now_ms);
    }
}
