/* Situation, findings and sequence to a sealed plan. */
#include <stdlib.h>
#include <string.h>

#include "planner/context.h"
#include "planner/planner.h"
#include "planner/preflight.h"
#include "planner/sequence.h"
#include "planner/settings.h"
#include "planner/situation.h"
#include "schemas/base/memory.h"

#define RETRY_BACKOFF_MS 1000

struct building {
    const struct situation *now;
    struct plan_core *core;
    size_t step_count, gate_count;
    char *last_id;
};

static struct plan_step *add_step(struct building *building, const struct sequence_row *row,
                                  const char *object, const char *key) {
    struct plan_step *step = LIST_ADD(&building->core->steps);
    bool is_gate = row->action == ACTION_GATE;
    size_t number = is_gate ? ++building->gate_count : ++building->step_count;
    step->id = is_gate ? xasprintf("G%zu", number) : xasprintf("S%02zu", number);
    step->key = xstrdup(key);
    step->kind = row->kind;
    step->phase = row->phase;
    step->action = row->action;
    step->client_impact = row->impact;
    step->object = xstrdup(object);
    step->done_when = xstrdup(row->done_when);
    step->timeout_s = row->timeout_s(building->now);
    step->retry = (struct plan_retry){ row->attempts, row->attempts > 1 ? RETRY_BACKOFF_MS : 0 };
    if (row->precondition)
        strings_add(&step->preconditions, row->precondition);
    if (building->last_id)
        strings_add(&step->needs, building->last_id);
    string_replace(&building->last_id, step->id);
    if (row->add_effects)
        row->add_effects(building->now, step);
    return step;
}

static void add_for_setting(struct building *building, const struct sequence_row *row,
                            size_t node_index, const char *name, const char *before,
                            const char *after) {
    const struct observed_node *node = &building->now->observed->source.nodes.items[node_index];
    AUTO(string_free) char *key = xasprintf("%s/%s/%s", row->key, node->address, name);
    AUTO(string_free)
    char *field = xasprintf("source.nodes[%zu].settings.%s", node_index, name);
    effect_add(add_step(building, row, node->address, key), field, before, after);
}

static void add_settings_to_set(struct building *building, const struct sequence_row *row,
                                size_t node_index) {
    const struct observed_node *node = &building->now->observed->source.nodes.items[node_index];
    const struct source_setting *setting;
    for (size_t i = 0; (setting = setting_at(i)); i++) {
        AUTO(string_free) char *after = setting_wanted(building->now, setting, node);
        if (after)
            add_for_setting(building, row, node_index, setting->name,
                            setting_original(building->now, node, setting->name), after);
    }
}

static bool raises_settings(const struct situation *now) {
    return now->mode == PLAN_MIGRATE && !now->promoted;
}

/* Names that this plan raises on the node, or that an unfinished run did: sorted. */
static void names_to_undo(const struct situation *now, const struct observed_node *node,
                          struct strings *names) {
    const struct pairs *before = &now->observed->history.settings_before;
    const struct source_setting *setting;
    size_t length = strlen(node->address);
    for (size_t i = 0; raises_settings(now) && (setting = setting_at(i)); i++) {
        AUTO(string_free) char *after = setting_wanted(now, setting, node);
        if (after)
            strings_add(names, setting->name);
    }
    for (size_t i = 0; i < before->count; i++) {
        const char *name = before->items[i].name;
        if (strncmp(name, node->address, length) == 0 && name[length] == ' ' &&
            !strings_has(names, name + length + 1))
            strings_add(names, name + length + 1);
    }
    strings_sort(names);
}

static void add_settings_to_undo(struct building *building, const struct sequence_row *row,
                                 size_t node_index) {
    const struct situation *now = building->now;
    const struct observed_node *node = &now->observed->source.nodes.items[node_index];
    AUTO(strings_clear) struct strings names = { 0 };
    names_to_undo(now, node, &names);
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free)
        char *raised = raises_settings(now) ? setting_raised(now, node, names.items[i]) : NULL;
        const char *present = pairs_find(&node->settings, names.items[i]);
        add_for_setting(building, row, node_index, names.items[i], raised ? raised : present,
                        setting_original(now, node, names.items[i]));
    }
}

static void add_row(struct building *building, const struct sequence_row *row) {
    const struct situation *now = building->now;
    switch (row->scope) {
    case SCOPE_TARGET:
        add_step(building, row, now->config->target.replication_group, row->key);
        return;
    case SCOPE_PRIMARY:
        add_step(building, row, now->primary->address, row->key);
        return;
    case SCOPE_EACH_NODE:
    case SCOPE_SETTING_TO_SET:
    case SCOPE_SETTING_TO_UNDO:
        break;
    }
    for (size_t i = 0; i < now->observed->source.nodes.count; i++) {
        const char *address = now->observed->source.nodes.items[i].address;
        AUTO(string_free) char *key = xasprintf("%s/%s", row->key, address);
        if (row->scope == SCOPE_EACH_NODE)
            add_step(building, row, address, key);
        else if (row->scope == SCOPE_SETTING_TO_SET)
            add_settings_to_set(building, row, i);
        else
            add_settings_to_undo(building, row, i);
    }
}

static void add_gate(struct plan_core *core, const struct situation *now,
                     const struct plan_step *step) {
    struct plan_gate *gate = LIST_ADD(&core->gates);
    gate->name = xstrdup(strchr(step->key, '/') + 1);
    gate->step = xstrdup(step->id);
    if (now->config->cutover.approval == APPROVAL_REQUIRED)
        strings_add(&gate->needs, "approval");
    strings_add(&gate->needs, "unchanged");
    strings_add(&gate->needs, "in_sync");
    if (now->config->verify.before_cutover.mode != VERIFY_NONE)
        strings_add(&gate->needs, "verified");
    /* Last: it must be open when the cutover begins, however long the others were waited for. */
    if (now->config->cutover.window.not_before)
        strings_add(&gate->needs, "window");
}

/* Words and references that need the ids of later steps. */
static void describe_steps(struct plan_core *core, const struct situation *now) {
    const struct plan_step *leap = sequence_step(core, STEP_SWITCH);
    const struct plan_step *complete = sequence_step(core, STEP_COMPLETE);
    for (size_t i = 0; i < core->steps.count; i++) {
        struct plan_step *step = &core->steps.items[i];
        const struct sequence_row *row = sequence_find(step->kind);
        AUTO(text_clear) struct text reason = { 0 };
        row->describe(now, core, step, &reason);
        step->reason = text_take(&reason);
        bool until_complete = step->kind == STEP_HOLD || step->kind == STEP_CATCH_UP;
        const struct plan_step *until = until_complete ? complete : leap;
        const char *undo = row->undo_kind;
        if (step->kind == STEP_CATCH_UP && !now->holds)
            undo = NULL;
        step->undo.kind = xstrdup(undo);
        step->undo.loses = xstrdup(row->undo_loses);
        if (undo && until)
            step->undo.until = xstrdup(until->id);
        if (step->kind == STEP_GATE)
            add_gate(core, now, step);
    }
    if (leap)
        core->point_of_no_return = xstrdup(leap->id);
}

static void add_steps(struct plan_core *core, const struct situation *now) {
    struct building building = { .now = now, .core = core };
    const struct sequence_row *row;
    if (!now->looked || (now->mode == PLAN_ABORT ? now->too_late : now->finished))
        return;
    for (size_t i = 0; (row = sequence_at(i)); i++)
        if (sequence_needs(row, now))
            add_row(&building, row);
    free(building.last_id);
    describe_steps(core, now);
}

/* A finding that a step of the plan mends says which. */
static void name_mending_steps(const struct plan_core *core, struct findings *found) {
    for (size_t i = 0; i < found->count; i++) {
        struct finding *finding = &found->items[i];
        const struct check *check = check_find(finding->id);
        for (size_t k = 0; check->setting && k < core->steps.count; k++) {
            const struct plan_step *step = &core->steps.items[k];
            AUTO(string_free)
            char *key = xasprintf("prepare/setting/%s/%s", finding->subject, check->setting);
            if (strcmp(step->key, key) == 0)
                finding_remedy(finding, "%s sets it for the migration, and it is restored after",
                               step->id);
        }
    }
}

static void add_findings(struct plan_core *core, const struct findings *found) {
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *finding = &found->items[i];
        *LIST_ADD(&core->findings) = (struct plan_finding){
            .id = xstrdup(finding->id),
            .severity = finding->severity,
            .subject = xstrdup(finding->subject),
            .waived_by = xstrdup(finding->waived_by),
        };
    }
}

bool planner_plan(const struct config *config, const struct observed *observed, enum plan_mode mode,
                  struct plan *out, struct error *err) {
    struct situation now;
    (void)err;
    situation_read(config, observed, mode, &now);
    AUTO(findings_clear) struct findings found = { 0 };
    preflight(&now, &found);
    struct plan plan = { 0 };
    struct plan_core *core = &plan.core;
    core->migration = xstrdup(config->migration);
    core->mode = mode;
    core->planner_revision = PLANNER_REVISION;
    core->config = shape_write(&config_shape, config);
    core->base = xstrdup(observed->history.base ? observed->history.base : "none");
    core->observed.facts = observed_facts(observed);
    add_steps(core, &now);
    name_mending_steps(core, &found);
    add_findings(core, &found);
    context_fill(&plan, &now, &found);
    plan_seal(&plan);
    *out = plan;
    return true;
}

bool plan_has_changes(const struct plan *plan) {
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        enum step_action action = plan->core.steps.items[i].action;
        if (action != ACTION_CHECK && action != ACTION_GATE)
            return true;
    }
    return false;
}
