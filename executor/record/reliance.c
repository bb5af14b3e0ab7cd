#include "executor/record/reliance.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

static bool has_state(const struct journal_entry *entry, const char *state) {
    return string_same(json_find_string(entry->data, "state"), state);
}

/* The index in the plan of a step; the count of steps when there is none. */
static size_t step_by_id(const struct plan_core *core, const char *id) {
    size_t index = 0;
    while (index < core->steps.count && !string_same(core->steps.items[index].id, id))
        index++;
    return index;
}

static size_t step_by_key(const struct plan_core *core, const char *key) {
    size_t index = 0;
    while (index < core->steps.count && !string_same(core->steps.items[index].key, key))
        index++;
    return index;
}

static bool is_passage(const struct plan_gate *gate, const struct journal_entry *entry) {
    return entry->type == JOURNAL_GATE && has_state(entry, "passed") &&
           string_same(json_find_string(entry->data, "gate"), gate->name);
}

static bool is_before_the_cutover(const struct plan_core *core, size_t gate) {
    for (size_t i = gate; i < core->steps.count; i++)
        if (step_kind_section(core->steps.items[i].kind) == SECTION_CUTOVER)
            return true;
    return false;
}

/* Nothing after a gate is begun before it was passed. */
static bool is_beyond(const struct plan_core *core, const struct plan_gate *gate,
                      const struct journal_entry *entry) {
    size_t at = step_by_id(core, gate->step);
    size_t step = entry->step && *entry->step ? step_by_key(core, entry->step) : core->steps.count;
    if (at == core->steps.count)
        return false;
    if (entry->type == JOURNAL_CUTOVER)
        return is_before_the_cutover(core, at);
    return (step == at && entry->type == JOURNAL_STEP_FINISHED && has_state(entry, "done")) ||
           (step > at && step < core->steps.count);
}

static void add(struct reliances *out, const char *gate, size_t entry) {
    *LIST_ADD(out) = (struct reliance){ gate, entry };
}

static void find_gate(const struct plan_core *core, const struct plan_gate *gate,
                      const struct journal_entries *entries, struct reliances *out) {
    size_t before = out->count;
    for (size_t i = 0; i < entries->count; i++)
        if (is_passage(gate, &entries->items[i]))
            add(out, gate->name, i);
    for (size_t i = 0; out->count == before && i < entries->count; i++)
        if (is_beyond(core, gate, &entries->items[i]))
            add(out, gate->name, i);
}

void reliances_find(const struct plan *plan, const struct journal_entries *entries,
                    struct reliances *out) {
    const struct plan_core *core = &plan->core;
    reliances_clear(out);
    if (entries->count)
        add(out, NULL, 0);
    for (size_t i = 0; i < core->gates.count; i++)
        if (strings_has(&core->gates.items[i].needs, "approval"))
            find_gate(core, &core->gates.items[i], entries, out);
}

bool reliance_is_last(const struct reliances *list, size_t index) {
    for (size_t i = index + 1; i < list->count; i++)
        if (string_same(list->items[i].gate, list->items[index].gate))
            return false;
    return true;
}

void reliances_clear(struct reliances *list) {
    free(list->items);
    *list = (struct reliances){ 0 };
}
