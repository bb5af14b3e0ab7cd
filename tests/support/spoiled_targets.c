/* A group of one shard, and the waivers. */
#include "tests/support/spoiled.h"

#include "schemas/base/memory.h"

#define GIB ((int64_t)1 << 30)
#define SUNDAY "sun:07:00-sun:08:00"
#define CALLER "arn:aws:iam::000000000000:user/deploy"
#define COMPLETE "elasticache:CompleteMigration"
SPOIL(untold_parameters, pairs_clear(&s->observed.target.parameters))
SPOIL(untold_engine, string_replace(&s->observed.target.engine, NULL))
SPOIL(untold_version, string_replace(&s->observed.target.engine_version, NULL))
SPOIL(untold_node_type, string_replace(&s->observed.target.node_type, NULL))
SPOIL(untold_maintenance, sight_window(s, "07:30", "09:00", "+01:00"))
SPOIL(target_reachable, s->observed.target.reachable = false;
      string_replace(&s->observed.target.problem_code, "unreachable"))
SPOIL(target_reachable_2, spoil_target_reachable(s); s->observed.target.refused = true)
SPOIL(target_reachable_3, s->observed.target.reachable = false;
      string_replace(&s->observed.target.problem_code, "credentials"))
SPOIL(target_permissions, string_replace(&s->observed.target.caller, CALLER);
      strings_add(&s->observed.target.denied_actions, COMPLETE))
SPOIL(target_permissions_2, strings_add(&s->observed.target.unclear_actions, COMPLETE))
SPOIL(target_permissions_3, string_replace(&s->observed.target.rights_problem, "not authorized"))
SPOIL(target_unknown, pairs_set(&s->observed.target.unknown, "DescribeServerlessCaches", "refused"))
SPOIL(target_node_type, string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "6.0"))
SPOIL(target_node_type_2, string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "7.1");
      string_replace(&s->config.target.node_type, "cache.m8g.large"))
SPOIL(target_quota, s->config.target.replicas_per_shard = 6)
SPOIL(target_maintenance, string_replace(&s->observed.target.maintenance_window, SUNDAY))
SPOIL(target_maintenance_2, spoil_target_maintenance(s);
      sight_window(s, "07:30", "09:00", "+01:00"))
SPOIL(target_snapshots_2, s->observed.target.snapshot_retention_days = 1;
      string_replace(&s->observed.target.snapshot_window, "02:00-03:00");
      sight_window(s, "23:00", "02:30", "UTC"))
SPOIL(target_updates, pairs_set(&s->observed.target.updates, "elasticache-2026-08", "not-applied"))
SPOIL(target_updates_2, pairs_set(&s->observed.target.updates, "elasticache-2026-08", "scheduled"))
SPOIL(target_updates_3, string_replace(&s->observed.target.updates_problem, "not authorized"))
SPOIL(target_notifications, sight_set(s, "notify-keyspace-events", "AKE"))
SPOIL(target_notifications_2, sight_set(s, "notify-keyspace-events", "Ex");
      pairs_set(&s->observed.target.parameters, "notify-keyspace-events", "Kx"))
SPOIL(target_limits, pairs_set(&s->observed.target.parameters, "timeout", "300"))
SPOIL(target_connections, sight_source(s)->clients_count = 65001)
SPOIL(target_no_append_file, sight_set(s, "appendonly", "yes"))
SPOIL(target_missing, s->config.target.create = false)
SPOIL(target_incomplete, string_replace(&s->config.target.node_type, NULL))
SPOIL(target_version_offered, string_replace(&s->config.target.engine_version, "8.9"))
SPOIL(target_parameters, strings_add(&s->observed.target.refused_parameters, "hz: no such"))
SPOIL(target_node_reachable, s->observed.target.node_reachable = false)
SPOIL(target_status, string_replace(&s->observed.target.status, "modifying"))
SPOIL(target_status_2, string_replace(&s->observed.target.status, "snapshotting"))
SPOIL(target_status_3, string_replace(&s->observed.target.status, "migrating"))
SPOIL(target_pending_changes, s->observed.target.pending_changes = true)
SPOIL(target_engine_version, string_replace(&s->observed.target.engine, "redis");
      string_replace(&s->observed.target.engine_version, "5.0.5"))
SPOIL(target_engine_version_2, string_replace(&s->config.target.engine, "memcached"))
SPOIL(target_cluster_mode, s->observed.target.cluster_enabled = true)
SPOIL(target_cluster_mode_2, s->config.target.shards = 3)
SPOIL(target_transit_encryption, s->observed.target.transit_encryption = true)
SPOIL(target_encrypted_at_rest, s->observed.target.at_rest_encryption = true)
SPOIL(abort_token_lost, s->observed.history.open = true;
      string_replace(&s->observed.history.last_mode, "migrate");
      pairs_set(&s->observed.history.target_before, "auth", "token"))
SPOIL(target_auth, s->observed.target.auth = true)
SPOIL(target_multi_az, string_replace(&s->observed.target.multi_az, "disabled");
      s->config.target.multi_az = TRI_UNSET)
SPOIL(target_multi_az_2, string_replace(&s->observed.target.automatic_failover, "disabled"))
SPOIL(target_multi_az_3, s->config.target.replicas_per_shard = 0)
SPOIL(target_serverless, s->observed.target.serverless = true)
SPOIL(target_serverless_2, string_replace(&s->config.target.replication_group, NULL);
      s->config.target.create = false; string_replace(&s->config.target.serverless_cache, "fast"))
SPOIL(source_serverless, spoil_target_serverless_2(s); s->observed.target.serverless = true;
      string_replace(&s->observed.target.engine, "valkey");
      string_replace(&s->observed.target.engine_version, "8.1"))
SPOIL(source_serverless_2, spoil_source_serverless(s);
      string_replace(&sight_source(s)->version, "7.4.1"))
SPOIL(source_serverless_3, spoil_source_serverless(s);
      string_replace(&s->observed.target.engine, "redis");
      string_replace(&sight_source(s)->engine, "valkey");
      string_replace(&sight_source(s)->version, "8.0.1"))
SPOIL(target_data_tiering, string_replace(&s->observed.target.data_tiering, "enabled"))
SPOIL(target_data_tiering_2, string_replace(&s->config.target.node_type, "cache.r6gd.xlarge"))
SPOIL(target_global_datastore, string_replace(&s->observed.target.global_datastore, "ldgnf-orders"))
SPOIL(target_durability, string_replace(&s->observed.target.durability, "async"))
SPOIL(target_memory, s->observed.target.data_room_bytes = 41 * GIB)
SPOIL(target_memory_2, s->observed.target.data_room_bytes = 0)
SPOIL(target_eviction, sight_set(s, "maxmemory-policy", "allkeys-lru"))
SPOIL(target_holds_keys, s->observed.target.holds_keys = true)
SPOIL(target_holds_keys_2, s->observed.target.holds_keys = true;
      s->config.target.replace_data = true)
SPOIL(target_other_source, string_replace(&s->observed.target.replicates_from, "10.77.0.1:6379"))
SPOIL(target_differs, s->observed.target.replicas_per_shard = 3)
SPOIL(target_differs_5, s->config.target.replicas_per_shard = 6)
SPOIL(target_multi_az_4, s->observed.target.replicas_per_shard = 0;
      s->config.target.replicas_per_shard = SHAPE_UNSET)
SPOIL(target_multi_az_5, s->config.target.multi_az = TRI_NO)
SPOIL(target_differs_2, pairs_set(&s->config.target.tags, "team", "orders");
      s->config.target.managed_by = xstrdup("terraform"))
SPOIL(target_differs_3, string_replace(&s->observed.target.node_type, "cache.r7g.large");
      s->config.target.managed_by = xstrdup("terraform"))
SPOIL(target_differs_4, string_replace(&s->observed.target.engine_version, "8.1.0"))
SPOIL(target_differs_6, string_replace(&s->config.target.engine_version, "8.0.0"))
SPOIL(target_data_tiering_3, string_replace(&s->config.target.node_type, "cache.r6gd.4xlarge"))
SPOIL(target_tls_later, string_replace(&s->config.target.tls_after_cutover, "preferred");
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "6.2"))
SPOIL(target_snapshots, s->observed.target.snapshot_retention_days = 7;
      string_replace(&s->observed.target.snapshot_window, "02:00-03:00"))
SPOIL(target_zones, strings_add(&s->observed.target.zones, "eu-west-1-ham-1a"))
SPOIL(target_zones_2, s->observed.target.outpost = true)
SPOIL(target_renamed_commands,
      pairs_set(&s->observed.target.parameters, "rename-commands", "flushall blocked"))
SPOIL(target_renamed_commands_2,
      pairs_set(&s->config.target.parameters, "rename-commands", "keys blocked"))
SPOIL(target_version_offered_2, strings_clear(&s->observed.target.offered_versions))
SPOIL(target_missing_2, s->config.target.managed_by = xstrdup("terraform"))
SPOIL(target_version_offered_3, string_replace(&s->config.target.engine_version, "8.9"))
SPOIL(target_parameters_2, string_replace(&s->observed.target.parameter_group, "default.valkey8");
      strings_add(&s->observed.target.refused_parameters, "hz: no such"))
SPOIL(target_default_parameters, s->config.target.managed_by = xstrdup("terraform");
      string_replace(&s->observed.target.parameter_group, "default.valkey8"))
/* Nothing of the file says that ecmig may change the group. */
static void wish_for_nothing(struct config_target *wanted) {
    string_replace(&wanted->engine_version, NULL);
    string_replace(&wanted->node_type, NULL);
    pairs_clear(&wanted->parameters);
    wanted->replicas_per_shard = wanted->shards = SHAPE_UNSET;
    wanted->multi_az = TRI_UNSET;
}
SPOIL(target_default_parameters_2, wish_for_nothing(&s->config.target);
      string_replace(&s->observed.target.parameter_group, "default.valkey8"))
SPOIL(waiver_expired, sight_waive(s, "target-eviction", "agreed");
      strings_add(&s->observed.expired_waivers, "target-eviction"))
SPOIL(waiver_unknown, sight_waive(s, "target-evicton", "agreed"))
SPOIL(waiver_not_allowed, sight_source(s)->password_required = true;
      sight_waive(s, "source-has-auth", "agreed"))
SPOIL(waiver_unused, sight_waive(s, "target-eviction", "agreed"))

const struct spoiled spoiled_targets[] = {
    { "source-databases", SEVERITY_WARNING, sight_target_exists, spoil_untold_parameters,
      "the service does not report the parameter databases", "orders-prod", NULL },
    { "target-eviction", SEVERITY_WARNING, sight_target_exists, spoil_untold_parameters,
      "the service does not report the parameter maxmemory-policy", "orders-prod", NULL },
    { "target-connections", SEVERITY_NOTE, sight_target_exists, spoil_untold_parameters,
      "the service does not report the parameter maxclients", "orders-prod", NULL },
    { "target-limits", SEVERITY_NOTE, sight_target_exists, spoil_untold_parameters,
      "the service does not report the parameter timeout", "orders-prod", NULL },
    { "target-limits", SEVERITY_NOTE, sight_target_exists, spoil_untold_parameters,
      "the service does not report the parameter lua-time-limit", "orders-prod", NULL },
    { "target-engine-version", SEVERITY_ERROR, sight_target_exists, spoil_untold_engine,
      "the service does not report Engine", "orders-prod", NULL },
    { "target-engine-version", SEVERITY_ERROR, sight_target_exists, spoil_untold_version,
      "the service does not report EngineVersion", "orders-prod", NULL },
    { "target-node-type", SEVERITY_WARNING, sight_target_exists, spoil_untold_node_type,
      "the service does not report CacheNodeType", "orders-prod", NULL },
    { "target-maintenance", SEVERITY_NOTE, sight_target_exists, spoil_untold_maintenance,
      "the service does not report the maintenance window", "orders-prod", NULL },
    { "target-reachable", SEVERITY_ERROR, NULL, spoil_target_reachable,
      "the service did not answer", NULL, NULL },
    { "target-reachable", SEVERITY_ERROR, NULL, spoil_target_reachable_2,
      "the service refused a request", NULL, NULL },
    { "target-reachable", SEVERITY_ERROR, NULL, spoil_target_reachable_3,
      "the service could not be asked", NULL, NULL },
    { "target-permissions", SEVERITY_ERROR, NULL, spoil_target_permissions,
      "these credentials may not send " COMPLETE, "orders-prod",
      "these are the credentials of " CALLER },
    { "target-permissions", SEVERITY_WARNING, NULL, spoil_target_permissions_2,
      "a condition decides whether these credentials may send " COMPLETE, NULL, NULL },
    { "target-unknown", SEVERITY_NOTE, NULL, spoil_target_unknown,
      "whether a serverless cache has this name is not known", NULL, "refused" },
    { "target-permissions", SEVERITY_NOTE, NULL, spoil_target_permissions_3,
      "whether these credentials allow every step could not be checked", NULL, "not authorized" },
    { "target-missing", SEVERITY_ERROR, NULL, spoil_target_missing,
      "the replication group does not exist", NULL, NULL },
    { "target-missing", SEVERITY_ERROR, NULL, spoil_target_missing_2,
      "the replication group does not exist", NULL, NULL },
    { "target-incomplete", SEVERITY_ERROR, NULL, spoil_target_incomplete,
      "target.node_type is not given", NULL, NULL },
    { "target-version-offered", SEVERITY_ERROR, sight_target_exists, spoil_target_version_offered_3,
      "engine version 8.9 is not offered", NULL, NULL },
    { "target-parameters", SEVERITY_ERROR, sight_target_exists, spoil_target_parameters_2,
      "target.parameters, hz: no such", NULL, NULL },
    { "target-version-offered", SEVERITY_ERROR, NULL, spoil_target_version_offered,
      "engine version 8.9 is not offered", NULL, NULL },
    { "target-version-offered", SEVERITY_ERROR, NULL, spoil_target_version_offered_2,
      "no version of valkey is offered", NULL, NULL },
    { "target-parameters", SEVERITY_ERROR, NULL, spoil_target_parameters,
      "target.parameters, hz: no such", NULL, NULL },
    { "target-node-reachable", SEVERITY_ERROR, sight_target_exists, spoil_target_node_reachable,
      "the target's primary does not answer INFO from here", NULL, NULL },
    { "target-status", SEVERITY_ERROR, sight_target_exists, spoil_target_status,
      "the group's status is modifying, not available", NULL, NULL },
    { "target-status", SEVERITY_ERROR, sight_target_exists, spoil_target_status_2,
      "a snapshot of the target is being taken", NULL, NULL },
    { "target-status", SEVERITY_ERROR, sight_target_exists, spoil_target_status_3,
      "the group is migrating, and its source is not known", NULL, NULL },
    { "target-pending-changes", SEVERITY_WARNING, sight_target_exists, spoil_target_pending_changes,
      "the group has pending changes", NULL, NULL },
    { "target-engine-version", SEVERITY_ERROR, sight_target_exists, spoil_target_engine_version,
      "redis 5.0.5 is older than 5.0.6", NULL, NULL },
    { "target-engine-version", SEVERITY_ERROR, NULL, spoil_target_engine_version_2,
      "engine memcached is not supported as a target", NULL, NULL },
    { "target-cluster-mode", SEVERITY_ERROR, sight_target_exists, spoil_target_cluster_mode,
      "the group is in cluster mode, the source is not", NULL, NULL },
    { "target-cluster-mode", SEVERITY_ERROR, NULL, spoil_target_cluster_mode_2,
      "a source of one shard cannot be migrated to several", NULL, NULL },
    { "target-transit-encryption", SEVERITY_ERROR, sight_target_exists,
      spoil_target_transit_encryption, "in-transit encryption is on", NULL, NULL },
    { "target-encrypted-at-rest", SEVERITY_WARNING, sight_target_exists,
      spoil_target_encrypted_at_rest,
      "encrypted at rest, which older editions of the migration guide forbid", NULL, NULL },
    { "abort-token-lost", SEVERITY_WARNING, sight_target_exists, spoil_abort_token_lost,
      "the run removed the group's AUTH token, which ecmig does not know", NULL, NULL },
    { "target-auth", SEVERITY_ERROR, sight_target_exists, spoil_target_auth,
      "an AUTH token or user group is set", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, sight_target_exists, spoil_target_multi_az,
      "Multi-AZ is not enabled", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, sight_target_exists, spoil_target_multi_az_2,
      "automatic failover is not enabled", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, NULL, spoil_target_multi_az_3,
      "Multi-AZ needs at least one replica", NULL, NULL },
    { "target-serverless", SEVERITY_ERROR, NULL, spoil_target_serverless,
      "the target is a serverless cache, which ecmig does not migrate to yet", "orders-prod",
      NULL },
    { "target-serverless", SEVERITY_ERROR, NULL, spoil_target_serverless_2,
      "the target is a serverless cache, which ecmig does not migrate to yet", "fast", NULL },
    { "source-serverless", SEVERITY_NOTE, NULL, spoil_source_serverless,
      "prerequisites of a serverless cache that hold", SIGHT_SOURCE,
      "the version is Redis OSS 4.0 to 7.2 (it is 7.0.15); the source is not newer than the cache "
      "(valkey 8.1); one node endpoint is enough (" SIGHT_SOURCE "); no password is needed; "
      "SourceTlsMode is none; the source is named by an IPv4 address" },
    { "source-serverless", SEVERITY_NOTE, NULL, spoil_source_serverless,
      "prerequisites of a serverless cache that are not known", SIGHT_SOURCE,
      "the source runs on Amazon EC2, without a public endpoint; the cache is empty, or "
      "ClearTargetCacheData may empty it" },
    { "source-serverless", SEVERITY_WARNING, NULL, spoil_source_serverless_2,
      "prerequisites of a serverless cache that do not hold", SIGHT_SOURCE,
      "the version is Redis OSS 4.0 to 7.2 (it is 7.4.1)" },
    { "source-serverless", SEVERITY_WARNING, NULL, spoil_source_serverless_3,
      "prerequisites of a serverless cache that do not hold", SIGHT_SOURCE,
      "the source is not newer than the cache (redis 8.1)" },
    { "target-data-tiering", SEVERITY_ERROR, sight_target_exists, spoil_target_data_tiering,
      "data tiering is enabled", NULL, NULL },
    { "target-data-tiering", SEVERITY_ERROR, sight_target_exists, spoil_target_data_tiering_3,
      "cache.r6gd.4xlarge is a node type with data tiering", NULL, NULL },
    { "target-data-tiering", SEVERITY_ERROR, NULL, spoil_target_data_tiering_2,
      "cache.r6gd.xlarge is a node type with data tiering", NULL, NULL },
    { "target-global-datastore", SEVERITY_ERROR, sight_target_exists, spoil_target_global_datastore,
      "the group belongs to global datastore ldgnf-orders", NULL, NULL },
    { "target-durability", SEVERITY_ERROR, sight_target_exists, spoil_target_durability,
      "the group is durable (async)", NULL, NULL },
    { "target-memory", SEVERITY_ERROR, NULL, spoil_target_memory,
      "cache.r7g.4xlarge is too small for the source's data", NULL, NULL },
    { "target-memory", SEVERITY_WARNING, NULL, spoil_target_memory_2,
      "the capacity of cache.r7g.4xlarge is not known", NULL, NULL },
    { "target-eviction", SEVERITY_WARNING, NULL, spoil_target_eviction,
      "maxmemory-policy is noeviction, on the source allkeys-lru", NULL, NULL },
    { "target-holds-keys", SEVERITY_ERROR, sight_target_exists, spoil_target_holds_keys,
      "the target holds keys", NULL, NULL },
    { "target-holds-keys", SEVERITY_WARNING, sight_target_exists, spoil_target_holds_keys_2,
      "the keys it holds will be replaced", NULL, NULL },
    { "target-other-source", SEVERITY_ERROR, sight_target_exists, spoil_target_other_source,
      "the group already replicates from 10.77.0.1:6379", NULL, NULL },
    { "target-default-parameters", SEVERITY_NOTE, sight_target_exists,
      spoil_target_default_parameters, "it uses the service's parameter group default.valkey8",
      "orders-prod", NULL },
    { "target-default-parameters", SEVERITY_NOTE, sight_target_exists,
      spoil_target_default_parameters_2, "it uses the service's parameter group default.valkey8",
      "orders-prod", NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs,
      "replicas_per_shard is \"3\", the file says \"2\"", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs_5,
      "replicas_per_shard is \"2\", the file says \"6\"", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, sight_target_exists, spoil_target_multi_az_4,
      "Multi-AZ needs at least one replica", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, sight_target_exists, spoil_target_multi_az_5,
      "the file asks for a group without Multi-AZ", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs_6,
      "engine_version is \"8.0.1\", the file says \"8.0.0\"", NULL, NULL },
    { "target-differs", SEVERITY_WARNING, sight_target_exists, spoil_target_differs_2,
      "tags.team is not set, the file says \"orders\"", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs_3,
      "node_type is \"cache.r7g.large\", the file says \"cache.r7g.4xlarge\"", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs_4,
      "engine_version is \"8.1.0\", the file says \"8.0\"", NULL, NULL },
    { "target-tls-later", SEVERITY_ERROR, NULL, spoil_target_tls_later,
      "this engine cannot turn on TLS for an existing group", NULL, NULL },
    { "target-snapshots", SEVERITY_NOTE, sight_target_exists, spoil_target_snapshots,
      "a snapshot is taken every day at 02:00-03:00", NULL, NULL },
    { "target-zones", SEVERITY_ERROR, sight_target_exists, spoil_target_zones,
      "eu-west-1-ham-1a is a Local Zone", NULL, NULL },
    { "target-zones", SEVERITY_ERROR, sight_target_exists, spoil_target_zones_2,
      "the group is on an Outpost", NULL, NULL },
    { "target-renamed-commands", SEVERITY_ERROR, NULL, spoil_target_renamed_commands_2,
      "rename-commands is \"keys blocked\"", NULL, NULL },
    { "target-renamed-commands", SEVERITY_ERROR, sight_target_exists, spoil_target_renamed_commands,
      "rename-commands is \"flushall blocked\"", NULL, NULL },
    { "waiver-expired", SEVERITY_WARNING, NULL, spoil_waiver_expired, "the waiver has expired",
      NULL, NULL },
    { "waiver-unknown", SEVERITY_ERROR, NULL, spoil_waiver_unknown,
      "a waiver for a finding that does not exist", NULL, NULL },
    { "waiver-not-allowed", SEVERITY_ERROR, NULL, spoil_waiver_not_allowed,
      "this error cannot be waived", NULL, NULL },
    { "waiver-unused", SEVERITY_NOTE, NULL, spoil_waiver_unused,
      "a waiver for a finding that does not occur", NULL, NULL },
    { "target-node-type", SEVERITY_ERROR, NULL, spoil_target_node_type,
      "cache.r7g.4xlarge supports Redis OSS from 6.2 on", "orders-prod", NULL },
    { "target-node-type", SEVERITY_ERROR, NULL, spoil_target_node_type_2,
      "cache.m8g.large supports Valkey only", "orders-prod", NULL },
    { "target-quota", SEVERITY_ERROR, NULL, spoil_target_quota, "a shard has at most 5 replicas",
      "orders-prod", NULL },
    { "target-maintenance", SEVERITY_NOTE, sight_target_exists, spoil_target_maintenance,
      "maintenance may begin in " SUNDAY " UTC", "orders-prod", NULL },
    { "target-maintenance", SEVERITY_WARNING, sight_target_exists, spoil_target_maintenance_2,
      "the cutover window overlaps the maintenance window, " SUNDAY " UTC", NULL, NULL },
    { "target-snapshots", SEVERITY_WARNING, sight_target_exists, spoil_target_snapshots_2,
      "the cutover window overlaps the daily snapshot, 02:00-03:00 UTC", NULL, NULL },
    { "target-updates", SEVERITY_NOTE, sight_target_exists, spoil_target_updates,
      "service update elasticache-2026-08 is not-applied", "orders-prod", NULL },
    { "target-updates", SEVERITY_WARNING, sight_target_exists, spoil_target_updates_2,
      "service update elasticache-2026-08 is scheduled", "orders-prod", NULL },
    { "target-updates", SEVERITY_NOTE, sight_target_exists, spoil_target_updates_3,
      "pending service updates could not be read", NULL, "not authorized" },
    { "target-notifications", SEVERITY_WARNING, NULL, spoil_target_notifications,
      "it sends key events that the target will not send", SIGHT_SOURCE,
      "notify-keyspace-events is \"AKE\", on the target \"\"" },
    { "target-notifications", SEVERITY_WARNING, sight_target_exists, spoil_target_notifications_2,
      "it sends key events that the target will not send", NULL, NULL },
    { "target-limits", SEVERITY_NOTE, sight_target_exists, spoil_target_limits,
      "timeout will be different on the target", SIGHT_SOURCE, "it is 0, on the target 300" },
    { "target-connections", SEVERITY_WARNING, sight_target_exists, spoil_target_connections,
      "it has more connections than cache.r7g.4xlarge accepts", SIGHT_SOURCE,
      "65001 are open, maxclients is 65000" },
    { "target-no-append-file", SEVERITY_NOTE, NULL, spoil_target_no_append_file,
      "it keeps an append-only file, which the target does not have", SIGHT_SOURCE, NULL },
    { 0 },
};
