/* The resolved configuration as a plan carries it. */
#include "schemas/config/config.h"

#include <stddef.h>

#include "schemas/json/shape.h"

const char *const config_topology_names[] = { "standalone", "sentinel", "cluster", NULL };
const char *const config_verify_mode_names[] = { "full", "sample", "count", "none", NULL };
const char *const config_approval_names[] = { "required", "none", NULL };
const char *const config_writes_names[] = { "pause", "reject", "hook", "none", NULL };

static const struct shape_field secret_fields[] = {
    FIELD(struct config_secret, env, SHAPE_STRING),
    FIELD(struct config_secret, file, SHAPE_STRING),
    FIELD(struct config_secret, exec, SHAPE_STRINGS),
};
static const struct shape secret_shape = SHAPE("secret", struct config_secret, secret_fields);

static const struct shape_field tls_fields[] = {
    FIELD(struct config_tls, ca_file, SHAPE_STRING),
    FIELD(struct config_tls, cert_file, SHAPE_STRING),
    FIELD(struct config_tls, key_file, SHAPE_STRING),
    FIELD(struct config_tls, server_name, SHAPE_STRING),
    FIELD(struct config_tls, port, SHAPE_INT, .flags = SHAPE_OPTIONAL),
};
static const struct shape tls_shape = SHAPE("tls", struct config_tls, tls_fields);

static const struct shape_field source_fields[] = {
    FIELD(struct config_source, topology, SHAPE_CHOICE, .choices = config_topology_names),
    FIELD(struct config_source, nodes, SHAPE_STRINGS, .flags = SHAPE_REQUIRED),
    FIELD(struct config_source, sentinel_master, SHAPE_STRING),
    FIELD(struct config_source, username, SHAPE_STRING),
    FIELD(struct config_source, password, SHAPE_STRUCT, .shape = &secret_shape),
    FIELD(struct config_source, tls, SHAPE_STRUCT, .shape = &tls_shape),
    FIELD(struct config_source, timeout_ms, SHAPE_INT),
    FIELD(struct config_source, manage, SHAPE_STRINGS),
};
static const struct shape source_shape = SHAPE("source", struct config_source, source_fields);

static const struct shape_field target_fields[] = {
    FIELD(struct config_target, replication_group, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct config_target, region, SHAPE_STRING),
    FIELD(struct config_target, endpoint_url, SHAPE_STRING),
    FIELD(struct config_target, profile, SHAPE_STRING),
    FIELD(struct config_target, create, SHAPE_BOOL),
    FIELD(struct config_target, managed_by, SHAPE_STRING),
    FIELD(struct config_target, replace_data, SHAPE_BOOL),
#define PROPERTY_TEXT SHAPE_STRING
#define PROPERTY_NUMBER SHAPE_INT, .flags = SHAPE_OPTIONAL
#define PROPERTY_SWITCH SHAPE_TRI
#define PROPERTY_LIST SHAPE_STRINGS
#define TARGET_PROPERTY(name, type, ...) FIELD(struct config_target, name, PROPERTY_##type),
#include "schemas/config/target_properties.def"
    FIELD(struct config_target, tls_after_cutover, SHAPE_STRING),
    FIELD(struct config_target, parameters, SHAPE_LIST, .shape = &pair_shape),
    FIELD(struct config_target, tags, SHAPE_LIST, .shape = &pair_shape),
};
static const struct shape target_shape = SHAPE("target", struct config_target, target_fields);

static const struct shape_field in_sync_fields[] = {
    FIELD(struct config_in_sync, max_lag_bytes, SHAPE_INT),
    FIELD(struct config_in_sync, for_ms, SHAPE_INT),
};
static const struct shape in_sync_shape = SHAPE("in_sync", struct config_in_sync, in_sync_fields);

static const struct shape_field replication_fields[] = {
    FIELD(struct config_replication, test, SHAPE_BOOL),
    FIELD(struct config_replication, in_sync, SHAPE_STRUCT, .shape = &in_sync_shape),
    FIELD(struct config_replication, timeout_ms, SHAPE_INT),
};
static const struct shape replication_shape =
    SHAPE("replication", struct config_replication, replication_fields);

static const struct shape_field verify_step_fields[] = {
    FIELD(struct config_verify_step, mode, SHAPE_CHOICE, .choices = config_verify_mode_names),
    FIELD(struct config_verify_step, keys, SHAPE_INT),
};
static const struct shape verify_step_shape =
    SHAPE("verify step", struct config_verify_step, verify_step_fields);

static const struct shape_field verify_fields[] = {
    FIELD(struct config_verify, before_cutover, SHAPE_STRUCT, .shape = &verify_step_shape),
    FIELD(struct config_verify, after_cutover, SHAPE_STRUCT, .shape = &verify_step_shape),
};
static const struct shape verify_shape = SHAPE("verify", struct config_verify, verify_fields);

static const struct shape_field window_fields[] = {
    FIELD(struct config_window, not_before, SHAPE_STRING),
    FIELD(struct config_window, not_after, SHAPE_STRING),
    FIELD(struct config_window, zone, SHAPE_STRING),
};
static const struct shape window_shape = SHAPE("window", struct config_window, window_fields);

static const struct shape_field hook_fields[] = {
    FIELD(struct config_hook, run, SHAPE_STRINGS),
    FIELD(struct config_hook, check, SHAPE_STRINGS),
    FIELD(struct config_hook, undo, SHAPE_STRINGS),
    FIELD(struct config_hook, timeout_ms, SHAPE_INT),
    FIELD(struct config_hook, env, SHAPE_STRINGS),
};
static const struct shape hook_shape = SHAPE("hook", struct config_hook, hook_fields);

static const struct shape_field cutover_fields[] = {
    FIELD(struct config_cutover, approval, SHAPE_CHOICE, .choices = config_approval_names),
    FIELD(struct config_cutover, writes, SHAPE_CHOICE, .choices = config_writes_names),
    FIELD(struct config_cutover, max_write_pause_ms, SHAPE_INT),
    FIELD(struct config_cutover, window, SHAPE_STRUCT, .shape = &window_shape),
    FIELD(struct config_cutover, hold, SHAPE_STRUCT, .shape = &hook_shape),
    { .name = "switch",
      .type = SHAPE_LIST,
      .offset = offsetof(struct config_cutover, switch_hooks),
      .shape = &hook_shape },
};
static const struct shape cutover_shape = SHAPE("cutover", struct config_cutover, cutover_fields);

static const struct shape_field state_fields[] = {
    FIELD(struct config_state, repository, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct config_state, branch, SHAPE_STRING),
    FIELD(struct config_state, token, SHAPE_STRUCT, .shape = &secret_shape,
          .flags = SHAPE_OPTIONAL),
};
static const struct shape state_shape = SHAPE("state", struct config_state, state_fields);

static const struct shape_field approvals_fields[] = {
    FIELD(struct config_approvals, allowed_signers, SHAPE_STRING),
    FIELD(struct config_approvals, revoked_keys, SHAPE_STRING),
    FIELD(struct config_approvals, minimum, SHAPE_INT),
    FIELD(struct config_approvals, not_by_applier, SHAPE_BOOL),
    FIELD(struct config_approvals, sign_entries, SHAPE_BOOL),
};
static const struct shape approvals_shape =
    SHAPE("approvals", struct config_approvals, approvals_fields);

static const struct shape_field waiver_fields[] = {
    FIELD(struct config_waiver, finding, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct config_waiver, reason, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct config_waiver, until, SHAPE_STRING),
};
static const struct shape waiver_shape = SHAPE("waiver", struct config_waiver, waiver_fields);

static const struct shape_field config_fields[] = {
    FIELD(struct config, version, SHAPE_INT),
    FIELD(struct config, migration, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct config, source, SHAPE_STRUCT, .shape = &source_shape, .flags = SHAPE_REQUIRED),
    FIELD(struct config, target, SHAPE_STRUCT, .shape = &target_shape, .flags = SHAPE_REQUIRED),
    FIELD(struct config, replication, SHAPE_STRUCT, .shape = &replication_shape),
    FIELD(struct config, verify, SHAPE_STRUCT, .shape = &verify_shape),
    FIELD(struct config, cutover, SHAPE_STRUCT, .shape = &cutover_shape),
    FIELD(struct config, state, SHAPE_STRUCT, .shape = &state_shape),
    FIELD(struct config, approvals, SHAPE_STRUCT, .shape = &approvals_shape,
          .flags = SHAPE_OPTIONAL),
    FIELD(struct config, waive, SHAPE_LIST, .shape = &waiver_shape),
};
const struct shape config_shape = SHAPE("config", struct config, config_fields);

void config_clear(struct config *config) {
    if (config)
        shape_clear(&config_shape, config);
}
