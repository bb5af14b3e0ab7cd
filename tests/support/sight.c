#include "tests/support/sight.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "tests/support/sight_cluster.h"

#define GIB ((int64_t)1 << 30)

static void fill_config(struct config *config) {
    config->version = 1;
    config->migration = xstrdup("orders");
    strings_add(&config->source.nodes, SIGHT_SOURCE);
    config->source.timeout_ms = 5000;
    config->source.tls.port = SHAPE_UNSET;
    config->target.replication_group = xstrdup("orders-prod");
    config->target.region = xstrdup("eu-west-1");
    config->target.create = true;
    config->target.engine = xstrdup("valkey");
    config->target.engine_version = xstrdup("8.0");
    config->target.node_type = xstrdup("cache.r7g.4xlarge");
    config->target.shards = 1;
    config->target.replicas_per_shard = 2;
    config->target.multi_az = TRI_YES;
    config->replication.test = true;
    config->replication.in_sync = (struct config_in_sync){ 64 << 10, 10000 };
    config->replication.timeout_ms = 4 * 60 * 60 * 1000;
    config->verify.before_cutover = (struct config_verify_step){ VERIFY_SAMPLE, 10000 };
    config->verify.after_cutover = (struct config_verify_step){ VERIFY_COUNT, 0 };
    config->cutover.approval = APPROVAL_REQUIRED;
    config->cutover.writes = WRITES_PAUSE;
    config->cutover.max_write_pause_ms = 2 * 60 * 1000;
    struct config_hook *hook = LIST_ADD(&config->cutover.switch_hooks);
    strings_add(&hook->run, "./switch-endpoint");
    strings_add(&hook->run, "orders-prod");
    hook->timeout_ms = 60 * 1000;
    config->state.repository = xstrdup("./state");
    config->state.branch = xstrdup("main");
    pairs_set(&config->target.parameters, "maxmemory-policy", "noeviction");
}

void sight_fill_node(struct observed_node *node, const char *address, const char *role) {
    static const char *const settings[][2] = {
        { "appendonly", "no" },
        { "bind", "* -::*" },
        { "client-output-buffer-limit", "normal 0 0 0 slave 0 0 0 pubsub 33554432 8388608 60" },
        { "cluster-preferred-endpoint-type", "ip" },
        { "databases", "16" },
        { "lua-time-limit", "5000" },
        { "maxmemory-policy", "noeviction" },
        { "min-replicas-max-lag", "10" },
        { "min-replicas-to-write", "0" },
        { "notify-keyspace-events", "" },
        { "port", "6379" },
        { "protected-mode", "no" },
        { "repl-backlog-size", "8589934592" },
        { "repl-backlog-ttl", "0" },
        { "repl-diskless-sync", "yes" },
        { "repl-timeout", "300" },
        { "timeout", "0" },
        { "tls-port", "0" },
    };
    node->address = xstrdup(address);
    node->reachable = node->config_readable = true;
    node->role = xstrdup(role);
    node->run_id = xstrdup("a1");
    node->replid = xstrdup("b2");
    node->engine = xstrdup("redis");
    node->version = xstrdup("7.0.15");
    node->highest_database = 0;
    node->listens_on = strtoll(strrchr(address, ':') + 1, NULL, 10);
    node->last_fork_us = 400000;
    node->clients_count = 800;
    node->clock_ahead_ms = 900;
    node->used_memory_bytes = 38 * GIB;
    node->dataset_bytes = 36 * GIB;
    node->system_memory_bytes = 64 * GIB;
    node->resident_bytes = 39 * GIB;
    node->backlog_held_bytes = 8 * GIB;
    *LIST_ADD(&node->databases) = (struct observed_database){ 0, 22800000, 1200 };
    for (size_t i = 0; i < COUNT(settings); i++)
        pairs_set(&node->settings, settings[i][0], settings[i][1]);
}

void sight_init(struct sight *sight) {
    *sight = (struct sight){ 0 };
    fill_config(&sight->config);
    struct observed *observed = &sight->observed;
    sight_fill_node(LIST_ADD(&observed->source.nodes), SIGHT_SOURCE, "master");
    strings_add(&observed->source.nodes.items[0].replicas, SIGHT_REPLICA);
    sight_fill_node(LIST_ADD(&observed->source.nodes), SIGHT_REPLICA, "slave");
    observed->source.nodes.items[1].follows = xstrdup(SIGHT_SOURCE);
    observed->target.reachable = true;
    observed->target.account = xstrdup("000000000000");
    observed->target.region = xstrdup("eu-west-1");
    observed->target.data_room_bytes = 79 * GIB;
    strings_add(&observed->target.offered_versions, "7.2.6");
    strings_add(&observed->target.offered_versions, "8.0.1");
    observed->history.base = xstrdup("none");
    pairs_set(&observed->hook_digests, "./switch-endpoint", "d00d");
}

void sight_target_exists(struct sight *sight) {
    struct observed_target *target = &sight->observed.target;
    target->exists = target->node_reachable = true;
    target->arn =
        xstrdup("arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:orders-prod");
    target->status = xstrdup("available");
    target->engine = xstrdup("valkey");
    target->engine_version = xstrdup("8.0.1");
    target->node_type = xstrdup("cache.r7g.4xlarge");
    target->shards = 1;
    target->replicas_per_shard = 2;
    target->multi_az = xstrdup("enabled");
    target->automatic_failover = xstrdup("enabled");
    target->primary = xstrdup("10.30.1.5:6379");
    target->reader = xstrdup("10.30.1.6:6379");
    target->role = xstrdup("master");
    pairs_set(&target->parameters, "databases", "16");
    pairs_set(&target->parameters, "lua-time-limit", "5000");
    pairs_set(&target->parameters, "maxclients", "65000");
    pairs_set(&target->parameters, "maxmemory-policy", "noeviction");
    pairs_set(&target->parameters, "notify-keyspace-events", "");
    pairs_set(&target->parameters, "timeout", "0");
    if (sight->config.source.topology == TOPOLOGY_CLUSTER)
        sight_group_in_cluster_mode(sight);
}

void sight_target_follows(struct sight *sight) {
    struct observed_target *target = &sight->observed.target;
    struct observed_history *history = &sight->observed.history;
    sight_target_exists(sight);
    string_replace(&target->status, "migrating");
    string_replace(&target->role, "slave");
    string_replace(&target->replicates_from, SIGHT_SOURCE);
    string_replace(&target->link_status, "up");
    target->holds_keys = true;
    history->open = true;
    string_replace(&history->base, "c0ffee");
    string_replace(&history->last_run, "20261122T101500Z-3f9c");
    string_replace(&history->last_mode, "migrate");
    string_replace(&history->started_from, SIGHT_SOURCE);
    strings_add(&history->steps_done, "replicate/start");
}

static void fence(struct sight *sight) {
    string_replace(&sight->observed.history.fence, "1500000000");
    for (size_t i = 0; i < sight->observed.source.nodes.count; i++)
        pairs_set(&sight->observed.source.nodes.items[i].settings, "min-replicas-to-write",
                  "1500000000");
}

void sight_section_open(struct sight *sight, const char *mark) {
    struct observed_target *target = &sight->observed.target;
    struct observed_history *history = &sight->observed.history;
    sight_target_follows(sight);
    string_replace(&history->cutover, mark);
    pairs_set(&history->settings_before, SIGHT_SOURCE " repl-timeout", "60");
    pairs_set(&history->fence_before, SIGHT_SOURCE " lag", "10");
    pairs_set(&history->fence_before, SIGHT_SOURCE " write", "0");
    pairs_set(&history->fence_before, SIGHT_REPLICA " lag", "10");
    pairs_set(&history->fence_before, SIGHT_REPLICA " write", "0");
    fence(sight);
    if (strcmp(mark, "intent") == 0 || strcmp(mark, "sending") == 0)
        return;
    strings_add(&history->steps_done, "cutover/complete");
    string_replace(&target->status, "available");
    string_replace(&target->role, "master");
    string_replace(&target->replicates_from, NULL);
    string_replace(&target->link_status, NULL);
}

void sight_finished(struct sight *sight) {
    struct observed_history *history = &sight->observed.history;
    sight_target_exists(sight);
    sight->observed.target.holds_keys = true;
    history->finished = true;
    string_replace(&history->base, "c0ffee");
    string_replace(&history->last_run, "20261122T101500Z-3f9c");
    string_replace(&history->last_mode, "migrate");
    string_replace(&history->last_class, "ok");
    string_replace(&history->cutover, "switch_started");
    fence(sight);
}

struct observed_node *sight_source(struct sight *sight) {
    return &sight->observed.source.nodes.items[0];
}

void sight_set(struct sight *sight, const char *setting, const char *value) {
    pairs_set(&sight_source(sight)->settings, setting, value);
}

void sight_window(struct sight *sight, const char *not_before, const char *not_after,
                  const char *zone) {
    struct config_window *window = &sight->config.cutover.window;
    string_replace(&window->not_before, not_before);
    string_replace(&window->not_after, not_after);
    string_replace(&window->zone, zone);
}

void sight_waive(struct sight *sight, const char *finding, const char *reason) {
    *LIST_ADD(&sight->config.waive) =
        (struct config_waiver){ .finding = xstrdup(finding), .reason = xstrdup(reason) };
}

static void config_hook_clear(struct config_hook *hook) {
    strings_clear(&hook->run);
    strings_clear(&hook->check);
    strings_clear(&hook->undo);
}

void sight_no_switch(struct sight *sight) {
    struct config_hooks *hooks = &sight->config.cutover.switch_hooks;
    LIST_CLEAR(hooks, config_hook_clear);
}

void sight_clear(struct sight *sight) {
    config_clear(&sight->config);
    observed_clear(&sight->observed);
}
