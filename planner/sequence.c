#include "planner/sequence.h"

#include <string.h>

#include "schemas/base/memory.h"

static const struct sequence_row rows[] = {
#define STEP_KIND(symbol, name, key, section, field, effects)                                      \
    { STEP_##symbol, key, &planned_##name },
#define STEP_AGAIN(symbol, name, key) { STEP_##symbol, key, &planned_##name },
#include "schemas/plan/step_kinds.def"
};

const struct sequence_row *sequence_at(size_t index) {
    return index < COUNT(rows) ? &rows[index] : NULL;
}

const struct sequence_row *sequence_find(enum step_kind kind) {
    size_t i = 0;
    while (rows[i].kind != kind)
        i++;
    return &rows[i];
}

const struct sequence_row *sequence_of(const struct plan_step *step) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].kind == step->kind &&
            (strcmp(rows[i].key, step->key) == 0 || step_key_begins(step->key, rows[i].key)))
            return &rows[i];
    return sequence_find(step->kind);
}

bool sequence_needs(const struct sequence_row *row, const struct situation *situation) {
    const struct planned_step *planned = row->planned;
    return (planned->modes & (1U << situation->mode)) &&
           (!planned->when || planned->when(situation));
}

const struct plan_step *sequence_step(const struct plan_core *core, enum step_kind kind) {
    for (size_t i = 0; i < core->steps.count; i++)
        if (core->steps.items[i].kind == kind)
            return &core->steps.items[i];
    return NULL;
}
