#include "executor/steps/target_values.h"

#include <string.h>

#include "executor/moment.h"
#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/properties.h"
#include "schemas/observed/protection.h"

#define LOOK_MS 30000
/* A change that was accepted, or whose answer was lost, shows within this or was not carried out.
 */
#define SETTLE_MS 60000

static bool is_lost(const char *status) {
    return strcmp(status, "deleting") == 0 || strcmp(status, "create-failed") == 0;
}

/* The group as it is now. ERROR_FAILED when it is on its way to nothing. */
static bool target_look(struct step_run *run, struct observed_target *out, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    observe_target(run->site->config, run->site->service, NULL, run->site->target_access,
                   clock_mono_ms() + LOOK_MS, &seen.target);
    const struct observed_target *target = &seen.target;
    if (!target->reachable)
        return error_set(err, ERROR_SERVICE, "%s", target->problem);
    if (!target->exists || !target->status || is_lost(target->status))
        return error_set(err, ERROR_FAILED, "group '%s' is %s", run->step->object,
                         target->exists && target->status ? target->status : "gone");
    *out = MOVE(seen.target);
    return true;
}

/* Of a field of the step's effects; the caller frees. */
static char *value_of(const struct observed_target *target, const char *field) {
    const struct target_property *property = property_find(field);
    if (property)
        return property_seen(property, target);
    if (strcmp(field, "transit_mode") == 0)
        return xstrdup(protection_tls(target));
    if (strcmp(field, "snapshot_retention_days") == 0)
        return xasprintf("%lld", (long long)target->snapshot_retention_days);
    if (strcmp(field, "auth") == 0)
        return protection_auth(target);
    if (strcmp(field, "durability") == 0)
        return xstrdup(protection_durability(target));
    if (strcmp(field, "parameter_group") == 0)
        return xstrdup(target->parameter_group);
    if (strncmp(field, "parameters.", 11) == 0)
        return xstrdup(pairs_find(&target->parameters, field + 11));
    return strncmp(field, "tags.", 5) == 0 ? xstrdup(pairs_find(&target->tags, field + 5)) : NULL;
}

/* What was made required need not become preferred again, nor what is off on the way to off. */
static bool has_mode(const struct plan_effect *effect, const char *seen) {
    int before = effect->before ? protection_rank(effect->before) : 0;
    int after = protection_rank(effect->after), now = protection_rank(seen);
    return before > after ? now <= after : now >= after;
}

/* "8.0" is there when 8.0.3 is. */
static bool is_there(const struct plan_effect *effect, const char *field, const char *seen) {
    const char *wanted = effect->after;
    size_t length = strlen(wanted);
    if (!seen)
        return false;
    if (strcmp(field, "transit_mode") == 0)
        return has_mode(effect, seen);
    if (strcmp(field, "auth") == 0 && strcmp(wanted, AUTH_TOKEN_REQUIRED) == 0)
        return strcmp(seen, AUTH_TOKEN) == 0;
    return strcmp(seen, wanted) == 0 || (strcmp(field, "engine_version") == 0 &&
                                         strncmp(seen, wanted, length) == 0 && seen[length] == '.');
}

/* "node_type is a, not b" of the first effect that the group does not have yet; NULL when it has
 * them all. The caller frees. */
static char *target_lacks(const struct plan_step *step, const struct observed_target *target) {
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        const char *field = effect->field + strlen("target.");
        AUTO(string_free) char *seen = value_of(target, field);
        if (!is_there(effect, field, seen))
            return xasprintf("%s is %s, not %s", field, seen && *seen ? seen : "not set",
                             effect->after);
    }
    return NULL;
}

static bool is_available(const struct observed_target *target) {
    return strcmp(target->status, "available") == 0;
}

bool target_probe(struct step_run *run, bool *done, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    if (!target_look(run, &seen.target, err))
        return false;
    AUTO(string_free) char *lacks = target_lacks(run->step, &seen.target);
    *done = is_available(&seen.target) && !lacks;
    return true;
}

bool target_intend(struct step_run *run, struct json *intent, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    if (!target_look(run, &seen.target, err))
        return false;
    struct json *before = json_new_object();
    for (size_t i = 0; i < run->step->effects.count; i++) {
        const char *field = run->step->effects.items[i].field + strlen("target.");
        AUTO(string_free) char *value = value_of(&seen.target, field);
        json_put_string(before, field, value);
    }
    json_put(intent, "before", before);
    return true;
}

/* *pending: the service has something in hand that it has not finished. */
static bool look(struct step_run *run, char **lacks, bool *pending, struct observed_target *target,
                 struct error *err) {
    if (!target_look(run, target, err))
        return false;
    *lacks = target_lacks(run->step, target);
    *pending = !is_available(target) || target->pending_changes;
    step_progress(run, "group %s is %s%s%s%s", run->step->object, target->status,
                  target->pending_changes ? ", with changes pending" : "", *lacks ? "; " : "",
                  *lacks ? *lacks : "");
    return true;
}

/* A lost answer is not a failure: observation decides. Neither is a state that passes. */
static bool try_send(struct step_run *run, const struct target_order *order,
                     const struct observed_target *target, bool *sent, struct error *err) {
    if (!step_may_act(run, err))
        return false;
    *sent = order->send(run, target, err);
    moment("after a change of the group");
    if (!*sent && err->code != ERROR_LOST_ANSWER &&
        !error_is_remote(err, "InvalidReplicationGroupState"))
        return false;
    *sent = *sent || err->code == ERROR_LOST_ANSWER;
    error_clear(err);
    return true;
}

bool target_change(struct step_run *run, const struct target_order *order, struct error *err) {
    int64_t pause_ms = 100, sent_mono_ms = 0;
    for (;;) {
        AUTO(observed_clear) struct observed seen = { 0 };
        AUTO(string_free) char *lacks = NULL;
        bool pending = false, sent = false;
        if (!look(run, &lacks, &pending, &seen.target, err))
            return false;
        bool has = !pending && !lacks;
        if (has && order->has && !order->has(run, &seen.target, &has, err))
            return false;
        if (has)
            return true;
        if (!pending && !sent_mono_ms) {
            if (!try_send(run, order, &seen.target, &sent, err))
                return false;
            sent_mono_ms = sent ? clock_mono_ms() : 0;
        } else if (!pending && clock_mono_ms() - sent_mono_ms > SETTLE_MS) {
            error_set(err, ERROR_FAILED, "group '%s' is available, but %s", run->step->object,
                      lacks ? lacks : "the change has no effect yet");
            return error_hint(err, "its events may show why the service did not apply the change");
        }
        if (!step_wait(run, pause_ms, err))
            return false;
        pause_ms = pause_ms * 2 < 5000 ? pause_ms * 2 : 5000;
    }
}
