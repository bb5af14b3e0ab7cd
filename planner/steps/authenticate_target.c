/* Users or a token of the target. A token goes only by way of a user group, and is added in two
 * steps: with ROTATE logging in is possible, with SET it is necessary.
 * Source: AWS, auth and Clusters.RBAC; ModifyReplicationGroup AuthTokenUpdateStrategy. */
#include "planner/steps/harden_step.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/observed/protection.h"

static char *passage(const struct situation *situation) {
    return xasprintf(AUTH_USER_GROUP "%s", situation->config->target.after_cutover.user_group);
}

static bool must_pass(const struct situation *situation) {
    return harden_drops_auth(situation) && !situation->observed->target.user_groups.count;
}

static bool must_drop(const struct situation *situation) {
    return harden_drops_auth(situation);
}

static bool differs(const struct situation *situation, bool token) {
    AUTO(string_free) char *wanted = harden_auth_wanted(situation);
    AUTO(string_free) char *is_there = harden_auth_at_cutover(situation);
    bool wants_token = string_same(wanted, AUTH_TOKEN_REQUIRED);
    return wanted && (token ? wants_token && !string_same(is_there, AUTH_TOKEN)
                            : !string_same(is_there, wanted));
}

static bool must_add(const struct situation *situation) {
    return differs(situation, true);
}

static bool must_require(const struct situation *situation) {
    return differs(situation, false);
}

static bool must_require_again(const struct situation *situation) {
    const char *lost = harden_lost(situation, "auth");
    AUTO(string_free) char *now = protection_auth(&situation->observed->target);
    return lost && strncmp(lost, AUTH_USER_GROUP, strlen(AUTH_USER_GROUP)) == 0 &&
           (!string_same(situation->observed->target.status, "available") ||
            !string_same(now, lost));
}

static void describe(const struct step_words *of, struct text *reason) {
    const char *group = of->step->object;
    const struct plan_effect *effect = &of->step->effects.items[0];
    bool goes = of->step->phase == PHASE_PREPARE;
    const char *id = strchr(effect->after, ':');
    if (goes && id)
        text_addf(reason,
                  "replace the AUTH token of %s by user group %s: the only way to remove it", group,
                  id + 1);
    else if (goes)
        text_addf(reason,
                  "remove the user group from %s, which must have none while TLS is off: anyone "
                  "who reaches it may use it",
                  group);
    else if (id)
        text_addf(reason, "user group %s on %s: clients must log in from here on", id + 1, group);
    else if (string_same(effect->after, AUTH_TOKEN))
        text_addf(reason, "add the AUTH token to %s: clients may log in with it", group);
    else
        text_addf(reason, "require the AUTH token on %s: clients must log in from here on", group);
}

static void pass(const struct situation *situation, struct plan_step *step) {
    AUTO(string_free) char *group = passage(situation);
    effect_add(step, "target.auth", AUTH_TOKEN, group);
}

static void drop(const struct situation *situation, struct plan_step *step) {
    AUTO(string_free)
    char *before =
        must_pass(situation) ? passage(situation) : protection_auth(&situation->observed->target);
    effect_add(step, "target.auth", before, AUTH_NONE);
}

static void add(const struct situation *situation, struct plan_step *step) {
    (void)situation;
    effect_add(step, "target.auth", AUTH_NONE, AUTH_TOKEN);
}

static void require(const struct situation *situation, struct plan_step *step) {
    AUTO(string_free) char *wanted = harden_auth_wanted(situation);
    effect_add(step, "target.auth",
               string_same(wanted, AUTH_TOKEN_REQUIRED) ? AUTH_TOKEN : AUTH_NONE, wanted);
}

static void require_again(const struct situation *situation, struct plan_step *step) {
    effect_add(step, "target.auth", AUTH_NONE, harden_lost(situation, "auth"));
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, "1-5 min"));
    text_add(basis, "a guess; the service publishes no figure");
}

static unsigned permissions(const struct config *config) {
    bool owned = config->target.managed_by != NULL;
    return !owned && config_auth_later(&config->target) ? IAM_MODIFY : 0;
}

#define AUTHENTICATE(modes_, phase_, condition, effects, impact_, ...)                             \
    HARDEN(modes_, phase_, condition, effects, impact_,                                            \
           .done_when = "the group is available with this authentication", .timeout_s = HOURS(1),  \
           __VA_ARGS__)

/* A token that was there is not known, and cannot be given back: undo_loses. */

const struct planned_step planned_authenticate_target = AUTHENTICATE(
    IN_MIGRATE, PHASE_PREPARE, must_pass, pass, IMPACT_DISCONNECT, .undo_loses = "the AUTH token");
const struct planned_step planned_authenticate_target_nobody =
    AUTHENTICATE(IN_MIGRATE, PHASE_PREPARE, must_drop, drop, IMPACT_NONE, HARDEN_UNDONE);
const struct planned_step planned_authenticate_target_too =
    AUTHENTICATE(IN_MIGRATE, PHASE_FINISH, must_add, add, IMPACT_NONE, );
const struct planned_step planned_authenticate_target_only =
    AUTHENTICATE(IN_MIGRATE, PHASE_FINISH, must_require, require, IMPACT_DISCONNECT, );
const struct planned_step planned_authenticate_target_again =
    AUTHENTICATE(IN_ABORT, PHASE_ABORT, must_require_again, require_again, IMPACT_NONE, );
