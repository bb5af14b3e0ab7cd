/* Gives a CONFIG parameter of source nodes the value that each had before the migration. */
#include <string.h>

#include "executor/site/output_buffers.h"
#include "executor/steps/setting.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/units.h"

#define NAMES_SAID 4
#define LOOK_EVERY_MS 200

/* An unreachable node does not stop the others from being restored. */
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
    events_warn(run->site->events, run->step->id,
                "%s on %s%s was changed by something else meanwhile, so it is left as it is",
                plan_step_setting(run->step), names, more ? more : "");
}

/* The node whose limit would cut a replica off, or NULL. */
static const struct setting_node *would_cut(const struct setting_nodes *nodes, int64_t *held) {
    for (size_t i = 0; i < nodes->count; i++) {
        const struct setting_node *node = &nodes->items[i];
        if (!node->ordered || !node->connection)
            continue;
        const struct output_limit limit = output_limit_read(node->after);
        *held = output_buffered(node->connection);
        if (!output_limit_holds(&limit, *held))
            return node;
    }
    return NULL;
}

/* A replica, or another reader of the log, that is further behind than the lower limit allows would
 * be disconnected the moment that is set. */
static bool await_replicas(struct step_run *run, const struct setting_nodes *nodes,
                           struct error *err) {
    int64_t held = 0;
    const struct setting_node *node;
    if (strcmp(plan_step_setting(run->step), "client-output-buffer-limit") != 0)
        return true;
    while ((node = would_cut(nodes, &held))) {
        AUTO(string_free) char *size = units_bytes(held);
        step_progress(
            run, "a replica of '%s' still has to read %s, and '%s' would disconnect it: waiting",
            node->address, size, node->after);
        if (!step_wait(run, LOOK_EVERY_MS, err))
            return err->code == ERROR_DEADLINE &&
                   error_hint(err,
                              "a replica of '%s' is %s behind (CLIENT LIST TYPE slave): run the "
                              "same command again when it has caught up, or set "
                              "client-output-buffer-limit to '%s' yourself",
                              node->address, size, node->after);
    }
    return true;
}

static bool restore(struct step_run *run, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    AUTO(strings_clear) struct strings left_alone = { 0 };
    if (!setting_read(run, &nodes, err))
        return false;
    order(&nodes, &left_alone);
    if (!await_replicas(run, &nodes, err) || !setting_apply(run, &nodes, err) ||
        !setting_all_said(&nodes, err))
        return false;
    say_left_alone(run, &left_alone);
    return true;
}

const struct step_runner step_restore_setting = { .may_come_later = true,
                                                  .left_over = setting_left_over,
                                                  .intend = intend,
                                                  .probe = setting_probe,
                                                  .run = restore };
