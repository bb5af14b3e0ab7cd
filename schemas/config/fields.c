#include "schemas/config/fields.h"

#include <string.h>

#include "schemas/config/config.h"

const char *const config_topology_names[] = { "standalone", "sentinel", "cluster", NULL };
const char *const config_verify_mode_names[] = { "full", "sample", "count", "none", NULL };
const char *const config_approval_names[] = { "required", "none", NULL };
const char *const config_writes_names[] = { "pause", "reject", "hook", "none", NULL };

/* ROW("source.timeout", FIELD_DURATION, source.timeout_ms, …): the path people write, then the
 * member of the table's struct. */
#define ROW(path_, kind_, member_, ...)                                                            \
    { .path = path_, .kind = kind_, .offset = offsetof(struct ROWS_OF, member_), __VA_ARGS__ }
#define SECTION(path_, ...)                                                                        \
    { .path = path_, .kind = FIELD_SECTION, __VA_ARGS__ }
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define MEBI (INT64_C(1) << 20)

static const char *const tls_modes[] = { "preferred", "required", NULL };
static const char *const durabilities[] = { "sync", "async", NULL };
static const char *const engines[] = { "redis", "valkey", NULL };
static const char *const managed_parameters[] = {
    "protected-mode", "client-output-buffer-limit", "repl-backlog-size",        "repl-backlog-ttl",
    "repl-timeout",   "repl-diskless-sync",         "repl-diskless-sync-delay", NULL,
};

#define ROWS_OF config_secret
static const struct field secret_rows[] = {
    ROW("env", FIELD_STRING, env, .flags = FIELD_QUIET, .maximum = 256,
        .pattern = "^[A-Za-z_][A-Za-z0-9_]*$", .wanted = "the name of an environment variable",
        .help = "environment variable that holds the secret"),
    ROW("file", FIELD_STRING, file, .flags = FIELD_QUIET | FIELD_PATH, .maximum = 4096,
        .help = "file that holds the secret; a newline at its end is ignored"),
    ROW("exec", FIELD_ARGUMENTS, exec, .flags = FIELD_QUIET, .minimum = 1, .maximum = 64,
        .help = "program and arguments that print the secret"),
};
#undef ROWS_OF
static const struct field_table secret_table = { secret_rows, COUNT(secret_rows),
                                                 sizeof(struct config_secret), true };

#define ROWS_OF config_hook
static const struct field hook_rows[] = {
    ROW("run", FIELD_ARGUMENTS, run, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64,
        .help = "program and arguments, without a shell; must be idempotent"),
    ROW("check", FIELD_ARGUMENTS, check, .minimum = 1, .maximum = 64,
        .help = "exits with 0 if run has already taken effect"),
    ROW("undo", FIELD_ARGUMENTS, undo, .minimum = 1, .maximum = 64, .help = "reverts run"),
    ROW("timeout", FIELD_DURATION, timeout_ms, .fallback = MINUTE, .minimum = 100, .maximum = HOUR,
        .help = "time limit for each of them"),
    ROW("env", FIELD_STRINGS, env, .maximum = 32, .pattern = "^[A-Za-z_][A-Za-z0-9_]*$",
        .wanted = "the name of an environment variable",
        .help = "variables with secrets that it needs, for example AWS_SECRET_ACCESS_KEY; a hook "
                "gets no other secrets"),
};
#undef ROWS_OF
static const struct field_table hook_table = { hook_rows, COUNT(hook_rows),
                                               sizeof(struct config_hook), false };

#define ROWS_OF config_hook
static const struct field ready_rows[] = {
    ROW("run", FIELD_ARGUMENTS, run, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64,
        .help = "program and arguments, without a shell; exits with 0 if the applications are "
                "ready, must change nothing"),
    ROW("timeout", FIELD_DURATION, timeout_ms, .fallback = MINUTE, .minimum = 100, .maximum = HOUR,
        .help = "time limit; not ready when it has passed"),
    ROW("env", FIELD_STRINGS, env, .maximum = 32, .pattern = "^[A-Za-z_][A-Za-z0-9_]*$",
        .wanted = "the name of an environment variable",
        .help = "variables with secrets that it needs; it gets no other secrets"),
};
#undef ROWS_OF
static const struct field_table ready_table = { ready_rows, COUNT(ready_rows),
                                                sizeof(struct config_hook), false };

#define ROWS_OF config_waiver
static const struct field waiver_rows[] = {
    ROW("finding", FIELD_STRING, finding, .flags = FIELD_REQUIRED | FIELD_STORED, .maximum = 64,
        .pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", .wanted = "the id of a finding",
        .help = "id of the finding, as the plan shows it"),
    ROW("reason", FIELD_STRING, reason, .flags = FIELD_REQUIRED | FIELD_STORED, .maximum = 500,
        .help = "why the finding is acceptable; shown in the plan"),
    ROW("until", FIELD_DATE, until, .flags = FIELD_REQUIRED,
        .help = "last day on which the waiver applies"),
};
#undef ROWS_OF
static const struct field_table waiver_table = { waiver_rows, COUNT(waiver_rows),
                                                 sizeof(struct config_waiver), false };

#define ROWS_OF config
static const struct field rows[] = {
    ROW("version", FIELD_INTEGER, version, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 1,
        .help = "version of this file's format"),
    ROW("migration", FIELD_STRING, migration, .flags = FIELD_REQUIRED | FIELD_STORED, .maximum = 63,
        .pattern = "^[a-z0-9][a-z0-9-]*$", .wanted = "lower-case letters, digits and hyphens",
        .help = "name of the migration and of its folder in the state repository"),

    SECTION("source", .flags = FIELD_REQUIRED | FIELD_STORED, .help = "what to migrate"),
    ROW("source.topology", FIELD_CHOICE, source.topology, .choices = config_topology_names,
        .help = "topology of the source"),
    ROW("source.nodes", FIELD_ADDRESSES, source.nodes, .flags = FIELD_REQUIRED | FIELD_STORED,
        .minimum = 1, .maximum = 100,
        .help =
            "HOST:PORT of the primary; for cluster, of some nodes; for sentinel, of the Sentinels"),
    ROW("source.sentinel_master", FIELD_STRING, source.sentinel_master, .maximum = 128,
        .pattern = "^[A-Za-z0-9._-]+$", .wanted = "a name of letters, digits, dots and hyphens",
        .help = "name of the master that the Sentinels watch"),
    ROW("source.username", FIELD_STRING, source.username, .maximum = 128, .pattern = "^[^ ]+$",
        .wanted = "a name without spaces", .help = "ACL user (default: the default user)"),
    ROW("source.password", FIELD_GROUP, source.password, .table = &secret_table,
        .help = "reference to the password, never the password"),
    SECTION("source.tls",
            .help = "TLS between ecmig and the source; the service uses the plaintext port"),
    ROW("source.tls.ca_file", FIELD_STRING, source.tls.ca_file, .flags = FIELD_PATH,
        .maximum = 4096, .help = "certificates to trust, PEM"),
    ROW("source.tls.cert_file", FIELD_STRING, source.tls.cert_file, .flags = FIELD_PATH,
        .maximum = 4096, .help = "client certificate, PEM"),
    ROW("source.tls.key_file", FIELD_STRING, source.tls.key_file, .flags = FIELD_PATH,
        .maximum = 4096, .help = "key of the client certificate, PEM"),
    ROW("source.tls.server_name", FIELD_STRING, source.tls.server_name, .maximum = 253,
        .pattern = "^[A-Za-z0-9.-]+$", .wanted = "a host name",
        .help = "name in the server's certificate"),
    ROW("source.tls.port", FIELD_INTEGER, source.tls.port, .fallback = SHAPE_UNSET, .minimum = 1,
        .maximum = 65535,
        .help = "the servers' TLS port, where the primary, a Sentinel or the cluster announces "
                "them by their plaintext port"),
    ROW("source.timeout", FIELD_DURATION, source.timeout_ms, .fallback = 5 * SECOND, .minimum = 100,
        .maximum = 10 * MINUTE, .help = "time limit for an answer of one source node"),
    ROW("source.manage", FIELD_STRINGS, source.manage, .maximum = 32, .choices = managed_parameters,
        .help = "CONFIG parameters that the migration may set; each is restored afterwards"),

    SECTION("target", .flags = FIELD_REQUIRED | FIELD_STORED,
            .help = "the ElastiCache replication group; keys that are left out are not compared"),
    ROW("target.replication_group", FIELD_STRING, target.replication_group, .flags = FIELD_ONE_OF,
        .maximum = 40, .pattern = "^[a-z](-?[a-z0-9])*$",
        .wanted = "lower-case letters, digits and single hyphens, beginning with a letter",
        .help = "id of the replication group; this or serverless_cache"),
    ROW("target.serverless_cache", FIELD_STRING, target.serverless_cache,
        .flags = FIELD_ONE_OF | FIELD_SPARED, .maximum = 40, .pattern = "^[a-z](-?[a-z0-9])*$",
        .wanted = "lower-case letters, digits and single hyphens, beginning with a letter",
        .help = "name of a serverless cache: the plan says what the service offers for it and what "
                "the source lacks; ecmig does not migrate to it yet"),
    ROW("target.region", FIELD_STRING, target.region, .maximum = 32,
        .pattern = "^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", .wanted = "a region such as eu-west-1",
        .help = "AWS region (default: the region of the AWS configuration)"),
    ROW("target.endpoint_url", FIELD_STRING, target.endpoint_url, .flags = FIELD_QUIET,
        .maximum = 512,
        .pattern =
            "^https?://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$",
        .wanted = "http:// or https://, host, port and path only",
        .help = "the local endpoint, or a private endpoint"),
    ROW("target.profile", FIELD_STRING, target.profile, .maximum = 128,
        .help = "profile of the AWS configuration"),
    ROW("target.create", FIELD_BOOL, target.create,
        .help = "create the group if it does not exist; otherwise a missing group is a finding"),
    ROW("target.managed_by", FIELD_STRING, target.managed_by, .minimum = 1, .maximum = 64,
        .help = "tool that owns the group: differences become findings, never steps"),
    ROW("target.replace_data", FIELD_BOOL, target.replace_data,
        .help = "allow overwriting a group that holds keys"),
#define PROPERTY_TEXT FIELD_STRING
#define PROPERTY_NUMBER FIELD_INTEGER, .fallback = SHAPE_UNSET
#define PROPERTY_SWITCH FIELD_TRI
#define PROPERTY_LIST FIELD_STRINGS
#define TARGET_PROPERTY(name, type, place, path_, parameter, kept, about, fixed, ...)              \
    { .path = "target." #name,                                                                     \
      .offset = offsetof(struct config, target.name),                                              \
      .kind = PROPERTY_##type,                                                                     \
      __VA_ARGS__ },
#include "schemas/config/target_properties.def"
    ROW("target.tls_after_cutover", FIELD_STRING, target.tls_after_cutover, .maximum = 16,
        .choices = tls_modes,
        .help = "the older spelling of target.after_cutover.transit_encryption"),
    SECTION("target.after_cutover", .flags = FIELD_SPARED,
            .help = "the group once the migration is over: steps before it turn off what Online "
                    "Migration refuses, steps after it turn it on (again)"),
    ROW("target.after_cutover.transit_encryption", FIELD_STRING,
        target.after_cutover.transit_encryption, .maximum = 16, .choices = tls_modes,
        .help = "TLS: preferred (optional for clients) or required; it is off until then"),
    ROW("target.after_cutover.user_group", FIELD_STRING, target.after_cutover.user_group,
        .maximum = 40, .pattern = "^[a-zA-Z](-?[a-zA-Z0-9])*$",
        .wanted = "letters, digits and single hyphens, beginning with a letter",
        .help = "id of the user group (RBAC), which must exist"),
    ROW("target.after_cutover.auth_token", FIELD_GROUP, target.after_cutover.auth_token,
        .table = &secret_table, .help = "reference to the AUTH token, never the token"),
    ROW("target.after_cutover.durability", FIELD_STRING, target.after_cutover.durability,
        .maximum = 16, .choices = durabilities,
        .help = "durability: sync or async; needs Valkey 9.0, cluster mode, Multi-AZ and TLS"),
    ROW("target.after_cutover.node_type", FIELD_STRING, target.after_cutover.node_type,
        .maximum = 64, .pattern = "^cache\\.[a-z0-9-]+\\.[a-z0-9]+$",
        .wanted = "a node type such as cache.r7g.large", .help = "node type"),
    ROW("target.after_cutover.snapshot_retention_days", FIELD_INTEGER,
        target.after_cutover.snapshot_retention_days, .minimum = 1, .maximum = 35,
        .help = "for how many days automatic snapshots are kept"),
    ROW("target.after_cutover.snapshot_window", FIELD_STRING, target.after_cutover.snapshot_window,
        .maximum = 64, .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$",
        .wanted = "a time span such as 05:00-06:00, in UTC",
        .help = "when the service takes its daily snapshot"),
    ROW("target.after_cutover.username", FIELD_STRING, target.after_cutover.username,
        .maximum = 128, .pattern = "^[^ ]+$", .wanted = "a name without spaces",
        .help = "user with which ecmig logs in to the group to check it (default: the default "
                "user)"),
    ROW("target.after_cutover.password", FIELD_GROUP, target.after_cutover.password,
        .table = &secret_table,
        .help = "reference to that user's password (default: the AUTH token)"),
    ROW("target.after_cutover.ca_file", FIELD_STRING, target.after_cutover.ca_file,
        .flags = FIELD_PATH, .maximum = 4096,
        .help = "certificates to trust, PEM (default: those that this machine trusts)"),
    ROW("target.after_cutover.hooks", FIELD_GROUPS, target.after_cutover.hooks, .maximum = 20,
        .table = &hook_table,
        .help = "programs that run after each change that clients must follow: TLS, "
                "authentication, address"),
    ROW("target.parameters", FIELD_PAIRS, target.parameters, .maximum = 200,
        .pattern = "^[a-z0-9-]+$", .wanted = "the name of a parameter",
        .help = "engine parameters that must have these values; they are set in a parameter group "
                "of the target's own, NAME-ecmig, which ecmig makes"),
    ROW("target.tags", FIELD_PAIRS, target.tags, .maximum = 45,
        .pattern = "^[A-Za-z0-9 +=._:/@-]+$", .wanted = "the name of a tag",
        .help = "tags that the group must have"),

    SECTION("replication", .help = "copying and replicating"),
    ROW("replication.test", FIELD_BOOL, replication.test, .fallback = true,
        .help = "run TestMigration before StartMigration"),
    SECTION("replication.in_sync", .help = "when the target counts as in sync"),
    ROW("replication.in_sync.max_lag", FIELD_BYTES, replication.in_sync.max_lag_bytes,
        .fallback = 65536, .minimum = 1024, .maximum = 1024 * MEBI,
        .help = "maximum lag behind the source"),
    ROW("replication.in_sync.for", FIELD_DURATION, replication.in_sync.for_ms,
        .fallback = 10 * SECOND, .maximum = HOUR,
        .help = "how long the lag must stay below max_lag"),
    ROW("replication.timeout", FIELD_DURATION, replication.timeout_ms, .fallback = 4 * HOUR,
        .minimum = SECOND, .maximum = 168 * HOUR,
        .help = "time limit from StartMigration to in sync"),

    SECTION("verify", .help = "comparison of source and target"),
    SECTION("verify.before_cutover", .help = "comparison while the source accepts writes"),
    ROW("verify.before_cutover.mode", FIELD_CHOICE, verify.before_cutover.mode,
        .choices = config_verify_mode_names, .fallback = VERIFY_SAMPLE, .help = "what is compared"),
    ROW("verify.before_cutover.keys", FIELD_INTEGER, verify.before_cutover.keys, .fallback = 10000,
        .minimum = 1, .maximum = 1000000, .help = "size of the sample"),
    SECTION("verify.after_cutover", .help = "comparison while writes are refused"),
    ROW("verify.after_cutover.mode", FIELD_CHOICE, verify.after_cutover.mode,
        .choices = config_verify_mode_names, .fallback = VERIFY_COUNT, .help = "what is compared"),
    ROW("verify.after_cutover.keys", FIELD_INTEGER, verify.after_cutover.keys, .fallback = 10000,
        .minimum = 1, .maximum = 1000000, .help = "size of the sample"),

    SECTION("cutover", .help = "promoting the target and moving the applications"),
    ROW("cutover.approval", FIELD_CHOICE, cutover.approval, .choices = config_approval_names,
        .help = "whether the gate before the cutover requires an approval"),
    ROW("cutover.writes", FIELD_CHOICE, cutover.writes, .choices = config_writes_names,
        .help = "how writers are kept from writing to the source"),
    ROW("cutover.max_write_pause", FIELD_DURATION, cutover.max_write_pause_ms,
        .fallback = 2 * MINUTE, .minimum = 100, .maximum = 10 * MINUTE,
        .help = "maximum time from holding the writers to sending CompleteMigration"),
    SECTION("cutover.window", .help = "hours in which the cutover may start, each day"),
    ROW("cutover.window.not_before", FIELD_STRING, cutover.window.not_before,
        .flags = FIELD_REQUIRED, .maximum = 32, .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        .wanted = "a time of day such as \"02:00\"", .help = "earliest time of day, in quotes"),
    ROW("cutover.window.not_after", FIELD_STRING, cutover.window.not_after, .flags = FIELD_REQUIRED,
        .maximum = 32, .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        .wanted = "a time of day such as \"04:00\"",
        .help = "latest time of day, in quotes; if it is before not_before, it is on the next day"),
    ROW("cutover.window.zone", FIELD_STRING, cutover.window.zone, .flags = FIELD_REQUIRED,
        .maximum = 64, .pattern = "^(UTC|[+-](0[0-9]|1[0-4]):[0-5][0-9])$",
        .wanted = "UTC or an offset ahead of it, such as \"+02:00\" (not the name of a place, "
                  "because its offset changes)",
        .help = "time zone of both: UTC, or its offset on that day in quotes, such as \"+02:00\""),
    ROW("cutover.hold", FIELD_GROUP, cutover.hold, .table = &hook_table,
        .help = "with writes: hook, stops the writers; undo resumes them"),
    ROW("cutover.ready", FIELD_GROUPS, cutover.ready_hooks, .maximum = 20, .table = &ready_table,
        .flags = FIELD_SPARED,
        .help = "programs that the gate asks, in this order, whether the applications start "
                "against the target while it is still read-only"),
    ROW("cutover.switch", FIELD_GROUPS, cutover.switch_hooks, .maximum = 20, .table = &hook_table,
        .help = "programs that move the applications to the target, in this order"),

    SECTION("state", .help = "the record of the migration"),
    ROW("state.repository", FIELD_STRING, state.repository,
        .flags = FIELD_QUIET | FIELD_PATH | FIELD_STORED, .maximum = 4096,
        .fallback_text = "./state",
        .help = "directory or URL (ssh, https, git, file) of the state repository"),
    ROW("state.branch", FIELD_STRING, state.branch, .maximum = 200, .fallback_text = "main",
        .pattern = "^[A-Za-z0-9_{][A-Za-z0-9._/{}-]*$", .wanted = "the name of a branch",
        .help = "branch of the record; {migration} stands for the migration's name"),
    ROW("state.token", FIELD_GROUP, state.token, .table = &secret_table, .flags = FIELD_SPARED,
        .help = "reference to the token for a repository over https, read again when the host "
                "refuses it (default: ECMIG_GIT_TOKEN)"),

    SECTION("approvals", .flags = FIELD_SPARED,
            .help = "whose approvals count (default: everybody with push rights)"),
    ROW("approvals.allowed_signers", FIELD_STRING, approvals.allowed_signers,
        .flags = FIELD_REQUIRED | FIELD_PATH, .maximum = 4096,
        .help = "allowed_signers file of OpenSSH: only approvals signed by these keys count; its "
                "content is part of the plan's digest"),
    ROW("approvals.revoked_keys", FIELD_STRING, approvals.revoked_keys, .flags = FIELD_PATH,
        .maximum = 4096,
        .help = "keys that no longer count, one per line, or an OpenSSH revocation list (KRL)"),
    ROW("approvals.minimum", FIELD_INTEGER, approvals.minimum, .minimum = 1, .maximum = 20,
        .help = "how many people, each with their own key, must approve (default: 1)"),
    ROW("approvals.not_by_applier", FIELD_BOOL, approvals.not_by_applier,
        .help = "do not count the approval of the person who runs apply; implies sign_entries"),
    ROW("approvals.sign_entries", FIELD_BOOL, approvals.sign_entries,
        .help = "the entries of the journal must be signed by one of these keys"),

    ROW("waive", FIELD_GROUPS, waive, .maximum = 100, .table = &waiver_table,
        .help = "findings that are accepted, each with a reason and an end date"),
};
#undef ROWS_OF
const struct field_table config_fields = { rows, COUNT(rows), sizeof(struct config), false };

const char *field_key(const struct field *row, const char *prefix) {
    size_t length = strlen(prefix);
    bool direct = strncmp(row->path, prefix, length) == 0 && !strchr(row->path + length, '.');
    return direct ? row->path + length : NULL;
}

const struct field *field_find(const struct field_table *table, const char *path) {
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].path, path) == 0)
            return &table->rows[i];
    return NULL;
}
