#include "planner/iam.h"

#include "planner/planner.h"
#include "planner/sequence.h"
#include "schemas/base/memory.h"
#include "schemas/config/partition.h"
#include "schemas/observed/properties.h"

enum statement { STATEMENT_READ, STATEMENT_MIGRATE, STATEMENT_CHANGE };
enum on { ON_GROUP, ON_NONE, ON_OTHER };

static const struct {
    enum iam_need need;
    enum on on;
    const char *action;
} rows[] = {
#define IAM_ACTION(need, on, action) { IAM_##need, ON_##on, action },
#include "planner/iam.def"
};

static bool is_in(enum iam_need need, enum statement statement) {
    static const enum statement statements[] = {
#define IAM_NEED(need, statement) [IAM_PLACE_##need] = STATEMENT_##statement,
#include "planner/iam.def"
    };
    for (size_t i = 0; i < COUNT(statements); i++)
        if (need == 1U << i)
            return statements[i] == statement;
    return false;
}

/* Of every plan that may be made of this configuration. */
static unsigned all_needs(const struct config *config) {
    const struct sequence_row *row;
    unsigned needs = IAM_READ | IAM_FOLLOW;
    for (size_t i = 0; (row = sequence_at(i)); i++)
        if (row->planned->permissions)
            needs |= row->planned->permissions(config);
    return needs;
}

static void add_actions(const struct config *config, enum statement statement,
                        struct strings *out) {
    unsigned needs = all_needs(config);
    for (size_t i = 0; i < COUNT(rows); i++)
        if ((rows[i].need & needs) && is_in(rows[i].need, statement) &&
            !strings_has(out, rows[i].action))
            strings_add(out, rows[i].action);
}

/* The account is not known to a file; "*" is the caller's own, since nobody else's is reachable. */
static char *arn(const struct config *config, const char *kind, const char *name) {
    const char *region = config->target.region ? config->target.region : "*";
    return xasprintf("arn:%s:elasticache:%s:*:%s:%s", partition_of(region)->name, region, kind,
                     name);
}

/* Of the steps of a plan of this observation. */
static unsigned needs_now(const struct situation *situation) {
    const struct sequence_row *row;
    unsigned needs = 0;
    for (size_t i = 0; (row = sequence_at(i)); i++)
        if (row->planned->permissions && sequence_needs(row, situation))
            needs |= row->planned->permissions(situation->config);
    return needs;
}

void iam_requests(const struct config *config, const struct observed *observed, enum plan_mode mode,
                  struct strings *out) {
    struct situation situation;
    situation_read(config, observed, mode, &situation);
    if (!situation.looked || (mode == PLAN_ABORT ? situation.too_late : situation.finished))
        return;
    unsigned needs = needs_now(&situation);
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].on != ON_OTHER && !strings_has(out, rows[i].action) && (rows[i].need & needs))
            strings_add(out, rows[i].action);
    for (size_t i = 0; out->count && i < COUNT(rows); i++)
        if (rows[i].need == IAM_FOLLOW)
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
    add_actions(config, STATEMENT_READ, &actions);
    strings_add(&resources, "*"); /* some of them know no resource */
    return statement("Read", &actions, &resources);
}

static struct json *migrate_statement(const struct config *config) {
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    AUTO(string_free)
    char *group = arn(config, "replicationgroup", config->target.replication_group);
    add_actions(config, STATEMENT_MIGRATE, &actions);
    strings_add(&resources, group);
    return statement("Migrate", &actions, &resources);
}

/* NULL: nothing of the account is changed. */
static struct json *change_statement(const struct config *config) {
    static const char *const kinds[] = { "parametergroup", "subnetgroup", "securitygroup" };
    bool users = config->target.after_cutover.user_group && !config->target.managed_by;
    AUTO(strings_clear) struct strings actions = { 0 };
    AUTO(strings_clear) struct strings resources = { 0 };
    AUTO(string_free)
    char *group = arn(config, "replicationgroup", config->target.replication_group);
    add_actions(config, STATEMENT_CHANGE, &actions);
    if (!actions.count)
        return NULL;
    strings_add(&resources, group);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        AUTO(string_free) char *any = arn(config, kinds[i], "*");
        strings_add(&resources, any);
    }
    if (users) {
        AUTO(string_free)
        char *one = arn(config, "usergroup", config->target.after_cutover.user_group);
        strings_add(&resources, one);
    }
    return statement(iam_creates(config) ? "Create" : "Change", &actions, &resources);
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
    bool acts = !config->target.serverless_cache; /* a plan for one has no steps */
    if (acts)
        json_append(statements, migrate_statement(config));
    struct json *change = acts ? change_statement(config) : NULL;
    if (change)
        json_append(statements, change);
    if (acts && iam_creates(config))
        json_append(statements, role_statement(config));
    json_append(statements, check_statement(config));
    json_put_string(policy, "Version", "2012-10-17");
    json_put(policy, "Statement", statements);
    return policy;
}
