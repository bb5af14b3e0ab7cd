/* Raises one CONFIG parameter on source nodes for the time of the migration. */
#include <string.h>

#include "executor/steps/setting.h"
#include "schemas/base/memory.h"

/* The value that the plan saw, also where that is what an earlier run had set. */
static bool is_as_planned(const struct step_run *run, size_t index, const struct setting_node *node,
                          struct error *err) {
    const char *field = run->step->effects.items[index].field;
    const char *planned = json_find_string(run->site->plan->core.observed.facts, field);
    if (!planned || strcmp(planned, node->value) == 0)
        return true;
    error_set(err, ERROR_STALE, "'%s' on '%s' is '%s', but was '%s' in the plan",
              plan_step_setting(run->step), node->address, node->value, planned);
    return error_hint(err, "it was changed since: plan again");
}

static bool intend(struct step_run *run, struct json *intent, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    if (!setting_read(run, &nodes, err) || !setting_all_said(&nodes, err))
        return false;
    for (size_t i = 0; i < nodes.count; i++)
        if (!is_as_planned(run, i, &nodes.items[i], err))
            return false;
    setting_put_before(run, &nodes, intent);
    return true;
}

static bool raise_setting(struct step_run *run, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    if (!setting_read(run, &nodes, err) || !setting_all_said(&nodes, err))
        return false;
    for (size_t i = 0; i < nodes.count; i++)
        nodes.items[i].ordered = strcmp(nodes.items[i].value, nodes.items[i].after) != 0;
    return setting_apply(run, &nodes, err) && setting_all_said(&nodes, err);
}

const struct step_runner step_source_setting = { .intend = intend,
                                                 .probe = setting_probe,
                                                 .run = raise_setting };
