#include "schemas/observed/observed.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static const struct shape_field database_fields[] = {
    FIELD(struct observed_database, index, SHAPE_INT),
    FIELD(struct observed_database, keys, SHAPE_INT),
    FIELD(struct observed_database, expires, SHAPE_INT),
};
static const struct shape database_shape =
    SHAPE("database", struct observed_database, database_fields);

static const struct shape_field use_fields[] = {
    FIELD(struct observed_use, kind, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct observed_use, what, SHAPE_STRING),
    FIELD(struct observed_use, count, SHAPE_INT),
    FIELD(struct observed_use, clients, SHAPE_STRINGS),
};
static const struct shape use_shape = SHAPE("use", struct observed_use, use_fields);

#define APPLICATIONS(member, ...) FIELD(struct observed_applications, member, __VA_ARGS__)
static const struct shape_field applications_fields[] = {
    APPLICATIONS(users, SHAPE_STRINGS),
    APPLICATIONS(users_count, SHAPE_INT),
    APPLICATIONS(restricted_calls, SHAPE_LIST, .shape = &pair_shape),
    APPLICATIONS(newer_calls, SHAPE_LIST, .shape = &pair_shape),
    APPLICATIONS(uses, SHAPE_LIST, .shape = &use_shape),
};
static const struct shape applications_shape =
    SHAPE("applications", struct observed_applications, applications_fields);

#define NODE(member, ...) FIELD(struct observed_node, member, __VA_ARGS__)
#define MEASURE .flags = SHAPE_MEASURE
static const struct shape_field node_fields[] = {
    NODE(address, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    NODE(reachable, SHAPE_BOOL),
    NODE(problem, SHAPE_STRING, MEASURE),
    NODE(problem_code, SHAPE_STRING),
    NODE(role, SHAPE_STRING),
    NODE(node_id, SHAPE_STRING),
    NODE(known_from, SHAPE_STRING, MEASURE),
    NODE(listed_by, SHAPE_STRING, MEASURE),
    NODE(link_up, SHAPE_BOOL, MEASURE),
    NODE(target_lines, SHAPE_INT, MEASURE),
    NODE(sees_translated, SHAPE_BOOL, MEASURE),
    NODE(answers_at, SHAPE_STRING, MEASURE),
    NODE(is_translated, SHAPE_BOOL, MEASURE),
    NODE(run_id, SHAPE_STRING),
    NODE(replid, SHAPE_STRING, MEASURE),
    NODE(engine, SHAPE_STRING),
    NODE(version, SHAPE_STRING),
    NODE(unread, SHAPE_STRINGS, MEASURE),
    NODE(service_address, SHAPE_STRING),
    NODE(follows, SHAPE_STRING),
    NODE(replicas, SHAPE_STRINGS),
    NODE(ecmig_connections, SHAPE_STRINGS, MEASURE),
    NODE(settings, SHAPE_LIST, .shape = &pair_shape),
    NODE(config_readable, SHAPE_BOOL),
    NODE(password_required, SHAPE_BOOL),
    NODE(replication_refused, SHAPE_BOOL, MEASURE),
    NODE(missing_commands, SHAPE_STRINGS),
    NODE(missing_writes, SHAPE_STRINGS),
    NODE(modules, SHAPE_STRINGS),
    NODE(used_modules, SHAPE_STRINGS, MEASURE),
    NODE(newer_writes, SHAPE_LIST, .shape = &pair_shape, MEASURE),
    NODE(applications, SHAPE_STRUCT, .shape = &applications_shape,
         .flags = SHAPE_MEASURE | SHAPE_OPTIONAL),
    NODE(functions, SHAPE_INT, MEASURE),
    NODE(cluster_enabled, SHAPE_BOOL),
    NODE(loading, SHAPE_BOOL, MEASURE),
    NODE(save_failed, SHAPE_BOOL, MEASURE),
    NODE(scripts_used, SHAPE_BOOL, MEASURE),
    NODE(as_started, SHAPE_BOOL, MEASURE),
    NODE(without_file, SHAPE_BOOL, MEASURE),
    NODE(shares_address, SHAPE_BOOL, MEASURE),
    NODE(listens_on, SHAPE_INT, MEASURE),
    NODE(last_fork_us, SHAPE_INT, MEASURE),
    NODE(clients_count, SHAPE_INT, MEASURE),
    NODE(clock_ahead_ms, SHAPE_INT, MEASURE),
    NODE(expiring_field_keys, SHAPE_INT, MEASURE),
    NODE(highest_database, SHAPE_INT, MEASURE),
    NODE(databases, SHAPE_LIST, .shape = &database_shape, MEASURE),
    NODE(used_memory_bytes, SHAPE_INT, MEASURE),
    NODE(dataset_bytes, SHAPE_INT, MEASURE),
    NODE(maxmemory_bytes, SHAPE_INT, MEASURE),
    NODE(system_memory_bytes, SHAPE_INT, MEASURE),
    NODE(replication_offset, SHAPE_INT, MEASURE),
    NODE(write_bytes_per_s, SHAPE_INT, MEASURE),
    NODE(resident_bytes, SHAPE_INT, MEASURE),
    NODE(not_counted_bytes, SHAPE_INT, MEASURE),
    NODE(backlog_held_bytes, SHAPE_INT, MEASURE),
};
const struct shape observed_node_shape = SHAPE("source node", struct observed_node, node_fields);

#define SHARD(member, ...) FIELD(struct observed_shard, member, __VA_ARGS__)
static const struct shape_field shard_fields[] = {
    SHARD(slots, SHAPE_STRING),
    SHARD(primary, SHAPE_STRING),
    SHARD(replicas, SHAPE_STRINGS),
};
static const struct shape shard_shape = SHAPE("source shard", struct observed_shard, shard_fields);

#define STRANGER(member) FIELD(struct observed_stranger, member, SHAPE_STRING)
static const struct shape_field stranger_fields[] = {
    STRANGER(address),
    STRANGER(seen_at),
    STRANGER(why),
};
static const struct shape stranger_shape =
    SHAPE("stranger", struct observed_stranger, stranger_fields);

#define AGREEMENT(member, ...) FIELD(struct observed_agreement, member, __VA_ARGS__)
static const struct shape_field agreement_fields[] = {
    AGREEMENT(state, SHAPE_STRING),
    AGREEMENT(open_slots, SHAPE_STRINGS),
    AGREEMENT(failing, SHAPE_STRINGS),
    AGREEMENT(other_views, SHAPE_STRINGS),
    AGREEMENT(unserved, SHAPE_STRINGS),
    AGREEMENT(sentinels, SHAPE_INT),
    AGREEMENT(quorum, SHAPE_INT),
    AGREEMENT(sentinel_problems, SHAPE_STRINGS, MEASURE),
    AGREEMENT(known_sentinels, SHAPE_STRINGS, MEASURE),
};
static const struct shape agreement_shape =
    SHAPE("agreement", struct observed_agreement, agreement_fields);

static const struct shape_field source_fields[] = {
    FIELD(struct observed_source, topology, SHAPE_CHOICE, .choices = config_topology_names),
    FIELD(struct observed_source, nodes, SHAPE_LIST, .shape = &observed_node_shape),
    FIELD(struct observed_source, shards, SHAPE_LIST, .shape = &shard_shape),
    FIELD(struct observed_source, strangers, SHAPE_LIST, .shape = &stranger_shape, MEASURE),
    FIELD(struct observed_source, agreement, SHAPE_STRUCT, .shape = &agreement_shape),
};
static const struct shape source_shape = SHAPE("source", struct observed_source, source_fields);

#define TARGET(member, ...) FIELD(struct observed_target, member, __VA_ARGS__)
#define TARGET_SHARD(member, ...) FIELD(struct observed_target_shard, member, __VA_ARGS__)
static const struct shape_field target_shard_fields[] = {
    TARGET_SHARD(id, SHAPE_STRING),
    TARGET_SHARD(slots, SHAPE_STRING),
    TARGET_SHARD(nodes, SHAPE_STRINGS, MEASURE),
    TARGET_SHARD(role, SHAPE_STRING),
    TARGET_SHARD(replicates_from, SHAPE_STRING),
    TARGET_SHARD(problem, SHAPE_STRING, MEASURE),
    TARGET_SHARD(link_status, SHAPE_STRING, MEASURE),
    TARGET_SHARD(keys, SHAPE_INT, MEASURE),
    TARGET_SHARD(used_memory_bytes, SHAPE_INT, MEASURE),
    TARGET_SHARD(replication_offset, SHAPE_INT, MEASURE),
};
static const struct shape target_shard_shape =
    SHAPE("target shard", struct observed_target_shard, target_shard_fields);

static const struct shape_field target_fields[] = {
    TARGET(reachable, SHAPE_BOOL),
    TARGET(problem, SHAPE_STRING, MEASURE),
    TARGET(problem_code, SHAPE_STRING),
    TARGET(refused, SHAPE_BOOL, MEASURE),
    TARGET(problem_remedy, SHAPE_STRING, MEASURE),
    TARGET(account, SHAPE_STRING),
    TARGET(region, SHAPE_STRING),
    TARGET(caller, SHAPE_STRING, MEASURE),
    TARGET(denied_actions, SHAPE_STRINGS, MEASURE),
    TARGET(unclear_actions, SHAPE_STRINGS, MEASURE),
    TARGET(rights_problem, SHAPE_STRING, MEASURE),
    TARGET(clock_ahead_ms, SHAPE_INT, MEASURE),
    TARGET(clear_endpoint, SHAPE_STRING),
    TARGET(on_this_machine, SHAPE_BOOL),
    TARGET(exists, SHAPE_BOOL),
    TARGET(serverless, SHAPE_BOOL),
    TARGET(migration_status, SHAPE_STRING, MEASURE),
    TARGET(arn, SHAPE_STRING),
    TARGET(status, SHAPE_STRING),
#define PROPERTY_TEXT SHAPE_STRING
#define PROPERTY_NUMBER SHAPE_INT, .flags = SHAPE_OPTIONAL
#define PROPERTY_SWITCH SHAPE_STRING
#define PROPERTY_LIST SHAPE_STRINGS
#define TARGET_PROPERTY(name, type, ...) TARGET(name, PROPERTY_##type),
#include "schemas/config/target_properties.def"
    TARGET(cluster_enabled, SHAPE_BOOL),
    TARGET(transit_encryption, SHAPE_BOOL),
    TARGET(at_rest_encryption, SHAPE_BOOL),
    TARGET(auth, SHAPE_BOOL),
    TARGET(pending_changes, SHAPE_BOOL),
    TARGET(automatic_failover, SHAPE_STRING),
    TARGET(data_tiering, SHAPE_STRING),
    TARGET(global_datastore, SHAPE_STRING),
    TARGET(durability, SHAPE_STRING),
    TARGET(parameter_group, SHAPE_STRING),
    TARGET(maintenance_window, SHAPE_STRING),
    TARGET(updates, SHAPE_LIST, .shape = &pair_shape, MEASURE),
    TARGET(updates_problem, SHAPE_STRING, MEASURE),
    TARGET(unknown, SHAPE_LIST, .shape = &pair_shape, MEASURE),
    TARGET(transit_mode, SHAPE_STRING),
    TARGET(user_groups, SHAPE_STRINGS),
    TARGET(snapshot_retention_days, SHAPE_INT),
    TARGET(zones, SHAPE_STRINGS),
    TARGET(outpost, SHAPE_BOOL),
    TARGET(parameters, SHAPE_LIST, .shape = &pair_shape),
    TARGET(tags, SHAPE_LIST, .shape = &pair_shape),
    TARGET(mark_run, SHAPE_STRING, MEASURE),
    TARGET(mark_record, SHAPE_STRING, MEASURE),
    TARGET(mark_hidden, SHAPE_BOOL, MEASURE),
    TARGET(offered_versions, SHAPE_STRINGS),
    TARGET(refused_parameters, SHAPE_STRINGS),
    TARGET(data_room_bytes, SHAPE_INT),
    TARGET(primary, SHAPE_STRING),
    TARGET(reader, SHAPE_STRING),
    TARGET(configuration, SHAPE_STRING),
    TARGET(shard_list, SHAPE_LIST, .shape = &target_shard_shape),
    TARGET(node_addresses, SHAPE_STRINGS, MEASURE),
    TARGET(node_reachable, SHAPE_BOOL),
    TARGET(node_problem, SHAPE_STRING, MEASURE),
    TARGET(role, SHAPE_STRING),
    TARGET(replicates_from, SHAPE_STRING),
    TARGET(holds_keys, SHAPE_BOOL),
    TARGET(link_status, SHAPE_STRING, MEASURE),
    TARGET(keys, SHAPE_INT, MEASURE),
    TARGET(used_memory_bytes, SHAPE_INT, MEASURE),
    TARGET(replication_offset, SHAPE_INT, MEASURE),
};
static const struct shape target_shape = SHAPE("target", struct observed_target, target_fields);

#define HISTORY(member, ...) FIELD(struct observed_history, member, __VA_ARGS__)
static const struct shape_field history_fields[] = {
    HISTORY(base, SHAPE_STRING),
    HISTORY(last_run, SHAPE_STRING),
    HISTORY(last_digest, SHAPE_STRING),
    HISTORY(last_class, SHAPE_STRING),
    HISTORY(last_mode, SHAPE_STRING),
    HISTORY(created_by, SHAPE_STRING),
    HISTORY(cutover, SHAPE_STRING),
    HISTORY(finished, SHAPE_BOOL),
    HISTORY(open, SHAPE_BOOL),
    HISTORY(steps_done, SHAPE_STRINGS),
    HISTORY(started_from, SHAPE_STRING),
    HISTORY(writers_held, SHAPE_BOOL),
    HISTORY(fence, SHAPE_STRING),
    HISTORY(fence_before, SHAPE_LIST, .shape = &pair_shape),
    HISTORY(settings_before, SHAPE_LIST, .shape = &pair_shape),
    HISTORY(target_before, SHAPE_LIST, .shape = &pair_shape),
    HISTORY(markers, SHAPE_LIST, .shape = &pair_shape, MEASURE),
    HISTORY(set_by_others, SHAPE_STRINGS, MEASURE),
};
static const struct shape history_shape = SHAPE("history", struct observed_history, history_fields);

static const struct shape_field record_fields[] = {
    FIELD(struct observed_record, place, SHAPE_STRING),
    FIELD(struct observed_record, id, SHAPE_STRING),
    FIELD(struct observed_record, runs, SHAPE_STRINGS),
    FIELD(struct observed_record, relative, SHAPE_BOOL),
    FIELD(struct observed_record, ci, SHAPE_STRING),
};
static const struct shape record_shape = SHAPE("record", struct observed_record, record_fields);

static const struct shape_field signers_fields[] = {
    FIELD(struct observed_signers, allowed, SHAPE_STRINGS),
    FIELD(struct observed_signers, revoked, SHAPE_STRINGS),
    FIELD(struct observed_signers, revocation_list, SHAPE_STRING),
    FIELD(struct observed_signers, problem, SHAPE_STRING, .flags = SHAPE_MEASURE),
};
const struct shape observed_signers_shape =
    SHAPE("signers", struct observed_signers, signers_fields);

static const struct shape_field observed_fields[] = {
    FIELD(struct observed, source, SHAPE_STRUCT, .shape = &source_shape),
    FIELD(struct observed, target, SHAPE_STRUCT, .shape = &target_shape),
    FIELD(struct observed, history, SHAPE_STRUCT, .shape = &history_shape),
    FIELD(struct observed, record, SHAPE_STRUCT, .shape = &record_shape, .flags = SHAPE_MEASURE),
    FIELD(struct observed, expired_waivers, SHAPE_STRINGS),
    FIELD(struct observed, hook_digests, SHAPE_LIST, .shape = &pair_shape),
    FIELD(struct observed, secret_programs, SHAPE_LIST, .shape = &pair_shape),
    FIELD(struct observed, signers, SHAPE_STRUCT, .shape = &observed_signers_shape,
          .flags = SHAPE_OPTIONAL),
};
const struct shape observed_shape = SHAPE("observation", struct observed, observed_fields);

struct flattening {
    struct json *facts;
    const char *path;
};

static void flatten(struct json *facts, const char *path, const struct json *value);

static void flatten_member(void *context, const char *key, const struct json *value) {
    const struct flattening *above = context;
    AUTO(string_free) char *path = xasprintf("%s%s%s", above->path, *above->path ? "." : "", key);
    flatten(above->facts, path, value);
}

/* A pair is a fact under its own name, so that a difference names the setting, not a position. */
static bool flatten_pair(struct json *facts, const char *path, const struct json *item) {
    const char *name = json_find_string(item, "name"), *value = json_find_string(item, "value");
    if (!name || !value || json_count(item) != 2)
        return false;
    AUTO(string_free) char *own = xasprintf("%s.%s", path, name);
    json_put_string(facts, own, value);
    return true;
}

static void flatten(struct json *facts, const char *path, const struct json *value) {
    if (json_kind_of(value) == JSON_KIND_OBJECT) {
        json_each(value, flatten_member, &(struct flattening){ facts, path });
    } else if (json_kind_of(value) == JSON_KIND_ARRAY) {
        for (size_t i = 0; i < json_count(value); i++) {
            AUTO(string_free) char *own = xasprintf("%s[%zu]", path, i);
            if (!flatten_pair(facts, path, json_at(value, i)))
                flatten(facts, own, json_at(value, i));
        }
    } else {
        json_put(facts, path, json_share(value));
    }
}

struct json *observed_facts(const struct observed *observed) {
    AUTO(json_free)
    struct json *value = shape_write_except(&observed_shape, observed, SHAPE_MEASURE);
    struct json *facts = json_new_object();
    flatten(facts, "", value);
    return facts;
}

void observed_signers_clear(struct observed_signers *signers) {
    if (signers)
        shape_clear(&observed_signers_shape, signers);
}

const char *observed_service_address(const struct observed_node *node) {
    return node->service_address ? node->service_address : node->address;
}

bool observed_node_is(const struct observed_node *node, const char *address) {
    return address &&
           (string_same(node->address, address) || string_same(node->service_address, address));
}

void observed_node_clear(struct observed_node *node) {
    shape_clear(&observed_node_shape, node);
}

void observed_source_clear(struct observed_source *source) {
    shape_clear(&source_shape, source);
}

void observed_stranger_clear(struct observed_stranger *stranger) {
    shape_clear(&stranger_shape, stranger);
}

void observed_clear(struct observed *observed) {
    if (observed)
        shape_clear(&observed_shape, observed);
}
