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
SPOIL(source_address_4, string_replace(&sight_source(s)->address, "localhost:6379"))
SPOIL(source_own_address, sight_source(s)->shares_address = true)
SPOIL(source_own_address_2, sight_source(s)->listens_on = 6380)
SPOIL(source_own_address_3, sight_source(s)->is_translated = true;
      string_replace(&sight_source(s)->answers_at, "10.42.0.7:6379"))
SPOIL(source_shared_address,
      struct observed_stranger *stranger = LIST_ADD(&s->observed.source.strangers);
      stranger->address = xstrdup("10.20.4.30:6379"); stranger->seen_at = xstrdup(SIGHT_SOURCE);
      stranger->why = xstrdup("another replica announces the same address"))
SPOIL(source_clock, sight_source(s)->clock_ahead_ms = -7400)
SPOIL(source_clock_2, s->observed.target.clock_ahead_ms = -9100)
SPOIL(source_field_expiry, string_replace(&sight_source(s)->engine, "valkey");
      string_replace(&sight_source(s)->version, "9.0.1"); sight_source(s)->expiring_field_keys = 3)
SPOIL(source_fork_stall, sight_source(s)->last_fork_us = 1400000)
SPOIL(runner_clock, s->observed.target.clock_ahead_ms = 125000;
      sight_source(s)->clock_ahead_ms = 125000)
SPOIL(migration_untested, s->config.replication.test = false)
SPOIL(source_engine, string_replace(&sight_source(s)->engine, "keydb");
      string_replace(&sight_source(s)->version, "6.3.4"))
SPOIL(source_engine_2, string_replace(&sight_source(s)->engine, "unknown");
      string_replace(&sight_source(s)->version, "unknown"))
SPOIL(source_engine_3, string_replace(&sight_source(s)->version, "9.1.0"))
SPOIL(source_reachable_3, sight_source(s)->reachable = false;
      string_replace(&sight_source(s)->problem_code, "DENIED"))
SPOIL(source_version, string_replace(&sight_source(s)->version, "2.8.20"))
SPOIL(source_rdb_version, string_replace(&sight_source(s)->version, "7.4.6"))
SPOIL(source_rdb_version_2, string_replace(&sight_source(s)->version, "7.2.4");
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "7.1"))
SPOIL(source_has_auth, sight_source(s)->password_required = true)
SPOIL(source_has_auth_2, sight_source(s)->replication_refused = true)
SPOIL(source_plain_port, sight_set(s, "port", "0"))
SPOIL(source_protected_mode, sight_set(s, "protected-mode", "yes"))
SPOIL(source_protected_mode_2, sight_set(s, "protected-mode", "yes");
      strings_add(&s->config.source.manage, "protected-mode"))
SPOIL(source_bind, sight_set(s, "bind", "127.0.0.1 -::1"))
SPOIL(source_databases, sight_set(s, "databases", "32"))
SPOIL(source_databases_2, pairs_set(&s->observed.target.parameters, "databases", "4"))
SPOIL(source_other_port, string_replace(&sight_source(s)->address, "10.20.4.11:6380");
      sight_source(s)->listens_on = 6380)
SPOIL(source_databases_3, sight_set(s, "databases", "20000"))
SPOIL(source_missing_commands, strings_add(&sight_source(s)->missing_commands, "config");
      strings_add(&sight_source(s)->missing_commands, "psync"))
SPOIL(source_field_expiry_2, string_replace(&sight_source(s)->version, "7.4.1");
      sight_source(s)->expiring_field_keys = 3)
SPOIL(source_newer_commands, pairs_set(&sight_source(s)->newer_writes, "copy", "12");
      pairs_set(&sight_source(s)->newer_writes, "hexpire", "3"); /* not in 7.0 */
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "6.0"))
static void add_use(struct sight *s, const char *kind, const char *what, int64_t count) {
    struct observed_use *use = LIST_ADD(&sight_source(s)->applications.uses);
    *use = (struct observed_use){ .kind = xstrdup(kind), .what = xstrdup(what), .count = count };
    strings_add(&use->clients, "10.20.4.80:41712 worker");
    strings_add(&use->clients, "10.20.4.81:39004");
}
static void older_target(struct sight *s, const char *version) {
    string_replace(&s->config.target.engine, "redis");
    string_replace(&s->config.target.engine_version, version);
    string_replace(&sight_source(s)->version, "5.0.14");
    string_replace(&s->observed.source.nodes.items[1].version, "5.0.14");
}
SPOIL(source_acl_users, strings_add(&sight_source(s)->applications.users, "app");
      strings_add(&sight_source(s)->applications.users, "vault");
      sight_source(s)->applications.users_count = 207)
SPOIL(source_acl_users_2, strings_add(&sight_source(s)->applications.users, "app");
      sight_source(s)->applications.users_count = 1; add_use(s, "user", "app", 9);
      add_use(s, "user", "ops", 2))
SPOIL(source_acl_users_3, s->config.source.username = xstrdup("mig");
      strings_add(&sight_source(s)->applications.users, "mig");
      sight_source(s)->applications.users_count = 1; add_use(s, "user", "mig", 2))
SPOIL(target_lacks_commands, pairs_set(&sight_source(s)->applications.newer_calls, "getex", "12");
      pairs_set(&sight_source(s)->applications.newer_calls, "lpos", "3");
      pairs_set(&sight_source(s)->applications.newer_calls, "hello", "3"); older_target(s, "6.0"))
SPOIL(target_lacks_commands_2, pairs_set(&sight_source(s)->applications.newer_calls, "vsim", "12");
      pairs_set(&sight_source(s)->applications.newer_calls, "delifeq", "1"))
SPOIL(target_lacks_commands_3,
      pairs_set(&sight_source(s)->applications.newer_calls, "ssubscribe", "2");
      add_use(s, "shard channels", NULL, 2); older_target(s, "6.2"))
SPOIL(clients_use_restricted_commands,
      pairs_set(&sight_source(s)->applications.restricted_calls, "bgsave", "31");
      pairs_set(&sight_source(s)->applications.restricted_calls, "debug", "2"))
SPOIL(clients_use_restricted_commands_2, add_use(s, "command", "config|set", 3))
SPOIL(clients_use_databases, add_use(s, "database", "15", 2); add_use(s, "database", "16", 2))
SPOIL(clients_use_resp3, add_use(s, "resp3", NULL, 5); older_target(s, "5.0.6"))
SPOIL(clients_use_resp3_2, pairs_set(&sight_source(s)->applications.newer_calls, "hello", "3");
      older_target(s, "5.0.6"))
SPOIL(source_modules, strings_add(&sight_source(s)->modules, "search"))
SPOIL(source_loading, sight_source(s)->loading = true)
SPOIL(source_save_failed, sight_source(s)->save_failed = true)
SPOIL(source_memory_room, sight_source(s)->maxmemory_bytes = 38 * GIB)
SPOIL(source_memory_room_2, sight_source(s)->maxmemory_bytes = 39 * GIB;
      sight_source(s)->backlog_held_bytes = 1 << 20; sight_set(s, "repl-backlog-size", "1048576");
      sight_set(s, "repl-backlog-ttl", "0"))
SPOIL(source_fork_room, sight_source(s)->system_memory_bytes = 42 * GIB)
SPOIL(source_output_buffer_limit, sight_set(s, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS))
SPOIL(source_output_buffer_limit_2, sight_source(s)->resident_bytes = 63 * GIB)
SPOIL(source_backlog, sight_set(s, "repl-backlog-size", "1048576"))
SPOIL(source_repl_timeout, sight_set(s, "repl-timeout", "60"))
SPOIL(source_config_readable, sight_source(s)->config_readable = false)
SPOIL(source_config_readable_2, sight_source(s)->config_readable = false;
      s->config.cutover.writes = WRITES_NONE)
SPOIL(source_setting_left,
      pairs_set(&s->observed.history.settings_before, "10.9.9.9:6379 repl-timeout", "60"))
SPOIL(source_keeps_settings,
      strings_add(&s->observed.history.set_by_others, SIGHT_SOURCE " repl-backlog-ttl"))
SPOIL(source_keeps_settings_2, sight_set(s, "min-replicas-to-write", "1"))
SPOIL(source_keeps_settings_3, sight_source(s)->without_file = true)
SPOIL(fence_possible, pairs_clear(&sight_source(s)->settings))
SPOIL(fence_standing, sight_set(s, "min-replicas-to-write", "1073741825"))
SPOIL(fence_standing_2, sight_set(s, "min-replicas-to-write", "1073741825");
      string_replace(&s->observed.history.fence, "1073741825"))
SPOIL(fence_leaks_scripts, string_replace(&sight_source(s)->version, "5.0.14");
      sight_source(s)->scripts_used = true)
SPOIL(cutover_no_pause, string_replace(&sight_source(s)->version, "6.0.20"))
SPOIL(cutover_unprotected, s->config.cutover.writes = WRITES_NONE)
SPOIL(cutover_hook_missing, pairs_set(&s->observed.hook_digests, "./switch-endpoint", "absent"))
SPOIL(approvals_possible, string_replace(&s->config.approvals.allowed_signers, "allowed_signers");
      string_replace(&s->observed.signers.problem, "'allowed_signers': no such file"))
SPOIL(approvals_possible_2, string_replace(&s->config.approvals.allowed_signers, "allowed_signers");
      strings_add(&s->observed.signers.allowed, "ann@example.org,bob@example.org ssh-ed25519 AAAA");
      s->config.approvals.minimum = 3)
SPOIL(cutover_no_switch, sight_no_switch(s))
SPOIL(source_renamed_writes, strings_add(&sight_source(s)->missing_writes, "flushall"))
SPOIL(source_functions, sight_source(s)->functions = 2;
      string_replace(&s->config.target.engine, "redis");
      string_replace(&s->config.target.engine_version, "6.2"))
SPOIL(source_script_cache, sight_source(s)->scripts_used = true)
SPOIL(source_disk_sync, sight_set(s, "repl-diskless-sync", "no"))
SPOIL(abort_too_late, string_replace(&s->observed.history.cutover, "switch_started"))

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
      "this server does not hold data", NULL, NULL },
    { "source-address", SEVERITY_ERROR, NULL, spoil_source_address,
      "the source's address is public", NULL, NULL },
    { "source-address", SEVERITY_ERROR, NULL, spoil_source_address_2,
      "the source's address is a loopback address of this machine", NULL, NULL },
    { "source-address", SEVERITY_NOTE, NULL, spoil_source_address_3,
      "the source is given by name; the name must resolve inside the target's network", NULL,
      NULL },
    { "source-engine", SEVERITY_ERROR, NULL, spoil_source_engine,
      .summary = "this is keydb 6.3.4, not Redis or Valkey" },
    { "source-engine", SEVERITY_ERROR, NULL, spoil_source_engine_2,
      .summary = "INFO does not say which server this is" },
    { "source-engine", SEVERITY_ERROR, NULL, spoil_source_engine_3,
      .summary = "redis 9.1.0 is not a version that ecmig is tested with" },
    { "source-reachable", SEVERITY_ERROR, NULL, spoil_source_reachable_3,
      .summary = "the source is in protected mode" },
    { "source-version", SEVERITY_ERROR, NULL, spoil_source_version,
      "version 2.8.20 is older than 2.8.21", NULL, NULL },
    { "source-rdb-version", SEVERITY_ERROR, NULL, spoil_source_rdb_version,
      "valkey 8.0 cannot load the snapshot of redis 7.4.6", NULL, NULL },
    { "source-rdb-version", SEVERITY_WARNING, NULL, spoil_source_rdb_version_2,
      "redis 7.1 may not be able to load the snapshot of redis 7.2.4", NULL, NULL },
    { "source-has-auth", SEVERITY_ERROR, NULL, spoil_source_has_auth,
      "the source requires a password", NULL, NULL },
    { "source-has-auth", SEVERITY_ERROR, NULL, spoil_source_has_auth_2,
      "the default user may not replicate", NULL, NULL },
    { "source-plain-port", SEVERITY_ERROR, NULL, spoil_source_plain_port,
      "the source has no plaintext port", NULL, NULL },
    { "source-protected-mode", SEVERITY_ERROR, NULL, spoil_source_protected_mode,
      "protected-mode is on", NULL, NULL },
    { "source-protected-mode", SEVERITY_NOTE, NULL, spoil_source_protected_mode_2,
      "protected-mode is on", NULL, NULL },
    { "source-bind", SEVERITY_ERROR, NULL, spoil_source_bind,
      "bind \"127.0.0.1 -::1\" accepts connections from this machine only", NULL, NULL },
    { "source-databases", SEVERITY_ERROR, NULL, spoil_source_databases,
      "databases is 32, on the target 16", NULL, NULL },
    { "source-databases", SEVERITY_ERROR, sight_target_exists, spoil_source_databases_2,
      "databases is 16, on the target 4", NULL, NULL },
    { "source-other-port", SEVERITY_NOTE, NULL, spoil_source_other_port,
      "it listens on another port than the target, 6379", "10.20.4.11:6380", NULL },
    { "source-databases", SEVERITY_ERROR, NULL, spoil_source_databases_3,
      "databases is 20000, on the target 16", NULL, NULL },
    { "source-missing-commands", SEVERITY_ERROR, NULL, spoil_source_missing_commands,
      "renamed or missing commands: config, psync", NULL, NULL },
    { "source-newer-commands", SEVERITY_ERROR, NULL, spoil_source_newer_commands,
      "redis 6.0 does not support copy", SIGHT_SOURCE,
      "calls since the server's statistics began: copy 12" },
    { "source-field-expiry", SEVERITY_ERROR, NULL, spoil_source_field_expiry_2,
      "hashes have fields with an expiry, which valkey 8.0 cannot load", SIGHT_SOURCE, NULL },
    { "source-modules", SEVERITY_ERROR, NULL, spoil_source_modules, "modules are loaded: search",
      NULL, NULL },
    { "source-loading", SEVERITY_ERROR, NULL, spoil_source_loading,
      "the source is loading its data", NULL, NULL },
    { "source-save-failed", SEVERITY_WARNING, NULL, spoil_source_save_failed,
      "the last background save failed", NULL, NULL },
    { "source-memory-room", SEVERITY_ERROR, NULL, spoil_source_memory_room,
      "there is not enough memory for what the migration needs", SIGHT_SOURCE,
      "0 bytes backlog + 4 MiB comparison + 4 MiB connections = 8 MiB; maxmemory 38 GiB - 38 GiB "
      "counted = 0 bytes free" },
    { "source-memory-room", SEVERITY_WARNING, NULL, spoil_source_memory_room_2,
      "there is little memory for a larger replication backlog", SIGHT_SOURCE, NULL },
    { "source-fork-room", SEVERITY_WARNING, NULL, spoil_source_fork_room,
      "there is little free memory for a fork of the source", NULL, NULL },
    { "source-output-buffer-limit", SEVERITY_WARNING, NULL, spoil_source_output_buffer_limit,
      "the replica limit is small for this much data", NULL, NULL },
    { "source-output-buffer-limit", SEVERITY_WARNING, NULL, spoil_source_output_buffer_limit_2,
      "its machine has little memory for a replica's output buffer", SIGHT_SOURCE,
      "8 GiB are written during the copy; total_system_memory 64 GiB - 63 GiB resident = 1 GiB "
      "free, so that the limit is raised to 1 GiB at most" },
    { "source-backlog", SEVERITY_WARNING, NULL, spoil_source_backlog,
      "the replication backlog is small", NULL, NULL },
    { "source-repl-timeout", SEVERITY_WARNING, NULL, spoil_source_repl_timeout,
      "repl-timeout of 60 s is short for a large copy", NULL, NULL },
    { "source-config-readable", SEVERITY_ERROR, NULL, spoil_source_config_readable,
      "CONFIG GET is refused or renamed", NULL, NULL },
    { "source-config-readable", SEVERITY_WARNING, NULL, spoil_source_config_readable_2,
      "CONFIG GET is refused or renamed", NULL, NULL },
    { "source-setting-left", SEVERITY_WARNING, NULL, spoil_source_setting_left,
      "an earlier run set it, and the server is no longer part of the source", NULL, NULL },
    { "source-keeps-settings", SEVERITY_WARNING, NULL, spoil_source_keeps_settings,
      "something else changed repl-backlog-ttl while this migration relied on it", SIGHT_SOURCE,
      NULL },
    { "source-keeps-settings", SEVERITY_NOTE, NULL, spoil_source_keeps_settings_2,
      "min-replicas-to-write is 1: something else uses it", SIGHT_SOURCE, NULL },
    { "source-keeps-settings", SEVERITY_NOTE, NULL, spoil_source_keeps_settings_3,
      "it runs without a configuration file: a restart drops every setting, and the fence",
      SIGHT_SOURCE, NULL },
    { "fence-possible", SEVERITY_ERROR, NULL, spoil_fence_possible,
      "the server has no min-replicas-to-write", NULL, NULL },
    { "fence-standing", SEVERITY_ERROR, NULL, spoil_fence_standing,
      "a fence that this migration did not set is in place: writes are refused", NULL, NULL },
    { "fence-standing", SEVERITY_ERROR, sight_target_exists, spoil_fence_standing_2,
      "the fence of an earlier run is in place: writes are refused", NULL, NULL },
    { "fence-leaks-scripts", SEVERITY_ERROR, NULL, spoil_fence_leaks_scripts,
      "scripts are in use, and the fence does not stop their writes", NULL, NULL },
    { "cutover-no-pause", SEVERITY_NOTE, NULL, spoil_cutover_no_pause,
      "no pause before 6.2: writers are refused instead of waiting", NULL, NULL },
    { "cutover-unprotected", SEVERITY_WARNING, NULL, spoil_cutover_unprotected,
      "WRITES MAY BE LOST: writers are neither held nor fenced", NULL, NULL },
    { "cutover-hook-missing", SEVERITY_ERROR, NULL, spoil_cutover_hook_missing,
      "the hook's file does not exist", NULL, NULL },
    { "approvals-possible", SEVERITY_ERROR, NULL, spoil_approvals_possible,
      "a file that 'approvals' names cannot be read", NULL, NULL },
    { "approvals-possible", SEVERITY_ERROR, NULL, spoil_approvals_possible_2,
      "3 people must approve, but the file names only 2", NULL, NULL },
    { "cutover-no-switch", SEVERITY_WARNING, NULL, spoil_cutover_no_switch,
      "no hook moves the applications to the target", NULL, NULL },
    { "abort-too-late", SEVERITY_ERROR, NULL, spoil_abort_too_late,
      "the applications were already told to use the target", NULL, NULL },
    { "source-renamed-writes", SEVERITY_ERROR, NULL, spoil_source_renamed_writes,
      "renamed or disabled: flushall", NULL, NULL },
    { "source-functions", SEVERITY_ERROR, NULL, spoil_source_functions,
      "it has functions, which redis 6.2 does not support", NULL, NULL },
    { "source-script-cache", SEVERITY_NOTE, NULL, spoil_source_script_cache,
      "scripts are in use, and the script cache is not copied", NULL, NULL },
    { "source-disk-sync", SEVERITY_NOTE, NULL, spoil_source_disk_sync,
      "the snapshot is written to disk first", NULL, NULL },
    { "source-address", SEVERITY_ERROR, NULL, spoil_source_address_4,
      "the source's address is a loopback address of this machine", "localhost:6379", NULL },
    { "source-own-address", SEVERITY_ERROR, NULL, spoil_source_own_address,
      "connections to it reach different servers", SIGHT_SOURCE, NULL },
    { "source-own-address", SEVERITY_WARNING, NULL, spoil_source_own_address_2,
      "the server that answers there listens on another port", SIGHT_SOURCE, "it reports 6380" },
    { "source-own-address", SEVERITY_WARNING, NULL, spoil_source_own_address_3,
      "the source is behind an address translation", SIGHT_SOURCE, NULL },
    { "source-shared-address", SEVERITY_ERROR, NULL, spoil_source_shared_address,
      "a replica of " SIGHT_SOURCE " does not have its own address", "10.20.4.30:6379",
      "INFO replication of " SIGHT_SOURCE " lists it; another replica announces the same address" },
    { "source-clock", SEVERITY_WARNING, NULL, spoil_source_clock,
      "its clock differs from the service's", SIGHT_SOURCE, "it is 7 s behind" },
    { "source-clock", SEVERITY_WARNING, NULL, spoil_source_clock_2,
      "its clock differs from the service's", SIGHT_SOURCE, "it is 10 s ahead" },
    { "source-field-expiry", SEVERITY_ERROR, NULL, spoil_source_field_expiry,
      "hashes have fields with an expiry, which valkey 8.0 cannot load", SIGHT_SOURCE, NULL },
    { "source-fork-stall", SEVERITY_WARNING, NULL, spoil_source_fork_stall,
      "its last fork blocked it for a long time", SIGHT_SOURCE,
      "latest_fork_usec is 1400 ms; the copy forks once more" },
    { "runner-clock", SEVERITY_WARNING, NULL, spoil_runner_clock,
      "its clock differs from the service's", "this machine", "it is 125 s behind" },
    { "migration-untested", SEVERITY_NOTE, NULL, spoil_migration_untested,
      "the connection from the target to the source is not tested before the start", "orders-prod",
      NULL },
    { "source-acl-users", SEVERITY_WARNING, NULL, spoil_source_acl_users,
      "it has ACL users, which are not copied", SIGHT_SOURCE, "app, vault and 205 more" },
    { "source-acl-users", SEVERITY_ERROR, NULL, spoil_source_acl_users_2,
      "clients are logged in as ACL users, which are not copied", SIGHT_SOURCE,
      "app: 10.20.4.80:41712 worker, 10.20.4.81:39004 and 7 more; ops: 10.20.4.80:41712 worker, "
      "10.20.4.81:39004" },
    { "source-acl-users", SEVERITY_WARNING, NULL, spoil_source_acl_users_3,
      "clients without a name of ecmig are logged in as the user of source.username", SIGHT_SOURCE,
      "mig: 10.20.4.80:41712 worker, 10.20.4.81:39004" },
    { "target-lacks-commands", SEVERITY_ERROR, NULL, spoil_target_lacks_commands,
      "redis 6.0 does not have getex", SIGHT_SOURCE,
      "calls since the server's statistics began: getex 12" },
    { "target-lacks-commands", SEVERITY_ERROR, NULL, spoil_target_lacks_commands_2,
      "valkey 8.0 does not have delifeq, vsim", SIGHT_SOURCE, NULL },
    { "target-lacks-commands", SEVERITY_ERROR, NULL, spoil_target_lacks_commands_3,
      "redis 6.2 does not have ssubscribe", SIGHT_SOURCE,
      "calls since the server's statistics began: ssubscribe 2; subscribers: 10.20.4.80:41712 "
      "worker, 10.20.4.81:39004" },
    { "clients-use-restricted-commands", SEVERITY_WARNING, NULL,
      spoil_clients_use_restricted_commands,
      "ElastiCache refuses commands that are in use: bgsave, debug", SIGHT_SOURCE,
      "calls since the server's statistics began: bgsave 31, debug 2" },
    { "clients-use-restricted-commands", SEVERITY_NOTE, NULL,
      spoil_clients_use_restricted_commands_2,
      "the last command of open connections is one that ElastiCache refuses", SIGHT_SOURCE,
      "config|set: 10.20.4.80:41712 worker, 10.20.4.81:39004 and 1 more" },
    { "clients-use-databases", SEVERITY_ERROR, NULL, spoil_clients_use_databases,
      "clients use databases that the target does not have", SIGHT_SOURCE,
      "16: 10.20.4.80:41712 worker, 10.20.4.81:39004" },
    { "clients-use-resp3", SEVERITY_WARNING, NULL, spoil_clients_use_resp3,
      "clients use HELLO, which redis 5.0.6 does not have", SIGHT_SOURCE,
      "with RESP 3: 10.20.4.80:41712 worker, 10.20.4.81:39004 and 3 more" },
    { "clients-use-resp3", SEVERITY_WARNING, NULL, spoil_clients_use_resp3_2,
      "clients use HELLO, which redis 5.0.6 does not have", SIGHT_SOURCE,
      "calls since the server's statistics began: 3" },
    { 0 },
};
