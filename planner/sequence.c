#include "planner/sequence.h"

#include "planner/sequence/section.h"
#include "schemas/base/memory.h"

static const struct sequence_section *const sections[] = {
#define SECTION(name) &sequence_##name,
#include "planner/sequence/sections.def"
#undef SECTION
};

const struct sequence_row *sequence_at(size_t index) {
    for (size_t i = 0; i < COUNT(sections); i++) {
        if (index < sections[i]->count)
            return &sections[i]->rows[index];
        index -= sections[i]->count;
    }
    return NULL;
}

const struct sequence_row *sequence_find(enum step_kind kind) {
    const struct sequence_row *row;
    for (size_t i = 0; (row = sequence_at(i)); i++)
        if (row->kind == kind)
            return row;
    return NULL;
}

bool sequence_needs(const struct sequence_row *row, const struct situation *now) {
    return (row->modes & IN_MODE(now->mode)) && (!row->when || row->when(now));
}

const struct plan_step *sequence_step(const struct plan_core *core, enum step_kind kind) {
    for (size_t i = 0; i < core->steps.count; i++)
        if (core->steps.items[i].kind == kind)
            return &core->steps.items[i];
    return NULL;
}

void effect_add(struct plan_step *step, const char *field, const char *before, const char *after) {
    *LIST_ADD(&step->effects) = (struct plan_effect){ .field = xstrdup(field),
                                                      .before = xstrdup(before),
                                                      .after = xstrdup(after) };
}
