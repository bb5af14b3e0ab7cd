/* Situation, findings and sequence to a sealed plan. */
#include <stdlib.h>
#include <string.h>

#include "planner/context.h"
#include "planner/group.h"
#include "planner/planner.h"
#include "planner/preflight.h"
#include "planner/sequence.h"
#include "planner/settings.h"
#include "planner/situation.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

#define RETRY_BACKOFF_MS 1000
#define VALUES_APART 4 /* more values of one setting share a step */
#define VALUE_DIGITS 8 /* of the digest that tells their keys apart */

struct building {
    const struct situation *situation;
    struct plan_core *core;
    size_t step_count, gate_count;
    char *last_id;
};

static struct plan_step *add_step(struct building *building, const struct sequence_row *row,
                                  const char *object, const char *key) {
    struct plan_step *step = LIST_ADD(&building->core->steps);
    const struct planned_step *planned = row->planned;
    bool is_gate = planned->action == ACTION_GATE;
    size_t number = is_gate ? ++building->gate_count : ++building->step_count;
    step->id = is_gate ? xasprintf("G%zu", number) : xasprintf("S%02zu", number);
    step->key = xstrdup(key);
    step->kind = row->kind;
    step->phase = planned->phase;
    step->action = planned->action;
    step->client_impact = planned->impact;
    step->object = xstrdup(object);
    step->done_when = xstrdup(planned->done_when);
    step->timeout_s = planned->timeout ? planned->timeout(building->situation) : planned->timeout_s;
    step->retry =
        (struct plan_retry){ planned->attempts, planned->attempts > 1 ? RETRY_BACKOFF_MS : 0 };
    if (planned->precondition)
        strings_add(&step->preconditions, planned->precondition);
    if (building->last_id)
        strings_add(&step->needs, building->last_id);
    string_replace(&building->last_id, step->id);
    if (planned->add_effects)
        planned->add_effects(building->situation, step);
    return step;
}

/* One setting of one node, on its way. */
struct change {
    size_t node_index;
    char *before, *after;
    size_t leader; /* the first change that ends in the same value */
};

struct changes {
    struct change *items;
    size_t count;
    size_t values; /* in how many the changes end */
};

static void change_clear(struct change *change) {
    free(change->before);
    free(change->after);
}

static void changes_clear(struct changes *changes) {
    LIST_CLEAR(changes, change_clear);
}
AUTO_VALUE(struct changes, changes_clear)

static void add_change(struct changes *changes, size_t node_index, const char *before,
                       const char *after) {
    size_t leader = 0;
    while (leader < changes->count && !string_same(changes->items[leader].after, after))
        leader++;
    changes->values += leader == changes->count;
    *LIST_ADD(changes) = (struct change){ node_index, xstrdup(before), xstrdup(after), leader };
}

/* The nodes that get the value of `leader`, or all where it is NULL. */
static void add_for_value(struct building *building, const struct sequence_row *row,
                          const char *name, const struct changes *changes,
                          const struct change *leader) {
    bool *has = xcalloc(building->situation->observed->source.nodes.count, sizeof *has);
    AUTO(text_clear) struct text key = { 0 };
    text_addf(&key, "%s/%s", row->key, name);
    if (leader) {
        const char *value = leader->after ? leader->after : "";
        char digest[DIGEST_HEX_BYTES];
        digest_sha256_hex(value, strlen(value), digest);
        text_addf(&key, "/%.*s", VALUE_DIGITS, digest);
    }
    for (size_t i = 0; i < changes->count; i++)
        if (!leader || string_same(changes->items[i].after, leader->after))
            has[changes->items[i].node_index] = true;
    AUTO(string_free) char *object = group_of_nodes(building->situation, has);
    struct plan_step *step = add_step(building, row, object, text_string(&key));
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        AUTO(string_free)
        char *field = xasprintf("source.nodes[%zu].settings.%s", change->node_index, name);
        if (has[change->node_index])
            effect_add(step, field, change->before, change->after);
    }
    free(has);
}

/* A step for each value while they are few, which reads best; otherwise one for all of them. */
static void add_changes(struct building *building, const struct sequence_row *row, const char *name,
                        const struct changes *changes) {
    if (changes->values == 1 || changes->values > VALUES_APART) {
        add_for_value(building, row, name, changes, NULL);
        return;
    }
    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].leader == i)
            add_for_value(building, row, name, changes, &changes->items[i]);
}

static void add_settings_to_set(struct building *building, const struct sequence_row *row) {
    const struct situation *situation = building->situation;
    const struct source_setting *setting;
    for (size_t i = 0; (setting = setting_at(i)); i++) {
        AUTO(changes_clear) struct changes changes = { 0 };
        for (size_t k = 0; k < situation->observed->source.nodes.count; k++) {
            const struct observed_node *node = &situation->observed->source.nodes.items[k];
            AUTO(string_free) char *after = setting_wanted(situation, setting, node);
            if (after)
                add_change(&changes, k, setting_original(situation, node, setting->name), after);
        }
        if (changes.count)
            add_changes(building, row, setting->name, &changes);
    }
}

static bool raises_settings(const struct situation *situation) {
    return situation->mode == PLAN_MIGRATE && !situation->promoted;
}

/* Names that this plan may raise, and those that an unfinished run did: sorted. */
static void names_to_undo(const struct situation *situation, struct strings *names) {
    const struct pairs *before = &situation->observed->history.settings_before;
    const struct source_setting *setting;
    for (size_t i = 0; raises_settings(situation) && (setting = setting_at(i)); i++)
        strings_add(names, setting->name);
    for (size_t i = 0; i < before->count; i++) {
        const char *blank = strchr(before->items[i].name, ' ');
        if (blank && !strings_has(names, blank + 1))
            strings_add(names, blank + 1);
    }
    strings_sort(names);
}

static void add_settings_to_undo(struct building *building, const struct sequence_row *row) {
    const struct situation *situation = building->situation;
    AUTO(strings_clear) struct strings names = { 0 };
    names_to_undo(situation, &names);
    for (size_t i = 0; i < names.count; i++) {
        AUTO(changes_clear) struct changes changes = { 0 };
        const char *name = names.items[i];
        for (size_t k = 0; k < situation->observed->source.nodes.count; k++) {
            const struct observed_node *node = &situation->observed->source.nodes.items[k];
            AUTO(string_free) char *known = xasprintf("%s %s", node->address, name);
            AUTO(string_free)
            char *raised =
                raises_settings(situation) ? setting_raised(situation, node, name) : NULL;
            if (raised || pairs_find(&situation->observed->history.settings_before, known))
                add_change(&changes, k, raised ? raised : pairs_find(&node->settings, name),
                           setting_original(situation, node, name));
        }
        if (changes.count)
            add_changes(building, row, name, &changes);
    }
}

static void add_for_all_nodes(struct building *building, const struct sequence_row *row) {
    size_t count = building->situation->observed->source.nodes.count;
    bool *has = xcalloc(count, sizeof *has);
    memset(has, true, count * sizeof *has);
    AUTO(string_free) char *object = group_of_nodes(building->situation, has);
    add_step(building, row, object, row->key);
    free(has);
}

static void add_row(struct building *building, const struct sequence_row *row) {
    const struct situation *situation = building->situation;
    switch (row->planned->scope) {
    case SCOPE_TARGET:
        add_step(building, row, situation->config->target.replication_group, row->key);
        return;
    case SCOPE_PRIMARY:
        add_step(building, row, situation->primary->address, row->key);
        return;
    case SCOPE_SETTING_TO_SET:
        add_settings_to_set(building, row);
        return;
    case SCOPE_SETTING_TO_UNDO:
        add_settings_to_undo(building, row);
        return;
    case SCOPE_ALL_NODES:
        add_for_all_nodes(building, row);
        return;
    }
}

static void add_gate(struct plan_core *core, const struct situation *situation,
                     const struct plan_step *step) {
    struct plan_gate *gate = LIST_ADD(&core->gates);
    gate->name = xstrdup(strchr(step->key, '/') + 1);
    gate->step = xstrdup(step->id);
    if (situation->config->cutover.approval == APPROVAL_REQUIRED)
        strings_add(&gate->needs, "approval");
    if (strcmp(step->key, step_key_gate_harden) == 0) {
        strings_add(&gate->needs, "endpoint");
        return;
    }
    strings_add(&gate->needs, "unchanged");
    strings_add(&gate->needs, "in_sync");
    if (situation->config->verify.before_cutover.mode != VERIFY_NONE)
        strings_add(&gate->needs, "verified");
    /* It must be open when the cutover begins, however long the others were waited for. */
    if (situation->config->cutover.window.not_before)
        strings_add(&gate->needs, "window");
    /* Last: programs of the operator run only when nothing else is waited for. */
    if (situation->config->cutover.ready_hooks.count && strcmp(gate->name, "cutover") == 0)
        strings_add(&gate->needs, "ready");
}

static void add_undo(const struct plan_core *core, const struct situation *situation,
                     struct plan_step *step) {
    const struct planned_step *planned = sequence_of(step)->planned;
    const struct plan_step *until = sequence_step(core, planned->undo_until);
    bool is_undone = planned->undo_kind && (!planned->is_undone || planned->is_undone(situation));
    step->undo.loses = xstrdup(planned->undo_loses);
    if (!is_undone)
        return;
    step->undo.kind = xstrdup(planned->undo_kind);
    if (until)
        step->undo.until = xstrdup(until->id);
}

/* Words and references that need the ids of later steps. */
static void describe_steps(struct plan_core *core, const struct situation *situation) {
    const struct plan_step *leap = sequence_step(core, STEP_SWITCH);
    for (size_t i = 0; i < core->steps.count; i++) {
        struct plan_step *step = &core->steps.items[i];
        AUTO(text_clear) struct text reason = { 0 };
        sequence_of(step)->planned->describe(&(struct step_words){ situation, core, step },
                                             &reason);
        step->reason = text_take(&reason);
        add_undo(core, situation, step);
        if (step->kind == STEP_GATE)
            add_gate(core, situation, step);
    }
    if (leap)
        core->point_of_no_return = xstrdup(leap->id);
}

static void add_steps(struct plan_core *core, const struct situation *situation) {
    struct building building = { .situation = situation, .core = core };
    const struct sequence_row *row;
    if (!situation->looked ||
        (situation->mode == PLAN_ABORT ? situation->too_late : situation->finished))
        return;
    for (size_t i = 0; (row = sequence_at(i)); i++)
        if (sequence_needs(row, situation))
            add_row(&building, row);
    free(building.last_id);
    describe_steps(core, situation);
}

static bool touches(const struct plan_step *step, int node) {
    AUTO(string_free)
    char *field = xasprintf("source.nodes[%d].settings.%s", node, plan_step_setting(step));
    for (size_t i = 0; i < step->effects.count; i++)
        if (strcmp(step->effects.items[i].field, field) == 0)
            return true;
    return false;
}

/* The steps that set this, on the node of this index or (-1) on any; they follow each other. */
static const struct plan_step *find_mending(const struct plan_core *core, const char *setting,
                                            int node, const struct plan_step **last) {
    const struct plan_step *first = NULL;
    for (size_t i = 0; i < core->steps.count; i++) {
        const struct plan_step *step = &core->steps.items[i];
        if (step->kind != STEP_SOURCE_SETTING || strcmp(plan_step_setting(step), setting) != 0 ||
            (node >= 0 && !touches(step, node)))
            continue;
        first = first ? first : step;
        *last = step;
    }
    return first;
}

/* A finding that steps of the plan fix says which. */
static void name_mending_steps(const struct situation *situation, const struct plan_core *core,
                               struct findings *found) {
    for (size_t i = 0; i < found->count; i++) {
        struct finding *finding = &found->items[i];
        const struct check *check = check_find(finding->id);
        const struct plan_step *last = NULL;
        if (!check->setting)
            continue;
        int node = situation_node_index(situation, finding->subject, strlen(finding->subject));
        const struct plan_step *first = find_mending(core, check->setting, node, &last);
        if (first && first == last)
            finding_remedy(finding, "%s sets it for the migration and restores it afterwards",
                           first->id);
        else if (first)
            finding_remedy(finding, "%s-%s set it for the migration and restore it afterwards",
                           first->id, last->id);
    }
}

static void add_findings(struct plan_core *core, const struct findings *found) {
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *finding = &found->items[i];
        if (check_find(finding->id)->of_moment)
            continue;
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
    struct situation situation;
    (void)err;
    situation_read(config, observed, mode, &situation);
    AUTO(findings_clear) struct findings found = { 0 };
    preflight(&situation, &found);
    struct plan plan = { 0 };
    struct plan_core *core = &plan.core;
    core->migration = xstrdup(config->migration);
    core->mode = mode;
    core->planner_revision = PLANNER_REVISION;
    core->config = shape_write(config_shape(), config);
    core->base = xstrdup(observed->history.base ? observed->history.base : "none");
    core->observed.facts = observed_facts(observed);
    add_steps(core, &situation);
    name_mending_steps(&situation, core, &found);
    add_findings(core, &found);
    context_fill(&plan, &situation, &found);
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
