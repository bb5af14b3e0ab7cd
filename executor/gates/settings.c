#include "executor/gates/settings.h"

#include <stdlib.h>
#include <string.h>

#include "executor/steps/setting.h"
#include "schemas/base/memory.h"

/* Somebody else's value was chosen for a reason, and is not overwritten. */
static bool refuse(const struct step_run *run, const struct setting_node *node, struct error *err) {
    (void)error_set(err, ERROR_STALE, "'%s' on '%s' is '%s'; %s set it to '%s'",
                    plan_step_setting(run->step), node->address, node->value, run->step->id,
                    node->after);
    return error_hint(err,
                      "set it to '%s' and apply again, or plan what remains with this value: "
                      "ecmig plan %s",
                      node->after, run->site->config_file ? run->site->config_file : "FILE");
}

static void say_again(const struct step_run *run, const struct setting_node *node,
                      struct strings *again) {
    strings_addf(again, "%s %s", node->address, plan_step_setting(run->step));
    events_emit(run->site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, run->step->id, NULL, NULL,
                "'%s' on '%s' went back to '%s' and is set to '%s' again: if an operator or a "
                "configuration management applies its own settings there, stop it before the "
                "cutover, because it takes the fence away, too",
                plan_step_setting(run->step), node->address, node->value, node->after);
}

static const char *before_of(const struct step_run *run, const char *address) {
    const struct json *before = run->intent ? json_find(run->intent, "before") : NULL;
    return json_find_string(before, address);
}

/* A node that does not say is judged by those who need its answer. */
static bool stands(struct step_run *run, struct strings *again, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    size_t ordered = 0;
    if (!setting_read(run, &nodes, err))
        return false;
    for (size_t i = 0; i < nodes.count; i++) {
        struct setting_node *node = &nodes.items[i];
        if (!node->value || strcmp(node->value, node->after) == 0)
            continue;
        const char *before = before_of(run, node->address);
        if (!before || strcmp(node->value, before) != 0)
            return refuse(run, node, err);
        node->ordered = true;
        ordered++;
        say_again(run, node, again);
    }
    return !ordered || setting_apply(run, &nodes, err);
}

bool settings_stand(struct step_run *gate, struct error *err) {
    const struct site *site = gate->site;
    AUTO(strings_clear) struct strings again = { 0 };
    bool fine = true;
    for (size_t i = 0; fine && i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        const struct journal_step *known =
            journal_step_find(journal_state(site->journal), step->key);
        if (step->kind != STEP_SOURCE_SETTING || !known || known->state != PROGRESS_DONE)
            continue;
        AUTO(json_free) struct json *evidence = json_new_object();
        struct step_run run = *gate;
        run.step = step;
        run.evidence = evidence;
        run.intent = known->intent;
        fine = stands(&run, &again, err);
    }
    if (again.count)
        json_put_strings(gate->evidence, "settings_set_again", &again);
    return fine;
}
