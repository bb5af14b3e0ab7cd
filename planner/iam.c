#include <string.h>

#include "planner/planner.h"
#include "planner/sequence.h"
#include "schemas/base/memory.h"
#include "schemas/config/partition.h"

enum need {
    NEED_READ,
    NEED_FOLLOW, /* what becomes of a call that acts */
    NEED_COMPLETE,
    NEED_START,
    NEED_TEST,
    NEED_MARK, /* the run's name on the group */
    NEED_TAGS,
    NEED_CREATE,
    NEED_REMOVE,
    NEED_REPLICAS,
    NEED_MODIFY,
    NEED_PARAMETERS
};

enum on { ON_GROUP, ON_NONE, ON_OTHER };

static const struct {
    enum need need;
    enum on on;
    const char *action;
} rows[] = {
#define IAM_ACTION(need, on, action) { NEED_##need, ON_##on, action },
#include "planner/iam.def"
#undef IAM_ACTION
};

/* What a step sends. */
static const struct {
    enum step_kind kind;
    enum need need;
} uses[] = {
    { STEP_CREATE_GROUP, NEED_CREATE },   { STEP_CREATE_GROUP, NEED_TAGS },
    { STEP_ADD_REPLICAS, NEED_REPLICAS }, { STEP_MODIFY_GROUP, NEED_MODIFY },
    { STEP_TAG_GROUP, NEED_TAGS },        { STEP_TEST_MIGRATION, NEED_TEST },
    { STEP_START_MIGRATION, NEED_START }, { STEP_START_MIGRATION, NEED_MARK },
    { STEP_COMPLETE, NEED_COMPLETE },     { STEP_FORCE_COMPLETE, NEED_COMPLETE },
    { STEP_ENCRYPT_TARGET, NEED_MODIFY }, { STEP_REMOVE_GROUP, NEED_REMOVE },
};

/* Something that a step gives a group that exists. */
static bool names_shape(const struct config_target *target) {
    return target->engine_version || target->node_type || target->multi_az != TRI_UNSET ||
           target->security_groups.count || target->snapshot_window || target->tls_after_cutover ||
           target->parameters.count || target->tags.count;
}

static bool is_needed(const struct config *config, enum need need) {
    bool has_owner = config->target.managed_by != NULL;
    bool creates = config->target.create && !has_owner;
    bool modifies = !has_owner && names_shape(&config->target);
    switch (need) {
    case NEED_READ:
    case NEED_FOLLOW:
    case NEED_COMPLETE:
    case NEED_START:
    case NEED_MARK:
        return true;
    case NEED_TEST:
        return config->replication.test;
    case NEED_TAGS:
        return creates ||
               (modifies && (config->target.tags.count || config->target.parameters.count));
    case NEED_CREATE:
    case NEED_REMOVE:
        return creates;
    case NEED_REPLICAS:
        return !has_owner && config->target.replicas_per_shard > 0;
    case NEED_MODIFY:
        return modifies;
    case NEED_PARAMETERS:
        return (creates || modifies) && config->target.parameters.count > 0;
    }
    return false;
}

static void add_actions(const struct config *config, enum need need, struct strings *out) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].need == need && is_needed(config, need))
            strings_add(out, rows[i].action);
}

/* The account is not known to a file; "*" is the caller's own, since nobody else's is reachable. */
static char *arn(const struct config *config, const char *kind, const char *name) {
    const char *region = config->target.region ? config->target.region : "*";
    return xasprintf("arn:%s:elasticache:%s:*:%s:%s", partition_of(region)->name, region, kind,
                     name);
}

static bool is_used(const struct situation *now, enum need need) {
    for (size_t i = 0; i < COUNT(uses); i++) {
        const struct sequence_row *row;
        for (size_t k = 0; uses[i].need == need && (row = sequence_at(k)); k++)
            if (row->kind == uses[i].kind && sequence_needs(row, now))
                return true;
    }
    return false;
}

void iam_requests(const struct config *config, const struct observed *observed, enum plan_mode mode,
                  struct strings *out) {
    struct situation now;
    situation_read(config, observed, mode, &now);
    if (!now.looked || (mode == PLAN_ABORT ? now.too_late : now.finished))
        return;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].on != ON_OTHER && !strings_has(out, rows[i].action) &&
            is_used(&now, rows[i].need))
            strings_add(out, rows[i].action);
    for (size_t i = 0; out->count && i < COUNT(rows); i++)
        if (rows[i].need == NEED_FOLLOW)
            strings_add(out, rows[i].action);
}

static struct json *statement(const char *sid, const struct strings *actions,
                              const struct strings *resources) {
    struct json *one = json_new_object();
    json_put_string(one, "Sid", sid);
    json_put_string(one, "Effect", "Allow");
    json_put_strings(one, "Action", actions);
    json_put_strings(one, "Resource", resources);
    return one;
}

static struct json *read_statement(const struct config *config) {
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    add_actions(config, NEED_READ, &actions);
    add_actions(config, NEED_FOLLOW, &actions);
    strings_add(&resources, "*"); /* some of them know no resource */
    return statement("Read", &actions, &resources);
}

static struct json *migrate_statement(const struct config *config) {
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    AUTO(string_free)
    char *group = arn(config, "replicationgroup", config->target.replication_group);
    add_actions(config, NEED_COMPLETE, &actions);
    add_actions(config, NEED_START, &actions);
    add_actions(config, NEED_TEST, &actions);
    add_actions(config, NEED_MARK, &actions);
    strings_add(&resources, group);
    return statement("Migrate", &actions, &resources);
}

static struct json *change_statement(const struct config *config) {
    static const char *const kinds[] = { "parametergroup", "subnetgroup", "securitygroup" };
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    AUTO(string_free)
    char *group = arn(config, "replicationgroup", config->target.replication_group);
    static const enum need needs[] = { NEED_TAGS,     NEED_CREATE, NEED_REMOVE,
                                       NEED_REPLICAS, NEED_MODIFY, NEED_PARAMETERS };
    for (size_t i = 0; i < COUNT(needs); i++)
        add_actions(config, needs[i], &actions);
    strings_add(&resources, group);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        AUTO(string_free) char *any = arn(config, kinds[i], "*");
        strings_add(&resources, any);
    }
    return statement(is_needed(config, NEED_CREATE) ? "Create" : "Change", &actions, &resources);
}

/* Once in an account: the role that lets the service make network interfaces. */
static struct json *role_statement(const struct config *config) {
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    strings_add(&actions, "iam:CreateServiceLinkedRole");
    strings_addf(&resources,
                 "arn:%s:iam::*:role/aws-service-role/elasticache.amazonaws.com/"
                 "AWSServiceRoleForElastiCache*",
                 partition_of(config->target.region ? config->target.region : "")->name);
    struct json *one = statement("FirstGroupOfTheAccount", &actions, &resources);
    struct json *condition = json_new_object(), *equals = json_new_object();
    json_put_string(equals, "iam:AWSServiceName", "elasticache.amazonaws.com");
    json_put(condition, "StringEquals", equals);
    json_put(one, "Condition", condition);
    return one;
}

/* With it a plan tells a missing permission before anything is begun; without it says so. */
static struct json *check_statement(const struct config *config) {
    static const char *const kinds[] = { "role", "user" };
    const char *region = config->target.region ? config->target.region : "";
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    strings_add(&actions, "iam:SimulatePrincipalPolicy");
    for (size_t i = 0; i < COUNT(kinds); i++)
        strings_addf(&resources, "arn:%s:iam::*:%s/*", partition_of(region)->name, kinds[i]);
    return statement("OptionalCheckOfTheseRights", &actions, &resources);
}

struct json *iam_policy(const struct config *config) {
    struct json *policy = json_new_object(), *statements = json_new_array();
    json_append(statements, read_statement(config));
    json_append(statements, migrate_statement(config));
    if (is_needed(config, NEED_CREATE) || is_needed(config, NEED_MODIFY) ||
        is_needed(config, NEED_REPLICAS))
        json_append(statements, change_statement(config));
    if (is_needed(config, NEED_CREATE))
        json_append(statements, role_statement(config));
    json_append(statements, check_statement(config));
    json_put_string(policy, "Version", "2012-10-17");
    json_put(policy, "Statement", statements);
    return policy;
}
