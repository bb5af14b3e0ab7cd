/* Gives a CONFIG parameter of a source node the value it had before the migration. */
#include "executor/steps/setting.h"

#include <string.h>

#include "schemas/base/memory.h"

static bool probe(struct step_run *run, bool *done, struct error *err) {
    return setting_is(run, run->step->effects.items[0].after, done, err);
}

/* A value that is neither ours nor the one from before was set by somebody who knew why. */
static bool restore(struct step_run *run, struct error *err) {
    const struct plan_effect *effect = &run->step->effects.items[0];
    bool ours = !effect->before; /* it could not be read when this was planned */
    if (!ours && !setting_is(run, effect->before, &ours, err))
        return false;
    if (ours)
        return setting_apply(run, effect->after, err);
    json_put_string(run->evidence, "left_alone",
                    "the value was changed by somebody else meanwhile");
    events_emit(run->site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, run->step->id, NULL, NULL,
                "%s on %s was changed meanwhile by somebody else, so it is left as it is",
                setting_name(run->step), run->step->object);
    return true;
}

const struct step_runner step_restore_setting = { .intend = setting_intend,
                                                  .probe = probe,
                                                  .run = restore };
