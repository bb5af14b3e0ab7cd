#include "providers/local/actions/security.h"

#include <string.h>

#include "providers/local/service/access.h"
#include "providers/local/service/transit.h"
#include "providers/local/state/engines.h"
#include "schemas/base/memory.h"

#define PASSWORD_MINIMUM 16
#define PASSWORD_MAXIMUM 128
#define ACL_FROM_MAJOR 6
#define DURABILITY_FROM_MAJOR 9 /* of Valkey */

static bool refuse_combination(struct request *request, const char *words) {
    return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION, "%s", words);
}

bool password_is_fit(const char *password) {
    size_t length = strlen(password);
    bool fit = length >= PASSWORD_MINIMUM && length <= PASSWORD_MAXIMUM;
    for (const char *at = password; fit && *at; at++)
        fit = *at > ' ' && *at <= '~' && !strchr("/\"@%", *at);
    return fit;
}

static bool check_password(struct request *request, const char *password) {
    return password_is_fit(password) ||
           refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                  "The AuthToken must be 16 to 128 printable characters, without '/', '\"', '@' "
                  "and '%%'.");
}

/* As the form has it: the flag, the mode, and which of them are given. */
struct transit_form {
    bool flag_given, flag;
    const char *mode_given;
    enum transit mode;
};

static bool read_transit(struct request *request, struct transit_form *form) {
    form->flag_given = request_value(request, "TransitEncryptionEnabled") != NULL;
    form->mode_given = request_value(request, "TransitEncryptionMode");
    if (!request_bool(request, "TransitEncryptionEnabled", &form->flag))
        return false;
    if (form->mode_given && (!transit_parse(form->mode_given, &form->mode) || !form->mode))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Invalid transit encryption mode: %s", form->mode_given);
    if (form->mode_given && form->flag_given && !form->flag)
        return refuse_combination(request, "To modify transit encryption mode, set "
                                           "encryption-in-transit as enabled.");
    return true;
}

static enum transit wanted_transit(const struct transit_form *form, enum transit now) {
    if (form->flag_given && !form->flag)
        return TRANSIT_OFF;
    if (form->mode_given)
        return form->mode;
    return form->flag && now == TRANSIT_OFF ? TRANSIT_REQUIRED : now;
}

static bool check_transit_step(struct request *request, enum transit from, enum transit to) {
    bool now = false;
    if (from == TRANSIT_OFF && to == TRANSIT_REQUIRED)
        return refuse_combination(request,
                                  "To enable transit encryption on an existing replication group, "
                                  "set the transit encryption mode to preferred first.");
    if (from == TRANSIT_REQUIRED && to == TRANSIT_OFF)
        return refuse_combination(request, "To disable transit encryption, set the transit "
                                           "encryption mode to preferred first.");
    return request_bool(request, "ApplyImmediately", &now) &&
           (now || refuse_combination(request, "Transit encryption can only be modified with "
                                               "ApplyImmediately."));
}

static bool read_transit_change(struct request *request, const struct group *group,
                                struct security_wish *out) {
    struct transit_form form = { 0 };
    enum transit now = group_transit(group);
    if (!read_transit(request, &form))
        return false;
    if (!form.flag_given && !form.mode_given)
        return true;
    if (access_is_on(&group->access))
        return refuse_combination(request, "Modification of transit encryption is not supported "
                                           "for access control enabled clusters.");
    if (!form.flag_given && now == TRANSIT_OFF)
        return refuse_combination(request, "To modify transit encryption mode, set "
                                           "encryption-in-transit as enabled.");
    out->transit = wanted_transit(&form, now);
    out->transit_given = out->transit != now;
    if (!out->transit_given)
        return true;
    if (!check_transit_step(request, now, out->transit))
        return false;
    if (out->transit == TRANSIT_OFF && group_is_durable(group))
        return refuse_combination(request, "Transit encryption cannot be disabled while "
                                           "durability is enabled.");
    return transit_is_offered(&group->nodes.items[0]) ||
           refuse_combination(request,
                              "Transit encryption of an existing replication group can only be "
                              "modified from engine version 7 on; the local endpoint also needs "
                              "a server binary that was built with TLS.");
}

static bool check_access_offered(struct request *request, const char *version,
                                 enum transit transit) {
    if (transit == TRANSIT_OFF)
        return refuse_combination(request, "User group based access control requires "
                                           "encryption-in-transit to be enabled on the "
                                           "replication group.");
    if (transit == TRANSIT_PREFERRED)
        return refuse_combination(request, "Transit encryption preferred is not supported with "
                                           "redis access control.");
    return engine_major(version) >= ACL_FROM_MAJOR ||
           refuse_combination(request, "The local endpoint offers access control from engine "
                                       "version 6 on.");
}

static bool check_user_groups(struct request *request, const struct strings *ids,
                              const char *engine) {
    if (ids->count > 1)
        return refuse_combination(request,
                                  "A replication group can have one user group at a time.");
    for (size_t i = 0; i < ids->count; i++) {
        const struct user_group *group = state_user_group(&request->endpoint->state, ids->items[i]);
        if (!group)
            return refuse(request->refusal, API_ERROR_USER_GROUP_NOT_FOUND,
                          "User group not found: %s", ids->items[i]);
        if (strcmp(group->engine, "valkey") == 0 && strcmp(engine, "valkey") != 0)
            return refuse_combination(request, "The engine of the user group is not that of the "
                                               "replication group.");
    }
    return true;
}

static bool set_token(struct request *request, const char *strategy, struct access *access) {
    const char *token = request_value(request, "AuthToken");
    bool set = strategy && strcmp(strategy, "SET") == 0;
    if (!token)
        return refuse_combination(request, "AuthTokenUpdateStrategy must be specified with an "
                                           "AuthToken.");
    if (strategy && !set && strcmp(strategy, "ROTATE") != 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Invalid AuthTokenUpdateStrategy: %s", strategy);
    if (access->user_groups.count)
        return refuse_combination(request, "An AUTH token cannot be used with user groups.");
    if (!check_password(request, token))
        return false;
    if (set && !access->tokens.count)
        return refuse_combination(request,
                                  "The AuthTokenUpdateStrategy SET is allowed only after ROTATE.");
    AUTO(string_free) char *hash = access_hash(token);
    AUTO(strings_clear) struct strings before = access->tokens;
    access->tokens = (struct strings){ 0 };
    access->token_optional = !set && !before.count;
    if (!set && before.count)
        strings_add(&access->tokens, before.items[before.count - 1]);
    strings_add(&access->tokens, hash);
    return true;
}

/* DELETE leaves tokens for a user group, in one call. */
static bool change_token(struct request *request, bool adds_users, struct access *access) {
    const char *strategy = request_value(request, "AuthTokenUpdateStrategy");
    if (!strategy || strcmp(strategy, "DELETE") != 0)
        return set_token(request, strategy, access);
    if (request_value(request, "AuthToken") || !access->tokens.count || !adds_users)
        return refuse_combination(request, "The AuthTokenUpdateStrategy DELETE is allowed only "
                                           "when a user group is added in place of the token.");
    strings_clear(&access->tokens);
    access->tokens = (struct strings){ 0 };
    access->token_optional = false;
    return true;
}

static bool remove_user_groups(struct request *request, bool all, const struct strings *ids,
                               struct access *access) {
    struct strings left = { 0 };
    if ((all || ids->count) && !access->user_groups.count)
        return refuse_combination(request, "The replication group has no user group.");
    for (size_t i = 0; i < access->user_groups.count; i++)
        if (!all && !strings_has(ids, access->user_groups.items[i]))
            strings_add(&left, access->user_groups.items[i]);
    strings_clear(&access->user_groups);
    access->user_groups = left;
    return true;
}

static bool read_access_change(struct request *request, const struct group *group,
                               struct security_wish *out) {
    AUTO(strings_clear) struct strings added = { 0 };
    AUTO(strings_clear) struct strings removed = { 0 };
    bool all = false, token = request_value(request, "AuthToken") ||
                              request_value(request, "AuthTokenUpdateStrategy");
    request_strings(request, "UserGroupIdsToAdd.member", &added);
    request_strings(request, "UserGroupIdsToRemove.member", &removed);
    if (!request_bool(request, "RemoveUserGroups", &all))
        return false;
    out->access_given = token || all || added.count || removed.count;
    if (!out->access_given)
        return true;
    access_copy(&out->access, &group->access);
    if ((token || added.count) &&
        !check_access_offered(request, group->engine_version, group_transit(group)))
        return false;
    if ((token && !change_token(request, added.count != 0, &out->access)) ||
        !remove_user_groups(request, all, &removed, &out->access))
        return false;
    if (added.count && out->access.tokens.count)
        return refuse_combination(request, "An AUTH token cannot be used with user groups.");
    strings_copy(&out->access.user_groups, &added);
    return check_user_groups(request, &out->access.user_groups, group->engine);
}

static bool read_durability(struct request *request, const struct security_base *base,
                            enum transit transit, struct security_wish *out) {
    const char *value = request_value(request, "Durability");
    static const char *const values[] = { "default", "disabled", "async", "sync" };
    size_t known = 0;
    while (value && known < COUNT(values) && strcmp(values[known], value) != 0)
        known++;
    if (known == COUNT(values))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid durability: %s", value);
    out->durability = value;
    if (!value || known < 2)
        return true;
    bool fit = strcmp(base->engine, "valkey") == 0 &&
               engine_major(base->version) >= DURABILITY_FROM_MAJOR && base->cluster &&
               base->multi_az && transit != TRANSIT_OFF;
    return fit ||
           refuse_combination(request, "Durability requires Valkey 9.0 or later, cluster mode "
                                       "enabled, Multi-AZ with at least one replica in each shard, "
                                       "and encryption in transit.");
}

bool security_of_change(struct request *request, const struct group *group,
                        struct security_wish *out) {
    const struct security_base base = { group->engine, group->engine_version, group->cluster,
                                        group->multi_az };
    return read_transit_change(request, group, out) && read_access_change(request, group, out) &&
           read_durability(request, &base, group_transit(group), out);
}

bool security_of_new(struct request *request, const struct security_base *base,
                     struct security_wish *out) {
    struct transit_form form = { 0 };
    const char *token = request_value(request, "AuthToken");
    if (!read_transit(request, &form))
        return false;
    if (form.mode_given && !form.flag)
        return refuse_combination(request, "To modify transit encryption mode, set "
                                           "encryption-in-transit as enabled.");
    out->transit = wanted_transit(&form, TRANSIT_OFF);
    request_strings(request, "UserGroupIds.member", &out->access.user_groups);
    if ((token || out->access.user_groups.count) &&
        !check_access_offered(request, base->version, out->transit))
        return false;
    if (token && out->access.user_groups.count)
        return refuse_combination(request, "An AUTH token cannot be used with user groups.");
    if (token && !check_password(request, token))
        return false;
    AUTO(string_free) char *hash = token ? access_hash(token) : NULL;
    if (hash)
        strings_add(&out->access.tokens, hash);
    return check_user_groups(request, &out->access.user_groups, base->engine) &&
           read_durability(request, base, out->transit, out);
}

void security_want(struct group *group, const struct security_wish *wish) {
    if (wish->transit_given)
        string_replace(&group->wanted_transit, transit_name(wish->transit));
    if (wish->durability)
        string_replace(&group->wanted_durability, wish->durability);
    if (!wish->access_given)
        return;
    access_copy(&group->wanted_access, &wish->access);
    group->access_changes = true;
}

void security_wish_clear(struct security_wish *wish) {
    if (wish)
        access_clear(&wish->access);
}
