/* The applications are moved to the target: nothing can be given up afterwards. */
#include "planner/steps/step.h"
#include "schemas/base/memory.h"

static bool must_switch(const struct situation *situation) {
    return !(situation->promoted && situation_done(situation, step_key_switch));
}

static int64_t timeout(const struct situation *situation) {
    const struct config_hooks *hooks = &situation->config->cutover.switch_hooks;
    int64_t milliseconds = 0;
    for (size_t i = 0; i < hooks->count; i++)
        milliseconds += hooks->items[i].timeout_ms;
    return 30 + milliseconds / 1000;
}

static void describe(const struct step_words *of, struct text *reason) {
    const struct config_cutover *cutover = &of->situation->config->cutover;
    const struct config_hooks *hooks = &cutover->switch_hooks;
    text_add(reason, hooks->count ? "switch: " : "switch: no hook, move the applications yourself");
    for (size_t i = 0; i < hooks->count; i++) {
        AUTO(string_free) char *command = strings_join(&hooks->items[i].run, " ");
        text_addf(reason, "%s%s", i ? ", then " : "", command);
    }
    if (cutover->writes == WRITES_HOOK) {
        AUTO(string_free) char *command = strings_join(&cutover->hold.undo, " ");
        text_addf(reason, ", then start the writers: %s", command);
    }
}

const struct planned_step planned_switch = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = must_switch,
    .phase = PHASE_CUT_OVER,
    .action = ACTION_CHANGE,
    .impact = IMPACT_DISCONNECT,
    .precondition = "promotion is confirmed",
    .done_when = "every hook succeeded",
    .undo_loses = "writes made on the target",
    .attempts = 3,
    .timeout = timeout,
    .describe = describe,
};
