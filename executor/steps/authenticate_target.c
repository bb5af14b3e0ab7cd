/* Users or a token of the target: removed for the migration, added when TLS is on again. */
#include <string.h>

#include "executor/site/endpoint.h"
#include "executor/steps/clients.h"
#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/protection.h"

#define CALL_MS 60000

static const char *wanted(const struct step_run *run) {
    return run->step->effects.items[0].after;
}

static void list_groups(const char *auth, struct strings *out) {
    const char *at = auth + strlen(AUTH_USER_GROUP);
    while (*at) {
        size_t length = strcspn(at, ",");
        AUTO(string_free) char *one = xstrndup(at, length);
        strings_add(out, one);
        at += length + (at[length] == ',');
    }
}

static bool is_group(const char *auth) {
    return strncmp(auth, AUTH_USER_GROUP, strlen(AUTH_USER_GROUP)) == 0;
}

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    AUTO(strings_clear) struct strings groups = { 0 };
    const char *after = wanted(run);
    struct group_auth auth = { 0 };
    if (is_group(after)) {
        list_groups(after, &groups);
        auth.user_groups = &groups;
        /* The only way out of a token. */
        auth.strategy = target->auth && !target->user_groups.count ? "DELETE" : NULL;
    } else if (strcmp(after, AUTH_NONE) == 0) {
        auth.no_user_groups = true;
    } else {
        auth.strategy = strcmp(after, AUTH_TOKEN) == 0 ? "ROTATE" : "SET";
        auth.token = run->site->auth_token;
        if (!auth.token)
            return error_set(err, ERROR_CONFIG, "there is no target.after_cutover.auth_token");
    }
    return elasticache_authenticate(run->site->service, run->step->object, &auth,
                                    clock_mono_ms() + CALL_MS, err);
}

/* The service says the same of a group whose token is possible and one whose token is necessary. */
static bool asks(struct step_run *run, const struct observed_target *target, bool *has,
                 struct error *err) {
    (void)target;
    if (strcmp(wanted(run), AUTH_TOKEN_REQUIRED) != 0)
        return true;
    site_forget_target(run->site);
    if (!site_targets(run->site, err))
        return false;
    return endpoint_asks_login(run->site, has, err);
}

static bool probe(struct step_run *run, bool *done, struct error *err) {
    return clients_probe(run, done, err) && (!*done || asks(run, NULL, done, err));
}

static bool authenticate(struct step_run *run, struct error *err) {
    const struct target_order order = { .send = send, .has = asks };
    return target_change(run, &order, err) && clients_follow(run, err);
}

const struct step_runner step_authenticate_target = {
    .changes_group = true, .intend = target_intend, .probe = probe, .run = authenticate
};
