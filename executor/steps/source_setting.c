/* Raises one CONFIG parameter of a source node for the time of the migration. */
#include "executor/steps/setting.h"

#include <string.h>

#include "schemas/base/memory.h"

const char *setting_name(const struct plan_step *step) {
    static const char marker[] = ".settings.";
    const char *found = step->effects.count ? strstr(step->effects.items[0].field, marker) : NULL;
    return found ? found + sizeof marker - 1 : "";
}

static bool current(struct step_run *run, struct redis_connection **node, char **value,
                    struct error *err) {
    return site_node(run->site, run->step->object, node, err) &&
           site_setting(*node, setting_name(run->step), value, err);
}

bool setting_is(struct step_run *run, const char *wanted, bool *is, struct error *err) {
    struct redis_connection *node;
    AUTO(string_free) char *value = NULL;
    if (!current(run, &node, &value, err))
        return false;
    *is = strcmp(value, wanted) == 0;
    return true;
}

bool setting_intend(struct step_run *run, struct json *intent, struct error *err) {
    struct redis_connection *node;
    AUTO(string_free) char *value = NULL;
    if (!current(run, &node, &value, err))
        return false;
    json_put_string(intent, "node", run->step->object);
    json_put_string(intent, "setting", setting_name(run->step));
    json_put_string(intent, "before", value);
    return true;
}

bool setting_apply(struct step_run *run, const char *value, struct error *err) {
    struct redis_connection *node;
    if (!site_node(run->site, run->step->object, &node, err) || !step_may_act(run, err))
        return false;
    json_put_string(run->evidence, "value", value);
    return site_set(node, setting_name(run->step), value, err);
}

static bool intend(struct step_run *run, struct json *intent, struct error *err) {
    if (!setting_intend(run, intent, err))
        return false;
    const char *planned = run->step->effects.items[0].before;
    const char *seen = json_find_string(intent, "before");
    if (!planned || strcmp(planned, seen) == 0)
        return true;
    (void)error_set(err, ERROR_STALE, "'%s' on '%s' is '%s', the plan saw '%s'",
                    setting_name(run->step), run->step->object, seen, planned);
    return error_hint(err, "somebody changed it: plan again");
}

static bool probe(struct step_run *run, bool *done, struct error *err) {
    return setting_is(run, run->step->effects.items[0].after, done, err);
}

static bool raise_setting(struct step_run *run, struct error *err) {
    return setting_apply(run, run->step->effects.items[0].after, err);
}

static bool lower_setting(struct step_run *run, struct error *err) {
    const char *before = json_find_string(run->intent, "before");
    return setting_apply(run, before ? before : run->step->effects.items[0].before, err);
}

const struct step_runner step_source_setting = {
    .intend = intend, .probe = probe, .run = raise_setting, .undo = lower_setting
};
