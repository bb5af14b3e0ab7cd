/* A parameter of source nodes is raised for the time of the migration. */
#include <string.h>

#include "planner/settings.h"
#include "planner/steps/step.h"

static void describe(const struct step_words *of, struct text *reason) {
    const struct source_setting *setting;
    const char *name = plan_step_setting(of->step);
    text_addf(reason, "set %s on %s", name, of->step->object);
    for (size_t i = 0; (setting = setting_at(i)); i++)
        if (strcmp(setting->name, name) == 0)
            text_addf(reason, ": %s", setting->why);
}

const struct planned_step planned_source_setting = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_SETTING_TO_SET,
    .when = before_promotion,
    .phase = PHASE_PREPARE,
    .action = ACTION_CHANGE,
    .done_when = "CONFIG GET of every node shows the value",
    .undo_kind = "restore_setting",
    .undo_until = STEP_SWITCH,
    .attempts = 3,
    .timeout_s = MINUTES(2),
    .describe = describe,
};
