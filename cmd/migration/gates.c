#include "cmd/migration/gates.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/suggest.h"

static void add_gates(const struct plan *plan, struct strings *names) {
    for (size_t i = 0; i < plan->core.gates.count; i++)
        strings_add(names, plan->core.gates.items[i].name);
}

bool gates_has(const struct plan *plan, const char *gate, struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    add_gates(plan, &names);
    if (!gate || strings_has(&names, gate))
        return true;
    AUTO(string_free) char *known = strings_join(&names, ", ");
    error_set(err, ERROR_USAGE, "the plan has no gate '%s'", gate);
    return error_hint(err, names.count ? "it has: %s" : "it has none%s", known);
}

static bool refuse_unknown(const struct plan *plan, const char *until, struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    add_gates(plan, &names);
    for (size_t i = 0; i < plan->core.steps.count; i++)
        strings_add(&names, plan->core.steps.items[i].key);
    AUTO(string_free) char *near = suggest_nearest(until, &names);
    error_set(err, ERROR_USAGE, "the plan has no step or gate '%s'", until);
    return near ? error_hint(err, "did you mean '%s'?", near)
                : error_hint(err, "name a step as the plan shows it (S05), its key, or a gate");
}

static bool is_in_section(const struct plan_step *step) {
    return step_kind_section(step->kind) == SECTION_CUTOVER;
}

bool gates_may_stop(const struct plan *plan, const char *until, struct error *err) {
    const struct plan_step *first = NULL;
    if (!until)
        return true;
    for (size_t i = 0; i < plan->core.gates.count; i++)
        if (strcmp(plan->core.gates.items[i].name, until) == 0)
            return true;
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        const struct plan_step *step = &plan->core.steps.items[i];
        if (is_in_section(step) && !first)
            first = step;
        if (strcmp(step->id, until) != 0 && strcmp(step->key, until) != 0)
            continue;
        if (!is_in_section(step) || step == first)
            return true;
        error_set(err, ERROR_USAGE,
                  "'%s' is inside the cutover, where the writers are held or refused", until);
        return error_hint(err, "the last possible stop is before it: --until %s", first->key);
    }
    return refuse_unknown(plan, until, err);
}
