/* One server and its replica. */
#include "tests/support/spoiled.h"

#include "schemas/base/memory.h"

#define GIB ((int64_t)1 << 30)
SPOIL(source_reachable, sight_source(s)->reachable = false)
SPOIL(source_reachable_2, sight_source(s)->reachable = false;
      string_replace(&sight_source(s)->problem_code, "WRONGPASS"))
SPOIL(source_topology, sight_source(s)->cluster_enabled = true)
SPOIL(source_is_primary, string_replace(&sight_source(s)->role, "slave");
      string_replace(&sight_source(s)->follows, "10.20.4.9:6379"))
SPOIL(source_is_primary_2, string_replace(&sight_source(s)->role, "unknown"))
SPOIL(source_address, string_replace(&sight_source(s)->address, "8.8.8.8:6379"))
SPOIL(source_address_2, string_replace(&sight_source(s)->address, "127.0.1.1:6379"))
SPOIL(source_address_3, string_replace(&sight_source(s)->address, "redis.internal:6379"))
SPOIL(source_version, string_replace(&sight_source(s)->version, "2.8.20"))
SPOIL(source_rdb_version, string_replace(&sight_source(s)->version, "7.4.6"))
SPOIL(source_rdb_version_2, string_replace(&sight_source(s)->version, "7.2.4");
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "7.1"))
SPOIL(source_has_auth, sight_source(s)->password_required = true)
SPOIL(source_plain_port, sight_set(s, "port", "0"))
SPOIL(source_protected_mode, sight_set(s, "protected-mode", "yes"))
SPOIL(source_protected_mode_2, sight_set(s, "protected-mode", "yes");
      strings_add(&s->config.source.manage, "protected-mode"))
SPOIL(source_bind, sight_set(s, "bind", "127.0.0.1 -::1"))
SPOIL(source_databases, sight_set(s, "databases", "32"))
SPOIL(source_databases_2, pairs_set(&s->observed.target.parameters, "databases", "4"))
SPOIL(source_missing_commands, strings_add(&sight_source(s)->missing_commands, "config");
      strings_add(&sight_source(s)->missing_commands, "psync"))
SPOIL(source_modules, strings_add(&sight_source(s)->modules, "search"))
SPOIL(source_loading, sight_source(s)->loading = true)
SPOIL(source_save_failed, sight_source(s)->save_failed = true)
SPOIL(source_fork_room, sight_source(s)->system_memory_bytes = 42 * GIB)
SPOIL(source_output_buffer_limit, sight_set(s, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS))
SPOIL(source_backlog, sight_set(s, "repl-backlog-size", "1048576"))
SPOIL(source_repl_timeout, sight_set(s, "repl-timeout", "60"))
SPOIL(source_config_readable, sight_source(s)->config_readable = false)
SPOIL(source_config_readable_2, sight_source(s)->config_readable = false;
      s->config.cutover.writes = WRITES_NONE)
SPOIL(source_setting_left,
      pairs_set(&s->observed.history.settings_before, "10.9.9.9:6379 repl-timeout", "60"))
SPOIL(fence_possible, pairs_clear(&sight_source(s)->settings))
SPOIL(fence_standing, sight_set(s, "min-replicas-to-write", "1073741825"))
SPOIL(fence_standing_2, sight_set(s, "min-replicas-to-write", "1073741825");
      string_replace(&s->observed.history.fence, "1073741825"))
SPOIL(fence_leaks_scripts, string_replace(&sight_source(s)->version, "5.0.14");
      sight_source(s)->scripts_used = true)
SPOIL(cutover_no_pause, string_replace(&sight_source(s)->version, "6.0.20"))
SPOIL(cutover_unprotected, s->config.cutover.writes = WRITES_NONE)
SPOIL(cutover_hook_missing, pairs_set(&s->observed.hook_digests, "./switch-endpoint", "absent"))
SPOIL(cutover_no_switch, sight_no_switch(s))
SPOIL(target_reachable, s->observed.target.reachable = false)
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
SPOIL(target_auth, s->observed.target.auth = true)
SPOIL(target_multi_az, string_replace(&s->observed.target.multi_az, "disabled");
      s->config.target.multi_az = TRI_UNSET)
SPOIL(target_multi_az_2, string_replace(&s->observed.target.automatic_failover, "disabled"))
SPOIL(target_multi_az_3, s->config.target.replicas_per_shard = 0)
SPOIL(target_serverless, s->observed.target.serverless = true)
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
SPOIL(target_differs, s->observed.target.replicas_per_shard = 1)
SPOIL(target_differs_2, pairs_set(&s->config.target.tags, "team", "orders");
      s->config.target.managed_by = xstrdup("terraform"))
SPOIL(target_differs_3, string_replace(&s->observed.target.node_type, "cache.r7g.large");
      s->config.target.managed_by = xstrdup("terraform"))
SPOIL(target_differs_4, string_replace(&s->observed.target.engine_version, "8.1.0"))
SPOIL(target_tls_later, string_replace(&s->config.target.tls_after_cutover, "preferred");
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "6.2"))
SPOIL(source_renamed_writes, strings_add(&sight_source(s)->missing_writes, "flushall"))
SPOIL(source_functions, sight_source(s)->functions = 2;
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "6.2"))
SPOIL(source_script_cache, sight_source(s)->scripts_used = true)
SPOIL(source_disk_sync, sight_set(s, "repl-diskless-sync", "no"))
SPOIL(target_snapshots, s->observed.target.snapshot_retention_days = 7;
      string_replace(&s->observed.target.snapshot_window, "02:00-03:00"))
SPOIL(target_zones, strings_add(&s->observed.target.zones, "us-west-2-lax-1a"))
SPOIL(target_zones_2, s->observed.target.outpost = true)
SPOIL(target_renamed_commands,
      pairs_set(&s->observed.target.parameters, "rename-commands", "flushall blocked"))
SPOIL(waiver_expired, sight_waive(s, "target-eviction", "agreed");
      strings_add(&s->observed.expired_waivers, "target-eviction"))
SPOIL(waiver_unknown, sight_waive(s, "target-evicton", "agreed"))
SPOIL(waiver_not_allowed, sight_source(s)->password_required = true;
      sight_waive(s, "source-has-auth", "agreed"))
SPOIL(abort_too_late, string_replace(&s->observed.history.cutover, "switch_started"))
SPOIL(waiver_unused, sight_waive(s, "target-eviction", "agreed"))
const struct spoiled spoiled_servers[] = {
    { "source-reachable", SEVERITY_ERROR, NULL, spoil_source_reachable,
      "the source cannot be reached", NULL, NULL },
    { "source-reachable", SEVERITY_ERROR, NULL, spoil_source_reachable_2,
      "the source refuses our login", NULL, NULL },
    { "source-topology", SEVERITY_ERROR, NULL, spoil_source_topology,
      "the server runs in cluster mode, the file says standalone", NULL, NULL },
    { "source-is-primary", SEVERITY_ERROR, NULL, spoil_source_is_primary,
      "this server is a replica", NULL, NULL },
    { "source-is-primary", SEVERITY_ERROR, NULL, spoil_source_is_primary_2,
      "this server holds no data", NULL, NULL },
    { "source-address", SEVERITY_ERROR, NULL, spoil_source_address,
      "the source's address is public", NULL, NULL },
    { "source-address", SEVERITY_ERROR, NULL, spoil_source_address_2,
      "the source's address is this machine's own", NULL, NULL },
    { "source-address", SEVERITY_NOTE, NULL, spoil_source_address_3,
      "the source is given by name; it must resolve inside the target's network", NULL, NULL },
    { "source-version", SEVERITY_ERROR, NULL, spoil_source_version,
      "version 2.8.20 is older than 2.8.21", NULL, NULL },
    { "source-rdb-version", SEVERITY_ERROR, NULL, spoil_source_rdb_version,
      "valkey 8.0 cannot load what redis 7.4.6 sends", NULL, NULL },
    { "source-rdb-version", SEVERITY_WARNING, NULL, spoil_source_rdb_version_2,
      "redis 7.1 may not load what redis 7.2.4 sends", NULL, NULL },
    { "source-has-auth", SEVERITY_ERROR, NULL, spoil_source_has_auth,
      "the source asks for a password", NULL, NULL },
    { "source-plain-port", SEVERITY_ERROR, NULL, spoil_source_plain_port,
      "the source has no plaintext port", NULL, NULL },
    { "source-protected-mode", SEVERITY_ERROR, NULL, spoil_source_protected_mode,
      "protected-mode is on", NULL, NULL },
    { "source-protected-mode", SEVERITY_NOTE, NULL, spoil_source_protected_mode_2,
      "protected-mode is on", NULL, NULL },
    { "source-bind", SEVERITY_ERROR, NULL, spoil_source_bind,
      "bind \"127.0.0.1 -::1\" serves this machine only", NULL, NULL },
    { "source-databases", SEVERITY_ERROR, NULL, spoil_source_databases,
      "databases is 32, on the target 16", NULL, NULL },
    { "source-databases", SEVERITY_ERROR, sight_target_exists, spoil_source_databases_2,
      "databases is 16, on the target 4", NULL, NULL },
    { "source-missing-commands", SEVERITY_ERROR, NULL, spoil_source_missing_commands,
      "renamed or missing commands: config, psync", NULL, NULL },
    { "source-modules", SEVERITY_ERROR, NULL, spoil_source_modules, "modules are loaded: search",
      NULL, NULL },
    { "source-loading", SEVERITY_ERROR, NULL, spoil_source_loading,
      "the source is loading its data", NULL, NULL },
    { "source-save-failed", SEVERITY_WARNING, NULL, spoil_source_save_failed,
      "the last background save failed", NULL, NULL },
    { "source-fork-room", SEVERITY_WARNING, NULL, spoil_source_fork_room,
      "there is little memory to fork the source in", NULL, NULL },
    { "source-output-buffer-limit", SEVERITY_WARNING, NULL, spoil_source_output_buffer_limit,
      "the replica limit is small for this much data", NULL, NULL },
    { "source-backlog", SEVERITY_WARNING, NULL, spoil_source_backlog,
      "the replication backlog is small", NULL, NULL },
    { "source-repl-timeout", SEVERITY_WARNING, NULL, spoil_source_repl_timeout,
      "repl-timeout 60 s is short for a large copy", NULL, NULL },
    { "source-config-readable", SEVERITY_ERROR, NULL, spoil_source_config_readable,
      "CONFIG GET is refused or renamed", NULL, NULL },
    { "source-config-readable", SEVERITY_WARNING, NULL, spoil_source_config_readable_2,
      "CONFIG GET is refused or renamed", NULL, NULL },
    { "source-setting-left", SEVERITY_WARNING, NULL, spoil_source_setting_left,
      "an earlier run set it, and the server is gone", NULL, NULL },
    { "fence-possible", SEVERITY_ERROR, NULL, spoil_fence_possible,
      "the server has no min-replicas-to-write", NULL, NULL },
    { "fence-standing", SEVERITY_ERROR, NULL, spoil_fence_standing,
      "a fence that is not of this migration stands: writes are refused", NULL, NULL },
    { "fence-standing", SEVERITY_ERROR, sight_target_exists, spoil_fence_standing_2,
      "a fence of an earlier run stands: writes are refused", NULL, NULL },
    { "fence-leaks-scripts", SEVERITY_ERROR, NULL, spoil_fence_leaks_scripts,
      "scripts are in use, and the fence does not stop them", NULL, NULL },
    { "cutover-no-pause", SEVERITY_NOTE, NULL, spoil_cutover_no_pause,
      "no pause before 6.2: writers are refused, they do not wait", NULL, NULL },
    { "cutover-unprotected", SEVERITY_WARNING, NULL, spoil_cutover_unprotected,
      "WRITES MAY BE LOST: nothing holds or fences the writers", NULL, NULL },
    { "cutover-hook-missing", SEVERITY_ERROR, NULL, spoil_cutover_hook_missing,
      "the hook's file does not exist", NULL, NULL },
    { "cutover-no-switch", SEVERITY_WARNING, NULL, spoil_cutover_no_switch,
      "nothing moves the applications to the target", NULL, NULL },
    { "abort-too-late", SEVERITY_ERROR, NULL, spoil_abort_too_late,
      "the applications were told to use the target already", NULL, NULL },
    { "target-reachable", SEVERITY_ERROR, NULL, spoil_target_reachable,
      "the service could not be asked", NULL, NULL },
    { "target-missing", SEVERITY_ERROR, NULL, spoil_target_missing,
      "the replication group does not exist", NULL, NULL },
    { "target-incomplete", SEVERITY_ERROR, NULL, spoil_target_incomplete,
      "target.node_type is not given", NULL, NULL },
    { "target-version-offered", SEVERITY_ERROR, NULL, spoil_target_version_offered,
      "engine version 8.9 is not offered", NULL, NULL },
    { "target-parameters", SEVERITY_ERROR, NULL, spoil_target_parameters,
      "target.parameters, hz: no such", NULL, NULL },
    { "target-node-reachable", SEVERITY_ERROR, sight_target_exists, spoil_target_node_reachable,
      "the target's primary does not answer INFO from here", NULL, NULL },
    { "target-status", SEVERITY_ERROR, sight_target_exists, spoil_target_status,
      "the group's status is modifying, not available", NULL, NULL },
    { "target-status", SEVERITY_ERROR, sight_target_exists, spoil_target_status_2,
      "a snapshot of the target is being taken", NULL, NULL },
    { "target-status", SEVERITY_ERROR, sight_target_exists, spoil_target_status_3,
      "the group is migrating, and its source cannot be seen", NULL, NULL },
    { "target-pending-changes", SEVERITY_WARNING, sight_target_exists, spoil_target_pending_changes,
      "changes of the group wait to be applied", NULL, NULL },
    { "target-engine-version", SEVERITY_ERROR, sight_target_exists, spoil_target_engine_version,
      "redis 5.0.5 is older than 5.0.6", NULL, NULL },
    { "target-engine-version", SEVERITY_ERROR, NULL, spoil_target_engine_version_2,
      "the engine memcached cannot be migrated to", NULL, NULL },
    { "target-cluster-mode", SEVERITY_ERROR, sight_target_exists, spoil_target_cluster_mode,
      "the group is in cluster mode, the source is not", NULL, NULL },
    { "target-cluster-mode", SEVERITY_ERROR, NULL, spoil_target_cluster_mode_2,
      "a source of one shard cannot be migrated into several", NULL, NULL },
    { "target-transit-encryption", SEVERITY_ERROR, sight_target_exists,
      spoil_target_transit_encryption, "in-transit encryption is on", NULL, NULL },
    { "target-encrypted-at-rest", SEVERITY_WARNING, sight_target_exists,
      spoil_target_encrypted_at_rest, "encrypted at rest, which older editions of the guide forbid",
      NULL, NULL },
    { "target-auth", SEVERITY_ERROR, sight_target_exists, spoil_target_auth,
      "an AUTH token or user group is set", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, sight_target_exists, spoil_target_multi_az,
      "Multi-AZ is not enabled", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, sight_target_exists, spoil_target_multi_az_2,
      "automatic failover is not enabled", NULL, NULL },
    { "target-multi-az", SEVERITY_ERROR, NULL, spoil_target_multi_az_3,
      "Multi-AZ needs at least one replica", NULL, NULL },
    { "target-serverless", SEVERITY_ERROR, NULL, spoil_target_serverless,
      "the target is a serverless cache", NULL, NULL },
    { "target-data-tiering", SEVERITY_ERROR, sight_target_exists, spoil_target_data_tiering,
      "data tiering is enabled", NULL, NULL },
    { "target-data-tiering", SEVERITY_ERROR, NULL, spoil_target_data_tiering_2,
      "cache.r6gd.xlarge is a node type with data tiering", NULL, NULL },
    { "target-global-datastore", SEVERITY_ERROR, sight_target_exists, spoil_target_global_datastore,
      "the group belongs to global datastore ldgnf-orders", NULL, NULL },
    { "target-durability", SEVERITY_ERROR, sight_target_exists, spoil_target_durability,
      "the group is durable (async)", NULL, NULL },
    { "target-memory", SEVERITY_ERROR, NULL, spoil_target_memory,
      "cache.r7g.4xlarge is too small for the source's data", NULL, NULL },
    { "target-memory", SEVERITY_WARNING, NULL, spoil_target_memory_2,
      "it is not known how much cache.r7g.4xlarge holds", NULL, NULL },
    { "target-eviction", SEVERITY_WARNING, NULL, spoil_target_eviction,
      "maxmemory-policy is noeviction, on the source allkeys-lru", NULL, NULL },
    { "target-holds-keys", SEVERITY_ERROR, sight_target_exists, spoil_target_holds_keys,
      "the target holds keys", NULL, NULL },
    { "target-holds-keys", SEVERITY_WARNING, sight_target_exists, spoil_target_holds_keys_2,
      "the keys it holds will be replaced", NULL, NULL },
    { "target-other-source", SEVERITY_ERROR, sight_target_exists, spoil_target_other_source,
      "the group already replicates from 10.77.0.1:6379", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs,
      "replicas_per_shard is \"1\", the file says \"2\"", NULL, NULL },
    { "target-differs", SEVERITY_WARNING, sight_target_exists, spoil_target_differs_2,
      "tags.team is not set, the file says \"orders\"", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs_3,
      "node_type is \"cache.r7g.large\", the file says \"cache.r7g.4xlarge\"", NULL, NULL },
    { "target-differs", SEVERITY_ERROR, sight_target_exists, spoil_target_differs_4,
      "engine_version is \"8.1.0\", the file says \"8.0\"", NULL, NULL },
    { "target-tls-later", SEVERITY_ERROR, NULL, spoil_target_tls_later,
      "this engine cannot get TLS while the group exists", NULL, NULL },
    { "source-renamed-writes", SEVERITY_ERROR, NULL, spoil_source_renamed_writes,
      "renamed or disabled: flushall", NULL, NULL },
    { "source-functions", SEVERITY_ERROR, NULL, spoil_source_functions,
      "it has functions, which redis 6.2 does not know", NULL, NULL },
    { "source-script-cache", SEVERITY_NOTE, NULL, spoil_source_script_cache,
      "scripts are in use, and their cache is not copied", NULL, NULL },
    { "source-disk-sync", SEVERITY_NOTE, NULL, spoil_source_disk_sync,
      "the snapshot is written to the disk first", NULL, NULL },
    { "target-snapshots", SEVERITY_NOTE, sight_target_exists, spoil_target_snapshots,
      "a snapshot is taken every day at 02:00-03:00", NULL, NULL },
    { "target-zones", SEVERITY_ERROR, sight_target_exists, spoil_target_zones,
      "us-west-2-lax-1a is a Local Zone", NULL, NULL },
    { "target-zones", SEVERITY_ERROR, sight_target_exists, spoil_target_zones_2,
      "the group is on an Outpost", NULL, NULL },
    { "target-renamed-commands", SEVERITY_ERROR, sight_target_exists, spoil_target_renamed_commands,
      "rename-commands is \"flushall blocked\"", NULL, NULL },
    { "waiver-expired", SEVERITY_WARNING, NULL, spoil_waiver_expired, "the waiver has expired",
      NULL, NULL },
    { "waiver-unknown", SEVERITY_ERROR, NULL, spoil_waiver_unknown,
      "a waiver for a finding that does not exist", NULL, NULL },
    { "waiver-not-allowed", SEVERITY_ERROR, NULL, spoil_waiver_not_allowed,
      "this error cannot be waived", NULL, NULL },
    { "waiver-unused", SEVERITY_NOTE, NULL, spoil_waiver_unused,
      "a waiver for something that was not found", NULL, NULL },
    { 0 },
};
