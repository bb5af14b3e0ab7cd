#include "planner/harden.h"

#include "planner/modify.h"
#include "schemas/base/memory.h"
#include "schemas/observed/protection.h"

bool harden_drops_durability(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return modify_is_possible(situation) && situation->config->target.after_cutover.durability &&
           !string_same(protection_durability(target), DURABILITY_OFF);
}

/* A token goes only by way of the user group of the file. */
bool harden_drops_auth(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    const struct config_target *wanted = &situation->config->target;
    return modify_is_possible(situation) && target->auth && config_auth_later(wanted) &&
           (target->user_groups.count || wanted->after_cutover.user_group);
}

bool harden_drops_tls(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    bool durable = !string_same(protection_durability(target), DURABILITY_OFF);
    return modify_is_possible(situation) && target->transit_encryption &&
           config_tls_later(&situation->config->target) &&
           (!target->auth || harden_drops_auth(situation)) &&
           (!durable || harden_drops_durability(situation)) && tls_is_offered(situation);
}

const char *harden_tls_at_cutover(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return harden_drops_tls(situation) ? TLS_OFF : protection_tls(target);
}

const char *harden_tls_wanted(const struct situation *situation) {
    const struct config_target *wanted = &situation->config->target;
    return wanted->managed_by || !tls_is_offered(situation) ? NULL : config_tls_later(wanted);
}

char *harden_auth_at_cutover(const struct situation *situation) {
    return harden_drops_auth(situation) ? xstrdup(AUTH_NONE)
                                        : protection_auth(&situation->observed->target);
}

char *harden_auth_wanted(const struct situation *situation) {
    const struct config_after_cutover *after = &situation->config->target.after_cutover;
    if (!harden_tls_wanted(situation))
        return NULL;
    if (after->user_group)
        return xasprintf(AUTH_USER_GROUP "%s", after->user_group);
    return config_secret_is_given(&after->auth_token) ? xstrdup(AUTH_TOKEN_REQUIRED) : NULL;
}

const char *harden_lost(const struct situation *situation, const char *name) {
    const struct observed *observed = situation->observed;
    const char *before = pairs_find(&observed->history.target_before, name);
    return situation->mode == PLAN_ABORT && observed->target.exists && !situation->removes ? before
                                                                                           : NULL;
}
