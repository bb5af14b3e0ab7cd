#include "schemas/config/cross.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/url.h"

struct crossing {
    const struct config *config;
    const struct node *root;
    struct faults *faults;
};

/* The place of a key's value, or of the nearest mapping that would hold it. */
static struct place place_of(const struct crossing *crossing, const char *path) {
    AUTO(string_free) char *shorter = xstrdup(path);
    const struct node *node = node_find(crossing->root, shorter);
    while (!node) {
        char *dot = strrchr(shorter, '.');
        if (dot)
            *dot = 0;
        node = dot ? node_find(crossing->root, shorter) : crossing->root;
    }
    return node->at;
}

static bool fine(const struct crossing *crossing, const char *path) {
    return !fault_touches(crossing->faults, path);
}

static void complain(const struct crossing *crossing, const char *path, const char *summary,
                     const char *hint) {
    fault(crossing->faults, place_of(crossing, path), "'%s' %s", path, summary);
    if (hint)
        fault_hint(crossing->faults, "%s", hint);
}

static void check_source(const struct crossing *crossing) {
    const struct config_source *source = &crossing->config->source;
    bool password = source->password.env || source->password.file || source->password.exec.count;
    bool sentinel = source->topology == TOPOLOGY_SENTINEL;
    if (fine(crossing, "source.topology") && fine(crossing, "source.nodes") &&
        source->topology == TOPOLOGY_STANDALONE && source->nodes.count > 1)
        complain(crossing, "source.nodes",
                 "has several nodes, but a standalone source has only one",
                 "give the primary; its replicas are found");
    if (fine(crossing, "source.topology") && fine(crossing, "source.sentinel_master")) {
        if (sentinel && !source->sentinel_master)
            complain(crossing, "source.sentinel_master", "is missing", "sentinel needs it");
        if (!sentinel && source->sentinel_master)
            complain(crossing, "source.sentinel_master", "is for topology: sentinel only", NULL);
    }
    if (source->username && !password && fine(crossing, "source.password"))
        complain(crossing, "source.username", "is set without a password",
                 "add password: {env: NAME}");
    if (fine(crossing, "source.tls") && !source->tls.cert_file != !source->tls.key_file)
        complain(crossing, "source.tls", "needs cert_file and key_file together", NULL);
    else if (fine(crossing, "source.tls") && node_find(crossing->root, "source.tls") &&
             !config_tls_is_given(&source->tls))
        complain(crossing, "source.tls", "has neither ca_file nor server_name",
                 "without ca_file, the certificate authorities of this machine are used");
}

/* A file that nobody reviewed must not send a secret of this machine to a host that it names. */
static void check_secrets(const struct crossing *crossing) {
    struct config_secret_place place;
    for (size_t i = 0; config_secret_at(crossing->config, i, &place); i++) {
        const char *wrong = secret_reference_fault(place.reference, place.for_git);
        if (wrong && fine(crossing, place.key))
            complain(crossing, place.key, wrong, "store this secret in its own variable or file");
    }
}

static void check_target(const struct crossing *crossing) {
    const struct config_target *target = &crossing->config->target;
    if (target->serverless_cache && target->create)
        complain(crossing, "target.create", "is for a replication group only",
                 "create the serverless cache first");
    static const char *const keys[] = { "target.engine", "target.engine_version",
                                        "target.node_type" };
    const char *const values[] = { target->engine, target->engine_version, target->node_type };
    for (size_t i = 0; target->create && !target->serverless_cache && i < COUNT(keys); i++)
        if (!values[i] && fine(crossing, keys[i]))
            complain(crossing, keys[i], "is missing", "create: true needs it");
    if (target->shards != SHAPE_UNSET && target->shards > 1 && fine(crossing, "source.topology") &&
        fine(crossing, "target.shards") && crossing->config->source.topology != TOPOLOGY_CLUSTER)
        complain(crossing, "target.shards", "is above 1, but the source is one shard",
                 "migrate into one shard, or set source.topology: cluster");
    if (target->multi_az == TRI_YES && target->replicas_per_shard == 0 &&
        fine(crossing, "target.replicas_per_shard"))
        complain(crossing, "target.multi_az", "needs at least one replica per shard", NULL);
}

#define AFTER "target.after_cutover"

/* AUTH and user groups need TLS on ElastiCache, and the service lets a group with either neither
 * lose nor relax it (AWS: auth, Clusters.RBAC); clients that log in without it would send the
 * password in the clear: required it must be. */
static void check_authentication(const struct crossing *crossing) {
    const struct config_target *target = &crossing->config->target;
    const struct config_after_cutover *after = &target->after_cutover;
    const char *tls = config_tls_later(target);
    bool token = config_secret_is_given(&after->auth_token);
    bool required = tls && strcmp(tls, "required") == 0;
    if (after->user_group && token)
        complain(crossing, AFTER ".auth_token", "excludes user_group",
                 "a group has a token or users, not both");
    if (after->user_group && !required && fine(crossing, AFTER ".user_group"))
        complain(crossing, AFTER ".user_group", "needs required TLS",
                 "add transit_encryption: required");
    if (token && !required && fine(crossing, AFTER ".auth_token"))
        complain(crossing, AFTER ".auth_token", "needs required TLS",
                 "add transit_encryption: required");
    if (after->username && !config_secret_is_given(&after->password) &&
        fine(crossing, AFTER ".password"))
        complain(crossing, AFTER ".username", "is set without a password",
                 "add password: {env: NAME}");
    if (config_secret_is_given(&after->password) && !config_auth_later(target) &&
        fine(crossing, AFTER ".user_group"))
        complain(crossing, AFTER ".password", "is for user_group or auth_token only", NULL);
}

/* Source: AWS, Durability.ChangingDurability (October 2026). */
static void check_durability(const struct crossing *crossing) {
    const struct config_target *target = &crossing->config->target;
    const char *tls = config_tls_later(target), *why = NULL;
    if (!target->after_cutover.durability || !fine(crossing, AFTER ".durability"))
        return;
    if (!tls || strcmp(tls, "required") != 0)
        why = "add transit_encryption: required";
    else if (crossing->config->source.topology != TOPOLOGY_CLUSTER)
        why = "only groups with cluster mode can be durable; the source is not a cluster";
    else if (target->engine && strcmp(target->engine, "valkey") != 0)
        why = "use engine: valkey";
    else if (target->engine_version && strtol(target->engine_version, NULL, 10) < 9)
        why = "use engine_version: \"9.0\" or newer";
    else if (target->multi_az == TRI_NO)
        why = "use multi_az: true";
    else if (target->replicas_per_shard == 0)
        why = "use replicas_per_shard: 1 or more";
    if (why)
        complain(crossing, AFTER ".durability",
                 "needs TLS, cluster mode, Valkey 9.0, Multi-AZ and a replica per shard", why);
}

static void check_after_cutover(const struct crossing *crossing) {
    const struct config_target *target = &crossing->config->target;
    const struct config_after_cutover *after = &target->after_cutover;
    if (target->tls_after_cutover && after->transit_encryption)
        complain(crossing, "target.tls_after_cutover",
                 "says the same as target.after_cutover.transit_encryption", "remove the former");
    check_authentication(crossing);
    check_durability(crossing);
}

static void check_verify(const struct crossing *crossing) {
    const struct config_verify *verify = &crossing->config->verify;
    static const char *const modes[] = { "verify.before_cutover.mode",
                                         "verify.after_cutover.mode" };
    static const char *const keys[] = { "verify.before_cutover.keys", "verify.after_cutover.keys" };
    const struct config_verify_step *const steps[] = { &verify->before_cutover,
                                                       &verify->after_cutover };
    for (size_t i = 0; i < COUNT(steps); i++)
        if (node_find(crossing->root, keys[i]) && steps[i]->mode != VERIFY_SAMPLE &&
            fine(crossing, modes[i]))
            complain(crossing, keys[i], "is for mode: sample only", NULL);
}

static void check_cutover(const struct crossing *crossing) {
    const struct config_cutover *cutover = &crossing->config->cutover;
    const struct config_window *window = &cutover->window;
    bool hook = cutover->writes == WRITES_HOOK;
    bool sentinel = crossing->config->source.topology == TOPOLOGY_SENTINEL;
    if (fine(crossing, "source.topology") && fine(crossing, "cutover.writes") && sentinel &&
        cutover->writes == WRITES_PAUSE)
        complain(crossing, "cutover.writes", "is pause, which Sentinel treats as a failure",
                 "use writes: reject; a pause blocks Sentinel's own commands, so it fails over");
    bool hold = node_find(crossing->root, "cutover.hold") != NULL;
    if (fine(crossing, "cutover.writes") && hook && !hold)
        complain(crossing, "cutover.hold", "is missing", "writes: hook needs it");
    if (fine(crossing, "cutover.writes") && !hook && hold)
        complain(crossing, "cutover.hold", "is for writes: hook only", NULL);
    if (hold && hook && fine(crossing, "cutover.hold") && !cutover->hold.undo.count)
        complain(crossing, "cutover.hold.undo", "is missing", "it resumes the writers");
    if (window->not_before && window->not_after &&
        strcmp(window->not_before, window->not_after) == 0)
        complain(crossing, "cutover.window", "begins and ends at the same time", NULL);
}

static bool is_branch(const char *branch) {
    static const char *const bad[] = { "..", "//", "@{", "/.", "./", ".lock/" };
    AUTO(string_free) char *name = xstrdup(branch);
    char *marker = strstr(name, "{migration}");
    if (marker)
        memcpy(marker, "_migration_", strlen("_migration_"));
    for (size_t i = 0; i < COUNT(bad); i++)
        if (strstr(name, bad[i]))
            return false;
    size_t length = strlen(name);
    bool lock = length >= 5 && strcmp(name + length - 5, ".lock") == 0;
    return length && !strpbrk(name, "{}") && !lock && !strchr("/.", name[length - 1]);
}

static void check_state(const struct crossing *crossing) {
    const struct config_state *state = &crossing->config->state;
    bool token = state->token.env || state->token.file || state->token.exec.count;
    bool over_http = state->repository && strncmp(state->repository, "http", 4) == 0;
    if (token && !over_http && fine(crossing, "state.repository") && fine(crossing, "state.token"))
        complain(crossing, "state.token", "is for a repository over https",
                 "over ssh, the ssh program and its keys authenticate");
    if (state->repository && url_carries_secret(state->repository) &&
        fine(crossing, "state.repository"))
        complain(crossing, "state.repository", "contains a name or a password",
                 "remove the part before '@'; set the token as a reference in state.token");
    if (fine(crossing, "state.branch") && !is_branch(state->branch))
        complain(crossing, "state.branch", "is not a valid branch name",
                 "for example main or ecmig/{migration}");
}

static void check_waivers(const struct crossing *crossing) {
    const struct config_waivers *waive = &crossing->config->waive;
    for (size_t i = 0; i < waive->count; i++)
        for (size_t k = 0; k < i; k++)
            if (waive->items[i].finding && waive->items[k].finding &&
                strcmp(waive->items[i].finding, waive->items[k].finding) == 0)
                fault(crossing->faults, node_find(crossing->root, "waive")->items[i]->at,
                      "'waive[%zu]' waives '%s' again", i, waive->items[i].finding);
}

void cross_check(const struct config *config, const struct node *root, struct faults *faults) {
    struct crossing crossing = { config, root, faults };
    check_source(&crossing);
    check_target(&crossing);
    check_after_cutover(&crossing);
    check_verify(&crossing);
    check_cutover(&crossing);
    check_state(&crossing);
    check_secrets(&crossing);
    check_waivers(&crossing);
}
