#include "schemas/plan/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define TIMEOUT_CEILING_S (INT64_C(366) * 24 * 3600)
#define STEPS_CEILING 4096 /* setting steps are folded: a cluster of 500 shards has under 40 */
#define ATTEMPTS_CEILING 100
#define BACKOFF_CEILING_MS INT64_C(3600000)

static bool is_digest(const char *text) {
    return text && string_matches("^[0-9a-f]{64}$", text);
}

static bool wrong(struct error *err, const char *what, const char *why) {
    error_set(err, ERROR_FORMAT, "the plan's %s %s", what, why);
    return error_hint(err, "make the plan again: ecmig plan --out PLAN FILE; if the record holds "
                           "such a plan, it was not written by ecmig");
}

static bool wrong_step(struct error *err, const struct plan_step *step, const char *why) {
    AUTO(string_free) char *what = xasprintf("step '%.64s'", step->id);
    return wrong(err, what, why);
}

static const struct plan_step *step_before(const struct plan_core *core, size_t end,
                                           const char *id) {
    for (size_t i = 0; i < end; i++)
        if (strcmp(core->steps.items[i].id, id) == 0)
            return &core->steps.items[i];
    return NULL;
}

static bool check_effects(const struct plan_core *core, const struct plan_step *step,
                          struct error *err) {
    struct step_effect_rule rule = step_kind_effects(step->kind);
    if (rule.effects == EFFECTS_ANY)
        return true;
    bool settings = strcmp(rule.field, "source.nodes[") == 0;
    if (rule.effects >= EFFECTS_SOME && !step->effects.count)
        return wrong_step(err, step, "changes nothing");
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        if (strncmp(effect->field, rule.field, strlen(rule.field)) != 0)
            return wrong_step(err, step, "changes something that its kind does not");
        if (rule.effects == EFFECTS_VALUED && !effect->after)
            return wrong_step(err, step, "has an effect without a value");
        if (settings && (!plan_effect_setting(effect) || !plan_effect_node(core, effect)))
            return wrong_step(err, step, "changes a setting of an unknown node");
    }
    return true;
}

static bool check_numbers(const struct plan_step *step, struct error *err) {
    if (step->timeout_s < 1 || step->timeout_s > TIMEOUT_CEILING_S)
        return wrong_step(err, step, "has no usable timeout_s");
    if (step->retry.attempts < 0 || step->retry.attempts > ATTEMPTS_CEILING ||
        step->retry.backoff_ms < 0 || step->retry.backoff_ms > BACKOFF_CEILING_MS)
        return wrong_step(err, step, "has no usable retry");
    return true;
}

/* Steps refer to earlier ones only, so that their order is one. */
static bool check_step(const struct plan_core *core, size_t index, struct error *err) {
    const struct plan_step *step = &core->steps.items[index];
    if (!string_matches("^[SG][0-9]{1,6}$", step->id))
        return wrong(err, "list of steps", "has one whose id is not like S05 or G1");
    if (!string_matches("^[a-z]+(/[A-Za-z0-9_.-]+)+$", step->key))
        return wrong_step(err, step, "has a key that is not like replicate/start");
    for (size_t i = 0; i < index; i++)
        if (strcmp(core->steps.items[i].id, step->id) == 0 ||
            strcmp(core->steps.items[i].key, step->key) == 0)
            return wrong_step(err, step, "occurs twice");
    for (size_t i = 0; i < step->needs.count; i++)
        if (!step_before(core, index, step->needs.items[i]))
            return wrong_step(err, step, "needs a step that does not come before it");
    if (step->undo.until && !step_before(core, core->steps.count, step->undo.until))
        return wrong_step(err, step, "can be undone until a step that is not in the plan");
    return check_numbers(step, err) && check_effects(core, step, err);
}

static bool is_condition(const char *name) {
    static const char *const names[] = {
#define GATE_CONDITION(name) #name,
#include "schemas/plan/gate_conditions.def"
#undef GATE_CONDITION
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool check_gate(const struct plan_core *core, size_t index, struct error *err) {
    const struct plan_gate *gate = &core->gates.items[index];
    const struct plan_step *step = step_before(core, core->steps.count, gate->step);
    if (!string_matches("^[a-z0-9][a-z0-9-]{0,62}$", gate->name))
        return wrong(err, "list of gates", "has one with an invalid name");
    if (!step || step->kind != STEP_GATE)
        return wrong(err, "list of gates", "has one for a step that is not a gate");
    for (size_t i = 0; i < index; i++)
        if (strcmp(core->gates.items[i].name, gate->name) == 0 ||
            strcmp(core->gates.items[i].step, gate->step) == 0)
            return wrong(err, "list of gates", "has one twice");
    for (size_t i = 0; i < gate->needs.count; i++)
        if (!is_condition(gate->needs.items[i]))
            return wrong(err, "list of gates",
                         "has one with a condition that this ecmig does not support");
    return true;
}

static bool check_findings(const struct plan_core *core, struct error *err) {
    for (size_t i = 0; i < core->findings.count; i++)
        if (!string_matches("^[a-z0-9]+(-[a-z0-9]+)*$", core->findings.items[i].id))
            return wrong(err, "list of findings", "has one whose id is not a finding's");
    return true;
}

static void find_nested(void *context, const char *key, const struct json *value) {
    bool *nested = context;
    enum json_kind kind = json_kind_of(value);
    *nested |= !*key || kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY;
}

/* The facts are flat: a path, and a string, number or truth value each. */
static bool check_facts(const struct plan_core *core, struct error *err) {
    char actual[DIGEST_HEX_BYTES];
    bool nested = false;
    if (json_kind_of(core->observed.facts) != JSON_KIND_OBJECT)
        return wrong(err, "facts", "are not an object");
    json_each(core->observed.facts, find_nested, &nested);
    if (nested)
        return wrong(err, "facts", "are not values alone");
    json_digest(core->observed.facts, actual);
    if (!core->observed.fingerprint || strcmp(core->observed.fingerprint, actual) != 0)
        return wrong(err, "facts", "do not match their fingerprint");
    return true;
}

/* What was hashed of a step is the step as it stands, keys of a newer minor version included. */
static bool check_seals(const struct plan_core *core, struct json *document, struct error *err) {
    const struct json *steps = json_find(json_find(document, "core"), "steps");
    for (size_t i = 0; i < core->steps.count; i++) {
        struct json *step = (struct json *)(uintptr_t)json_at(steps, i);
        char actual[DIGEST_HEX_BYTES];
        json_remove(step, "digest");
        json_digest(step, actual);
        json_put_string(step, "digest", core->steps.items[i].digest);
        if (!is_digest(core->steps.items[i].digest) ||
            strcmp(core->steps.items[i].digest, actual) != 0)
            return wrong_step(err, &core->steps.items[i], "does not match its digest");
    }
    return true;
}

static bool check_core(const struct plan_core *core, struct error *err) {
    AUTO(config_clear) struct config config = { 0 };
    if (!config_from_json(core->config, &config, err))
        return false;
    if (strcmp(config.migration, core->migration) != 0)
        return wrong(err, "migration", "is not the one of its configuration");
    if (core->planner_revision < 1 || core->planner_revision > INT32_MAX)
        return wrong(err, "planner_revision", "is not one");
    if (core->steps.count > STEPS_CEILING) {
        AUTO(string_free)
        char *why = xasprintf("has %zu steps, and no plan has more than %d", core->steps.count,
                              STEPS_CEILING);
        return wrong(err, "list of steps", why);
    }
    if (strcmp(core->base, "none") != 0 && !is_digest(core->base))
        return wrong(err, "base", "is neither none nor a digest");
    if (core->point_of_no_return && !step_before(core, core->steps.count, core->point_of_no_return))
        return wrong(err, "point_of_no_return", "is not one of its steps");
    return true;
}

static bool check_context(const struct plan *plan, struct error *err) {
    const struct plan_context *context = &plan->context;
    for (size_t i = 0; i < context->findings.count; i++)
        if (!context->findings.items[i].summary)
            return wrong(err, "findings", "have one without text");
    return true;
}

bool plan_check(const struct plan *plan, struct json *document, struct error *err) {
    const struct plan_core *core = &plan->core;
    size_t gates = 0;
    if (!check_core(core, err) || !check_facts(core, err) || !check_findings(core, err) ||
        !check_context(plan, err))
        return false;
    for (size_t i = 0; i < core->steps.count; i++) {
        gates += core->steps.items[i].kind == STEP_GATE;
        if (!check_step(core, i, err))
            return false;
    }
    for (size_t i = 0; i < core->gates.count; i++)
        if (!check_gate(core, i, err))
            return false;
    if (gates != core->gates.count)
        return wrong(err, "list of gates", "omits one of its steps");
    return check_seals(core, document, err);
}
