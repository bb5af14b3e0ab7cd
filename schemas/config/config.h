/* The migration file: what the operator asked for, with every default filled in.
 *
 * The struct, its canonical JSON (config_shape: what a plan carries), the YAML loader and the JSON
 * Schema describe the same keys. Relative paths stay as given; they are meant from the folder of
 * the migration file (config_path). Secrets are references only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/pairs.h"
#include "schemas/json/shape.h"

#define CONFIG_FILE_CEILING_BYTES ((size_t)1 << 20)

enum config_topology { TOPOLOGY_STANDALONE, TOPOLOGY_SENTINEL, TOPOLOGY_CLUSTER };
enum config_verify_mode { VERIFY_FULL, VERIFY_SAMPLE, VERIFY_COUNT, VERIFY_NONE };
enum config_approval { APPROVAL_REQUIRED, APPROVAL_NONE };
enum config_writes { WRITES_PAUSE, WRITES_REJECT, WRITES_HOOK, WRITES_NONE };
extern const char *const config_topology_names[],
    *const config_verify_mode_names[], *const config_approval_names[],
                                           *const config_writes_names[]; /* NULL-terminated */

/* Whether a variable of that name holds a secret of somebody (secret_variables.def). */
bool config_is_secret_variable(const char *name);

struct config_secret { /* at most one is given; none means no secret */
    char *env;
    char *file;
    struct strings exec;
};

struct config_tls {
    char *ca_file, *cert_file, *key_file, *server_name;
    int64_t port; /* of all servers that are found by another; SHAPE_UNSET or 0: none */
};

/* The section is there: clients of the source use TLS. */
static inline bool config_tls_is_given(const struct config_tls *tls) {
    return tls->ca_file || tls->cert_file || tls->server_name;
}

struct config_source {
    enum config_topology topology;
    struct strings nodes; /* HOST:PORT, at least one */
    char *sentinel_master;
    char *username;
    struct config_secret password;
    struct config_tls tls;
    int64_t timeout_ms;
    struct strings manage; /* CONFIG parameters ecmig may set for the migration */
};

struct config_hook { /* argv each; run is never empty in a hook that is given */
    struct strings run, check, undo;
    struct strings env; /* names of variables with secrets that it gets all the same */
    int64_t timeout_ms;
};

struct config_hooks {
    struct config_hook *items;
    size_t count;
};

/* What the group is once the migration is over: much of it must be off while it lasts. All zero:
 * not given. */
struct config_after_cutover {
    char *transit_encryption;        /* preferred, required; see config_tls_later */
    char *user_group;                /* its id */
    struct config_secret auth_token; /* at most one of the two */
    char *durability;                /* sync, async */
    char *node_type;
    int64_t snapshot_retention_days; /* 0: not given */
    char *snapshot_window;
    char *username; /* with which ecmig logs in to the group while it has users, or a token */
    struct config_secret password;
    char *ca_file;             /* NULL: the authorities that this machine trusts */
    struct config_hooks hooks; /* after each change that clients must follow */
};

struct config_target {       /* NULL, SHAPE_UNSET, TRI_UNSET: not given, so not compared */
    char *replication_group; /* NULL with serverless_cache */
    char *serverless_cache;
    char *region, *endpoint_url, *profile;
    bool create;
    char *managed_by;
    bool replace_data;
#define PROPERTY_TEXT(name) char *name
#define PROPERTY_NUMBER(name) int64_t name
#define PROPERTY_SWITCH(name) enum tri name
#define PROPERTY_LIST(name) struct strings name
#define TARGET_PROPERTY(name, type, ...) PROPERTY_##type(name);
#include "schemas/config/target_properties.def"
#undef PROPERTY_TEXT
#undef PROPERTY_NUMBER
#undef PROPERTY_SWITCH
#undef PROPERTY_LIST
    char *tls_after_cutover; /* the older key of after_cutover.transit_encryption */
    struct config_after_cutover after_cutover;
    struct pairs parameters, tags;
};

struct config_in_sync {
    int64_t max_lag_bytes, for_ms;
};

struct config_replication {
    bool test;
    struct config_in_sync in_sync;
    int64_t timeout_ms;
};

struct config_verify_step {
    enum config_verify_mode mode;
    int64_t keys; /* for sample; else 0 */
};

struct config_verify {
    struct config_verify_step before_cutover, after_cutover;
};

struct config_window { /* all NULL when there is none; HH:MM, and a zone: UTC or as +02:00 */
    char *not_before, *not_after, *zone;
};

struct config_cutover {
    enum config_approval approval;
    enum config_writes writes;
    int64_t max_write_pause_ms;
    struct config_window window;
    struct config_hook hold;          /* run.count is 0 when not given */
    struct config_hooks ready_hooks;  /* the key is "ready"; they have neither check nor undo */
    struct config_hooks switch_hooks; /* the key is "switch" */
};

struct config_state {
    char *repository, *branch;
    struct config_secret token;
};

struct config_approvals { /* allowed_signers is NULL: not given, and push rights are enough */
    char *allowed_signers, *revoked_keys; /* files of OpenSSH */
    int64_t minimum;                      /* 0: as 1 */
    bool not_by_applier, sign_entries;
};

struct config_waiver {
    char *finding, *reason, *until; /* until: YYYY-MM-DD */
};

struct config_waivers {
    struct config_waiver *items;
    size_t count;
};

struct config {
    int64_t version;
    char *migration;
    struct config_source source;
    struct config_target target;
    struct config_replication replication;
    struct config_verify verify;
    struct config_cutover cutover;
    struct config_state state;
    struct config_approvals approvals;
    struct config_waivers waive;
};

/* The canonical JSON of a configuration, from the rows of the keys. */
const struct shape *config_shape(void);

/* Pure: the bytes of a file to a config. Adds every fault to `faults` with its place (subject =
 * `name`) and answers false when there was one of severity error; `out` is then untouched. */
MUST_CHECK bool config_parse(const void *bytes, size_t length, const char *name, struct config *out,
                             struct findings *faults);
/* Reads and parses. False with ERROR_CONFIG when there are faults (its message counts them), with
 * ERROR_CONFIG too when the file cannot be read. "-" is stdin. */
MUST_CHECK bool config_load(const char *path, struct config *out, struct findings *faults,
                            struct error *err);
/* The configuration that a plan document carries, under the same rules as the file it was read
 * from: what no file could have given is refused with ERROR_FORMAT. What an older version did not
 * write has its default. */
MUST_CHECK bool config_from_json(const struct json *value, struct config *out, struct error *err);
/* preferred, required, or NULL: TLS of the group after the migration. */
static inline const char *config_tls_later(const struct config_target *target) {
    return target->tls_after_cutover ? target->tls_after_cutover
                                     : target->after_cutover.transit_encryption;
}
static inline bool config_secret_is_given(const struct config_secret *secret) {
    return secret->env || secret->file || secret->exec.count;
}
/* The group gets users or a token after the migration. */
static inline bool config_auth_later(const struct config_target *target) {
    return target->after_cutover.user_group ||
           config_secret_is_given(&target->after_cutover.auth_token);
}
/* The references to secrets of the file, by their keys; {0} begins, NULL ends. */
struct config_secret_place {
    const char *key;
    const struct config_secret *reference;
    bool for_git;
};
bool config_secret_at(const struct config *config, size_t index, struct config_secret_place *out);
/* Every hook of the file in its order, and its key ("cutover.switch[0]"), which the caller frees;
 * NULL past the last. One without `run` is not given. */
const struct config_hook *config_hook_at(const struct config *config, size_t index, char **key);
/* The group's id, or the name of the serverless cache. */
const char *config_target_name(const struct config_target *target);
/* The parameter group that ecmig makes for a replication group; the caller frees. */
char *config_parameter_group(const char *replication_group);
/* Of a group that uses this one parameters may be set: it is ours, or a default one, which ours
 * takes the place of. Nobody else's is touched. */
bool config_may_set_parameters(const struct config_target *target, const char *parameter_group);
/* `path` as seen from the folder of the migration file; the caller frees. */
char *config_path(const char *config_folder, const char *path);
struct json *config_schema(void); /* draft-07, from the same rows as the loader */
void config_clear(struct config *config);
AUTO_VALUE(struct config, config_clear)
