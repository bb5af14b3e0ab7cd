/* Gives a CONFIG parameter of source nodes the value that each had before the migration. */
#include <string.h>

#include "executor/steps/setting.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

#define NAMES_SAID 4

/* A node that is away is no reason to leave the others as they are. */
static bool intend(struct step_run *run, struct json *intent, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    if (!setting_read(run, &nodes, err))
        return false;
    setting_put_before(run, &nodes, intent);
    return true;
}

/* A value that is neither ours nor the one from before was set by somebody who knew why. */
static void order(const struct setting_nodes *nodes, struct strings *left_alone) {
    for (size_t i = 0; i < nodes->count; i++) {
        struct setting_node *node = &nodes->items[i];
        if (!node->value || strcmp(node->value, node->after) == 0)
            continue;
        node->ordered = !node->before || strcmp(node->value, node->before) == 0;
        if (!node->ordered)
            strings_add(left_alone, node->address);
    }
}

static void say_left_alone(const struct step_run *run, const struct strings *nodes) {
    if (!nodes->count)
        return;
    json_put_strings(run->evidence, "left_alone", nodes);
    struct strings named = { nodes->items, nodes->count < NAMES_SAID ? nodes->count : NAMES_SAID };
    AUTO(string_free) char *names = strings_join(&named, ", ");
    AUTO(string_free)
    char *more =
        nodes->count > named.count ? xasprintf(" and %zu more", nodes->count - named.count) : NULL;
    events_emit(run->site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, run->step->id, NULL, NULL,
                "%s on %s%s was changed meanwhile by somebody else, so it is left as it is",
                plan_step_setting(run->step), names, more ? more : "");
}

static bool restore(struct step_run *run, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    AUTO(strings_clear) struct strings left_alone = { 0 };
    if (!setting_read(run, &nodes, err))
        return false;
    order(&nodes, &left_alone);
    if (!setting_apply(run, &nodes, err) || !setting_all_said(&nodes, err))
        return false;
    say_left_alone(run, &left_alone);
    return true;
}

const struct step_runner step_restore_setting = { .intend = intend,
                                                  .probe = setting_probe,
                                                  .run = restore };
