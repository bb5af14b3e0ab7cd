#include <string.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"

enum need {
    NEED_READ,
    NEED_MIGRATE,
    NEED_TEST,
    NEED_TAGS,
    NEED_CREATE,
    NEED_MODIFY,
    NEED_PARAMETERS
};

static const struct {
    enum need need;
    const char *action;
} rows[] = {
#define IAM_ACTION(when, action) { NEED_##when, action },
#include "planner/iam.def"
#undef IAM_ACTION
};

/* Something that a step gives a group that exists. */
static bool names_shape(const struct config_target *target) {
    return target->engine_version || target->node_type || target->multi_az != TRI_UNSET ||
           target->security_groups.count || target->snapshot_window || target->tls_after_cutover ||
           target->parameters.count || target->tags.count;
}

static bool is_needed(const struct config *config, enum need need) {
    bool creates = config->target.create && !config->target.managed_by;
    bool modifies = !config->target.managed_by && names_shape(&config->target);
    switch (need) {
    case NEED_READ:
    case NEED_MIGRATE:
        return true;
    case NEED_TEST:
        return config->replication.test;
    case NEED_TAGS:
        return creates ||
               (modifies && (config->target.tags.count || config->target.parameters.count));
    case NEED_CREATE:
        return creates;
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

static const char *partition_of(const char *region) {
    if (strncmp(region, "cn-", 3) == 0)
        return "aws-cn";
    return strncmp(region, "us-gov-", 7) == 0 ? "aws-us-gov" : "aws";
}

/* The account is not known to a file; "*" is the caller's own, since nobody else's is reachable. */
static char *arn(const struct config *config, const char *kind, const char *name) {
    const char *region = config->target.region ? config->target.region : "*";
    return xasprintf("arn:%s:elasticache:%s:*:%s:%s", partition_of(region), region, kind, name);
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
    strings_add(&resources, "*"); /* some of them know no resource */
    return statement("Read", &actions, &resources);
}

static struct json *migrate_statement(const struct config *config) {
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    AUTO(string_free)
    char *group = arn(config, "replicationgroup", config->target.replication_group);
    add_actions(config, NEED_MIGRATE, &actions);
    add_actions(config, NEED_TEST, &actions);
    strings_add(&resources, group);
    return statement("Migrate", &actions, &resources);
}

static struct json *change_statement(const struct config *config) {
    static const char *const kinds[] = { "parametergroup", "subnetgroup", "securitygroup" };
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    AUTO(string_free)
    char *group = arn(config, "replicationgroup", config->target.replication_group);
    static const enum need needs[] = { NEED_TAGS, NEED_CREATE, NEED_MODIFY, NEED_PARAMETERS };
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
                 partition_of(config->target.region ? config->target.region : ""));
    struct json *one = statement("FirstGroupOfTheAccount", &actions, &resources);
    struct json *condition = json_new_object(), *equals = json_new_object();
    json_put_string(equals, "iam:AWSServiceName", "elasticache.amazonaws.com");
    json_put(condition, "StringEquals", equals);
    json_put(one, "Condition", condition);
    return one;
}

struct json *iam_policy(const struct config *config) {
    struct json *policy = json_new_object(), *statements = json_new_array();
    json_append(statements, read_statement(config));
    json_append(statements, migrate_statement(config));
    if (is_needed(config, NEED_CREATE) || is_needed(config, NEED_MODIFY))
        json_append(statements, change_statement(config));
    if (is_needed(config, NEED_CREATE))
        json_append(statements, role_statement(config));
    json_put_string(policy, "Version", "2012-10-17");
    json_put(policy, "Statement", statements);
    return policy;
}
